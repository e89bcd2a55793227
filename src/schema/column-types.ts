import { ArgumentError } from "../errors/index.ts";
import { describeValue, SqlType, type TypeSource } from "../expression/sql-type.ts";
import { ArrayType } from "../expression/types/array.ts";
import { CustomType, type CustomTypeOptions } from "../expression/types/custom.ts";
import { JsonType, type StandardSchema } from "../expression/types/json.ts";
import { BigIntType, FloatType, IntegerType, NumericType } from "../expression/types/numbers.ts";
import { BooleanType, BytesType } from "../expression/types/scalars.ts";
import { EnumerationType, StringType, UuidType } from "../expression/types/strings.ts";
import { DateTimeType, DateType, TimestampType, TimeType } from "../expression/types/temporal.ts";
import { ColumnDefinition } from "./column-definition.ts";

/**
 * A definition of a column of the type.
 * @throws ArgumentError for a name that is no text: mostly it is a length for a type that has none
 */
export function columnOfType<T>(sqlType: SqlType<T>, name: string | undefined): ColumnDefinition<T> {
  if (name !== undefined && typeof name !== "string") {
    throw new ArgumentError(
      `A column of type ${sqlType.describe()} takes its name in the table, a text, and not ${describeValue(name)}. ` +
        "Lengths have varchar(50), char(2) and numeric(10, 2).",
    );
  }
  return new ColumnDefinition(sqlType, true, false, { name: name ?? null });
}

// Types without parameters are the same for all columns.
const INTEGER = new IntegerType("integer");
const SMALLINT = new IntegerType("smallint");
const BIGINT = new BigIntType();
const REAL = new FloatType("real");
const FLOAT = new FloatType("float");
const DOUBLE = new FloatType("double");
const TEXT = new StringType("text");
const BOOLEAN = new BooleanType();
const DATE = new DateType();
const TIME = new TimeType();
const DATE_TIME = new DateTimeType();
const TIMESTAMP = new TimestampType();
const UUID = new UuidType();
const BYTES = new BytesType();

/**
 * Whole numbers as `number`.
 * @param name the name of the column in the database, if it is not that of the property; so for all types below
 */
export function integer(name?: string): ColumnDefinition<number> {
  return columnOfType(INTEGER, name);
}

/** Whole numbers of 64 bits as `bigint`. */
export function bigint(name?: string): ColumnDefinition<bigint> {
  return columnOfType(BIGINT, name);
}

/** Whole numbers of 16 bits. */
export function smallint(name?: string): ColumnDefinition<number> {
  return columnOfType(SMALLINT, name);
}

/**
 * Exact decimal numbers, as strings: `numeric(10, 2)` has ten digits, two of them behind the point.
 * @throws ArgumentError for numbers of digits that no decimal has
 */
export function numeric(precision?: number, scale?: number, name?: string): ColumnDefinition<string> {
  const isDecimal =
    precision === undefined
      ? scale === undefined
      : Number.isInteger(precision) && precision > 0 && isWholeUpTo(precision, scale ?? 0);
  if (!isDecimal) {
    const given = [precision, scale].map(String).join(", ");
    throw new ArgumentError(
      `numeric() takes how many digits there are in all, and how many of them behind the point, numeric(10, 2), not (${given}).`,
    );
  }
  return columnOfType(new NumericType(precision ?? null, scale ?? null), name);
}

/** Floating-point numbers of 32 bits. */
export function real(name?: string): ColumnDefinition<number> {
  return columnOfType(REAL, name);
}

/** Floating-point numbers. */
export function float(name?: string): ColumnDefinition<number> {
  return columnOfType(FLOAT, name);
}

/** Floating-point numbers of 64 bits. */
export function double(name?: string): ColumnDefinition<number> {
  return columnOfType(DOUBLE, name);
}

/** Text of any length. */
export function text(name?: string): ColumnDefinition<string> {
  return columnOfType(TEXT, name);
}

/**
 * Text of at most `length` characters; without a length, like `text()` where the database allows it.
 * @throws ArgumentError for a length that is no positive whole number
 */
export function varchar(length?: number, name?: string): ColumnDefinition<string> {
  return columnOfType(new StringType("varchar", lengthOf("varchar", length)), name);
}

/** Text that the database fills up with spaces to its length. */
export function char(length?: number, name?: string): ColumnDefinition<string> {
  return columnOfType(new StringType("char", lengthOf("char", length)), name);
}

function lengthOf(type: string, length: number | undefined): number | null {
  if (length === undefined) return null;
  if (Number.isSafeInteger(length) && length > 0) return length;
  throw new ArgumentError(`${type}() takes a length of at least 1, not ${String(length)}.`);
}

export function boolean(name?: string): ColumnDefinition<boolean> {
  return columnOfType(BOOLEAN, name);
}

