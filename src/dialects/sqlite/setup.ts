import type { EngineOptions } from "../../engine/create-engine.ts";
import type { EngineSetup } from "../../engine/engine.ts";
import { type PoolOptions, type PoolSettings, poolSettings } from "../../engine/pool-options.ts";
import type { DatabaseUrl } from "../../engine/url.ts";
import { ArgumentError } from "../../errors/index.ts";
import { SqliteDialect } from "./dialect.ts";
import type { SqliteDriverFactory } from "./driver-factory.ts";
import { installedDriver } from "./installed-driver.ts";
import { sqliteTarget } from "./url.ts";

const FILE_POOL_SIZE = 5;

/**
 * What `createEngine` makes of a URL that begins with `sqlite:`.
 *
 * @throws ArgumentError for a URL that makes no sense, or a pool that an in-memory database cannot have
 */
export function sqlite(url: DatabaseUrl, options: EngineOptions): EngineSetup {
  const target = sqliteTarget(url);
  const foreignKeysEnforced = options.foreignKeys ?? true;
  // The options are those of every dialect; a driver given with a SQLite URL is one for SQLite.
  const makeDriver = (options.driver as SqliteDriverFactory | undefined) ?? installedDriver();
  return {
    url: url.text,
    dialect: new SqliteDialect({ foreignKeys: foreignKeysEnforced }),
    driver: makeDriver(target),
    pool: target.path === ":memory:" ? memoryPool(options.pool ?? {}) : poolSettings(options.pool, FILE_POOL_SIZE),
    foreignKeysEnforced,
  };
}

/** A second connection to a database in memory would be another, empty one; so would one that replaces the first. */
function memoryPool(options: PoolOptions): PoolSettings {
  const { size = 1, max = size, recycle } = options;
  if (size > 1 || max > 1 || recycle !== undefined) {
    throw new ArgumentError(
      "A SQLite database in memory has one connection, since another one would see another database. Leave out pool.size, pool.max and pool.recycle, or use a file.",
    );
  }
  return { ...poolSettings(options, 1), size: 1, max: 1 };
}
