import type { EngineOptions } from "../../engine/create-engine.ts";
import type { EngineSetup } from "../../engine/engine.ts";
import { poolSettings } from "../../engine/pool-options.ts";
import { type DatabaseUrl, hidePassword } from "../../engine/url.ts";
import { ArgumentError } from "../../errors/index.ts";
import { PostgresqlDialect } from "./dialect.ts";
import type { PostgresqlDriverFactory } from "./driver-factory.ts";
import { nodePostgres } from "./node-postgres.ts";
import { type PGliteDriverFactory, pglite } from "./pglite.ts";
import { pgliteTarget, postgresqlTarget } from "./url.ts";

/**
 * What `createEngine` makes of a URL that begins with `postgresql:` or `postgres:`.
 *
 * @throws ArgumentError for a URL that makes no sense, or for `foreignKeys: false`
 */
export function postgresql(url: DatabaseUrl, options: EngineOptions): EngineSetup {
  const target = postgresqlTarget(url);
  refuseWithoutForeignKeys(options);
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

/**
 * What `createEngine` makes of a URL that begins with `pglite:`: PostgreSQL embedded in the process, on one connection.
 *
 * @throws ArgumentError for a URL that makes no sense, for `foreignKeys: false`, or for more than one connection
 */
export function embeddedPostgresql(url: DatabaseUrl, options: EngineOptions): EngineSetup {
  const target = pgliteTarget(url);
  refuseWithoutForeignKeys(options);
  const { size = 1, max = size, recycle } = options.pool ?? {};
  if (size > 1 || max > 1 || recycle !== undefined) {
    throw new ArgumentError(
      "A PGlite database has one connection: leave out pool.size, pool.max and pool.recycle, or use a PostgreSQL server.",
    );
  }
  // As above: a driver given with a PGlite URL is one for PGlite.
  const makeDriver = (options.driver as PGliteDriverFactory | undefined) ?? pglite();
  return {
    url: url.text,
    dialect: new PostgresqlDialect(),
    driver: makeDriver(target),
    pool: { ...poolSettings(options.pool, 1), size: 1, max: 1 },
    foreignKeysEnforced: true,
  };
}

function refuseWithoutForeignKeys({ foreignKeys }: EngineOptions): void {
  if (foreignKeys === false) {
    throw new ArgumentError("PostgreSQL always checks foreign keys: leave out foreignKeys, which is for SQLite.");
  }
}
