import {
  array,
  bigint,
  boolean,
  bytes,
  type ColumnDefinition,
  char,
  date,
  dateTime,
  double,
  enumeration,
  float,
  integer,
  json,
  numeric,
  real,
  smallint,
  text,
  time,
  timestamp,
  uuid,
  varchar,
} from "alkahest";
import * as my from "alkahest/mysql";
import * as pg from "alkahest/postgresql";
import * as lite from "alkahest/sqlite";

/** The databases by the names of their dialects. */
export type DialectName = "sqlite" | "postgresql" | "mysql";

/** A value that comes back in another form than it was given. */
export class Becomes {
  readonly given: unknown;
  readonly read: unknown;

  constructor(given: unknown, read: unknown) {
    this.given = given;
    this.read = read;
  }
}

/** A row of the table in docs/values.md: a type, and values that every way of loading gives back. */
export interface ValueCase {
  /** How a column of it is written. */
  readonly written: string;
  readonly column: () => ColumnDefinition<any>;
  /** The type of its values. */
  readonly javascript: string;
  /** The type in each database that has it. */
  readonly stored: { readonly [D in DialectName]?: string };
  /** Values, or {@link Becomes}. */
  readonly values: readonly unknown[];
  /** Values that only some databases hold; the others refuse them by name before any SQL. */
  readonly only?: readonly { readonly in: readonly DialectName[]; readonly values: readonly unknown[] }[];
  /** Databases that cannot tell by `=` whether two values are equal. */
  readonly incomparable?: readonly DialectName[];
  /** What the reader of the table should know. */
  readonly note?: string;
}

/** Strings that meet whatever is special to SQL, drivers, formats and Unicode. */
export const NASTY_STRINGS: readonly string[] = [
  "",
  "O'Reilly",
  "''",
  '"',
  "`",
  "\\",
  "\\'; DROP TABLE x; --",
  "$1 ? :name %s %(x)s {}",
  "/* */ --",
  "NULL",
  "null",
  "a\nb\r\n\tc",
  "\u0001\u001f\u007f",
  "%_",
  "e\u0301 \u00e9",
  "日本語",
  "🎉👩‍👩‍👧",
  "\u202eשלום\u200f",
  "\u200b\ufeff",
  "\ufffd\uffff",
  "true",
  "0012",
];

const instants = (...texts: string[]) => texts.map((instant) => new Date(instant));

const everywhere = (sqlite: string, postgresql: string, mysql: string) => ({ sqlite, postgresql, mysql });

const documents = [
  { a: [1, null, { b: "O'x\"\\" }], c: { d: { e: [] } }, f: null },
  [],
  {},
  "text",
  "",
  "12",
  5,
  0.1,
  true,
  false,
  { big: 9007199254740991, small: 5e-324, large: 1.5e300, negative: -1 },
  { "ключ 🎉": NASTY_STRINGS.join("|"), "": 1 },
];

const nineDigits = "123456789012345678901234567890.123456789";

const floatingPoint: Pick<ValueCase, "values" | "only" | "note"> = {
  values: [0, 0.1, 2, -1e300, 123456789.123456, 1.7976931348623157e308, new Becomes(-0, 0)],
  only: [
    { in: ["postgresql"], values: [Number.NaN] },
    { in: ["sqlite", "postgresql"], values: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] },
  ],
  note: "NaN in PostgreSQL, Infinity in PostgreSQL and SQLite; -0 is 0",
};

