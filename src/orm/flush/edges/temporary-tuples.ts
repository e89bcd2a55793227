import { UNKNOWN } from "../../../expression/index.ts";
import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import { followersOf, temporaryValue } from "../break/temporary-value.ts";
import type { KeyChange } from "../decompose/operation.ts";
import { generatedKey, type TupleKey } from "../decompose/tuple.ts";

/** The foreign keys that refer to a table. */
export type Referring = (table: Table) => readonly ForeignKeyConstraint[];

/** Tuples for rows that follow changed keys to hold for a moment: no row has them, and no two rows get the same. */
export class TemporaryTuples {
  readonly #columns: readonly Column<unknown>[];
  readonly #taken = new Set<TupleKey>();
  /** Those of each column. */
  readonly #followers: readonly (readonly Column<unknown>[])[];

  constructor(columns: readonly Column<unknown>[], referring: Referring) {
    this.#columns = columns;
    this.#followers = columns.map((column) => followersOf(column, referring));
  }

  /** What rows hold before and after changes is not free. */
  take(changes: readonly KeyChange[]): void {
    for (const { before, after } of changes)
      for (const tuple of [before, after]) this.#taken.add(generatedKey(this.#columns, tuple));
  }

  /**
   * @param target what the row will have in the end: what it keeps of `tuple`, it keeps on the way as well where it can,
   *   for others that know it by that
   * @returns null if there is none that fits the columns
   */
  find(tuple: readonly unknown[], target: readonly unknown[] = []): readonly unknown[] | null {
    const columns = this.#columns;
    const isKept = (i: number): boolean => tuple[i] === target[i];
    const byPreference = [...columns.entries()].sort(([a], [b]) => Number(isKept(a)) - Number(isKept(b)));
    const read = (column: Column<unknown>): unknown => {
      const i = columns.indexOf(column);
      return i < 0 ? UNKNOWN : tuple[i]; // of the row, no more is known
    };
    for (const [i, column] of byPreference) {
      const keyWith = (value: unknown): TupleKey => generatedKey(columns, tuple.with(i, value));
      const accepts = (value: unknown): boolean => !this.#taken.has(keyWith(value));
      const value = temporaryValue(column, { read, followers: this.#followers[i] ?? [], accepts });
      if (value === undefined) continue;
      this.#taken.add(keyWith(value));
      return tuple.with(i, value);
    }
    return null;
  }
}
