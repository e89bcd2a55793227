import type { Processor } from "../../engine/dialect.ts";
import { CompileError, DataError } from "../../errors/index.ts";
import { describeValue, type SqlType } from "../../expression/sql-type.ts";
import { CustomType } from "../../expression/types/custom.ts";
import { NumericType } from "../../expression/types/numbers.ts";
import { EnumerationType, StringType } from "../../expression/types/strings.ts";

/** How one kind of type lives in MariaDB and MySQL. */
interface Storage {
  /** Its name in CREATE TABLE. */
  ddl(type: SqlType<unknown>): string;
  /** Its name in CAST, which knows fewer. */
  cast(type: SqlType<unknown>): string;
  bind(type: SqlType<unknown>): Processor | null;
  result(type: SqlType<unknown>): Processor | null;
}

const asIs = () => null;
const named = (name: string) => () => name;

function scalar(ddl: string, cast: string, bind: Processor | null, result: Processor | null): Storage {
  return { ddl: named(ddl), cast: named(cast), bind: () => bind, result: () => result };
}

const string: Storage = { ddl: stringDdl, cast: stringCast, bind: asIs, result: () => String };

/** The widest decimal that there is, for those that declare no limits. */
const WIDEST_DECIMAL = "DECIMAL(65,30)";

/** By the name of the type. */
const STORAGE: Readonly<Record<string, Storage>> = {
  integer: scalar("INTEGER", "SIGNED", bindInteger, readInteger),
  smallint: scalar("SMALLINT", "SIGNED", bindInteger, readInteger),
  bigint: scalar("BIGINT", "SIGNED", bindInteger, readBigint),
  numeric: { ddl: numericDdl, cast: numericDdl, bind: numericBinder, result: numericReader },
  // FLOAT is written out with six digits, too few to give back what it holds.
  real: scalar("DOUBLE", "DOUBLE", bindFloat, Number),
  float: scalar("DOUBLE", "DOUBLE", bindFloat, Number),
  double: scalar("DOUBLE", "DOUBLE", bindFloat, Number),
  varchar: string,
  char: string,
  text: string,
  boolean: scalar("TINYINT(1)", "SIGNED", bindBoolean, readBoolean),
  date: scalar("DATE", "DATE", null, null),
  time: scalar("TIME(6)", "TIME(6)", null, readTime),
  // A Date has milliseconds. With more in the database, what is read would not be equal to what is stored.
  timestamp: scalar("DATETIME(3)", "DATETIME(3)", bindTimestamp, readTimestamp),
  json: scalar("JSON", "CHAR", JSON.stringify, readJson),
  uuid: scalar("CHAR(36)", "CHAR(36)", bindUuid, null),
  bytes: scalar("LONGBLOB", "BINARY", bindBytes, readBytes),
  enumeration: { ddl: enumerationDdl, cast: named("CHAR"), bind: asIs, result: asIs },
  custom: { ddl: customDdl, cast: customDdl, bind: customBinder, result: customReader },
  unknown: { ddl: named("LONGTEXT"), cast: named("CHAR"), bind: () => bindUnknown, result: asIs },
};

/** @throws CompileError for a type that MariaDB and MySQL do not have */
function storageOf(type: SqlType<unknown>): Storage {
  const storage = STORAGE[type.name];
  if (storage !== undefined) return storage;
  throw new CompileError(
    `MariaDB and MySQL have no type for ${type.describe()}. A json() column holds arrays and objects.`,
  );
}

/** The type as CREATE TABLE spells it. */
export function typeDdl(type: SqlType<unknown>): string {
  return storageOf(type).ddl(type);
}

/** The type as CAST spells it. */
export function castDdl(type: SqlType<unknown>): string {
  return storageOf(type).cast(type);
}

/** Answers for each type with the same function every time, so that callers may compare and keep them. */
export class TypeProcessors {
  readonly #binders = new WeakMap<SqlType<unknown>, Processor | null>();
  readonly #readers = new WeakMap<SqlType<unknown>, Processor | null>();

  bind(type: SqlType<unknown>): Processor | null {
    const known = this.#binders.get(type);
    if (known !== undefined) return known;
    const processor = storageOf(type).bind(type);
    this.#binders.set(type, processor);
    return processor;
  }

  result(type: SqlType<unknown>): Processor | null {
    const known = this.#readers.get(type);
    if (known !== undefined) return known;
    const processor = storageOf(type).result(type);
    this.#readers.set(type, processor);
    return processor;
  }
}

function unfit(expected: string, value: unknown): DataError {
  return new DataError(`expected ${expected}, got ${describeValue(value)}`);
}

function bindInteger(value: unknown): unknown {
  if (typeof value === "bigint") {
    if (BigInt.asIntN(64, value) !== value) throw unfit("an integer of at most 64 bits", value);
    return value;
  }
  if (typeof value !== "number" || !Number.isInteger(value)) throw unfit("a whole number", value);
  return value;
}

/** What was calculated (a sum, an average) comes as a decimal. */
function readInteger(value: unknown): unknown {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  if (!/^-?\d+$/.test(String(value))) return number;
  throw new DataError(
    `The database holds an integer that a JavaScript number cannot hold exactly (${value}). Declare the column as bigint().`,
  );
}

