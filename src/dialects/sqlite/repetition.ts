import type { DriverResult, ExecuteOptions } from "../../engine/driver.ts";
import type { SyncStatement } from "./sync-connection.ts";

/** What a repetition needs of the connection. */
export interface RepetitionContext {
  prepared(sql: string): SyncStatement;
  /** The rows that a statement returns; with exact integers, if these are asked for. */
  rowsOf(statement: SyncStatement, parameters: readonly unknown[], options: ExecuteOptions): unknown[][];
  /** The key of the last INSERT, of which the driver may have told a rounded number. */
  exactRowid(told: number | bigint): number | bigint;
}

const NO_COLUMNS: never[] = [];

/**
 * A statement of one row that is executed for each of many. What was done stays done: after a lock that was in the way, it
 * goes on where it stopped.
 */
export class Repetition {
  readonly #context: RepetitionContext;
  readonly #sql: string;
  readonly #parameters: readonly unknown[];
  readonly #options: ExecuteOptions;
  readonly #count: number;
  /** The parameters of one row, in an array that is used again for the next one. */
  readonly #row: unknown[];
  readonly #returned: unknown[][] = [];
  #changes = 0;
  #done = 0;

  constructor(
    context: RepetitionContext,
    sql: string,
    parameters: readonly unknown[],
    options: ExecuteOptions & { readonly rows: number },
  ) {
    this.#context = context;
    this.#sql = sql;
    this.#parameters = parameters;
    this.#options = options;
    this.#count = options.rows;
    this.#row = new Array(parameters.length / options.rows);
  }

  /** Executes what is left of it. */
  run(): DriverResult {
    const statement = this.#context.prepared(this.#sql);
    if (statement.reader) this.#read(statement);
    else this.#write(statement);
    const rows = this.#returned;
    return { rows, columns: NO_COLUMNS, rowCount: statement.reader ? rows.length : this.#changes };
  }

  #write(statement: SyncStatement): void {
    while (this.#done < this.#count) {
      this.#changes += statement.run(this.#next()).changes;
      this.#done++;
    }
  }

  #read(statement: SyncStatement): void {
    const { withoutReturning } = this.#options;
    while (this.#done < this.#count) {
      // RETURNING costs half as much again as the INSERT, which tells the key anyway. That is asked once, after the first row.
      if (withoutReturning !== undefined && this.#done === 1 && this.#toldLastKey()) {
        this.#insert(this.#context.prepared(withoutReturning));
        return;
      }
      this.#returned.push(...this.#context.rowsOf(statement, this.#next(), this.#options));
      this.#done++;
    }
  }

  /** A table may have a key that is not what SQLite counts up, whatever was declared: `id INT PRIMARY KEY`. */
  #toldLastKey(): boolean {
    const last = this.#context.prepared("SELECT last_insert_rowid()").all([]);
    return this.#returned.at(-1)?.[0] === last[0]?.[0];
  }

  #insert(statement: SyncStatement): void {
    while (this.#done < this.#count) {
      const { lastInsertRowid } = statement.run(this.#next());
      this.#returned.push([this.#context.exactRowid(lastInsertRowid)]);
      this.#done++;
    }
  }

  #next(): readonly unknown[] {
    const row = this.#row;
    const start = this.#done * row.length;
    for (let i = 0; i < row.length; i++) row[i] = this.#parameters[start + i];
    return row;
  }
}
