import { ArgumentError } from "../errors/index.ts";
import { SqlExpression } from "../expression/sql-expression.ts";
import { describeValue } from "../expression/sql-type.ts";

/**
 * The arguments of a method as expressions; checked for callers without types, since `where(user.id === 5)` would pass
 * a boolean on.
 *
 * @throws ArgumentError naming the method and what it got
 */
export function expressionsOf(method: string, values: readonly unknown[]): readonly SqlExpression<unknown>[] {
  return values.map((value) => {
    if (value instanceof SqlExpression) return value;
    const hint = typeof value === "boolean" ? "; compare with .eq(), .lt() and so on, not with === or <" : "";
    throw new ArgumentError(`${method}() needs SQL expressions, not ${describeValue(value)}${hint}.`);
  });
}

/**
 * What is to be values by key; checked for callers without types.
 *
 * @param place what to call it in messages, e.g. `set()`
 * @throws ArgumentError saying what it got
 */
export function recordOf(place: string, value: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw new ArgumentError(`${place} takes an object of values by column, not ${describeValue(value)}.`);
}

/** Is it an object with values by key, and not one that holds its values in another way: a list, a Map, a promise? */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !(Symbol.iterator in value) && !(value instanceof Promise);
}
