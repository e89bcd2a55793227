import type { Processor } from "../../engine/dialect.ts";
import { CompileError, DataError } from "../../errors/index.ts";
import { describeValue, type SqlType } from "../../expression/sql-type.ts";
import { ArrayType } from "../../expression/types/array.ts";
import { CustomType } from "../../expression/types/custom.ts";
import { NumericType } from "../../expression/types/numbers.ts";
import { EnumerationType, StringType } from "../../expression/types/strings.ts";
import { type ArrayText, readArrayText, writeArrayText } from "./array-text.ts";
import { bytesOf } from "./oid-decoders.ts";
import { readTimestampText, writeTimestampText } from "./timestamp-text.ts";

/** How one kind of type lives in PostgreSQL. Values come from the driver as text. */
interface Storage {
  /** Its name in CREATE TABLE and in CAST. */
  ddl(type: SqlType<unknown>): string;
  /** Its name behind a parameter, without limits that would cut values off; null where nothing can be said. */
  parameter(type: SqlType<unknown>): string | null;
  bind(type: SqlType<unknown>): Processor | null;
  result(type: SqlType<unknown>): Processor | null;
}

const asIs = () => null;
const named = (name: string) => () => name;

function scalar(ddl: string, parameter: string, bind: Processor | null, result: Processor | null): Storage {
  return { ddl: named(ddl), parameter: named(parameter), bind: () => bind, result: () => result };
}

const string: Storage = { ddl: stringDdl, parameter: named("text"), bind: asIs, result: asIs };

/** By the name of the type. */
const STORAGE: Readonly<Record<string, Storage>> = {
  integer: scalar("INTEGER", "integer", bindInteger, readInteger),
  smallint: scalar("SMALLINT", "smallint", bindInteger, readInteger),
  bigint: scalar("BIGINT", "bigint", bindInteger, readBigint),
  numeric: { ddl: numericDdl, parameter: named("numeric"), bind: numericBinder, result: numericReader },
  real: scalar("REAL", "real", bindFloat, Number),
  float: scalar("FLOAT", "float", bindFloat, Number),
  double: scalar("DOUBLE PRECISION", "float", bindFloat, Number),
  varchar: string,
  text: string,
  // Blanks at the end are padding: they mean nothing, and no other database gives them back.
  char: { ddl: stringDdl, parameter: named("bpchar"), bind: asIs, result: () => trimEnd },
  boolean: scalar("BOOLEAN", "boolean", bindBoolean, readBoolean),
  date: scalar("DATE", "date", null, null),
  time: scalar("TIME", "time", null, null),
  // A Date has milliseconds. With the microseconds of the default, `now()` would not be equal to what is read of it.
  timestamp: scalar("TIMESTAMP(3) WITH TIME ZONE", "timestamptz", bindTimestamp, readTimestamp),
  json: scalar("JSONB", "jsonb", JSON.stringify, (value) => JSON.parse(String(value))),
  uuid: scalar("UUID", "uuid", bindUuid, null),
  bytes: scalar("BYTEA", "bytea", null, (value) => bytesOf(String(value))),
  enumeration: { ddl: enumerationDdl, parameter: named("text"), bind: asIs, result: asIs },
  array: { ddl: arrayDdl, parameter: arrayParameter, bind: arrayBinder, result: arrayReader },
  custom: { ddl: customDdl, parameter: customParameter, bind: customBinder, result: customReader },
  unknown: { ddl: named("TEXT"), parameter: asIs, bind: () => bindUnknown, result: asIs },
};

/** @throws CompileError for a type that PostgreSQL does not have */
function storageOf(type: SqlType<unknown>): Storage {
  const storage = STORAGE[type.name];
  if (storage !== undefined) return storage;
  throw new CompileError(`PostgreSQL has no type for ${type.describe()}.`);
}

/** The type as CREATE TABLE and CAST spell it. */
export function typeDdl(type: SqlType<unknown>): string {
  return storageOf(type).ddl(type);
}

/** The type of a parameter, to be written behind it where PostgreSQL cannot find it out: `$1::integer`. */
export function parameterType(type: SqlType<unknown>): string | null {
  return storageOf(type).parameter(type);
}

