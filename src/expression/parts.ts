import { ArgumentError } from "../errors/index.ts";
import { type DateField, ExtractExpression, JsonPart } from "./nodes.ts";
import { expressionOf, type SqlExpression, type Typed } from "./sql-expression.ts";

const FIELDS: Readonly<Record<DateField, true>> = {
  year: true,
  quarter: true,
  month: true,
  day: true,
  hour: true,
  minute: true,
  second: true,
  dow: true,
  doy: true,
};

/**
 * A part of a date, a time or a timestamp (in UTC), as a whole number: `extract("year", Order.c.createdAt)`. `dow` is the day of the
 * week from 0, which is Sunday, `doy` the day of the year from 1.
 *
 * @throws ArgumentError for a field that there is not
 *
 * @example
 * ```ts
 * import { extract, func, integer, MetaData, select, Table, timestamp } from "alkahest";
 *
 * const orders = new Table("orders", new MetaData(), { id: integer().primaryKey(), createdAt: timestamp() });
 * const year = extract("year", orders.c.createdAt);
 * select(year, func.count()).groupBy(year);
 * ```
 */
export function extract(field: DateField, expression: Typed<Date | string | null>): SqlExpression<number | null> {
  if (Object.hasOwn(FIELDS, field)) return new ExtractExpression(field, expressionOf(expression));
  throw new ArgumentError(`extract() takes ${Object.keys(FIELDS).join(", ")}, not ${JSON.stringify(field)}.`);
}

/**
 * A part of a JSON document, as a document: `jsonGet(User.c.settings, "colors", 0)`. Keys of objects and positions in arrays
 * lead to it; NULL where they lead nowhere.
 *
 * @throws ArgumentError for a position that is negative or no whole number, or a key with quotes or backslashes
 */
export function jsonGet<T = unknown>(
  document: Typed<unknown>,
  ...path: readonly (string | number)[]
): SqlExpression<T | null> {
  return new JsonPart(expressionOf(document), checkedPath("jsonGet()", path), false);
}

/**
 * The same as text, a string without quotes: `jsonText(User.c.settings, "theme").eq("dark")`. NULL also for the null of JSON.
 * Numbers are compared when it is cast: `jsonText(User.c.settings, "size").cast(integer()).gt(5)`.
 *
 * @throws ArgumentError as {@link jsonGet} does
 */
export function jsonText(
  document: Typed<unknown>,
  ...path: readonly (string | number)[]
): SqlExpression<string | null> {
  return new JsonPart(expressionOf(document), checkedPath("jsonText()", path), true);
}

function checkedPath(place: string, path: readonly (string | number)[]): readonly (string | number)[] {
  if (path.length === 0)
    throw new ArgumentError(`${place} needs a key or a position: ${place.slice(0, -1)}document, "key").`);
  for (const step of path) {
    // Databases disagree about how quotes in a path are written.
    const isKey = typeof step === "string" && !/["\\\p{Cc}]/u.test(step);
    if (isKey || (typeof step === "number" && Number.isSafeInteger(step) && step >= 0)) continue;
    throw new ArgumentError(
      `${place} goes by keys without quotes and backslashes, and by positions from 0, not by ${JSON.stringify(step)}.`,
    );
  }
  return path;
}
