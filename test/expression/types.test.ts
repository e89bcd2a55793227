import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/errors/index.ts";
import { describeValue, type SqlType, type StandardSchema } from "../../src/expression/index.ts";
import {
  array,
  bigint,
  boolean,
  bytes,
  type ColumnDefinition,
  char,
  date,
  dateTime,
  defineType,
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
} from "../../src/schema/index.ts";

const money = defineType<{ cents: number }, number>({
  ddl: "integer",
  bind: ({ cents }) => cents,
  result: (cents) => ({ cents }),
});

const reason = (definition: { readonly sqlType: SqlType<unknown> }, value: unknown): string | null =>
  definition.sqlType.validate(value);

describe("validate", () => {
  it.each<[ColumnDefinition<unknown>, unknown[]]>([
    [integer(), [0, -5, 2 ** 53 - 1]],
    [smallint(), [-32768, 32767]],
    [bigint(), [5n, -(2n ** 63n), 2n ** 63n - 1n]],
    [numeric(10, 2), ["1", "-1.5", "+.5", "1.", "1e5", "0.10"]],
    [float(), [1.5, 0, Number.NaN, Number.POSITIVE_INFINITY]],
    [text(), ["", "x".repeat(1000)]],
    [varchar(3), ["abc", "😀😀😀"]],
    [boolean(), [true, false]],
    [date(), ["2026-11-21", "2024-02-29", "2000-02-29"]],
    [time(), ["09:30", "23:59:59", "00:00:00.123456"]],
    [timestamp(), [new Date()]],
    [dateTime(), ["2026-11-21T09:30", "2024-02-29 23:59:59.123456"]],
    [json(), [{ a: [1] }, "x", 5, true, [], { at: new Date(0), nothing: undefined }]],
    [uuid(), ["123E4567-e89b-12d3-a456-426614174000"]],
    [bytes(), [new Uint8Array(2), Buffer.from("x")]],
    [enumeration(["draft", "live"]), ["draft"]],
    [array(integer()), [[], [1, null, 2]]],
    [money(), [{ cents: 5 }]],
  ])("finds nothing wrong with values of the type: %#", (definition, values) => {
    for (const value of values) expect(reason(definition, value)).toBeNull();
  });

  it.each<[ColumnDefinition<unknown>, unknown, string]>([
    [varchar(50), 5, "expected a string, got the number 5"],
    [text(), new Date(0), "expected a string, got the Date 1970-01-01T00:00:00.000Z"],
    [varchar(3), "abcd", 'expected at most 3 characters, got 4: the string "abcd"'],
    [char(2), "😀😀😀", 'expected at most 2 characters, got 3: the string "😀😀😀"'],
    [integer(), "5", 'expected a number, got the string "5"'],
    [integer(), 1.5, "expected a whole number, got the number 1.5"],
    [integer(), Number.NaN, "expected a whole number, got the number NaN"],
    [integer(), 5n, "expected a number, got the bigint 5"],
    [
      integer(),
      2 ** 53,
      "expected a whole number below 2^53, got the number 9007199254740992; a bigint() column holds larger ones",
    ],
    [smallint(), 40000, "expected a whole number between -32768 and 32767, got the number 40000"],
    [bigint(), 5, "expected a bigint, got the number 5; write 5n"],
    [bigint(), 1.5, "expected a bigint, got the number 1.5"],
    [bigint(), 2n ** 63n, "expected a bigint of at most 64 bits, got the bigint 9223372036854775808"],
    [numeric(), 1.5, 'expected a decimal number as a string, such as "12.50", got the number 1.5'],
    [numeric(5, 2), "1.005", 'expected at most 2 digits behind the point, got the string "1.005"'],
    [numeric(5, 2), "1000", 'expected at most 3 digits before the point, got the string "1000"'],
    [numeric(5), "1.5", 'expected at most 0 digits behind the point, got the string "1.5"'],
    [numeric(), "1,5", 'expected a decimal number as a string, such as "12.50", got the string "1,5"'],
    [numeric(), ".", 'expected a decimal number as a string, such as "12.50", got the string "."'],
    [float(), "1.5", 'expected a number, got the string "1.5"'],
    [boolean(), 1, "expected true or false, got the number 1"],
    [date(), new Date(0), 'expected a date as "YYYY-MM-DD", got the Date 1970-01-01T00:00:00.000Z'],
    [date(), "2026-02-29", 'expected a date as "YYYY-MM-DD", got the string "2026-02-29"'],
    [date(), "1900-02-29", 'expected a date as "YYYY-MM-DD", got the string "1900-02-29"'],
    [date(), "0000-01-01", 'expected a date as "YYYY-MM-DD", got the string "0000-01-01"'],
    [
      dateTime(),
      "2026-02-29T00:00:00",
      'expected a date and time as "YYYY-MM-DDTHH:MM:SS", got the string "2026-02-29T00:00:00"',
    ],
    [dateTime(), "2026-01-01", 'expected a date and time as "YYYY-MM-DDTHH:MM:SS", got the string "2026-01-01"'],
    [text(), "a\ud800", 'expected well-formed text, got the string "a\\ud800" with half of a surrogate pair'],
    [date(), "2026-13-01", 'expected a date as "YYYY-MM-DD", got the string "2026-13-01"'],
    [time(), "24:00", 'expected a time of day as "HH:MM:SS", got the string "24:00"'],
    [timestamp(), "2026-11-21", 'expected a valid Date, got the string "2026-11-21"'],
    [timestamp(), new Date(Number.NaN), "expected a valid Date, got an invalid Date"],
    [json(), () => 1, "expected a value that JSON can hold, got a function"],
    [json(), 5n, "expected a value that JSON can hold, got the bigint 5"],
    [json(), { a: [1, Number.NaN] }, 'expected a value that JSON can hold, got the number NaN at "1"'],
    [json(), { a: { b: 5n } }, 'expected a value that JSON can hold, got the bigint 5 at "b"'],
    [json(), [undefined], 'expected a value that JSON can hold, got undefined at "0"'],
    [json(), "\udc00", 'expected a value that JSON can hold, got the string "\\udc00"'],
    [uuid(), "x", 'expected a UUID such as "123e4567-e89b-12d3-a456-426614174000", got the string "x"'],
    [bytes(), "x", 'expected a Uint8Array, got the string "x"'],
    [enumeration(["draft", "live"]), "dead", 'expected one of "draft", "live", got the string "dead"'],
    [array(integer()), 5, "expected an array, got the number 5"],
    [array(integer()), [1, "2"], 'element 1: expected a number, got the string "2"'],
  ])("says exactly what is wrong: %#", (definition, value, expected) => {
    expect(reason(definition, value)).toBe(expected);
  });

  it("refuses a document that runs in a circle", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(reason(json(), circle)).toMatch(/^expected a value that JSON can hold, got an array \(.*circular/);
  });

  it("says what bind of a custom type throws, or what its own check says", () => {
    expect(reason(money(), null)).toMatch(/^expected a value for integer, got null \(.*cents.*\)$/);
    const even = defineType<number>({
      ddl: "int",
      bind: (x) => x,
      result: Number,
      validate: (x) => (Number(x) % 2 ? "is odd" : null),
    });
    expect(reason(even(), 3)).toBe("is odd");
    expect(reason(even(), 4)).toBeNull();
  });

  it("says what a Standard Schema says", () => {
    const schema: StandardSchema<{ dark: boolean }> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) =>
          typeof (value as { dark?: unknown }).dark === "boolean"
            ? { value: value as { dark: boolean } }
            : { issues: [{ message: "Expected boolean", path: ["dark"] }, { message: "Bad" }] },
      },
    };
    const settings: ColumnDefinition<{ dark: boolean }> = json(schema, "settings");
    expect(settings.settings.name).toBe("settings");
    expect(reason(settings, { dark: true })).toBeNull();
    expect(reason(settings, { dark: "yes" })).toBe("dark: Expected boolean; Bad");
  });
});

