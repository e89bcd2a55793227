import type { Driver } from "../../engine/driver.ts";
import { isPromise } from "../../engine/maybe-promise.ts";
import { type BetterSqlite3Module, betterSqlite3, importBetterSqlite3 } from "./better-sqlite3.ts";
import type { SqliteDriverFactory } from "./driver-factory.ts";
import { hasNodeSqlite, nodeSqlite } from "./node-sqlite.ts";

/**
 * The driver that is used unless another one is given: better-sqlite3, and where that is not installed, Node's own.
 *
 * @param load imports better-sqlite3
 */
export function installedDriver(load: () => Promise<BetterSqlite3Module> = importBetterSqlite3): SqliteDriverFactory {
  return (target) => {
    // One that is installed but does not open is for its owner to mend.
    let isAbsent = false;
    const noticing = () =>
      load().catch((error: unknown) => {
        isAbsent = true;
        throw error;
      });
    let driver: Driver = betterSqlite3({ load: noticing })(target);
    return {
      get name() {
        return driver.name;
      },
      connect() {
        const connection = driver.connect();
        if (!isPromise(connection)) return connection;
        return connection.catch((error: unknown) => {
          if (!isAbsent || !hasNodeSqlite()) throw error;
          driver = nodeSqlite()(target);
          return driver.connect();
        });
      },
    };
  };
}