export const VALUE_CASES: readonly ValueCase[] = [
  {
    written: "integer()",
    column: () => integer(),
    javascript: "number",
    stored: everywhere("INTEGER", "INTEGER", "INTEGER"),
    values: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)],
    only: [{ in: ["sqlite"], values: [2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1] }],
    note: "32 bits in PostgreSQL, MariaDB and MySQL; 53 in SQLite",
  },
  {
    written: "smallint()",
    column: () => smallint(),
    javascript: "number",
    stored: everywhere("INTEGER", "SMALLINT", "SMALLINT"),
    values: [0, 32_767, -32_768],
  },
  {
    written: "bigint()",
    column: () => bigint(),
    javascript: "bigint",
    stored: everywhere("INTEGER", "BIGINT", "BIGINT"),
    values: [0n, 5n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)],
  },
  {
    written: "numeric(10, 2)",
    column: () => numeric(10, 2),
    javascript: "string",
    stored: everywhere("TEXT", "NUMERIC(10, 2)", "DECIMAL(10,2)"),
    values: ["12.50", "-0.01", "0.00", "99999999.99", new Becomes("1.5", "1.50"), new Becomes("+07", "7.00")],
    note: "more digits than declared are refused, never rounded",
  },
  {
    written: "numeric()",
    column: () => numeric(),
    javascript: "string",
    stored: everywhere("TEXT", "NUMERIC", "DECIMAL(65,30)"),
    values: ["1.5", nineDigits, "0", "0.00001", "-9007199254740993", new Becomes("15e-1", "1.5")],
    only: [{ in: ["sqlite", "postgresql"], values: [`1${"0".repeat(60)}`, `0.${"0".repeat(40)}1`] }],
    note: "MariaDB and MySQL: 35 digits before the point, 30 behind it",
  },
  {
    written: "real()",
    column: () => real(),
    javascript: "number",
    stored: everywhere("REAL", "REAL", "DOUBLE"),
    values: [0, 0.5, -1024, 0.1, new Becomes(-0, 0)],
    only: [{ in: ["postgresql"], values: [Number.NaN] }],
    note: "32 bits in PostgreSQL, which rounds to seven digits; 64 elsewhere",
  },
  {
    written: "float()",
    column: () => float(),
    javascript: "number",
    stored: everywhere("FLOAT", "FLOAT", "DOUBLE"),
    ...floatingPoint,
  },
  {
    written: "double()",
    column: () => double(),
    javascript: "number",
    stored: everywhere("DOUBLE", "DOUBLE PRECISION", "DOUBLE"),
    ...floatingPoint,
  },
  {
    written: "boolean()",
    column: () => boolean(),
    javascript: "boolean",
    stored: everywhere("BOOLEAN", "BOOLEAN", "TINYINT(1)"),
    values: [true, false],
  },
  {
    written: "varchar(50)",
    column: () => varchar(50),
    javascript: "string",
    stored: everywhere("VARCHAR(50)", "VARCHAR(50)", "VARCHAR(50)"),
    values: [...NASTY_STRINGS, "🎉".repeat(50), "ends with blanks  "],
    only: [{ in: ["sqlite", "mysql"], values: ["a\u0000b"] }],
    note: "characters, not bytes; no NUL in PostgreSQL",
  },
  {
    written: "text()",
    column: () => text(),
    javascript: "string",
    stored: everywhere("TEXT", "TEXT", "LONGTEXT"),
    values: [...NASTY_STRINGS, "x'\\é🎉".repeat(150_000)],
    only: [{ in: ["sqlite", "mysql"], values: ["\u0000"] }],
    note: "no NUL in PostgreSQL",
  },
  {
    written: "char(5)",
    column: () => char(5),
    javascript: "string",
    stored: everywhere("CHAR(5)", "CHAR(5)", "CHAR(5)"),
    values: ["ab", "abcde", "🎉", "", new Becomes("x  ", "x")],
    note: "without blanks at the end",
  },
  {
    written: "uuid()",
    column: () => uuid(),
    javascript: "string",
    stored: everywhere("CHAR(36)", "UUID", "CHAR(36)"),
    values: [
      "123e4567-e89b-12d3-a456-426614174000",
      new Becomes("123E4567-E89B-12D3-A456-426614174001", "123e4567-e89b-12d3-a456-426614174001"),
    ],
    note: "in lower case",
  },
  {
    written: 'enumeration(["red", ...])',
    column: () => enumeration(["red", "it's", 'a "b"', "c,d", "\\", "日本 🎉", "?", "%"]),
    javascript: "string",
    stored: everywhere("VARCHAR(n)", "VARCHAR(n)", "ENUM(...)"),
    values: ["red", "it's", 'a "b"', "c,d", "\\", "日本 🎉", "?", "%"],
  },
  {
    written: "date()",
    column: () => date(),
    javascript: "string",
    stored: everywhere("DATE", "DATE", "DATE"),
    values: ["2024-02-29", "1582-10-15", "1815-06-18", "2038-01-20", "0001-01-01", "9999-12-31"],
  },
  {
    written: "time()",
    column: () => time(),
    javascript: "string",
    stored: everywhere("TIME", "TIME", "TIME(6)"),
    values: ["00:00:00", "23:59:59.123456", "10:20:30.5", new Becomes("10:20", "10:20:00")],
  },
  {
    written: "dateTime()",
    column: () => dateTime(),
    javascript: "string",
    stored: everywhere("DATETIME", "TIMESTAMP WITHOUT TIME ZONE", "DATETIME(6)"),
    values: [
      "2024-02-29T23:59:59.123456",
      "2024-03-31T02:30:00",
      "1815-06-18T11:35:00",
      "2038-01-19T03:14:08",
      "0001-01-01T00:00:00",
      "9999-12-31T23:59:59.999999",
      new Becomes("2024-01-02 03:04:05.500", "2024-01-02T03:04:05.5"),
    ],
    note: "no zone, microseconds",
  },
  {
    written: "timestamp()",
    column: () => timestamp(),
    javascript: "Date",
    stored: everywhere("TIMESTAMP", "TIMESTAMP(3) WITH TIME ZONE", "DATETIME(3)"),
    values: instants(
      "2024-05-01T12:30:00.123Z",
      "1815-06-18T11:35:00.000Z",
      "1969-12-31T23:59:59.999Z",
      "2038-01-19T03:14:08.000Z",
      "0001-01-01T00:00:00.000Z",
      "9999-12-31T23:59:59.999Z",
    ),
    only: [
      {
        in: ["sqlite", "postgresql"],
        values: instants("0000-02-29T12:00:00.000Z", "-000043-03-15T12:00:00.000Z", "+012345-06-07T08:09:10.011Z"),
      },
    ],
    note: "the instant in UTC, milliseconds as Date has them; years 1 to 9999 in MariaDB and MySQL",
  },
  {
    written: "json<T>()",
    column: () => json(),
    javascript: "T",
    stored: everywhere("JSON", "JSONB", "JSON"),
    values: documents,
    only: [{ in: ["sqlite", "mysql"], values: [{ nul: "\u0000" }] }],
    incomparable: ["mysql"],
    note: "SQL's NULL is null; numbers are JavaScript's; PostgreSQL and MySQL keep no order of keys",
  },
  {
    written: "bytes()",
    column: () => bytes(),
    javascript: "Uint8Array",
    stored: everywhere("BLOB", "BYTEA", "LONGBLOB"),
    values: [
      new Uint8Array([0, 1, 39, 92, 127, 128, 255]),
      new Uint8Array(),
      new Uint8Array(Array.from({ length: 256 }, (_, byte) => byte)),
      new Becomes(Buffer.from("abc"), new Uint8Array([97, 98, 99])),
    ],
  },
  {
    written: "array(integer())",
    column: () => array(integer()),
    javascript: "number[]",
    stored: { postgresql: "INTEGER[]" },
    values: [[], [1, 2, 3]],
    note: "other databases have json()",
  },
  {
    written: "array(text())",
    column: () => array(text()),
    javascript: "string[]",
    stored: { postgresql: "TEXT[]" },
    values: [NASTY_STRINGS, ["", "a,b", '"', "\\", "NULL", "{x}", " "]],
  },
  {
    written: "array(array(bigint()))",
    column: () => array(array(bigint())),
    javascript: "bigint[][]",
    stored: { postgresql: "BIGINT[][]" },
    values: [
      [
        [1n, 2n ** 63n - 1n],
        [3n, 4n],
      ],
    ],
  },
  {
    written: "array(timestamp())",
    column: () => array(timestamp()),
    javascript: "Date[]",
    stored: { postgresql: "TIMESTAMP(3) WITH TIME ZONE[]" },
    values: [instants("1815-06-18T11:35:00.001Z", "2038-01-19T03:14:08.000Z")],
  },
  {
    written: "array(json())",
    column: () => array(json()),
    javascript: "T[]",
    stored: { postgresql: "JSONB[]" },
    values: [[{ a: [1, null] }, [2], "x", 5]],
  },
  // ── PostgreSQL ──
  {
    written: "interval()",
    column: () => pg.interval(),
    javascript: "Interval",
    stored: { postgresql: "INTERVAL" },
    values: [
      new pg.Interval({ years: 1, months: 2, days: 3, hours: 4, minutes: 5, seconds: 6.789 }),
      new pg.Interval({ months: -14, days: 3, microseconds: -1 }),
      new pg.Interval({}),
      new pg.Interval({ hours: 100_000 }),
    ],
  },
  {
    written: "timestamptz()",
    column: () => pg.timestamptz(),
    javascript: "string",
    stored: { postgresql: "TIMESTAMP WITH TIME ZONE" },
    values: [
      "2024-05-01T12:30:00.123456Z",
      "1815-06-18T11:35:00Z",
      new Becomes("2024-05-01T12:30:00.500+02:00", "2024-05-01T10:30:00.5Z"),
    ],
    note: "instants to the microsecond",
  },
  {
    written: "inet()",
    column: () => pg.inet(),
    javascript: "string",
    stored: { postgresql: "INET" },
    values: ["10.0.0.1", "10.0.0.1/8", "::1", "2001:db8::1/64", new Becomes("2001:DB8:0:0::2", "2001:db8::2")],
  },
  {
    written: "cidr()",
    column: () => pg.cidr(),
    javascript: "string",
    stored: { postgresql: "CIDR" },
    values: ["10.0.0.0/8", "2001:db8::/32"],
  },
  {
    written: "macaddr()",
    column: () => pg.macaddr(),
    javascript: "string",
    stored: { postgresql: "MACADDR" },
    values: ["08:00:2b:01:02:03", new Becomes("08002B-010204", "08:00:2b:01:02:04")],
  },
  {
    written: "tsvector()",
    column: () => pg.tsvector(),
    javascript: "string",
    stored: { postgresql: "TSVECTOR" },
    values: ["'cat':3 'fat':2 'o''clock':1", "", new Becomes("b a", "'a' 'b'")],
  },
  {
    written: "int4range()",
    column: () => pg.int4range(),
    javascript: "Range<number>",
    stored: { postgresql: "INT4RANGE" },
    values: [
      new pg.Range(1, 5),
      new pg.Range(null, 5),
      new pg.Range(-5, null),
      new pg.Range<number>(null, null),
      pg.Range.empty(),
      new Becomes(new pg.Range(10, 20, "[]"), new pg.Range(10, 21)),
      new Becomes(new pg.Range(10, 10), pg.Range.empty()),
    ],
  },
  {
    written: "int8range()",
    column: () => pg.int8range(),
    javascript: "Range<bigint>",
    stored: { postgresql: "INT8RANGE" },
    values: [new pg.Range(-(2n ** 63n), 2n ** 63n - 1n)],
  },
  {
    written: "numrange()",
    column: () => pg.numrange(),
    javascript: "Range<string>",
    stored: { postgresql: "NUMRANGE" },
    values: [new pg.Range("0.5", nineDigits, "(]"), new pg.Range("1", "1", "[]")],
  },
  {
    written: "daterange()",
    column: () => pg.daterange(),
    javascript: "Range<string>",
    stored: { postgresql: "DATERANGE" },
    values: [
      new pg.Range("1815-06-18", "2038-01-20"),
      new Becomes(new pg.Range("2024-02-28", "2024-02-29", "(]"), new pg.Range("2024-02-29", "2024-03-01")),
    ],
  },
  {
    written: "tsrange()",
    column: () => pg.tsrange(),
    javascript: "Range<string>",
    stored: { postgresql: "TSRANGE" },
    values: [new pg.Range("2024-01-01T00:00:00.123456", "2024-01-02T00:00:00", "[]")],
  },
  {
    written: "tstzrange()",
    column: () => pg.tstzrange(),
    javascript: "Range<Date>",
    stored: { postgresql: "TSTZRANGE" },
    values: [new pg.Range(new Date("1815-06-18T11:35:00.001Z"), new Date("2038-01-19T03:14:08Z"))],
  },
  {
    written: "array(inet())",
    column: () => array(pg.inet()),
    javascript: "string[]",
    stored: { postgresql: "INET[]" },
    values: [["10.0.0.1", "::1"]],
  },
  // ── MariaDB and MySQL ──
  {
    written: "tinyint()",
    column: () => my.tinyint(),
    javascript: "number",
    stored: { mysql: "TINYINT" },
    values: [0, 127, -128],
  },
  {
    written: "unsignedInteger()",
    column: () => my.unsignedInteger(),
    javascript: "number",
    stored: { mysql: "INTEGER UNSIGNED" },
    values: [0, 2 ** 32 - 1],
    note: "likewise `mediumint` and the other unsigned ones",
  },
  {
    written: "unsignedBigint()",
    column: () => my.unsignedBigint(),
    javascript: "bigint",
    stored: { mysql: "BIGINT UNSIGNED" },
    values: [0n, 2n ** 53n + 1n, 2n ** 64n - 1n],
  },
  {
    written: "year()",
    column: () => my.year(),
    javascript: "number",
    stored: { mysql: "YEAR" },
    values: [1901, 2024, 2155],
  },
  {
    written: 'set(["S", ...])',
    column: () => my.set(["S", "M", "it's", "日本", "\\"]),
    javascript: "string[]",
    stored: { mysql: "SET(...)" },
    values: [[], ["S"], ["M", "it's", "日本", "\\"], new Becomes(["M", "S"], ["S", "M"])],
    note: "in the order of the declaration",
  },
  {
    written: "mediumtext()",
    column: () => my.mediumtext(),
    javascript: "string",
    stored: { mysql: "MEDIUMTEXT" },
    values: NASTY_STRINGS,
    note: "likewise `tinytext`, `plainText`",
  },
  {
    written: "varbinary(300)",
    column: () => my.varbinary(300),
    javascript: "Uint8Array",
    stored: { mysql: "VARBINARY(300)" },
    values: [new Uint8Array([0, 255]), new Uint8Array()],
    note: "likewise `tinyblob`, `blob`, `mediumblob`",
  },
  // ── SQLite ──
  {
    written: "epochSeconds()",
    column: () => lite.epochSeconds(),
    javascript: "Date",
    stored: { sqlite: "INTEGER" },
    values: instants("1815-06-18T11:35:00Z", "2038-01-19T03:14:08Z", "1970-01-01T00:00:00Z"),
  },
  {
    written: "epochMilliseconds()",
    column: () => lite.epochMilliseconds(),
    javascript: "Date",
    stored: { sqlite: "INTEGER" },
    values: instants("1815-06-18T11:35:00.001Z", "2038-01-19T03:14:08.999Z"),
  },
];
