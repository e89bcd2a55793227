import { ArgumentError } from "../errors/index.ts";
import { assertBoolean, assertFunction, assertOptions, type OptionNames } from "../expression/check-arguments.ts";
import type { DriverFactory } from "./driver.ts";
import type { Logger } from "./echo.ts";
import { Engine, type EngineLog, type EngineSetup } from "./engine.ts";
import type { PoolOptions } from "./pool-options.ts";
import { assertMilliseconds } from "./statement-guard.ts";
import { type DatabaseUrl, hidePassword, parseUrl } from "./url.ts";

/** Options of {@link createEngine}. */
export interface EngineOptions {
  /** Write every statement with its parameters to the log. */
  readonly echo?: boolean;
  /** Leave the parameters out of the log, and of errors as they are printed; what the database says may still name values. */
  readonly hideParameters?: boolean;
  /** Milliseconds that each statement may take; then it is stopped on the server: TimeoutError. Not on SQLite. */
  readonly statementTimeout?: number;
  /** Milliseconds from which on a statement is written to the log, `echo` or not, with the time that it took. */
  readonly slowStatement?: number;
  /** Where the log goes, line by line; `console.log` by default. */
  readonly logger?: Logger;
  /** SQLite: check foreign keys (the default), or not. */
  readonly foreignKeys?: boolean;
  /** Another driver than the dialect's own. */
  readonly driver?: DriverFactory;
  readonly pool?: PoolOptions;
}

const OPTIONS: OptionNames<EngineOptions> = {
  echo: true,
  hideParameters: true,
  statementTimeout: true,
  slowStatement: true,
  logger: true,
  foreignKeys: true,
  driver: true,
  pool: true,
};

/** Turns a URL of its scheme into what an engine needs. Opens nothing. */
export type DialectFactory = (url: DatabaseUrl, options: EngineOptions) => EngineSetup;

const dialects = new Map<string, DialectFactory>();

/** Makes a dialect known under the scheme of its URLs. */
export function registerDialect(scheme: string, factory: DialectFactory): void {
  dialects.set(scheme.toLowerCase(), factory);
}

/**
 * Makes the engine of a database. Nothing is opened, and no driver is imported, before the first use.
 *
 * @param url `sqlite::memory:`, `sqlite:///file.db` (relative), `sqlite:////folder/file.db` (absolute),
 *   `postgresql://user:password@host:5432/database`, `pglite:` (in memory), `pglite://folder`, `mariadb://user:password@host:3306/database`, `mysql://...`
 * @throws ArgumentError for a URL that makes no sense, or an option that does not exist or cannot be what it is
 *
 * @example
 * ```ts
 * import { createEngine, text } from "alkahest";
 *
 * const engine = createEngine("sqlite::memory:", { echo: true });
 * await engine.begin(async (connection) => {
 *   await connection.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY)"));
 * });
 * await engine.dispose();
 * ```
 */
export function createEngine(url: string, options: EngineOptions = {}): Engine {
  assertOptions("createEngine()", options, OPTIONS);
  assertValues(options);
  const parsed = parseUrl(url);
  const factory = dialects.get(parsed.scheme);
  if (factory === undefined) {
    const known = [...dialects.keys()].join(", ");
    throw new ArgumentError(
      `There is no dialect for "${hidePassword(url)}": "${parsed.scheme}" is none of ${known}. Write for example "sqlite:///file.db".`,
    );
  }
  const log: EngineLog = {
    echo: options.echo ?? false,
    hideParameters: options.hideParameters ?? false,
    slowStatement: options.slowStatement ?? Number.POSITIVE_INFINITY,
    // Looked up at each line: whoever replaces console.log later gets the lines.
    logger: options.logger ?? ((line) => console.log(line)),
  };
  return new Engine(factory(parsed, options), log, { statementTimeout: options.statementTimeout });
}

function assertValues({ logger, driver, statementTimeout, slowStatement, ...options }: EngineOptions): void {
  for (const name of ["echo", "hideParameters", "foreignKeys"] as const) assertBoolean(name, options[name]);
  assertMilliseconds("statementTimeout", statementTimeout);
  assertMilliseconds("slowStatement", slowStatement);
  if (logger !== undefined) assertFunction("logger", logger, "logger: (line) => console.error(line)");
  if (driver !== undefined) assertFunction("driver", driver, "driver: betterSqlite3()");
}
