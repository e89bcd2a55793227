import type { StatementOptions } from "../../engine/index.ts";
import { ArgumentError } from "../../errors/index.ts";
import { assertList, assertOptions, type OptionNames } from "../../expression/check-arguments.ts";
import { describeValue } from "../../expression/sql-type.ts";
import type { MergeOptions } from "./merge/merge.ts";
import { SESSION_OPTIONS, type SessionOptions } from "./session-work.ts";

// Checks for callers without types.

const STATEMENT_OPTIONS: OptionNames<StatementOptions> = { signal: true, statementTimeout: true };

/** @throws ArgumentError for options of a statement that do not exist; their values are checked where they are used */
export function assertStatementOptions(method: string, options: unknown): void {
  if (options !== undefined) assertOptions(method, options, STATEMENT_OPTIONS);
}

/** @throws ArgumentError for options of a session that do not exist, or that are neither true nor false */
export function assertSessionOptions(place: string, options: SessionOptions): void {
  assertOptions(place, options, SESSION_OPTIONS);
  assertSwitches(place, options, ["autoflush", "expireOnCommit", "suspendForeignKeyChecks"]);
}

const MERGE_OPTIONS: OptionNames<MergeOptions> = { load: true, key: true, onConflict: true };

const MERGE_CONFLICTS: readonly unknown[] = ["last", "first", "error"];

/** @throws ArgumentError for options of a merge that do not exist, or have no such value */
export function assertMergeOptions(method: string, options: MergeOptions): void {
  assertOptions(method, options, MERGE_OPTIONS);
  assertSwitches(method, options, ["load"]);
  if (options.key !== undefined) assertList(`${method}: key`, options.key, '{ key: ["email"] }');
  if (options.onConflict === undefined || MERGE_CONFLICTS.includes(options.onConflict)) return;
  throw new ArgumentError(
    `${method}: onConflict is "last", "first" or "error", not ${describeValue(options.onConflict)}.`,
  );
}

/** @throws ArgumentError for an option among `names` that is neither true nor false */
export function assertSwitches<O extends object>(
  place: string,
  options: O,
  names: readonly (keyof O & string)[],
): void {
  for (const name of names) {
    const value = options[name];
    if (value === undefined || typeof value === "boolean") continue;
    throw new ArgumentError(`${place}: ${name} is true or false, not ${describeValue(value)}.`);
  }
}