/** Does the database know of columns of this type more than we do? */
export function isDescribedByDatabase(type: SqlType<unknown>): boolean {
  return type.name === "unknown" || type.name === "custom";
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

function readInteger(value: unknown): unknown {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  // What was calculated may have a fraction, or be no number at all.
  if (!/^-?\d+$/.test(String(value))) return number;
  throw new DataError(
    `The database holds an integer that a JavaScript number cannot hold exactly (${value}). Declare the column as bigint().`,
  );
}

function readBigint(value: unknown): unknown {
  const text = String(value);
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
}

function bindFloat(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "number") throw unfit("a number", value);
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
  return value;
}

function readBoolean(value: unknown): unknown {
  return value === "t" || value === "true";
}

function trimEnd(value: unknown): unknown {
  return String(value).replace(/ +$/, "");
}

function bindTimestamp(value: unknown): unknown {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw unfit("a valid Date", value);
  return writeTimestampText(value);
}

function readTimestamp(value: unknown): unknown {
  const date = readTimestampText(String(value));
  if (date !== undefined) return date;
  throw new DataError(`The database holds ${describeValue(value)} in a timestamp column, which no Date can be.`);
}

function bindUuid(value: unknown): unknown {
  if (typeof value !== "string") throw unfit("a UUID as a string", value);
  return value.toLowerCase();
}

/** What the elements are, however many dimensions the array has. */
function elementType(type: SqlType<unknown>): SqlType<unknown> {
  return type instanceof ArrayType ? elementType(type.element) : type;
}

function arrayBinder(type: SqlType<unknown>): Processor {
  const element = elementType(type);
  const bind = storageOf(element).bind(element);
  const write = (value: unknown): string | null | ArrayText => {
    if (value === null || value === undefined) return null;
    // A document that is an array is one element.
    if (Array.isArray(value) && element.name !== "json") return value.map(write);
    return elementText(bind === null ? value : bind(value));
  };
  return (value) => {
    if (!Array.isArray(value)) throw unfit("an array", value);
    return writeArrayText(value.map(write));
  };
}

function elementText(element: unknown): string {
  return element instanceof Uint8Array ? `\\x${Buffer.from(element).toString("hex")}` : String(element);
}

function arrayReader(type: SqlType<unknown>): Processor {
  const element = elementType(type);
  const decode = storageOf(element).result(element);
  const read = (value: string | null | ArrayText): unknown => {
    if (value === null) return null;
    if (typeof value !== "string") return value.map(read);
    return decode === null ? value : decode(value);
  };
  return (value) => readArrayText(String(value)).map(read);
}

/** By the value alone, for what has no type. */
function bindUnknown(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (value instanceof Date) return bindTimestamp(value);
  return Array.isArray(value) ? writeArrayText(value.map(unknownElement)) : JSON.stringify(value);
}

function unknownElement(value: unknown): string | null | ArrayText {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? value.map(unknownElement) : elementText(bindUnknown(value));
}

function stringDdl(type: SqlType<unknown>): string {
  const length = type instanceof StringType ? type.length : null;
  return type.name.toUpperCase() + (length === null ? "" : `(${length})`);
}

function numericDdl(type: SqlType<unknown>): string {
  return type.describe().toUpperCase();
}

/** A type made by CREATE TYPE would need a name, and a migration for each new value. */
function enumerationDdl(type: SqlType<unknown>): string {
  return type instanceof EnumerationType ? `VARCHAR(${type.length})` : "VARCHAR";
}

/** An array of arrays is one of the same type with more dimensions. */
function arrayDdl(type: SqlType<unknown>): string {
  return type instanceof ArrayType ? `${typeDdl(type.element)}[]` : "TEXT[]";
}

function arrayParameter(type: SqlType<unknown>): string | null {
  const element = type instanceof ArrayType ? parameterType(type.element) : null;
  return element === null ? null : `${element}[]`;
}

function customDdl(type: SqlType<unknown>): string {
  const ddl = type instanceof CustomType ? type.ddl : "";
  const text = typeof ddl === "string" ? ddl : ddl.postgresql;
  if (text === undefined) {
    throw new CompileError(
      `The type ${type.describe()} does not say how PostgreSQL spells it: add { postgresql: "..." } to its ddl.`,
    );
  }
  return text;
}

/** Without the length, which in a cast does not refuse what is too long but cuts it off. */
function customParameter(type: SqlType<unknown>): string {
  return customDdl(type).replace(/ *\([^()]*\)/, "");
}

function customBinder(type: SqlType<unknown>): Processor | null {
  return type instanceof CustomType ? (value) => bindUnknown(type.bind(value)) : null;
}

function customReader(type: SqlType<unknown>): Processor | null {
  return type instanceof CustomType ? (value) => type.result(value) : null;
}
