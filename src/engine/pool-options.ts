import { ArgumentError } from "../errors/index.ts";
import { assertBoolean, assertOptions, type OptionNames } from "../expression/check-arguments.ts";
import { describeValue } from "../expression/sql-type.ts";

/** How many connections an engine keeps, and for how long; the option `pool` of `createEngine`. */
export interface PoolOptions {
  /** Connections that stay open when nobody uses them. Default: 10; for a SQLite file 5. */
  readonly size?: number;
  /** The most connections that are open at once; what is beyond `size` is closed after its use. Default: `size`. */
  readonly max?: number;
  /** How long a user waits for a connection, in milliseconds; then there is a TimeoutError. Default: 30,000. */
  readonly timeout?: number;
  /**
   * The age, in milliseconds, at which a connection is replaced by a new one when nobody uses it: less than the time
   * after which the server, or something between, ends connections. Default: none.
   */
  readonly recycle?: number;
  /**
   * Asks the server for a sign of life before an idle connection is handed out, and opens another one if there is none:
   * one roundtrip more for each transaction. Default: false.
   */
  readonly prePing?: boolean;
  /**
   * Milliseconds after which a connection that is still in use counts as forgotten: the event `leak`, or without a
   * listener the log, then says where it was taken. Notes a stack for each use of a connection. Default: none.
   */
  readonly leakAfter?: number;
}

const OPTIONS: OptionNames<PoolOptions> = {
  size: true,
  max: true,
  timeout: true,
  recycle: true,
  prePing: true,
  leakAfter: true,
};

/** The options with what goes without saying. */
export type PoolSettings = Required<PoolOptions>;

const TIMEOUT = 30_000;

/**
 * Fills in the options that are not given.
 *
 * @throws ArgumentError for what is no number of connections or milliseconds, or an option that does not exist
 */
export function poolSettings(options: PoolOptions = {}, usualSize = 10): PoolSettings {
  assertOptions("pool", options, OPTIONS);
  const { size = usualSize, timeout = TIMEOUT, recycle = Number.POSITIVE_INFINITY, prePing = false } = options;
  const { leakAfter = Number.POSITIVE_INFINITY } = options;
  const { max = Math.max(size, 1) } = options;
  assertBoolean("pool.prePing", options.prePing);
  assertNumber("size", size, 0);
  assertNumber("max", max, Math.max(size, 1));
  for (const [name, count] of Object.entries({ size, max })) {
    if (Number.isInteger(count) || count === Number.POSITIVE_INFINITY) continue;
    throw new ArgumentError(`pool.${name} is a whole number of connections, not ${describeValue(count)}.`);
  }
  assertNumber("timeout", timeout, 0);
  assertNumber("recycle", recycle, 0);
  assertNumber("leakAfter", leakAfter, 0);
  return { size, max, timeout, recycle, prePing, leakAfter };
}

function assertNumber(name: string, value: number, least: number): void {
  if (typeof value === "number" && value >= least) return;
  throw new ArgumentError(`pool.${name} is a number of at least ${least}, not ${describeValue(value)}.`);
}
