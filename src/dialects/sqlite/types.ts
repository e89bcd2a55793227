import {
  booleanBinder,
  enumerationAsText,
  inexact,
  jsonBinder,
  keyBinder,
  numericBinder,
  numericReader,
  readBytes,
  readDateTime,
  readJson,
  stringDdl,
  timestampBinder,
  trimBlanks,
  unfit,
  withScale,
} from "../../engine/conversions.ts";
import type { Processor } from "../../engine/dialect.ts";
import { customStorage, DialectTypes, nativeStorage, type TypeStorage } from "../../engine/dialect-types.ts";
import { DataError } from "../../errors/index.ts";
import { describeValue, type SqlType } from "../../expression/sql-type.ts";
import { NumericType } from "../../expression/types/numbers.ts";

const asIs = () => null;
const named = (name: string) => () => name;

const integer: TypeStorage = { ddl: named("INTEGER"), bind: () => bindInteger, result: () => readInteger };
const float = (name: string): TypeStorage => ({
  ddl: named(name),
  bind: () => bindFloat,
  result: asIs,
  limit: () => withoutNan,
});
const string: TypeStorage = { ddl: stringDdl, bind: asIs, result: asIs };

/** By the name of the type. Every integer has 64 bits in SQLite, and only INTEGER makes a key that generates itself. */
const STORAGES: Readonly<Record<string, TypeStorage>> = {
  integer,
  smallint: integer,
  long: integer,
  bigint: { ddl: named("INTEGER"), bind: () => bindInteger, result: () => readBigint },
  // SQLite would make binary floating point of it; as text no digit is lost.
  numeric: { ddl: named("TEXT"), bind: exactBinder, result: exactReader },
  real: float("REAL"),
  float: float("FLOAT"),
  double: float("DOUBLE"),
  varchar: string,
  char: { ddl: stringDdl, bind: () => trimBlanks, result: asIs },
  text: string,
  boolean: { ddl: named("BOOLEAN"), bind: () => bindBoolean, result: () => readBoolean },
  date: { ddl: named("DATE"), bind: asIs, result: asIs },
  time: { ddl: named("TIME"), bind: keyBinder, result: asIs },
  datetime: { ddl: named("DATETIME"), bind: dateTimeBinder, result: () => readDateTime },
  timestamp: { ddl: named("TIMESTAMP"), bind: () => bindTimestamp, result: () => readTimestamp },
  json: { ddl: named("JSON"), bind: jsonBinder, result: () => readJson },
  uuid: { ddl: named("CHAR(36)"), bind: keyBinder, result: asIs },
  bytes: { ddl: named("BLOB"), bind: asIs, result: () => readBytes },
  enumeration: { ddl: enumerationAsText, bind: asIs, result: asIs },
  native: nativeStorage,
  custom: customStorage("sqlite", "SQLite", bindUnknown),
  unknown: { ddl: named("BLOB"), bind: () => bindUnknown, result: asIs },
};

/** The types of SQLite. */
export const types = new DialectTypes({ dialect: "sqlite", title: "SQLite", storages: STORAGES });

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
  throw inexact(value);
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
  const reason = withoutNan(value);
  if (reason !== null) throw new DataError(reason);
  return value + 0; // SQLite has no -0
}

/** SQLite would store NULL. */
function withoutNan(value: unknown): string | null {
  return Number.isNaN(value) ? "SQLite has no NaN: store null for a number that is not known" : null;
}

/** Equal numbers are stored as equal texts. */
function exactBinder(type: SqlType<unknown>): Processor {
  const scale = scaleOf(type);
  const bind = numericBinder(type);
  return (value) => withScale(String(bind(value)), scale);
}

/** What SQLite calculated (a sum, a maximum) is a number, of which 15 digits are right. */
function exactReader(type: SqlType<unknown>): Processor {
  const scale = scaleOf(type);
  const read = numericReader(type);
  return (value) => {
    if (typeof value !== "number") return read(value);
    if (scale !== null) return value.toFixed(scale);
    return read(Number.isInteger(value) ? value : Number(value.toPrecision(15)));
  };
}

function scaleOf(type: SqlType<unknown>): number | null {
  return type instanceof NumericType ? type.scale : null;
}

const bindBoolean = booleanBinder(1n, 0n);

function readBoolean(value: unknown): unknown {
  return typeof value === "number" ? value !== 0 : value;
}

/** As SQLite's own functions write it, in UTC: so it compares with CURRENT_TIMESTAMP and with what others stored. */
const bindTimestamp = timestampBinder((date) => date.toISOString().replace("T", " ").replace("Z", ""));

/** As SQLite's own functions write it, too. */
function dateTimeBinder(type: SqlType<unknown>): Processor {
  const bind = keyBinder(type);
  return (value) => String(bind(value)).replace("T", " ");
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
