import type { Processor } from "../../engine/dialect.ts";
import { CompileError, DataError } from "../../errors/index.ts";
import { describeValue, type SqlType } from "../../expression/sql-type.ts";
import { CustomType } from "../../expression/types/custom.ts";
import { NumericType } from "../../expression/types/numbers.ts";
import { EnumerationType, StringType } from "../../expression/types/strings.ts";

/** How one kind of type lives in SQLite. */
interface Storage {
  /** Its name in CREATE TABLE, which gives the column its affinity. */
  ddl(type: SqlType<unknown>): string;
  bind(type: SqlType<unknown>): Processor | null;
  result(type: SqlType<unknown>): Processor | null;
}

const asIs = () => null;
const named = (name: string) => () => name;

const integer: Storage = { ddl: named("INTEGER"), bind: () => bindInteger, result: () => readInteger };
const float = (name: string): Storage => ({ ddl: named(name), bind: () => bindFloat, result: asIs });
const string: Storage = { ddl: stringDdl, bind: asIs, result: asIs };

/** By the name of the type. Every integer has 64 bits in SQLite, and only INTEGER makes a key that generates itself. */
const STORAGE: Readonly<Record<string, Storage>> = {
  integer,
  smallint: integer,
  bigint: { ddl: named("INTEGER"), bind: () => bindInteger, result: () => readBigint },
  // SQLite would make binary floating point of it; as text no digit is lost.
  numeric: { ddl: named("TEXT"), bind: numericBinder, result: numericReader },
  real: float("REAL"),
  float: float("FLOAT"),
  double: float("DOUBLE"),
  varchar: string,
  char: string,
  text: string,
  boolean: { ddl: named("BOOLEAN"), bind: () => bindBoolean, result: () => readBoolean },
  date: { ddl: named("DATE"), bind: asIs, result: asIs },
  time: { ddl: named("TIME"), bind: asIs, result: asIs },
  timestamp: { ddl: named("TIMESTAMP"), bind: () => bindTimestamp, result: () => readTimestamp },
  json: { ddl: named("JSON"), bind: () => JSON.stringify, result: () => readJson },
  uuid: { ddl: named("CHAR(36)"), bind: () => bindUuid, result: asIs },
  bytes: { ddl: named("BLOB"), bind: asIs, result: () => readBytes },
  enumeration: { ddl: enumerationDdl, bind: asIs, result: asIs },
  custom: { ddl: customDdl, bind: customBinder, result: customReader },
  unknown: { ddl: named("BLOB"), bind: () => bindUnknown, result: asIs },
};

/** @throws CompileError for a type that SQLite does not have */
function storageOf(type: SqlType<unknown>): Storage {
  const storage = STORAGE[type.name];
  if (storage !== undefined) return storage;
  throw new CompileError(`SQLite has no type for ${type.describe()}. A json() column holds arrays and objects.`);
}

/** The type as CREATE TABLE and CAST spell it. */
export function typeDdl(type: SqlType<unknown>): string {
  return storageOf(type).ddl(type);
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

/** Numbers are bound as bigint: the driver binds a number as a floating-point one, and `1 || ''` would be `1.0`. */
function bindInteger(value: unknown): unknown {
  if (typeof value === "bigint") {
    if (BigInt.asIntN(64, value) !== value) throw unfit("an integer of at most 64 bits", value);
    return value;
  }
  if (typeof value !== "number" || !Number.isInteger(value)) throw unfit("a whole number", value);
  return BigInt(value);
}

function readInteger(value: unknown): unknown {
  if (typeof value === "number" && value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER) return value;
  if (typeof value !== "number" && typeof value !== "bigint") return value;
  throw new DataError(
    `The database holds an integer that a JavaScript number cannot hold exactly (about ${value}). Declare the column as bigint().`,
  );
}

function readBigint(value: unknown): unknown {
  if (typeof value !== "number" || !Number.isInteger(value)) return value;
  // The driver has rounded it: whoever ran the statement did not ask for exact integers.
  if (!Number.isSafeInteger(value)) throw new DataError(`An integer was read inexactly (about ${value}).`);
  return BigInt(value);
}

function bindFloat(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "number") throw unfit("a number", value);
  // SQLite stores NaN as NULL.
  if (Number.isNaN(value)) throw new DataError("SQLite has no NaN. Store null for a number that is not known.");
  return value;
}

