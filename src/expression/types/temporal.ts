import { describeValue, SqlType, type ValueKey } from "../sql-type.ts";

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(text: string): boolean {
  const match = DATE.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const isLeapDay = month === 2 && day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return year >= 1 && day >= 1 && (day <= (DAYS[month - 1] ?? 0) || isLeapDay);
}

/** Calendar days as `YYYY-MM-DD`: a `Date` would be an instant, and another day elsewhere. */
export class DateType extends SqlType<string> {
  readonly name = "date";

  validate(value: unknown): string | null {
    if (typeof value === "string" && isDate(value)) return null;
    return `expected a date as "YYYY-MM-DD", got ${describeValue(value)}`;
  }

  keyOf(value: unknown): ValueKey {
    return String(value);
  }
}

const TIME = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?$/;

/** Times of day as `HH:MM`, `HH:MM:SS` or `HH:MM:SS.ffffff`. */
export class TimeType extends SqlType<string> {
  readonly name = "time";

  validate(value: unknown): string | null {
    if (typeof value === "string" && TIME.test(value)) return null;
    return `expected a time of day as "HH:MM:SS", got ${describeValue(value)}`;
  }

  keyOf(value: unknown): ValueKey {
    return canonicalTime(String(value));
  }
}

/** With seconds, and without needless zeros behind them. */
function canonicalTime(text: string): string {
  const match = TIME.exec(text);
  if (match === null) return text;
  const fraction = (match[4] ?? "").replace(/0+$/, "");
  return `${match[1]}:${match[2]}:${match[3] ?? "00"}${fraction === "" ? "" : `.${fraction}`}`;
}

const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](.+)$/;

/** Calendar days with a time of day as `YYYY-MM-DDTHH:MM:SS.ffffff`, in no time zone: what a clock on a wall shows. */
export class DateTimeType extends SqlType<string> {
  readonly name = "datetime";

  validate(value: unknown): string | null {
    const match = typeof value === "string" ? DATE_TIME.exec(value) : null;
    if (match !== null && isDate(match[1] ?? "") && TIME.test(match[2] ?? "")) return null;
    return `expected a date and time as "YYYY-MM-DDTHH:MM:SS", got ${describeValue(value)}`;
  }

  keyOf(value: unknown): ValueKey {
    const text = String(value);
    const match = DATE_TIME.exec(text);
    return match === null ? text : `${match[1]}T${canonicalTime(match[2] ?? "")}`;
  }
}

/** Instants as `Date`. What is stored is the instant, whatever the time zone of the program or of the database. */
export class TimestampType extends SqlType<Date> {
  readonly name = "timestamp";

  validate(value: unknown): string | null {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return null;
    return `expected a valid Date, got ${describeValue(value)}`;
  }

  keyOf(value: unknown): ValueKey {
    return value instanceof Date ? value.getTime() : String(value);
  }

  override copy(value: unknown): object | null {
    return value instanceof Date ? new Date(value) : null;
  }
}
