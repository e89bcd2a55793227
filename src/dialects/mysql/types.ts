import {
  bindFloat,
  bindInteger,
  booleanBinder,
  integerLimit,
  jsonBinder,
  keyBinder,
  numericBinder,
  numericReader,
  readBigint,
  readBytes,
  readDateTime,
  readFloat,
  readInteger,
  readJson,
  timestampBinder,
  timestampReader,
  trimBlanks,
  trimFraction,
  unfit,
} from "../../engine/conversions.ts";
import type { Processor, ValueLimit } from "../../engine/dialect.ts";
import { customStorage, DialectTypes, nativeStorage, type TypeStorage } from "../../engine/dialect-types.ts";
import { CompileError, DataError } from "../../errors/index.ts";
import { describeValue, type SqlType } from "../../expression/sql-type.ts";
import { NumericType } from "../../expression/types/numbers.ts";
import { EnumerationType, StringType } from "../../expression/types/strings.ts";

/** How one kind of type lives in MariaDB and MySQL. */
interface MysqlStorage extends TypeStorage {
  /** Its name in CAST, which knows fewer. */
  cast(type: SqlType<unknown>): string;
}

const asIs = () => null;
const named = (name: string) => () => name;

function scalar(
  ddl: string,
  cast: string,
  bind: Processor | null,
  result: Processor | null,
  limit: ValueLimit | null = null,
): MysqlStorage {
  return { ddl: named(ddl), cast: named(cast), bind: () => bind, result: () => result, limit: () => limit };
}

// FLOAT is written out with six digits, too few to give back what it holds.
const float = scalar("DOUBLE", "DOUBLE", bindFinite, readFloat, notFinite);
const string: MysqlStorage = { ddl: stringDdl, cast: stringCast, bind: asIs, result: () => String };

/** The widest decimal that there is, for those that declare no limits. */
const WIDEST_DECIMAL = { ddl: "DECIMAL(65,30)", whole: 35, fraction: 30 };

const TITLE = "MariaDB and MySQL";
const custom = customStorage("mysql", TITLE, bindUnknown);

/** By the name of the type. */
const STORAGES: Readonly<Record<string, MysqlStorage>> = {
  integer: { ...scalar("INTEGER", "SIGNED", bindInteger, readInteger), limit: integerLimit(TITLE) },
  smallint: scalar("SMALLINT", "SIGNED", bindInteger, readInteger),
  long: scalar("BIGINT", "SIGNED", bindInteger, readInteger),
  bigint: scalar("BIGINT", "SIGNED", bindBigint, readBigint),
  numeric: { ddl: numericDdl, cast: numericDdl, bind: numericBinder, result: numericReader, limit: numericLimit },
  real: float,
  float,
  double: float,
  varchar: string,
  char: { ...string, bind: () => trimBlanks },
  text: string,
  boolean: scalar("TINYINT(1)", "SIGNED", booleanBinder(1, 0), readBoolean),
  date: scalar("DATE", "DATE", null, null),
  time: { ddl: named("TIME(6)"), cast: named("TIME(6)"), bind: keyBinder, result: () => trimFraction },
  datetime: { ddl: named("DATETIME(6)"), cast: named("DATETIME(6)"), bind: keyBinder, result: () => readDateTime },
  // A Date has milliseconds. With more in the database, what is read would not be equal to what is stored.
  timestamp: scalar("DATETIME(3)", "DATETIME(3)", bindTimestamp, timestampReader(readTimestampText), otherYears),
  json: { ...scalar("JSON", "CHAR", null, readJson), bind: jsonBinder },
  uuid: { ddl: named("CHAR(36)"), cast: named("CHAR(36)"), bind: keyBinder, result: asIs },
  bytes: scalar("LONGBLOB", "BINARY", bindBytes, readBytes),
  enumeration: { ddl: enumerationDdl, cast: named("CHAR"), bind: asIs, result: asIs },
  native: { ...nativeStorage, cast: nativeStorage.ddl },
  custom: { ...custom, cast: custom.ddl },
  unknown: { ddl: named("LONGTEXT"), cast: named("CHAR"), bind: () => bindUnknown, result: asIs },
};

/** The types of MariaDB and MySQL. */
export const types = new DialectTypes({ dialect: "mysql", title: TITLE, storages: STORAGES });

/** The type as CAST spells it. */
export function castDdl(type: SqlType<unknown>): string {
  const storage = types.storageOf(type);
  return type.native?.cast ?? storage.cast(type);
}

/** BIGINT UNSIGNED has the 64th bit for values. */
function bindBigint(value: unknown): unknown {
  return typeof value === "bigint" && BigInt.asUintN(64, value) === value ? value : bindInteger(value);
}

function bindFinite(value: unknown): unknown {
  const number = bindFloat(value);
  const reason = notFinite(number);
  if (reason !== null) throw new DataError(reason);
  return number;
}

function notFinite(value: unknown): string | null {
  if (typeof value !== "number" || Number.isFinite(value)) return null;
  return `MariaDB and MySQL have no ${value}: store null for a number that is not known`;
}

/** Of a number with more digits, the last ones would be dropped without a word. */
function numericLimit(type: SqlType<unknown>): ValueLimit | null {
  if (!(type instanceof NumericType) || type.precision !== null) return null;
  return (value) => {
    const [whole = "", fraction = ""] = String(type.keyOf(value)).replace("-", "").split(".");
    const fits = whole.length <= WIDEST_DECIMAL.whole && fraction.length <= WIDEST_DECIMAL.fraction;
    if (fits) return null;
    return `MariaDB and MySQL have at most ${WIDEST_DECIMAL.whole} digits before the point and ${WIDEST_DECIMAL.fraction} behind it, got ${describeValue(value)}`;
  };
}

function readBoolean(value: unknown): unknown {
  return Number(value) !== 0;
}

function otherYears(value: unknown): string | null {
  const year = value instanceof Date ? value.getUTCFullYear() : 1;
  if (year >= 1 && year <= 9999) return null;
  return `MariaDB and MySQL have the years 1 to 9999, got ${describeValue(value)}`;
}

/** In UTC, which is the zone of every connection. */
const writeTimestamp = timestampBinder((date) => date.toISOString().slice(0, -1).replace("T", " "));

function bindTimestamp(value: unknown): unknown {
  const reason = otherYears(value);
  if (reason !== null) throw new DataError(reason);
  return writeTimestamp(value);
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

/** The drivers know binary data as Buffers. */
function bindBytes(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) throw unfit("a Uint8Array", value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** By the value alone, for what has no type. */
function bindUnknown(value: unknown): unknown {
  switch (typeof value) {
    case "number":
      return bindFinite(value);
    case "bigint":
      return bindBigint(value);
    case "boolean":
      return value ? 1 : 0;
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
  if (precision === null) return WIDEST_DECIMAL.ddl;
  const scale = type instanceof NumericType ? (type.scale ?? 0) : 0;
  return `DECIMAL(${precision},${scale})`;
}

/** @throws CompileError for a value that would lose its blanks at the end */
function enumerationDdl(type: SqlType<unknown>): string {
  const values = type instanceof EnumerationType ? type.values : [];
  const cut = values.find((value) => value.endsWith(" "));
  if (cut === undefined) return `ENUM(${values.map(stringLiteral).join(", ")})`;
  throw new CompileError(
    `MariaDB and MySQL cut blanks at the end of the value ${JSON.stringify(cut)} of an enumeration off: choose another value, or a varchar().`,
  );
}

/** A string written out in SQL, where a backslash escapes. */
export function stringLiteral(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
