import { describeValue } from "../../expression/sql-type.ts";
import { NativeType } from "../../expression/types/native.ts";
import { BigIntType, IntegerType, NumericType } from "../../expression/types/numbers.ts";
import { DateTimeType, DateType, TimestampType } from "../../expression/types/temporal.ts";
import type { ColumnDefinition } from "../../schema/column-definition.ts";
import { columnOfType, json } from "../../schema/column-types.ts";
import { Interval, readInterval } from "./interval.ts";
import { isAddress, isMacAddress, networkKey } from "./network-address.ts";
import type { Range } from "./range.ts";
import { rangeType } from "./range-type.ts";

/** A type of PostgreSQL whose values are strings. */
function textual(
  ddl: string,
  isValid: (text: string) => boolean,
  expected: string,
  key?: (text: string) => string,
): NativeType<string> {
  return new NativeType<string>({
    dialect: "postgresql",
    ddl,
    validate: (value) => {
      if (typeof value === "string" && isValid(value)) return null;
      return `expected ${expected}, got ${describeValue(value)}`;
    },
    ...(key !== undefined && { key }),
  });
}

const withoutNul = (text: string): boolean => !text.includes("\u0000");

const CITEXT = textual("CITEXT", withoutNul, "a string without NUL", (text) => text.toLowerCase());
const INET = textual("INET", isAddress, 'an address such as "10.0.0.1" or "10.0.0.1/8"', networkKey);
const CIDR = textual("CIDR", isAddress, 'a network such as "10.0.0.0/8"', networkKey);
const MACADDR = textual("MACADDR", isMacAddress, 'an address such as "08:00:2b:01:02:03"', (text) =>
  text.toLowerCase().replace(/[^0-9a-f]/g, ""),
);
const TSVECTOR = textual("TSVECTOR", withoutNul, "a string without NUL");

/**
 * JSON documents, which PostgreSQL keeps parsed. `json()` is the same there, and works with other databases, too.
 *
 * @example
 * ```ts
 * import { integer, MetaData, Table } from "alkahest";
 * import { jsonb } from "alkahest/postgresql";
 *
 * new Table("doc", new MetaData(), { id: integer().primaryKey(), body: jsonb<{ title: string }>() });
 * ```
 */
export const jsonb = json;

/**
 * Text for which case does not count. The database needs its extension: `CREATE EXTENSION citext`.
 *
 * @param name the name of the column in the database, if it is not that of the property; so for all types below
 * @example
 * ```ts
 * import { integer, MetaData, Table } from "alkahest";
 * import { citext } from "alkahest/postgresql";
 *
 * new Table("account", new MetaData(), { id: integer().primaryKey(), email: citext().notNull().unique() });
 * ```
 */
export function citext(name?: string): ColumnDefinition<string> {
  return columnOfType(CITEXT, name);
}

/**
 * Addresses of hosts, with the length of the network's part if they say it: `"10.0.0.1"`, `"10.0.0.1/8"`, `"::1"`.
 *
 * @example
 * ```ts
 * import { integer, MetaData, Table } from "alkahest";
 * import { cidr, inet, macaddr } from "alkahest/postgresql";
 *
 * new Table("host", new MetaData(), {
 *   id: integer().primaryKey(),
 *   address: inet().notNull(),
 *   network: cidr(),
 *   hardware: macaddr(),
 * });
 * ```
 */
export function inet(name?: string): ColumnDefinition<string> {
  return columnOfType(INET, name);
}

/** Networks: `"10.0.0.0/8"`. */
export function cidr(name?: string): ColumnDefinition<string> {
  return columnOfType(CIDR, name);
}

/** Addresses of network cards: `"08:00:2b:01:02:03"`. */
export function macaddr(name?: string): ColumnDefinition<string> {
  return columnOfType(MACADDR, name);
}

/**
 * Text as it is searched: `"'cat':2 'fat':1"`. Mostly computed from other columns.
 *
 * @example
 * ```ts
 * import { integer, MetaData, sql, Table, text } from "alkahest";
 * import { tsvector } from "alkahest/postgresql";
 *
 * new Table("page", new MetaData(), {
 *   id: integer().primaryKey(),
 *   body: text().notNull(),
 *   words: tsvector().computed(sql`to_tsvector('english', body)`, { stored: true }),
 * });
 * ```
 */
export function tsvector(name?: string): ColumnDefinition<string> {
  return columnOfType(TSVECTOR, name);
}