describe("equal values", () => {
  it.each<[ColumnDefinition<unknown>, unknown, unknown]>([
    [integer(), 5, 5n],
    [bigint(), 5n, 5],
    [bigint(), 2n ** 60n, 2 ** 60],
    [float(), 0, -0],
    [float(), Number.NaN, Number.NaN],
    [numeric(), "1.50", "1.5"],
    [numeric(), "+01.5", "15e-1"],
    [numeric(), "-0.0", "0"],
    [numeric(), "1e3", "1000"],
    [numeric(), ".5", "0.50"],
    [time(), "09:30", "09:30:00.000"],
    [dateTime(), "2026-11-21 09:30", "2026-11-21T09:30:00.000"],
    [char(5), "ab", "ab  "],
    [timestamp(), new Date(5), new Date(5)],
    [json(), { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    [uuid(), "123E4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"],
    [bytes(), new Uint8Array([1, 2]), Buffer.from([1, 2])],
    [array(numeric()), ["1.0", null], ["1", null]],
    [money(), { cents: 5 }, { cents: 5 }],
  ])("have equal keys: %#", (definition, a, b) => {
    expect(definition.sqlType.equals(a, b)).toBe(true);
    expect(definition.sqlType.keyOf(a)).toBe(definition.sqlType.keyOf(b));
  });

  it.each<[ColumnDefinition<unknown>, unknown, unknown]>([
    [integer(), 5, 6],
    [bigint(), 2n ** 53n, 2n ** 53n + 1n],
    [numeric(), "1.5", "-1.5"],
    [numeric(), "1.5", "15"],
    [numeric(), "0.1", "0.01"],
    [text(), "a", "A"],
    [timestamp(), new Date(5), new Date(6)],
    [json(), { a: 1 }, { a: "1" }],
    [json(), [1, 2], [2, 1]],
    [bytes(), new Uint8Array([1]), new Uint8Array([1, 0])],
    [array(integer()), [1, null], [1]],
    [boolean(), true, false],
    [money(), { cents: 5 }, { cents: 6 }],
  ])("differ from others: %#", (definition, a, b) => {
    expect(definition.sqlType.equals(a, b)).toBe(false);
    expect(definition.sqlType.keyOf(a)).not.toBe(definition.sqlType.keyOf(b));
  });

  it("have one key whether a driver gives numbers or bigints, at any size", () => {
    for (const bits of [0n, 10n, 52n, 53n, 54n, 62n]) {
      const value = 2n ** bits;
      expect(bigint().sqlType.keyOf(Number(value))).toBe(bigint().sqlType.keyOf(value));
    }
  });
});

describe("types", () => {
  it("describe themselves as they are declared", () => {
    const described = [
      integer(),
      varchar(50),
      varchar(),
      char(2),
      numeric(10, 2),
      numeric(5),
      numeric(),
      array(text()),
    ];
    expect(described.map(({ sqlType }) => sqlType.describe())).toEqual([
      "integer",
      "varchar(50)",
      "varchar",
      "char(2)",
      "numeric(10, 2)",
      "numeric(5)",
      "numeric",
      "array of text",
    ]);
    expect(enumeration(["a", "b"]).sqlType.describe()).toBe('enumeration("a", "b")');
  });

  it("have different cache keys when they are stored differently", () => {
    const other = defineType<number>({ ddl: "integer", bind: (x) => x, result: Number });
    const all = [integer(), smallint(), bigint(), real(), float(), double(), numeric(), numeric(5), text(), varchar(5)];
    const rest = [varchar(6), array(integer()), array(text()), money(), other(), json(), uuid(), date(), time()];
    const keys = [...all, ...rest].map(({ sqlType }) => sqlType.cacheKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(varchar(5).sqlType.cacheKey).toBe(varchar(5).sqlType.cacheKey);
  });

  it("refuse parameters without sense", () => {
    expect(() => varchar(0)).toThrow(ArgumentError);
    expect(() => varchar(1.5)).toThrow("varchar() takes a length of at least 1, not 1.5.");
    for (const [precision, scale] of [[-1], [0], [5.5, 1], [5, 1.5], [5, 6], [5, -1], [undefined, 2]] as const) {
      expect(() => numeric(precision, scale)).toThrow(/^numeric\(\) takes how many digits/);
    }
    expect(() => enumeration([])).toThrow(ArgumentError);
    // @ts-expect-error: the list is missing
    expect(() => enumeration("draft")).toThrow('enumeration() takes a list of values, enumeration(["a", "b"])');
    expect(() => enumeration(["a", "b", "a"])).toThrow('enumeration() has the value "a" twice.');
    // Types refuse it, plain JavaScript does not.
    expect(() => enumeration([1 as never])).toThrow("enumeration() takes strings, not the number 1");
  });

  it("take the values of an enumeration from a TypeScript enum", () => {
    const State = { Draft: "draft", Live: "live" } as const;
    const state: ColumnDefinition<"draft" | "live"> = enumeration(State);
    expect(state.sqlType.describe()).toBe('enumeration("draft", "live")');
  });
});

describe("describeValue", () => {
  it("says what kind of value it is", () => {
    class Address {}
    const values = [
      null,
      undefined,
      5,
      5n,
      true,
      "a",
      [1],
      {},
      new Address(),
      new Map(),
      Symbol("x"),
      Object.create(null),
    ];
    expect(values.map(describeValue)).toEqual([
      "null",
      "undefined",
      "the number 5",
      "the bigint 5",
      "the boolean true",
      'the string "a"',
      "an array",
      "a plain object",
      "an Address",
      "a Map",
      "a symbol",
      "a plain object",
    ]);
  });

  it("shortens long strings", () => {
    expect(describeValue("x".repeat(1000)).length).toBeLessThan(80);
  });
});
