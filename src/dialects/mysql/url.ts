import { type DatabaseUrl, hidePassword } from "../../engine/url.ts";
import { ArgumentError } from "../../errors/index.ts";
import type { MysqlTarget } from "./driver-factory.ts";

const FORMS =
  'Over the network: "mariadb://user:password@host:3306/database". Through a socket: "mariadb:///database?socket=/run/mysqld/mysqld.sock". MySQL: "mysql://...".';

const OPTIONS = ["socket", "ssl", "connect_timeout"];

const SSL_MODES = ["disable", "require", "verify"] as const;

/**
 * The database that a MariaDB or MySQL URL means.
 *
 * @throws ArgumentError for an unknown option, or one whose value makes no sense
 */
export function mysqlTarget(url: DatabaseUrl): MysqlTarget {
  const fail = (reason: string): never => {
    throw new ArgumentError(`"${hidePassword(url.text)}" is not a ${url.scheme} URL: ${reason} ${FORMS}`);
  };
  const { query } = url;
  if (!url.rest.startsWith("//")) fail("two slashes come after the colon.");
  for (const name of query.keys()) {
    if (!OPTIONS.includes(name)) fail(`the option "${name}" is unknown (there are: ${OPTIONS.join(", ")}).`);
  }
  if (url.database?.includes("/")) fail(`a database has no "/" in its name; write %2F if it has.`);
  const seconds = query.get("connect_timeout");
  if (seconds !== undefined && !/^\d{1,5}$/.test(seconds)) {
    fail(`connect_timeout is a whole number of seconds, not "${seconds}".`);
  }
  const wanted = query.get("ssl");
  const ssl = SSL_MODES.find((mode) => mode === wanted) ?? null;
  if (wanted !== undefined && ssl === null) fail(`ssl is one of ${SSL_MODES.join(", ")}, not "${wanted}".`);
  return {
    host: url.host?.replace(/^\[(.*)\]$/, "$1") ?? null,
    port: url.port,
    user: url.username,
    password: url.password,
    database: url.database,
    socketPath: query.get("socket") ?? null,
    ssl,
    connectTimeout: Number(seconds ?? 0) * 1000,
  };
}
