import type { Driver, DriverConnection, DriverResult, ExecuteOptions } from "../../engine/driver.ts";
import type { MaybePromise } from "../../engine/maybe-promise.ts";
import { ConnectionLostError, MissingDriverError, OperationalError } from "../../errors/index.ts";
import type { SqliteDriverFactory, SqliteTarget } from "./driver-factory.ts";
import { StatementMemory } from "./statement-memory.ts";

/** The part of `better-sqlite3` that is used here; what else has this shape works too. */
export interface BetterSqlite3Database {
  readonly inTransaction: boolean;
  prepare(sql: string): BetterSqlite3Statement;
  unsafeMode(on: boolean): unknown;
  close(): unknown;
}

export interface BetterSqlite3Statement {
  /** Does it return rows? */
  readonly reader: boolean;
  raw(on: boolean): unknown;
  safeIntegers(on: boolean): unknown;
  columns(): readonly { readonly name: string }[];
  all(parameters: readonly unknown[]): unknown[][];
  run(parameters: readonly unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  iterate(parameters: readonly unknown[]): IterableIterator<unknown[]>;
}

export type BetterSqlite3Constructor = new (
  path: string,
  options: { readonly readonly: boolean; readonly timeout: number },
) => BetterSqlite3Database;

/** The module as `import()` gives it. */
export interface BetterSqlite3Module {
  readonly default: BetterSqlite3Constructor;
}

/** How to get the driver's module. */
export interface BetterSqlite3Options {
  /** Imports the module; by default `import("better-sqlite3")`. */
  readonly load?: () => Promise<BetterSqlite3Module>;
}

// The interfaces above are all that is used of the module; its own types would have to be installed by every user.
const importModule = async () => (await import("better-sqlite3")) as unknown as BetterSqlite3Module;

/**
 * The driver for SQLite that is used unless another one is given. The package `better-sqlite3` is imported when the
 * first connection is opened.
 *
 * @example
 * ```ts
 * import { createEngine } from "alkahest";
 * import { betterSqlite3 } from "alkahest/sqlite";
 *
 * const engine = createEngine("sqlite::memory:", { driver: betterSqlite3() });
 * await engine.dispose();
 * ```
 */
export function betterSqlite3({ load = importModule }: BetterSqlite3Options = {}): SqliteDriverFactory {
  return (target) => new BetterSqlite3Driver(target, load);
}

class BetterSqlite3Driver implements Driver {
  readonly name = "better-sqlite3";
  readonly #target: SqliteTarget;
  readonly #load: () => Promise<BetterSqlite3Module>;
  #loaded: BetterSqlite3Constructor | null = null;

  constructor(target: SqliteTarget, load: () => Promise<BetterSqlite3Module>) {
    this.#target = target;
    this.#load = load;
  }

  connect(): MaybePromise<DriverConnection> {
    if (this.#loaded !== null) return this.#open(this.#loaded);
    return this.#import().then((Database) => {
      this.#loaded = Database;
      return this.#open(Database);
    });
  }

  async #import(): Promise<BetterSqlite3Constructor> {
    try {
      return (await this.#load()).default;
    } catch (cause) {
      throw new MissingDriverError(
        'SQLite needs the package "better-sqlite3", which could not be imported. Run: npm install better-sqlite3',
        { cause },
      );
    }
  }

  #open(Database: BetterSqlite3Constructor): DriverConnection {
    const { path, readOnly, busyTimeout } = this.#target;
    try {
      // SQLite would wait by sleeping, and with it this whole process, the holder of the lock included.
      return new BetterSqlite3Connection(new Database(path, { readonly: readOnly, timeout: 0 }), busyTimeout);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      if (isNativeFailure(cause)) {
        throw new MissingDriverError(
          `The package "better-sqlite3" is installed, but its native part does not load: ${reason}. Run: npm rebuild better-sqlite3`,
          { cause },
        );
      }
      throw new OperationalError(`The SQLite database "${path}" cannot be opened: ${reason}`, { cause });
    }
  }
}

function isNativeFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ("code" in error && error.code === "ERR_DLOPEN_FAILED") || error.message.startsWith("Could not locate the bindings")
  );
}

/** The result of a statement with rows. Names of columns are asked for rarely, so they are read when they are. */
class RowsResult implements DriverResult {
  readonly rows: unknown[][];
  readonly #statement: BetterSqlite3Statement;

  constructor(rows: unknown[][], statement: BetterSqlite3Statement) {
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

class BetterSqlite3Connection implements DriverConnection {
  readonly #database: BetterSqlite3Database;
  readonly #busyTimeout: number;
  readonly #statements: StatementMemory<BetterSqlite3Statement>;
  readonly #streams = new Set<Iterator<unknown[]>>();
  #isClosed = false;

  constructor(database: BetterSqlite3Database, busyTimeout: number) {
    this.#database = database;
    this.#busyTimeout = busyTimeout;
    this.#statements = new StatementMemory((sql) => this.#prepare(sql));
  }

  execute(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): MaybePromise<DriverResult> {
    try {
      return this.#execute(sql, parameters, options);
    } catch (error) {
      if (isBusy(error) && this.#busyTimeout > 0) return this.#executeWhenFree(sql, parameters, options);
      throw error;
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

  #execute(sql: string, parameters: readonly unknown[], options: ExecuteOptions | undefined): DriverResult {
    this.#assertOpen();
    const statement = this.#statements.get(sql);
    if (!statement.reader) {
      const { changes, lastInsertRowid } = statement.run(parameters);
      return { rows: NO_ROWS, columns: NO_ROWS, rowCount: changes, lastInsertId: this.#exactRowid(lastInsertRowid) };
    }
    if (!options?.exactIntegers) return new RowsResult(statement.all(parameters), statement);
    statement.safeIntegers(true);
    try {
      const rows = statement.all(parameters);
      for (const row of rows) simplifyIntegers(row);
      return new RowsResult(rows, statement);
    } finally {
      statement.safeIntegers(false);
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new ConnectionLostError("The connection to SQLite is closed: its engine was disposed.");
  }

  #prepare(sql: string): BetterSqlite3Statement {
    const statement = this.#database.prepare(sql);
    if (statement.reader) statement.raw(true);
    return statement;
  }

  #exactRowid(rowid: number | bigint): number | bigint {
    if (typeof rowid === "bigint" || Number.isSafeInteger(rowid)) return rowid;
    const statement = this.#statements.get("SELECT last_insert_rowid()");
    statement.safeIntegers(true);
    // last_insert_rowid() is one row with one integer, and integers are bigints now.
    return statement.all([])[0]![0] as bigint;
  }

  /** Tries again, less and less often, while another connection has the lock; other work goes on in between. */
  async #executeWhenFree(
    sql: string,
    parameters: readonly unknown[],
    options: ExecuteOptions | undefined,
  ): Promise<DriverResult> {
    const deadline = performance.now() + this.#busyTimeout;
    for (let delay = 1; ; delay = Math.min(delay * 2, 50)) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      try {
        return this.#execute(sql, parameters, options);
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
