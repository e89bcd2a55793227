import type { EngineOptions } from "../../engine/create-engine.ts";
import type { EngineSetup } from "../../engine/engine.ts";
import { poolSettings } from "../../engine/pool-options.ts";
import { type DatabaseUrl, hidePassword } from "../../engine/url.ts";
import { ArgumentError } from "../../errors/index.ts";
import { PostgresqlDialect } from "./dialect.ts";
import type { PostgresqlDriverFactory } from "./driver-factory.ts";
import { nodePostgres } from "./node-postgres.ts";
import { postgresqlTarget } from "./url.ts";

/**
 * What `createEngine` makes of a URL that begins with `postgresql:` or `postgres:`.
 *
 * @throws ArgumentError for a URL that makes no sense, or for `foreignKeys: false`
 */
export function postgresql(url: DatabaseUrl, options: EngineOptions): EngineSetup {
  const target = postgresqlTarget(url);
  if (options.foreignKeys === false) {
    throw new ArgumentError("PostgreSQL always checks foreign keys: leave out foreignKeys, which is for SQLite.");
  }
  // The options are those of every dialect; a driver given with a PostgreSQL URL is one for PostgreSQL.
  const makeDriver = (options.driver as PostgresqlDriverFactory | undefined) ?? nodePostgres();
  return {
    url: hidePassword(url.text),
    dialect: new PostgresqlDialect(),
    driver: makeDriver(target),
    pool: poolSettings(options.pool),
    foreignKeysEnforced: true,
  };
}
