import { ArgumentError } from "../errors/index.ts";
import { suggestion } from "./near-match.ts";
import { describeValue } from "./sql-type.ts";

// Checks for callers without types.

/** The names of the options `O`. */
export type OptionNames<O> = Readonly<Record<keyof O, true>>;

/**
 * @param place whose options they are, e.g. `createEngine()`
 * @param names all that there are
 * @throws ArgumentError for what is no object, and for an option that does not exist, naming the one that was probably meant
 */
export function assertOptions<O>(place: string, options: unknown, names: OptionNames<O>): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ArgumentError(`${place} takes its options as an object, not ${describeValue(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    throw new ArgumentError(`${place} has no option "${name}".${suggestion(name, Object.keys(names))}`);
  }
}

/**
 * @param place the option, e.g. `pool.prePing`
 * @throws ArgumentError for what is neither true nor false; undefined: it was left out
 */
export function assertBoolean(place: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw new ArgumentError(`${place} is true or false, not ${describeValue(value)}.`);
}

/**
 * @param place the option, e.g. `references({ onDelete })`
 * @param words what it may be; undefined: it was left out
 * @throws ArgumentError for anything else, naming what was probably meant
 */
export function assertWord(place: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || (typeof value === "string" && words.includes(value))) return;
  const hint = suggestion(typeof value === "string" ? value : "", words);
  throw new ArgumentError(`${place} cannot be ${describeValue(value)}.${hint}`);
}

/**
 * @param place what takes the list, e.g. `over({ orderBy })`
 * @param example how it is written
 * @throws ArgumentError for what is no list, such as one column alone
 */
export function assertList(place: string, value: unknown, example: string): void {
  if (Array.isArray(value)) return;
  throw new ArgumentError(`${place} takes a list, not ${describeValue(value)}: write ${example}.`);
}

/**
 * @param place what takes the function, e.g. `begin()`
 * @param example how it is written
 * @throws ArgumentError for what is no function
 */
export function assertFunction(place: string, value: unknown, example: string): void {
  if (typeof value === "function") return;
  throw new ArgumentError(`${place} takes a function, not ${describeValue(value)}: write ${example}.`);
}
