import { ArgumentError, DataError } from "../../errors/index.ts";

/** The parts of an {@link Interval}; those that are left out are 0, and any may be negative. */
export interface IntervalParts {
  readonly years?: number;
  readonly months?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  /** May have a fraction, to the microsecond. */
  readonly seconds?: number;
  readonly microseconds?: number;
}

const DAY = 86_400_000_000n;

/**
 * A length of time as PostgreSQL keeps it: months, days and microseconds, which cannot be converted into each other, since
 * months and days differ in length. Immutable.
 *
 * @example
 * ```ts
 * import { Interval } from "alkahest/postgresql";
 *
 * const term = new Interval({ years: 1, days: 15, hours: 2 });
 * term.months; // 12
 * String(term); // "P12M15DT7200S"
 * ```
 */
export class Interval {
  readonly months: number;
  readonly days: number;
  readonly microseconds: number;

  /** @throws ArgumentError for parts that are no whole numbers, seconds aside, or too large to be exact */
  constructor(parts: IntervalParts) {
    const { years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0, microseconds = 0 } = parts;
    this.months = years * 12 + months;
    this.days = days;
    this.microseconds = (hours * 3600 + minutes * 60) * 1e6 + Math.round(seconds * 1e6) + microseconds;
    for (const part of [this.months, this.days, this.microseconds]) {
      if (!Number.isSafeInteger(part)) {
        throw new ArgumentError(`An Interval has whole months, days and microseconds, not ${part}.`);
      }
    }
    Object.freeze(this);
  }

  /** Intervals are equal to PostgreSQL if they are with months of 30 days and days of 24 hours. */
  get comparable(): bigint {
    return (BigInt(this.months) * 30n + BigInt(this.days)) * DAY + BigInt(this.microseconds);
  }

  /** In the form of ISO 8601: `P12M15DT7200S`. */
  toString(): string {
    const { months, days, microseconds } = this;
    const rest = Math.abs(microseconds);
    const fraction = String(rest % 1e6)
      .padStart(6, "0")
      .replace(/0+$/, "");
    const seconds = `${microseconds < 0 ? "-" : ""}${Math.floor(rest / 1e6)}${fraction === "" ? "" : `.${fraction}`}`;
    const date = `${months === 0 ? "" : `${months}M`}${days === 0 ? "" : `${days}D`}`;
    return microseconds === 0 && date !== "" ? `P${date}` : `P${date}T${seconds}S`;
  }

  toJSON(): string {
    return this.toString();
  }
}

const PARTS = /([+-]?\d+) (year|mon|day)s?/g;
const TIME = /([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/;

/**
 * Reads an interval as PostgreSQL writes it: `1 year 2 mons -3 days +04:05:06.789`.
 * @throws DataError for one whose microseconds no number holds exactly
 */
export function readInterval(text: string): Interval {
  const found = { year: 0, mon: 0, day: 0 };
  for (const [, count, unit] of text.matchAll(PARTS)) {
    // The expression has no other units.
    found[unit as keyof typeof found] = Number(count);
  }
  const [, sign, hours = "0", minutes = "0", seconds = "0", fraction = ""] = TIME.exec(text) ?? [];
  const micros =
    (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1e6 + Number(fraction.padEnd(6, "0"));
  if (!Number.isSafeInteger(micros)) {
    throw new DataError(`The database holds the interval "${text}", whose microseconds no number holds exactly.`);
  }
  return new Interval({
    years: found.year,
    months: found.mon,
    days: found.day,
    microseconds: sign === "-" ? -micros : micros,
  });
}
