import type { Driver, DriverConnection } from "../../engine/driver.ts";
import { MissingDriverError, OperationalError } from "../../errors/index.ts";
import type { SqliteDriverFactory, SqliteTarget } from "./driver-factory.ts";
import { sqliteCode } from "./result-codes.ts";
import { SyncConnection, type SyncDatabase, type SyncStatement } from "./sync-connection.ts";

/** The part of Node's `DatabaseSync` that is used here. */
interface DatabaseSync {
  readonly isTransaction: boolean;
  prepare(sql: string): StatementSync;
  close(): void;
}

interface StatementSync {
  /** The text of this one statement. */
  readonly sourceSQL: string;
  setReturnArrays(on: boolean): void;
  setReadBigInts(on: boolean): void;
  columns(): readonly { readonly name: string }[];
  all(...parameters: unknown[]): unknown[][];
  run(...parameters: unknown[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  iterate(...parameters: unknown[]): IterableIterator<unknown[]>;
}

/** Node's own module. */
interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly readOnly: boolean; readonly timeout: number },
  ) => DatabaseSync;
  readonly StatementSync: { readonly prototype: object };
}

/** Node's module; null where Node is too old for it, or for rows as arrays. */
function nodeModule(): NodeSqlite | null {
  // Its types would need those of a newer Node than the oldest that is supported.
  const module = process.getBuiltinModule?.("node:sqlite") as NodeSqlite | undefined;
  return module !== undefined && "setReturnArrays" in module.StatementSync.prototype ? module : null;
}

/** Has this Node a `node:sqlite` that {@link nodeSqlite} can use? Node 22.16 and newer. */
export function hasNodeSqlite(): boolean {
  return nodeModule() !== null;
}

/**
 * The driver for SQLite that is part of Node 22.16 and newer, and needs no package. It is used where `better-sqlite3` is
 * not installed.
 *
 * @example
 * ```ts no-run
 * import { createEngine } from "alkahest";
 * import { nodeSqlite } from "alkahest/sqlite";
 *
 * const engine = createEngine("sqlite:///app.db", { driver: nodeSqlite() });
 * await engine.dispose();
 * ```
 */
export function nodeSqlite(): SqliteDriverFactory {
  return (target) => new NodeSqliteDriver(target);
}

class NodeSqliteDriver implements Driver {
  readonly name = "node:sqlite";
  readonly #target: SqliteTarget;

  constructor(target: SqliteTarget) {
    this.#target = target;
  }

  connect(): DriverConnection {
    const module = nodeModule();
    if (module === null) {
      throw new MissingDriverError(
        `node:sqlite is part of Node 22.16 and newer, and this is ${process.version}. Use better-sqlite3: npm install better-sqlite3`,
      );
    }
    const { path, readOnly, busyTimeout } = this.#target;
    try {
      // It would wait for locks by sleeping, and with it this whole process, the holder of the lock included.
      const database = new module.DatabaseSync(path, { readOnly, timeout: 0 });
      return new SyncConnection(new NodeDatabase(database), busyTimeout);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new OperationalError(`The SQLite database "${path}" cannot be opened: ${reason}`, { cause });
    }
  }
}

/** Blanks, semicolons and comments. */
const NOTHING = /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*.*?\*\/)*$/s;

/** Node's database in the shape of better-sqlite3's. */
class NodeDatabase implements SyncDatabase {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  prepare(sql: string): SyncStatement {
    const statement = translating(() => this.#database.prepare(sql));
    // Node would leave it out without a word.
    if (!NOTHING.test(sql.slice(statement.sourceSQL.length))) {
      throw new RangeError("The text contains more than one statement");
    }
    return new NodeStatement(statement);
  }

  /** Node forbids no write while rows are read. */
  unsafeMode(): void {}

  close(): void {
    this.#database.close();
  }
}

class NodeStatement implements SyncStatement {
  readonly reader: boolean;
  readonly #statement: StatementSync;
  #exact = false;

  constructor(statement: StatementSync) {
    this.#statement = statement;
    this.reader = statement.columns().length > 0;
    statement.setReturnArrays(true);
    // Node refuses integers that a number cannot hold, and a statement that has written cannot be run again.
    statement.setReadBigInts(true);
  }

  raw(): void {}

  safeIntegers(on: boolean): void {
    this.#exact = on;
  }

  columns(): readonly { readonly name: string }[] {
    return this.#statement.columns();
  }

  all(parameters: readonly unknown[]): unknown[][] {
    const rows = translating(() => this.#statement.all(...parameters));
    if (!this.#exact) for (const row of rows) roundIntegers(row);
    return rows;
  }

  run(parameters: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint } {
    const { changes, lastInsertRowid } = translating(() => this.#statement.run(...parameters));
    const rowid = Number(lastInsertRowid);
    return { changes: Number(changes), lastInsertRowid: Number.isSafeInteger(rowid) ? rowid : lastInsertRowid };
  }

  *iterate(parameters: readonly unknown[]): IterableIterator<unknown[]> {
    const rows = translating(() => this.#statement.iterate(...parameters));
    try {
      for (;;) {
        const { done, value } = translating(() => rows.next());
        if (done) return;
        yield this.#exact ? value : roundIntegers(value);
      }
    } finally {
      rows.return?.(); // a statement that is left in the middle of its rows keeps its tables locked
    }
  }
}

function roundIntegers(row: unknown[]): unknown[] {
  for (let index = 0; index < row.length; index++) {
    const value = row[index];
    if (typeof value === "bigint") row[index] = Number(value);
  }
  return row;
}

/** Runs what Node's module does, whose errors have a number where better-sqlite3's have the name of SQLite's code. */
function translating<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Error && "errcode" in cause)) throw cause;
    throw Object.assign(new Error(cause.message, { cause }), { code: sqliteCode(Number(cause.errcode)) });
  }
}
