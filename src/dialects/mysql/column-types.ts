import { ArgumentError } from "../../errors/index.ts";
import { describeValue } from "../../expression/sql-type.ts";
import { NativeType } from "../../expression/types/native.ts";
import { BigIntType, IntegerType, type NativeInteger } from "../../expression/types/numbers.ts";
import { BytesType } from "../../expression/types/scalars.ts";
import { StringType } from "../../expression/types/strings.ts";
import type { ColumnDefinition } from "../../schema/column-definition.ts";
import { columnOfType } from "../../schema/column-types.ts";
import { stringLiteral } from "./types.ts";

const dialect = "mysql";

function wholeNumber(ddl: string, least: number, greatest: number): NativeInteger<number> {
  return { dialect, ddl, cast: least === 0 ? "UNSIGNED" : "SIGNED", least, greatest };
}

const TINYINT = new IntegerType("smallint", wholeNumber("TINYINT", -128, 127));
const MEDIUMINT = new IntegerType("integer", wholeNumber("MEDIUMINT", -(2 ** 23), 2 ** 23 - 1));
const UNSIGNED_TINYINT = new IntegerType("smallint", wholeNumber("TINYINT UNSIGNED", 0, 255));
const UNSIGNED_SMALLINT = new IntegerType("integer", wholeNumber("SMALLINT UNSIGNED", 0, 65_535));
const UNSIGNED_MEDIUMINT = new IntegerType("integer", wholeNumber("MEDIUMINT UNSIGNED", 0, 2 ** 24 - 1));
const UNSIGNED_INTEGER = new IntegerType("integer", wholeNumber("INTEGER UNSIGNED", 0, 2 ** 32 - 1));
const UNSIGNED_BIGINT = new BigIntType({
  dialect,
  ddl: "BIGINT UNSIGNED",
  cast: "UNSIGNED",
  least: 0n,
  greatest: 2n ** 64n - 1n,
});
const YEAR = new IntegerType("smallint", wholeNumber("YEAR", 1901, 2155));
const TINYTEXT = new StringType("text", null, { dialect, ddl: "TINYTEXT", cast: "CHAR" });
const PLAIN_TEXT = new StringType("text", null, { dialect, ddl: "TEXT", cast: "CHAR" });
const MEDIUMTEXT = new StringType("text", null, { dialect, ddl: "MEDIUMTEXT", cast: "CHAR" });
const TINYBLOB = new BytesType({ dialect, ddl: "TINYBLOB", cast: "BINARY" }, 255);
const BLOB = new BytesType({ dialect, ddl: "BLOB", cast: "BINARY" }, 65_535);
const MEDIUMBLOB = new BytesType({ dialect, ddl: "MEDIUMBLOB", cast: "BINARY" }, 2 ** 24 - 1);

/**
 * Whole numbers of 8 bits.
 *
 * @param name the name of the column in the database, if it is not that of the property; so for all types below
 * @example
 * ```ts
 * import { MetaData, Table } from "alkahest";
 * import { mediumtext, tinyint, unsignedBigint } from "alkahest/mysql";
 *
 * new Table("post", new MetaData(), {
 *   id: unsignedBigint().primaryKey(), // counted up by AUTO_INCREMENT
 *   stars: tinyint().notNull(),
 *   body: mediumtext(),
 * });
 * ```
 */
export function tinyint(name?: string): ColumnDefinition<number> {
  return columnOfType(TINYINT, name);
}

/** Whole numbers of 24 bits. */
export function mediumint(name?: string): ColumnDefinition<number> {
  return columnOfType(MEDIUMINT, name);
}

/** Whole numbers from 0 to 255. */
export function unsignedTinyint(name?: string): ColumnDefinition<number> {
  return columnOfType(UNSIGNED_TINYINT, name);
}

/** Whole numbers from 0 to 65 535. */
export function unsignedSmallint(name?: string): ColumnDefinition<number> {
  return columnOfType(UNSIGNED_SMALLINT, name);
}

/** Whole numbers from 0 to 16 777 215. */
export function unsignedMediumint(name?: string): ColumnDefinition<number> {
  return columnOfType(UNSIGNED_MEDIUMINT, name);
}

/** Whole numbers from 0 to 4 294 967 295. */
export function unsignedInteger(name?: string): ColumnDefinition<number> {
  return columnOfType(UNSIGNED_INTEGER, name);
}

