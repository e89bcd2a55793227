import {
  bindFloat,
  bindInteger,
  booleanBinder,
  enumerationAsText,
  integerLimit,
  jsonBinder,
  keyBinder,
  numericBinder,
  numericReader,
  readBigint,
  readDateTime,
  readFloat,
  readInteger,
  readJson,
  stringDdl,
  timestampBinder,
  timestampReader,
  trimBlanks,
  unfit,
} from "../../engine/conversions.ts";
import type { Processor, ValueLimit } from "../../engine/dialect.ts";
import { customStorage, DialectTypes, nativeStorage, type TypeStorage } from "../../engine/dialect-types.ts";
import { DataError } from "../../errors/index.ts";
import type { SqlType } from "../../expression/sql-type.ts";
import { ArrayType } from "../../expression/types/array.ts";
import { type ArrayText, readArrayText, writeArrayText } from "./array-text.ts";
import { bytesOf } from "./oid-decoders.ts";
import { readTimestampText, writeTimestampText } from "./timestamp-text.ts";

/** How one kind of type lives in PostgreSQL. Values come from the driver as text. */
interface PostgresqlStorage extends TypeStorage {
  /** Its name behind a parameter, without limits that would cut values off; null where nothing can be said. */
  parameter(type: SqlType<unknown>): string | null;
}

const bindTimestamp = timestampBinder(writeTimestampText);

const asIs = () => null;
const named = (name: string) => () => name;

function scalar(ddl: string, parameter: string, bind: Processor | null, result: Processor | null): PostgresqlStorage {
  return { ddl: named(ddl), parameter: named(parameter), bind: () => bind, result: () => result };
}

const string: PostgresqlStorage = {
  ddl: stringDdl,
  parameter: named("text"),
  bind: () => bindText,
  result: asIs,
  limit: () => withoutNul,
};
const custom = customStorage("postgresql", "PostgreSQL", bindUnknown);

/** By the name of the type. */
const STORAGES: Readonly<Record<string, PostgresqlStorage>> = {
  integer: { ...scalar("INTEGER", "integer", bindInteger, readInteger), limit: integerLimit("PostgreSQL") },
  smallint: scalar("SMALLINT", "smallint", bindInteger, readInteger),
  long: scalar("BIGINT", "bigint", bindInteger, readInteger),
  bigint: scalar("BIGINT", "bigint", bindInteger, readBigint),
  numeric: { ddl: numericDdl, parameter: named("numeric"), bind: numericBinder, result: numericReader },
  real: scalar("REAL", "real", bindFloat, readFloat),
  float: scalar("FLOAT", "float", bindFloat, readFloat),
  double: scalar("DOUBLE PRECISION", "float", bindFloat, readFloat),
  varchar: string,
  text: string,
  char: { ...string, parameter: named("bpchar"), bind: () => bindChar, result: () => trimBlanks },
  boolean: scalar("BOOLEAN", "boolean", booleanBinder(true, false), readBoolean),
  date: scalar("DATE", "date", null, null),
  time: scalar("TIME", "time", null, null),
  datetime: scalar("TIMESTAMP WITHOUT TIME ZONE", "timestamp", null, readDateTime),
  // A Date has milliseconds. With the microseconds of the default, `now()` would not be equal to what is read of it.
  timestamp: scalar("TIMESTAMP(3) WITH TIME ZONE", "timestamptz", bindTimestamp, timestampReader(readTimestampText)),
  json: { ...scalar("JSONB", "jsonb", null, readJson), bind: jsonBinder, limit: () => jsonWithoutNul },
  uuid: { ddl: named("UUID"), parameter: named("uuid"), bind: keyBinder, result: asIs },
  bytes: scalar("BYTEA", "bytea", null, (value) => bytesOf(String(value))),
  enumeration: { ...string, ddl: enumerationAsText },
  array: {
    ddl: arrayDdl,
    parameter: arrayParameter,
    bind: arrayBinder,
    result: arrayReader,
    limit: arrayLimit,
  },
  native: { ...nativeStorage, parameter: nativeStorage.ddl },
  custom: { ...custom, parameter: customParameter },
  unknown: { ddl: named("TEXT"), parameter: asIs, bind: () => bindUnknown, result: asIs },
};

