import { CompileError } from "../../errors/index.ts";
import type { CastExpression } from "../../expression/sql-expression.ts";

/** Dates and times are texts, as the functions of SQLite write them: CAST to their names would make numbers of them. */
const TEMPORAL = new Set(["date", "time", "datetime", "timestamp"]);

/** The places of a date, and of the time behind it, in the text of both. */
const DATE = "1, 10";
const TIME = "12";

/**
 * A cast to a date or time, with what other databases keep of the value: the day of a timestamp (which is in UTC), midnight
 * of a day. Null for a cast to anything else.
 *
 * @param text the expression, which stands in it once
 * @throws CompileError from a day to a time and from a time to a day
 */
export function temporalCast({ expression, sqlType }: CastExpression<unknown>, text: string): string | null {
  const [from, to] = [expression.sqlType.name, sqlType.name];
  if (!TEMPORAL.has(to)) return null;
  if (from === to) return `CAST(${text} AS TEXT)`;
  if ((from === "date" && to === "time") || from === "time") {
    throw new CompileError(`A ${from} has no part that a ${to} is made of: no cast makes one of the other.`);
  }
  switch (to) {
    case "date":
      return TEMPORAL.has(from) ? `substr(${text}, ${DATE})` : `date(${text})`;
    case "time":
      return from === "datetime" ? `substr(${text}, ${TIME})` : trimmed(`strftime('%H:%M:%f', ${text})`);
    case "datetime":
      return from === "date" ? `(${text} || ' 00:00:00')` : trimmed(`strftime('%Y-%m-%d %H:%M:%f', ${text})`);
    default:
      return `strftime('%Y-%m-%d %H:%M:%f', ${text})`;
  }
}

/** Without needless zeros behind the seconds. */
function trimmed(text: string): string {
  return `rtrim(rtrim(${text}, '0'), '.')`;
}