/** Whole numbers from 0 to 2^64 - 1, as `bigint`. */
export function unsignedBigint(name?: string): ColumnDefinition<bigint> {
  return columnOfType(UNSIGNED_BIGINT, name);
}

/** Years from 1901 to 2155, as numbers. */
export function year(name?: string): ColumnDefinition<number> {
  return columnOfType(YEAR, name);
}

/** Text of at most 255 bytes. */
export function tinytext(name?: string): ColumnDefinition<string> {
  return columnOfType(TINYTEXT, name);
}

/** Text of at most 64 KB, which is `TEXT`; `text()` of the main entry is `LONGTEXT`, so that it has no limit. */
export function plainText(name?: string): ColumnDefinition<string> {
  return columnOfType(PLAIN_TEXT, name);
}

/** Text of at most 16 MB. */
export function mediumtext(name?: string): ColumnDefinition<string> {
  return columnOfType(MEDIUMTEXT, name);
}

/** Binary data of at most 255 bytes. */
export function tinyblob(name?: string): ColumnDefinition<Uint8Array> {
  return columnOfType(TINYBLOB, name);
}

/** Binary data of at most 64 KB; `bytes()` of the main entry is `LONGBLOB`. */
export function blob(name?: string): ColumnDefinition<Uint8Array> {
  return columnOfType(BLOB, name);
}

/** Binary data of at most 16 MB. */
export function mediumblob(name?: string): ColumnDefinition<Uint8Array> {
  return columnOfType(MEDIUMBLOB, name);
}

/**
 * Binary data of at most `length` bytes, which an index can be over.
 *
 * @throws ArgumentError for a length that is no whole number from 1 to 65535
 * @example
 * ```ts
 * import { MetaData, Table } from "alkahest";
 * import { varbinary } from "alkahest/mysql";
 *
 * new Table("digest", new MetaData(), { sha256: varbinary(32).primaryKey() });
 * ```
 */
export function varbinary(length: number, name?: string): ColumnDefinition<Uint8Array> {
  if (!Number.isInteger(length) || length < 1 || length > 65_535) {
    throw new ArgumentError(`varbinary() takes a length from 1 to 65535, not ${String(length)}.`);
  }
  return columnOfType(new BytesType({ dialect, ddl: `VARBINARY(${length})`, cast: `BINARY(${length})` }, length), name);
}

/**
 * Some of a fixed list of strings, as an array. It comes back in the order of the list.
 *
 * @throws ArgumentError without values, for more than 64, and for values that are empty, twice in the list, have a comma
 * or end with a blank
 * @example
 * ```ts
 * import { insert, integer, MetaData, Table } from "alkahest";
 * import { set } from "alkahest/mysql";
 *
 * const shirt = new Table("shirt", new MetaData(), { id: integer().primaryKey(), sizes: set(["S", "M", "L"]) });
 * insert(shirt).values({ sizes: ["S", "L"] });
 * ```
 */
export function set<const V extends string>(values: readonly V[], name?: string): ColumnDefinition<V[]> {
  const odd = values.find((value, index) => /^$|,| $/.test(value) || values.indexOf(value) !== index);
  if (values.length === 0 || values.length > 64 || odd !== undefined) {
    const why = odd === undefined ? `${values.length} values` : JSON.stringify(odd);
    throw new ArgumentError(`set() takes 1 to 64 different values without comma or blank at the end, not ${why}.`);
  }
  return columnOfType(setType(values), name);
}

function setType<V extends string>(values: readonly V[]): NativeType<V[]> {
  const ordered = (members: readonly V[]): V[] => values.filter((value) => members.includes(value));
  const known = values.map((value) => JSON.stringify(value)).join(", ");
  return new NativeType<V[]>({
    dialect,
    ddl: `SET(${values.map(stringLiteral).join(", ")})`,
    cast: "CHAR",
    validate: (value) => {
      if (!Array.isArray(value)) return `expected an array, got ${describeValue(value)}`;
      // Anything may be in it.
      const other: unknown = value.find((member) => !values.includes(member as V));
      return other === undefined ? null : `expected some of ${known}, got ${describeValue(other)}`;
    },
    bind: (members) => ordered(members).join(","),
    // One package gives an array, the other one text.
    result: (stored) => ordered((Array.isArray(stored) ? stored : String(stored).split(",")) as V[]),
    key: (members) => ordered(members).join(","),
    copy: (members) => [...members],
  });
}