function readBigint(value: unknown): unknown {
  if (typeof value === "bigint") return value;
  const text = String(value);
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
}

function bindFloat(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "number") throw unfit("a number", value);
  if (!Number.isFinite(value)) {
    throw new DataError(`MariaDB and MySQL have no ${value}. Store null for a number that is not known.`);
  }
  return value;
}

function numericBinder(type: SqlType<unknown>): Processor {
  return (value) => {
    if (typeof value !== "string") throw unfit('a decimal number as a string, such as "12.50"', value);
    return type.keyOf(value);
  };
}

/** Equal numbers are equal texts: with the fraction of the column's scale, or without needless zeros. */
function numericReader(type: SqlType<unknown>): Processor {
  const scale = type instanceof NumericType ? type.scale : null;
  return (value) => {
    const decimal = String(type.keyOf(String(value)));
    if (scale === null || scale <= 0 || !/^[-\d.]+$/.test(decimal)) return decimal;
    const [whole = "", fraction = ""] = decimal.split(".");
    return fraction.length >= scale ? decimal : `${whole}.${fraction.padEnd(scale, "0")}`;
  };
}

function bindBoolean(value: unknown): unknown {
  if (typeof value !== "boolean") throw unfit("true or false", value);
  return value ? 1 : 0;
}

function readBoolean(value: unknown): unknown {
  return Number(value) !== 0;
}

/** Without the zeros that fill the fraction up. */
function readTime(value: unknown): unknown {
  return String(value)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}

/** In UTC, which is the zone of every connection. */
function bindTimestamp(value: unknown): unknown {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw unfit("a valid Date", value);
  const year = value.getUTCFullYear();
  if (year < 1 || year > 9999) throw unfit("a Date of the years 1 to 9999", value);
  return value.toISOString().slice(0, -1).replace("T", " ");
}

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;

/** The instant that is written as `2024-05-01 12:30:00.123456`, in UTC; undefined for what is none (`0000-00-00`). */
export function readTimestampText(text: string): Date | undefined {
  const parts = TIMESTAMP.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hours = "0", minutes = "0", seconds = "0", fraction = ""] = parts;
  if (Number(month) === 0 || Number(day) === 0) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hours), Number(minutes), Number(seconds), Number(fraction.padEnd(3, "0").slice(0, 3)));
  return date;
}

function readTimestamp(value: unknown): unknown {
  const date = readTimestampText(String(value));
  if (date !== undefined) return date;
  throw new DataError(`The database holds ${describeValue(value)} in a timestamp column, which no Date can be.`);
}

function readJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new DataError(`The database holds ${describeValue(value)} in a json column, which is not JSON.`, { cause });
  }
}

function bindUuid(value: unknown): unknown {
  if (typeof value !== "string") throw unfit("a UUID as a string", value);
  return value.toLowerCase();
}

/** The drivers know binary data as Buffers. */
function bindBytes(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) throw unfit("a Uint8Array", value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** A Buffer prints and compares unlike other Uint8Arrays. */
export function readBytes(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** By the value alone, for what has no type. */
function bindUnknown(value: unknown): unknown {
  switch (typeof value) {
    case "number":
      return bindFloat(value);
    case "bigint":
      return bindInteger(value);
    case "boolean":
      return bindBoolean(value);
    case "object":
      if (value instanceof Date) return bindTimestamp(value);
      if (value instanceof Uint8Array) return bindBytes(value);
      return value === null ? null : JSON.stringify(value);
    default:
      return value;
  }
}

/** Without a length, a column that no index can be over. */
function stringDdl(type: SqlType<unknown>): string {
  const length = type instanceof StringType ? type.length : null;
  if (type.name === "char") return length === null ? "CHAR(1)" : `CHAR(${length})`;
  return type.name === "varchar" && length !== null ? `VARCHAR(${length})` : "LONGTEXT";
}

function stringCast(type: SqlType<unknown>): string {
  const length = type instanceof StringType ? type.length : null;
  return length === null ? "CHAR" : `CHAR(${length})`;
}

function numericDdl(type: SqlType<unknown>): string {
  const precision = type instanceof NumericType ? type.precision : null;
  if (precision === null) return WIDEST_DECIMAL;
  const scale = type instanceof NumericType ? (type.scale ?? 0) : 0;
  return `DECIMAL(${precision},${scale})`;
}

function enumerationDdl(type: SqlType<unknown>): string {
  const values = type instanceof EnumerationType ? type.values : [];
  return `ENUM(${values.map((value) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`).join(", ")})`;
}

function customDdl(type: SqlType<unknown>): string {
  const ddl = type instanceof CustomType ? type.ddl : "";
  const text = typeof ddl === "string" ? ddl : ddl.mysql;
  if (text === undefined) {
    throw new CompileError(
      `The type ${type.describe()} does not say how MariaDB and MySQL spell it: add { mysql: "..." } to its ddl.`,
    );
  }
  return text;
}

function customBinder(type: SqlType<unknown>): Processor | null {
  return type instanceof CustomType ? (value) => bindUnknown(type.bind(value)) : null;
}

function customReader(type: SqlType<unknown>): Processor | null {
  return type instanceof CustomType ? (value) => type.result(value) : null;
}
