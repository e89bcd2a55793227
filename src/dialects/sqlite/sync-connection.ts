import type { DriverConnection, DriverResult, ExecuteOptions } from "../../engine/driver.ts";
import type { MaybePromise } from "../../engine/maybe-promise.ts";
import { ConnectionLostError } from "../../errors/index.ts";
import { Repetition, type RepetitionContext } from "./repetition.ts";
import { StatementMemory } from "./statement-memory.ts";

/** A SQLite database whose statements answer at once: the part of `better-sqlite3` that is used. */
export interface SyncDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): SyncStatement;
  unsafeMode(on: boolean): unknown;
  close(): unknown;
}

export interface SyncStatement {
  /** Does it return rows? */
  readonly reader: boolean;
  raw(on: boolean): unknown;
  safeIntegers(on: boolean): unknown;
  columns(): readonly { readonly name: string }[];
  all(parameters: readonly unknown[]): unknown[][];
  run(parameters: readonly unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  iterate(parameters: readonly unknown[]): IterableIterator<unknown[]>;
}

/** The result of a statement with rows. Names of columns are asked for rarely, so they are read when they are. */
class RowsResult implements DriverResult {
  readonly rows: unknown[][];
  readonly #statement: SyncStatement;

  constructor(rows: unknown[][], statement: SyncStatement) {
    this.rows = rows;
    this.#statement = statement;
  }

  get rowCount(): number {
    return this.rows.length;
  }

  get columns(): readonly string[] {
    return this.#statement.columns().map((column) => column.name);
  }
}

const NO_ROWS: never[] = [];

/** A connection of a driver that answers at once; it waits for locks without stopping the process. */
export class SyncConnection implements DriverConnection, RepetitionContext {
  readonly repeats = "inserts and updates";
  readonly #database: SyncDatabase;
  readonly #busyTimeout: number;
  readonly #statements: StatementMemory<SyncStatement>;
  readonly #streams = new Set<Iterator<unknown[]>>();
  #isClosed = false;

  constructor(database: SyncDatabase, busyTimeout: number) {
    this.#database = database;
    this.#busyTimeout = busyTimeout;
    this.#statements = new StatementMemory((sql) => this.#prepare(sql));
  }

  execute(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): MaybePromise<DriverResult> {
    if (options?.rows !== undefined) return this.#repeat(sql, parameters, { ...options, rows: options.rows });
    try {
      return this.#execute(sql, parameters, options);
    } catch (error) {
      return this.#goOn(error, () => this.#execute(sql, parameters, options));
    }
  }

  async *stream(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): AsyncIterable<unknown[]> {
    this.#assertOpen();
    // A statement of its own: the same text may be executed again while rows are still being read.
    const statement = this.#prepare(sql);
    if (!statement.reader) {
      statement.run(parameters);
      return;
    }
    if (options?.exactIntegers) statement.safeIntegers(true);
    // The driver forbids every write while it iterates, unless this is set; SQLite itself allows it.
    this.#database.unsafeMode(true);
    const rows = statement.iterate(parameters);
    this.#streams.add(rows);
    try {
      for (const row of rows) yield options?.exactIntegers ? simplifyIntegers(row) : row;
    } finally {
      this.#streams.delete(rows);
      if (this.#streams.size === 0 && !this.#isClosed) this.#database.unsafeMode(false);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const rows of this.#streams) rows.return?.();
    this.#database.close();
  }

  inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  #repeat(
    sql: string,
    parameters: readonly unknown[],
    options: ExecuteOptions & { readonly rows: number },
  ): MaybePromise<DriverResult> {
    this.#assertOpen();
    const repetition = new Repetition(this, sql, parameters, options);
    try {
      return repetition.run();
    } catch (error) {
      return this.#goOn(error, () => {
        this.#assertOpen();
        return repetition.run();
      });
    }
  }

  #execute(sql: string, parameters: readonly unknown[], options: ExecuteOptions | undefined): DriverResult {
    this.#assertOpen();
    const statement = this.#statements.get(sql);
    if (statement.reader) return new RowsResult(this.rowsOf(statement, parameters, options), statement);
    const { changes, lastInsertRowid } = statement.run(parameters);
    return { rows: NO_ROWS, columns: NO_ROWS, rowCount: changes, lastInsertId: this.exactRowid(lastInsertRowid) };
  }

  prepared(sql: string): SyncStatement {
    return this.#statements.get(sql);
  }

  rowsOf(statement: SyncStatement, parameters: readonly unknown[], options: ExecuteOptions | undefined): unknown[][] {
    if (!options?.exactIntegers) return statement.all(parameters);
    statement.safeIntegers(true);
    try {
      const rows = statement.all(parameters);
      for (const row of rows) simplifyIntegers(row);
      return rows;
    } finally {
      statement.safeIntegers(false);
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new ConnectionLostError("The connection to SQLite is closed: its engine was disposed.");
  }

  #prepare(sql: string): SyncStatement {
    const statement = this.#database.prepare(sql);
    if (statement.reader) statement.raw(true);
    return statement;
  }

  exactRowid(rowid: number | bigint): number | bigint {
    if (typeof rowid === "bigint" || Number.isSafeInteger(rowid)) return rowid;
    const statement = this.#statements.get("SELECT last_insert_rowid()");
    statement.safeIntegers(true);
    // last_insert_rowid() is one row with one integer, and integers are bigints now.
    return statement.all([])[0]![0] as bigint;
  }

  #goOn(error: unknown, execution: () => DriverResult): Promise<DriverResult> {
    if (isBusy(error) && this.#busyTimeout > 0) return this.#whenFree(execution);
    throw error;
  }

  /** Tries again, less and less often, while another connection has the lock; other work goes on in between. */
  async #whenFree(execution: () => DriverResult): Promise<DriverResult> {
    const deadline = performance.now() + this.#busyTimeout;
    for (let delay = 1; ; delay = Math.min(delay * 2, 50)) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      try {
        return execution();
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline) throw error;
      }
    }
  }
}

/** The driver gives all integers as bigint or none; only those that need it are to be. */
function simplifyIntegers(row: unknown[]): unknown[] {
  for (let index = 0; index < row.length; index++) {
    const value = row[index];
    if (typeof value !== "bigint") continue;
    const number = Number(value);
    if (Number.isSafeInteger(number)) row[index] = number;
  }
  return row;
}

/**
 * Does another connection hold a lock that it will give back? SQLITE_BUSY_SNAPSHOT is not among these: a transaction
 * that read an older state can never write.
 */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error && "code" in error)) return false;
  return error.code === "SQLITE_BUSY" || error.code === "SQLITE_BUSY_RECOVERY" || error.code === "SQLITE_BUSY_TIMEOUT";
}
