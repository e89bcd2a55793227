import type { Driver, DriverConnection } from "../../engine/driver.ts";
import type { MaybePromise } from "../../engine/maybe-promise.ts";
import { MissingDriverError, OperationalError } from "../../errors/index.ts";
import type { SqliteDriverFactory, SqliteTarget } from "./driver-factory.ts";
import { SyncConnection, type SyncDatabase } from "./sync-connection.ts";

export type BetterSqlite3Constructor = new (
  path: string,
  options: { readonly readonly: boolean; readonly timeout: number },
) => SyncDatabase;

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
export const importBetterSqlite3 = async () => (await import("better-sqlite3")) as unknown as BetterSqlite3Module;

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
export function betterSqlite3({ load = importBetterSqlite3 }: BetterSqlite3Options = {}): SqliteDriverFactory {
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
      return new SyncConnection(new Database(path, { readonly: readOnly, timeout: 0 }), busyTimeout);
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