/** The types of PostgreSQL. */
export const types = new DialectTypes({ dialect: "postgresql", title: "PostgreSQL", storages: STORAGES });

/** The type of a parameter, to be written behind it where PostgreSQL cannot find it out: `$1::integer`. */
export function parameterType(type: SqlType<unknown>): string | null {
  const storage = types.storageOf(type);
  return type.native?.cast ?? type.native?.ddl ?? storage.parameter(type);
}

/** Does the database know of columns of this type more than we do? */
export function isDescribedByDatabase(type: SqlType<unknown>): boolean {
  return type.name === "unknown" || type.name === "custom";
}

function withoutNul(value: unknown): string | null {
  if (typeof value !== "string" || !value.includes("\u0000")) return null;
  return "PostgreSQL stores no text with the character NUL (\\u0000): leave it out, or store bytes()";
}

/** In a document, NUL is written as an escape. */
function jsonWithoutNul(value: unknown): string | null {
  const text = JSON.stringify(value) ?? "";
  // An escape has an odd number of backslashes before it.
  return /(?<!\\)(?:\\\\)*\\u0000/.test(text) ? withoutNul("\u0000") : null;
}

function bindText(value: unknown): unknown {
  const reason = withoutNul(value);
  if (reason !== null) throw new DataError(reason);
  return value;
}

function bindChar(value: unknown): unknown {
  return trimBlanks(bindText(value));
}

function readBoolean(value: unknown): unknown {
  return value === "t" || value === "true";
}

/** What the elements are, however many dimensions the array has. */
function elementType(type: SqlType<unknown>): SqlType<unknown> {
  return type instanceof ArrayType ? elementType(type.element) : type;
}

/** An array holds what its elements can be. */
function arrayLimit(type: SqlType<unknown>): ValueLimit | null {
  const limit = types.limit(elementType(type));
  if (limit === null) return null;
  const look: ValueLimit = (value) => {
    if (!Array.isArray(value)) return value === null || value === undefined ? null : limit(value);
    return value.map(look).find((reason) => reason !== null) ?? null;
  };
  return look;
}

function arrayBinder(type: SqlType<unknown>): Processor {
  const element = elementType(type);
  const bind = types.bind(element);
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

/** A bound value as the text of an element of an array. */
export function elementText(element: unknown): string {
  return element instanceof Uint8Array ? `\\x${Buffer.from(element).toString("hex")}` : String(element);
}

function arrayReader(type: SqlType<unknown>): Processor {
  const element = elementType(type);
  const decode = types.result(element);
  const read = (value: string | null | ArrayText): unknown => {
    if (value === null) return null;
    if (typeof value !== "string") return value.map(read);
    return decode === null ? value : decode(value);
  };
  return (value) => readArrayText(String(value)).map(read);
}

/** By the value alone, for what has no type. */
function bindUnknown(value: unknown): unknown {
  if (typeof value === "string") return bindText(value);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (value instanceof Date) return bindTimestamp(value);
  return Array.isArray(value) ? writeArrayText(value.map(unknownElement)) : JSON.stringify(value);
}

function unknownElement(value: unknown): string | null | ArrayText {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? value.map(unknownElement) : elementText(bindUnknown(value));
}

function numericDdl(type: SqlType<unknown>): string {
  return type.describe().toUpperCase();
}

/** An array of arrays is one of the same type with more dimensions. */
function arrayDdl(type: SqlType<unknown>): string {
  return type instanceof ArrayType ? `${types.ddl(type.element)}[]` : "TEXT[]";
}

function arrayParameter(type: SqlType<unknown>): string | null {
  const element = type instanceof ArrayType ? parameterType(type.element) : null;
  return element === null ? null : `${element}[]`;
}

/** What columns of these names really are: the names mean a default besides, and are no types. */
const SERIALS: Readonly<Record<string, string>> = {
  smallserial: "smallint",
  serial2: "smallint",
  serial: "integer",
  serial4: "integer",
  bigserial: "bigint",
  serial8: "bigint",
};

/** Without the length, which in a cast does not refuse what is too long but cuts it off. */
function customParameter(type: SqlType<unknown>): string {
  const ddl = custom.ddl(type).replace(/ *\([^()]*\)/, "");
  return SERIALS[ddl.toLowerCase()] ?? ddl;
}
