import { DataError } from "../../errors/index.ts";
import { describeValue, type SqlType, type ValueKey } from "../../expression/sql-type.ts";
import { NativeType } from "../../expression/types/native.ts";
import { Range, readRange, writeRange } from "./range.ts";
import { types } from "./types.ts";

/**
 * A type of ranges.
 *
 * @param ddl its name in PostgreSQL
 * @param element the type of the bounds
 * @param next the value after this one, where there is nothing in between
 */
export function rangeType<T>(ddl: string, element: SqlType<T>, next?: (value: T) => T): NativeType<Range<T>> {
  const write = (bound: T): string => String(types.bind(element)?.(bound) ?? bound);
  // Readers answer with values of their type.
  const read = (text: string): T => (types.result(element)?.(text) ?? text) as T;
  return new NativeType<Range<T>>({
    dialect: "postgresql",
    ddl,
    validate: (value) => {
      if (!(value instanceof Range)) return `expected a Range, got ${describeValue(value)}`;
      for (const side of ["lower", "upper"] as const) {
        const bound: unknown = value[side];
        const reason = bound === null ? null : element.validate(bound);
        if (reason !== null) return `${side} bound: ${reason}`;
      }
      return null;
    },
    bind: (range) => (range.isEmpty ? "empty" : writeRange(range, write)),
    result: (stored) => {
      const range = readRange(String(stored), read);
      if (range === undefined) throw new DataError(`The database holds ${describeValue(stored)}, which is no range.`);
      return range;
    },
    key: (range) => canonical(range, element, next),
  });
}

/** One text for all forms of a range: `(1,5]` is `[2,6)`, and `[5,5)` is empty. */
function canonical<T>(
  { lower, upper, bounds, isEmpty }: Range<T>,
  element: SqlType<T>,
  next?: (value: T) => T,
): ValueKey {
  if (isEmpty) return "empty";
  let [from, to] = [lower, upper];
  let form: string = bounds;
  if (next !== undefined) {
    if (from !== null && form.startsWith("(")) from = next(from);
    if (to !== null && form.endsWith("]")) to = next(to);
    form = `${from === null ? "(" : "["})`;
  }
  const [first, last] = [from, to].map((bound) => (bound === null ? null : element.keyOf(bound)));
  if (first !== null && first === last && form !== "[]") return "empty";
  return `${form[0]}${JSON.stringify([first, last].map(String))}${form[1]}`;
}
