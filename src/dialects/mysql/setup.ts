import type { EngineOptions } from "../../engine/create-engine.ts";
import type { EngineSetup } from "../../engine/engine.ts";
import { poolSettings } from "../../engine/pool-options.ts";
import { type DatabaseUrl, hidePassword } from "../../engine/url.ts";
import { MysqlDialect } from "./dialect.ts";
import type { MysqlDriverFactory } from "./driver-factory.ts";
import { mariadbConnector } from "./mariadb-connector.ts";
import { mysql2 } from "./mysql2.ts";
import { mysqlTarget } from "./url.ts";

/**
 * What `createEngine` makes of a URL that begins with `mariadb:`.
 *
 * @throws ArgumentError for a URL that makes no sense
 */
export function mariadb(url: DatabaseUrl, options: EngineOptions): EngineSetup {
  return setup(url, options, mariadbConnector(), "mariadb");
}

/**
 * What `createEngine` makes of a URL that begins with `mysql:`.
 *
 * @throws ArgumentError for a URL that makes no sense
 */
export function mysql(url: DatabaseUrl, options: EngineOptions): EngineSetup {
  return setup(url, options, mysql2(), "mysql");
}

function setup(
  url: DatabaseUrl,
  options: EngineOptions,
  usual: MysqlDriverFactory,
  server: "mariadb" | "mysql",
): EngineSetup {
  const target = mysqlTarget(url);
  // The options are those of every dialect; a driver given with such a URL is one for MariaDB or MySQL.
  const makeDriver = (options.driver as MysqlDriverFactory | undefined) ?? usual;
  const foreignKeysEnforced = options.foreignKeys ?? true;
  return {
    url: hidePassword(url.text),
    dialect: new MysqlDialect(server, foreignKeysEnforced),
    driver: makeDriver(target),
    pool: poolSettings(options.pool),
    foreignKeysEnforced,
  };
}
