import type { Column } from "../../../schema/index.ts";
import type { RowOperation } from "./operation.ts";

/** What a flush does to a table, without a look at each of its rows: most flushes need no more to be put in order. */
export class Touched {
  hasInserts = false;
  hasDeletes = false;
  hasUpdates = false;
  /** New rows refer to rows that go. */
  refersToDeleted = false;
  /** By index, the columns that UPDATEs write. */
  readonly #updated: boolean[] = [];

  static by(operations: readonly RowOperation[]): Touched {
    const touched = new Touched();
    for (let i = 0; i < operations.length; i++) touched.note(operations[i] as RowOperation); // `i` counts them
    return touched;
  }

  note({ kind, after }: RowOperation): void {
    if (kind === "insert") this.hasInserts = true;
    else if (kind === "delete") this.hasDeletes = true;
    else if (kind === "update") {
      this.hasUpdates = true;
      for (let i = 0; i < after.length; i++) if (after[i] !== undefined) this.#updated[i] = true;
    }
  }

  /** Notes an UPDATE that is yet to be filled in, and may write any column. */
  noteWhole(columns: readonly Column<unknown>[]): void {
    this.hasUpdates = true;
    for (const { index } of columns) this.#updated[index] = true;
  }

  /** Does an UPDATE write one of the columns? */
  updates(columns: readonly Column<unknown>[]): boolean {
    for (let i = 0; i < columns.length; i++)
      if (this.#updated[(columns[i] as Column<unknown>).index] === true) return true; // `i` counts them
    return false;
  }
}
