import { type DatabaseUrl, hidePassword } from "../../engine/url.ts";
import { ArgumentError } from "../../errors/index.ts";
import type { PostgresqlTarget, SslMode } from "./driver-factory.ts";
import type { PGliteTarget } from "./pglite.ts";

const FORMS =
  'Over the network: "postgresql://user:password@host:5432/database". Through a socket: "postgresql:///database?host=/var/run/postgresql".';

/** Options of the query, by the names that PostgreSQL's own programs give them. */
const OPTIONS = ["host", "port", "user", "password", "sslmode", "application_name", "connect_timeout", "options"];

const SSL_MODES: readonly string[] = ["disable", "require", "verify-ca", "verify-full"] satisfies SslMode[];

/**
 * The database that a PostgreSQL URL means. What stands in the query wins over what stands before it.
 *
 * @throws ArgumentError for an unknown option, or one whose value makes no sense
 */
export function postgresqlTarget(url: DatabaseUrl): PostgresqlTarget {
  const fail = (reason: string): never => {
    throw new ArgumentError(`"${hidePassword(url.text)}" is not a PostgreSQL URL: ${reason} ${FORMS}`);
  };
  const { query } = url;
  if (!url.rest.startsWith("//")) fail("two slashes come after the colon.");
  for (const name of query.keys()) {
    if (!OPTIONS.includes(name)) fail(`the option "${name}" is unknown (there are: ${OPTIONS.join(", ")}).`);
  }
  if (url.database?.includes("/")) fail(`a database has no "/" in its name; write %2F if it has.`);
  const number = (name: string, most: number): number | null => {
    const text = query.get(name);
    if (text === undefined) return null;
    const value = Number(text);
    if (text === "" || !Number.isInteger(value) || value < 0 || value > most) {
      fail(`${name} is a whole number up to ${most}, not "${text}".`);
    }
    return value;
  };
  const sslMode = query.get("sslmode") ?? null;
  if (sslMode !== null && !SSL_MODES.includes(sslMode)) {
    fail(`sslmode is one of ${SSL_MODES.join(", ")}, not "${sslMode}".`);
  }
  return {
    host: query.get("host") ?? url.host?.replace(/^\[(.*)\]$/, "$1") ?? null,
    port: number("port", 65_535) ?? url.port,
    user: query.get("user") ?? url.username,
    password: query.get("password") ?? url.password,
    database: url.database,
    // It is one of the modes: that was just looked at.
    sslMode: sslMode as SslMode | null,
    applicationName: query.get("application_name") ?? null,
    connectTimeout: (number("connect_timeout", 86_400) ?? 0) * 1000,
    options: query.get("options") ?? null,
  };
}

/**
 * The database that a PGlite URL means: `pglite:` in memory, `pglite://folder` (relative) or `pglite:///folder` (absolute)
 * on disk.
 *
 * @throws ArgumentError for options, or a folder without the two slashes
 */
export function pgliteTarget({ text, rest, query }: DatabaseUrl): PGliteTarget {
  const [, folder] = /^(?:\/\/(.*))?$/s.exec(rest) ?? [];
  if ((folder === undefined && rest !== "") || query.size > 0) {
    throw new ArgumentError(
      `"${text}" is not a PGlite URL. In memory: "pglite:". In a folder: "pglite://data/app", absolute "pglite:///var/data/app".`,
    );
  }
  return { folder: folder === undefined || folder === "" ? null : decodeURIComponent(folder) };
}