/** Calendar days as strings: `"2026-11-21"`. */
export function date(name?: string): ColumnDefinition<string> {
  return columnOfType(DATE, name);
}

/** Times of day as strings: `"09:30:00"`. */
export function time(name?: string): ColumnDefinition<string> {
  return columnOfType(TIME, name);
}

/**
 * Dates with a time of day, in no time zone, as strings with up to six digits of a second: `"2026-11-21T09:30:00.25"`.
 * For instants there is `timestamp()`.
 *
 * @example
 * ```ts
 * import { dateTime, integer, MetaData, Table } from "alkahest";
 *
 * new Table("appointment", new MetaData(), { id: integer().primaryKey(), startsAt: dateTime().notNull() });
 * ```
 */
export function dateTime(name?: string): ColumnDefinition<string> {
  return columnOfType(DATE_TIME, name);
}

/** Instants as `Date`. */
export function timestamp(name?: string): ColumnDefinition<Date> {
  return columnOfType(TIMESTAMP, name);
}

/**
 * JSON documents: `json<Settings>()`, or with a Standard Schema (zod, valibot, arktype), which then checks what is
 * stored: `json(settingsSchema)`. What it gives out is written; what it gives out it must also accept.
 */
export function json<T = unknown>(name?: string): ColumnDefinition<T>;
export function json<T>(schema: StandardSchema<T>, name?: string): ColumnDefinition<T>;
export function json<T>(first?: string | StandardSchema<T>, second?: string): ColumnDefinition<T> {
  const hasSchema = first !== undefined && typeof first !== "string";
  return columnOfType(new JsonType<T>(hasSchema ? first : null), hasSchema ? second : first);
}

/** UUIDs as strings. */
export function uuid(name?: string): ColumnDefinition<string> {
  return columnOfType(UUID, name);
}

/** Binary data as `Uint8Array`. */
export function bytes(name?: string): ColumnDefinition<Uint8Array> {
  return columnOfType(BYTES, name);
}

/**
 * One of some strings: `enumeration(["draft", "live"])`, or the values of a TypeScript `enum` of strings.
 * @throws ArgumentError for what is no list, a list without values, of other values than strings, or with one of them twice
 */
export function enumeration<const V extends string>(
  values: readonly V[] | Readonly<Record<string, V>>,
  name?: string,
): ColumnDefinition<V> {
  if (typeof values !== "object" || values === null) {
    throw new ArgumentError(
      `enumeration() takes a list of values, enumeration(["a", "b"]), or a TypeScript enum, not ${describeValue(values)}.`,
    );
  }
  // Array.isArray does not see that a readonly array is no record.
  const isList = Array.isArray(values);
  // A TypeScript enum may have several names for one value.
  const list = isList ? (values as readonly V[]) : [...new Set(Object.values<V>(values as Record<string, V>))];
  if (list.length === 0) throw new ArgumentError("enumeration() takes at least one value.");
  const other = list.find((value) => typeof value !== "string");
  if (other !== undefined) {
    throw new ArgumentError(`enumeration() takes strings, not ${describeValue(other)}: store numbers in an integer().`);
  }
  const twice = list.find((value, index) => list.indexOf(value) !== index);
  if (twice !== undefined) throw new ArgumentError(`enumeration() has the value ${JSON.stringify(twice)} twice.`);
  return columnOfType(new EnumerationType(list), name);
}

/** Arrays, for databases that have them: `array(integer())`. */
export function array<T>(element: TypeSource<T>, name?: string): ColumnDefinition<T[]> {
  const elementType: unknown = element?.sqlType;
  if (!(elementType instanceof SqlType)) {
    throw new ArgumentError(
      `array() takes the type of its elements, such as integer(), not ${describeValue(element)}.`,
    );
  }
  return columnOfType(new ArrayType(element.sqlType), name);
}

/**
 * A type of one's own: how it is stored, and what is made of it.
 *
 * @returns a function that makes columns of this type, like `integer`
 * @example
 * ```ts
 * import { defineType, integer, MetaData, Table } from "alkahest";
 *
 * const tags = defineType<string[], string>({
 *   ddl: "varchar(500)",
 *   bind: (value) => value.join(","),
 *   result: (stored) => stored.split(","),
 * });
 * new Table("post", new MetaData(), { id: integer().primaryKey(), tags: tags().notNull() });
 * ```
 */
export function defineType<T, Stored = unknown>(
  options: CustomTypeOptions<T, Stored>,
): (name?: string) => ColumnDefinition<T> {
  if (typeof options?.bind !== "function" || typeof options.result !== "function") {
    throw new ArgumentError("defineType() takes an object with ddl and the functions bind and result.");
  }
  const sqlType = new CustomType(options);
  return (name) => columnOfType(sqlType, name);
}

function isWholeUpTo(most: number, count: number): boolean {
  return Number.isInteger(count) && count >= 0 && count <= most;
}