const INTERVAL = new NativeType<Interval>({
  dialect: "postgresql",
  ddl: "INTERVAL",
  validate: (value) => (value instanceof Interval ? null : `expected an Interval, got ${describeValue(value)}`),
  bind: String,
  result: (stored) => readInterval(String(stored)),
  key: (interval) => interval.comparable,
});

/**
 * Lengths of time, as {@link Interval}.
 *
 * @example
 * ```ts
 * import { integer, MetaData, Table } from "alkahest";
 * import { Interval, interval } from "alkahest/postgresql";
 *
 * new Table("plan", new MetaData(), {
 *   id: integer().primaryKey(),
 *   term: interval().notNull().default(new Interval({ months: 1 })),
 * });
 * ```
 */
export function interval(name?: string): ColumnDefinition<Interval> {
  return columnOfType(INTERVAL, name);
}

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/;

/** In UTC, and without needless zeros. */
function canonicalInstant(text: string): string {
  const [, seconds = "", fraction = "", zone = ""] = INSTANT.exec(text) ?? [];
  const instant = new Date(`${seconds}${zone}`);
  const digits = fraction.replace(/0+$/, "");
  return `${instant.toISOString().slice(0, 19)}${digits === "" ? "" : `.${digits}`}Z`;
}

const TIMESTAMPTZ = new NativeType<string>({
  dialect: "postgresql",
  ddl: "TIMESTAMP WITH TIME ZONE",
  cast: "timestamptz",
  validate: (value) => {
    const match = typeof value === "string" ? INSTANT.exec(value) : null;
    if (match !== null && !Number.isNaN(Date.parse(`${match[1]}${match[3]}`))) return null;
    return `expected an instant as "YYYY-MM-DDTHH:MM:SS.ffffffZ", got ${describeValue(value)}`;
  },
  bind: canonicalInstant,
  result: (stored) => String(stored).replace(" ", "T").replace(/\+00$/, "Z"),
  key: canonicalInstant,
});

/**
 * Instants to the microsecond, as strings in UTC: `"2026-11-21T09:30:00.123456Z"`. `timestamp()` has Dates, which have
 * milliseconds.
 *
 * @example
 * ```ts
 * import { integer, MetaData, Table } from "alkahest";
 * import { timestamptz } from "alkahest/postgresql";
 *
 * new Table("event", new MetaData(), { id: integer().primaryKey(), at: timestamptz().notNull() });
 * ```
 */
export function timestamptz(name?: string): ColumnDefinition<string> {
  return columnOfType(TIMESTAMPTZ, name);
}

function nextDay(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().split("T")[0] ?? day;
}

const INT4RANGE = rangeType<number>("INT4RANGE", new IntegerType(), (value) => value + 1);
const INT8RANGE = rangeType<bigint>("INT8RANGE", new BigIntType(), (value) => value + 1n);
const NUMRANGE = rangeType<string>("NUMRANGE", new NumericType());
const DATERANGE = rangeType<string>("DATERANGE", new DateType(), nextDay);
const TSRANGE = rangeType<string>("TSRANGE", new DateTimeType());
const TSTZRANGE = rangeType<Date>("TSTZRANGE", new TimestampType());

/**
 * Ranges of whole numbers, as {@link Range}.
 *
 * @example
 * ```ts
 * import { integer, MetaData, select, Table } from "alkahest";
 * import { int4range, Range } from "alkahest/postgresql";
 *
 * const shelf = new Table("shelf", new MetaData(), { id: integer().primaryKey(), heights: int4range().notNull() });
 * select(shelf).where(shelf.c.heights.op("&&", new Range(10, 20)));
 * ```
 */
export function int4range(name?: string): ColumnDefinition<Range<number>> {
  return columnOfType(INT4RANGE, name);
}

/** Ranges of whole numbers of 64 bits. */
export function int8range(name?: string): ColumnDefinition<Range<bigint>> {
  return columnOfType(INT8RANGE, name);
}

/** Ranges of decimal numbers, which are strings. */
export function numrange(name?: string): ColumnDefinition<Range<string>> {
  return columnOfType(NUMRANGE, name);
}

/** Ranges of days, which are strings as those of `date()`. */
export function daterange(name?: string): ColumnDefinition<Range<string>> {
  return columnOfType(DATERANGE, name);
}

/** Ranges of dates with a time of day, which are strings as those of `dateTime()`. */
export function tsrange(name?: string): ColumnDefinition<Range<string>> {
  return columnOfType(TSRANGE, name);
}

/** Ranges of instants, which are Dates. */
export function tstzrange(name?: string): ColumnDefinition<Range<Date>> {
  return columnOfType(TSTZRANGE, name);
}