function numericBinder(type: SqlType<unknown>): Processor {
  const scale = type instanceof NumericType ? type.scale : null;
  return (value) => {
    if (typeof value !== "string") throw unfit('a decimal number as a string, such as "12.50"', value);
    return withScale(String(type.keyOf(value)), scale);
  };
}

/** What SQLite calculated (a sum, a maximum) is a number. */
function numericReader(type: SqlType<unknown>): Processor {
  const scale = type instanceof NumericType ? type.scale : null;
  return (value) => {
    if (typeof value !== "number") return String(value);
    return scale === null ? String(type.keyOf(String(value))) : value.toFixed(scale);
  };
}

/** Equal numbers are equal texts: the fraction is filled up to the column's scale. */
function withScale(decimal: string, scale: number | null): string {
  if (scale === null || scale <= 0) return decimal;
  const [whole = "", fraction = ""] = decimal.split(".");
  return fraction.length >= scale ? decimal : `${whole}.${fraction.padEnd(scale, "0")}`;
}

function bindBoolean(value: unknown): unknown {
  if (typeof value !== "boolean") throw unfit("true or false", value);
  return value ? 1n : 0n;
}

function readBoolean(value: unknown): unknown {
  return typeof value === "number" ? value !== 0 : value;
}

/** As SQLite's own functions write it, in UTC: so it compares with CURRENT_TIMESTAMP and with what others stored. */
function bindTimestamp(value: unknown): unknown {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw unfit("a valid Date", value);
  return value.toISOString().replace("T", " ").replace("Z", "");
}

const ZONE = /(?:Z|[+-]\d\d:?\d\d)$/i;

function readTimestamp(value: unknown): unknown {
  if (typeof value === "string") {
    const text = value.includes(" ") ? value.replace(" ", "T") : value;
    const date = new Date(ZONE.test(text) ? text : text.includes("T") ? `${text}Z` : text);
    if (!Number.isNaN(date.getTime())) return date;
  }
  throw new DataError(`The database holds ${describeValue(value)} in a timestamp column, which is no date and time.`);
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

/** Drivers give a Buffer, which prints and compares unlike other Uint8Arrays. */
function readBytes(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** By the value alone, for what has no type. */
function bindUnknown(value: unknown): unknown {
  switch (typeof value) {
    case "number":
      return Number.isSafeInteger(value) ? BigInt(value) : bindFloat(value);
    case "bigint":
      return bindInteger(value);
    case "boolean":
      return bindBoolean(value);
    case "object":
      if (value instanceof Date) return bindTimestamp(value);
      return value === null || value instanceof Uint8Array ? value : JSON.stringify(value);
    default:
      return value;
  }
}

function stringDdl(type: SqlType<unknown>): string {
  const length = type instanceof StringType ? type.length : null;
  return type.name.toUpperCase() + (length === null ? "" : `(${length})`);
}

function enumerationDdl(type: SqlType<unknown>): string {
  return type instanceof EnumerationType ? `VARCHAR(${type.length})` : "VARCHAR";
}

function customDdl(type: SqlType<unknown>): string {
  const ddl = type instanceof CustomType ? type.ddl : "";
  const text = typeof ddl === "string" ? ddl : ddl.sqlite;
  if (text === undefined) {
    throw new CompileError(
      `The type ${type.describe()} does not say how SQLite spells it: add { sqlite: "..." } to its ddl.`,
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
