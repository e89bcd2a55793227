import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import type { KeyChanges } from "../edges/key-changes.ts";
import { finalReader } from "../edges/unique-slots.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { WrittenRow } from "../rehearse/flush-rows.ts";
import type { KnownRow, KnownRows } from "../rehearse/known-rows.ts";

/**
 * Which row each written foreign key refers to in the end: keys that change say so at the end only.
 * @param rows the rows as they are at first; gets those that are only referred to, too
 */
export function addTargets(rows: KnownRows, written: readonly WrittenRow[], keyChanges: KeyChanges): FinalTargets {
  return new FinalTargets(rows, written, keyChanges);
}

/** See {@link addTargets}. */
export class FinalTargets {
  readonly #rows: KnownRows;
  readonly #written: readonly WrittenRow[];
  readonly #keyChanges: KeyChanges;
  readonly #followed: ReadonlySet<ForeignKeyConstraint>;
  readonly #byKey = new Map<string, Map<string, KnownRow>>();
  readonly #targets = new Map<KnownRow, Map<ForeignKeyConstraint, KnownRow>>();

  constructor(rows: KnownRows, written: readonly WrittenRow[], keyChanges: KeyChanges) {
    this.#rows = rows;
    this.#written = written;
    this.#keyChanges = keyChanges;
    this.#followed = followedBy(keyChanges);
    for (const row of written) {
      if (row.kind === "delete") continue;
      for (const foreignKey of row.table.foreignKeys) {
        if (!writes(row, foreignKey)) continue;
        const target = this.#find(row, foreignKey);
        if (target !== null) getOrAdd(this.#targets, row, () => new Map()).set(foreignKey, target);
      }
    }
  }

  /** Null if it refers to nothing, or to what the flush cannot tell. */
  of(row: KnownRow, foreignKey: ForeignKeyConstraint): KnownRow | null {
    return this.#targets.get(row)?.get(foreignKey) ?? null;
  }

  #find({ operation }: WrittenRow, foreignKey: ForeignKeyConstraint): KnownRow | null {
    const { columns, referredColumns, referredTable } = foreignKey;
    const read = this.#readerOf(operation);
    const key = this.#rows.keyOf(referredColumns, columns.map(read));
    if (key === null) return null;
    const known = this.#keyed(referredTable, referredColumns).get(key);
    if (known !== undefined) return known;
    const held = this.#before(referredColumns, columns.map(read));
    const [own] = this.#rows.having(referredColumns, held);
    if (own !== undefined) return own;
    const other = this.#rows.addByKey(foreignKey, held);
    this.#rows.addReferred(other, this.#followed);
    return other;
  }

  /**
   * What a row that the flush does not write has in the columns at first. What it has in the end may come from rows that it
   * refers to, whose keys change.
   */
  #before(columns: readonly Column<unknown>[], final: readonly unknown[]): readonly unknown[] {
    const before = [...final];
    for (const foreignKey of columns[0]?.table.foreignKeys ?? []) {
      const { columns: own, referredColumns } = foreignKey;
      const positions = own.map((column) => columns.indexOf(column));
      if (positions.includes(-1) || !this.#followed.has(foreignKey)) continue;
      const values = positions.map((position) => final[position]);
      const key = this.#rows.keyOf(referredColumns, values);
      const target = key === null ? undefined : this.#keyed(foreignKey.referredTable, referredColumns).get(key);
      const held = target?.image ?? [];
      const atFirst =
        target === undefined ? this.#before(referredColumns, values) : referredColumns.map(({ index }) => held[index]);
      for (const [i, position] of positions.entries()) if (atFirst[i] !== undefined) before[position] = atFirst[i];
    }
    return before;
  }

  /** The rows that the flush writes, by what they have in the end. */
  #keyed(table: Table, columns: readonly Column<unknown>[]): Map<string, KnownRow> {
    const name = columns.map(({ fullName }) => fullName).join();
    return getOrAdd(this.#byKey, name, () => {
      const byKey = new Map<string, KnownRow>();
      for (const row of this.#written) {
        if (row.table !== table || row.kind === "delete") continue;
        const read = this.#readerOf(row.operation);
        const value = (column: Column<unknown>): unknown =>
          row.kind === "insert" && read(column) === undefined ? row.operation.makes(column) : read(column);
        const key = this.#rows.keyOf(columns, columns.map(value));
        if (key !== null) byKey.set(key, row);
      }
      return byKey;
    });
  }

  #readerOf(operation: WrittenRow["operation"]): (column: Column<unknown>) => unknown {
    return finalReader(operation, (table, row) => this.#keyChanges.moved(table, row));
  }
}

/** Does the change of the row say what the foreign key refers to? */
export function writes({ written }: WrittenRow, { columns }: ForeignKeyConstraint): boolean {
  return columns.some(({ index }) => written[index] !== undefined);
}

/** The foreign keys along which rows follow changed keys. */
export function followedBy({ followed }: KeyChanges): ReadonlySet<ForeignKeyConstraint> {
  return new Set(followed.map(({ foreignKey }) => foreignKey));
}
