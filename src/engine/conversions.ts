import { DataError } from "../errors/index.ts";
import { describeValue, type SqlType } from "../expression/sql-type.ts";
import { JsonType } from "../expression/types/json.ts";
import { NumericType } from "../expression/types/numbers.ts";
import { EnumerationType, StringType } from "../expression/types/strings.ts";
import type { Processor, ValueLimit } from "./dialect.ts";

// What the dialects do alike to make values bindable and to read what drivers give.

/** For a value that its type cannot hold. Whoever binds it adds where. */
export function unfit(expected: string, value: unknown): DataError {
  return new DataError(`expected ${expected}, got ${describeValue(value)}`);
}

export function bindInteger(value: unknown): unknown {
  if (typeof value === "bigint") {
    if (BigInt.asIntN(64, value) !== value) throw unfit("an integer of at most 64 bits", value);
    return value;
  }
  if (typeof value !== "number" || !Number.isInteger(value)) throw unfit("a whole number", value);
  return value;
}

/** What a database cannot hold whose INTEGER has 32 bits; types that only it has know their limits themselves. */
export function integerLimit(title: string): (type: SqlType<unknown>) => ValueLimit | null {
  const limit: ValueLimit = (value) => {
    const fits = typeof value !== "number" || (value >= -(2 ** 31) && value < 2 ** 31);
    return fits
      ? null
      : `${title} has 32 bits for it, got ${describeValue(value)}; a bigint() column holds larger ones`;
  };
  return (type) => (type.native === null ? limit : null);
}

const WHOLE = /^-?\d+$/;

/** What was calculated (a sum, an average) may have a fraction, or come as text. */
export function readInteger(value: unknown): unknown {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  if (!WHOLE.test(String(value))) return number;
  throw inexact(value);
}

/** For an integer that would be rounded. */
export function inexact(value: unknown): DataError {
  return new DataError(
    `The database holds an integer that a JavaScript number cannot hold exactly (${value}). Declare the column as bigint().`,
  );
}

export function readBigint(value: unknown): unknown {
  if (typeof value === "bigint") return value;
  const text = String(value);
  return WHOLE.test(text) ? BigInt(text) : Number(text);
}

/** -0 becomes 0, since not every database has both. */
export function bindFloat(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "number") throw unfit("a number", value);
  return value + 0;
}

/** The same for what was calculated: a round of -0.1 is -0 in some databases. */
export function readFloat(value: unknown): unknown {
  return Number(value) + 0;
}

export function numericBinder(type: SqlType<unknown>): Processor {
  return (value) => {
    if (typeof value !== "string") throw unfit('a decimal number as a string, such as "12.50"', value);
    return type.keyOf(value);
  };
}

/** Equal numbers are equal texts: with the fraction of the column's scale, or without needless zeros. */
export function numericReader(type: SqlType<unknown>): Processor {
  const scale = type instanceof NumericType ? type.scale : null;
  return (value) => {
    const decimal = String(type.keyOf(String(value)));
    return /^[-\d.]+$/.test(decimal) ? withScale(decimal, scale) : decimal;
  };
}

/** Fills the fraction up to the column's scale. */
export function withScale(decimal: string, scale: number | null): string {
  if (scale === null || scale <= 0) return decimal;
  const [whole = "", fraction = ""] = decimal.split(".");
  return fraction.length >= scale ? decimal : `${whole}.${fraction.padEnd(scale, "0")}`;
}

/** Converts booleans to what stands for them. */
export function booleanBinder(yes: unknown, no: unknown): Processor {
  return (value) => {
    if (typeof value !== "boolean") throw unfit("true or false", value);
    return value ? yes : no;
  };
}

/** Blanks at the end are what fills a `char(n)` up: they mean nothing, and not every database gives them back. */
export function trimBlanks(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/ +$/, "") : value;
}

/** Converts valid Dates by `write`. */
export function timestampBinder(write: (date: Date) => string): Processor {
  return (value) => {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw unfit("a valid Date", value);
    return write(value);
  };
}

/** Makes Dates by `read`, which answers undefined for what is none. */
export function timestampReader(read: (text: string) => Date | undefined): Processor {
  return (value) => {
    const date = read(String(value));
    if (date !== undefined) return date;
    throw new DataError(`The database holds ${describeValue(value)} in a timestamp column, which no Date can be.`);
  };
}

/** A date and time as databases write it, with a blank, becomes one with a T and without needless zeros. */
export function readDateTime(value: unknown): unknown {
  return String(trimFraction(value)).replace(" ", "T");
}

/** The canonical text of a type whose values have several. */
export function keyBinder(type: SqlType<unknown>): Processor {
  return (value) => {
    if (typeof value !== "string") throw unfit(`a ${type.describe()} as a string`, value);
    return type.keyOf(value);
  };
}

/** Without the zeros that fill the fraction of a second up. */
export function trimFraction(value: unknown): unknown {
  return String(value)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}

export function jsonBinder(type: SqlType<unknown>): Processor {
  return type instanceof JsonType && type.schema !== null ? (value) => type.write(value) : JSON.stringify;
}

export function readJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new DataError(`The database holds ${describeValue(value)} in a json column, which is not JSON.`, { cause });
  }
}

/** Drivers give a Buffer, which prints and compares unlike other Uint8Arrays. */
export function readBytes(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** `VARCHAR(50)`, `TEXT`. */
export function stringDdl(type: SqlType<unknown>): string {
  const length = type instanceof StringType ? type.length : null;
  return type.name.toUpperCase() + (length === null ? "" : `(${length})`);
}

/** An enumeration as text. A type made by CREATE TYPE would need a name, and a migration for each new value. */
export function enumerationAsText(type: SqlType<unknown>): string {
  return type instanceof EnumerationType ? `VARCHAR(${type.length})` : "VARCHAR";
}
