import { beforeEach, describe, expect, it } from "vitest";
import { betterSqlite3 } from "../../../src/dialects/sqlite/better-sqlite3.ts";
import { types } from "../../../src/dialects/sqlite/types.ts";
import type { DriverConnection } from "../../../src/engine/driver.ts";
import { CompileError, DataError } from "../../../src/errors/index.ts";
import type { SqlType } from "../../../src/expression/sql-type.ts";
import { ArrayType } from "../../../src/expression/types/array.ts";
import { CustomType } from "../../../src/expression/types/custom.ts";
import { JsonType } from "../../../src/expression/types/json.ts";
import { BigIntType, FloatType, IntegerType, NumericType } from "../../../src/expression/types/numbers.ts";
import { BooleanType, BytesType, UnknownType } from "../../../src/expression/types/scalars.ts";
import { EnumerationType, StringType, UuidType } from "../../../src/expression/types/strings.ts";
import { DateType, TimestampType, TimeType } from "../../../src/expression/types/temporal.ts";

describe("types in SQLite", () => {
  let connection: DriverConnection;

  beforeEach(async () => {
    connection = await betterSqlite3()({ path: ":memory:", readOnly: false, busyTimeout: 0 }).connect();
  });

  /** Stores the value in a column of the type and reads it back. */
  async function roundTrip(type: SqlType<unknown>, value: unknown): Promise<{ read: unknown; stored: unknown }> {
    await connection.execute("DROP TABLE IF EXISTS t", []);
    await connection.execute(`CREATE TABLE t (v ${types.ddl(type)})`, []);
    const bind = types.bind(type);
    await connection.execute("INSERT INTO t VALUES (?)", [bind === null ? value : bind(value)]);
    const { rows } = await connection.execute("SELECT v, typeof(v) FROM t", [], { exactIntegers: true });
    const [[raw, stored]] = rows as [[unknown, unknown]];
    const result = types.result(type);
    return { read: result === null ? raw : result(raw), stored };
  }

  it.each<[string, SqlType<unknown>, unknown, string]>([
    ["integer", new IntegerType(), 5, "integer"],
    ["the largest integer", new IntegerType(), Number.MAX_SAFE_INTEGER, "integer"],
    ["smallint", new IntegerType("smallint"), -5, "integer"],
    ["bigint", new BigIntType(), 9223372036854775807n, "integer"],
    ["small bigint", new BigIntType(), 5n, "integer"],
    ["float", new FloatType(), 2.5, "real"],
    ["whole float", new FloatType("double"), 2, "real"],
    ["infinite float", new FloatType("real"), Number.POSITIVE_INFINITY, "real"],
    ["numeric", new NumericType(38, 10), "12345678901234567890.0123456789", "text"],
    ["varchar", new StringType("varchar", 50), "O'Neill", "text"],
    ["varchar of digits", new StringType("varchar"), "0012", "text"],
    ["text", new StringType(), "", "text"],
    ["char", new StringType("char", 2), "ab", "text"],
    ["true", new BooleanType(), true, "integer"],
    ["false", new BooleanType(), false, "integer"],
    ["date", new DateType(), "2024-02-29", "text"],
    ["time", new TimeType(), "12:30:00", "text"],
    ["timestamp", new TimestampType(), new Date("2024-02-29T12:30:00.250Z"), "text"],
    ["early timestamp", new TimestampType(), new Date("0033-04-03T12:00:00Z"), "text"],
    ["json", new JsonType(), { a: [1, "two", null], b: { c: true } }, "text"],
    ["json string", new JsonType(), "text", "text"],
    ["json string of digits", new JsonType(), "12", "text"],
    ["json number", new JsonType(), 12, "integer"],
    ["uuid", new UuidType(), "123e4567-e89b-12d3-a456-426614174000", "text"],
    ["bytes", new BytesType(), new Uint8Array([0, 1, 255]), "blob"],
    ["no bytes", new BytesType(), new Uint8Array(0), "blob"],
    ["enumeration", new EnumerationType(["red", "green"]), "green", "text"],
    ["unknown number", new UnknownType(), 5, "integer"],
    ["unknown fraction", new UnknownType(), 0.5, "real"],
    ["unknown text", new UnknownType(), "5", "text"],
  ])("%s comes back as it was", async (_, type, value, storage) => {
    expect(await roundTrip(type, value)).toEqual({ read: value, stored: storage });
  });

  it("gives bytes as a Uint8Array and not as a Buffer", async () => {
    const { read } = await roundTrip(new BytesType(), Buffer.from("abc"));
    expect(Object.getPrototypeOf(read)).toBe(Uint8Array.prototype);
  });

  it("stores equal decimals as equal texts", async () => {
    const price = new NumericType(10, 2);
    for (const value of ["12.5", "12.50", "+012.500"]) expect((await roundTrip(price, value)).read).toBe("12.50");
    expect((await roundTrip(price, "-7")).read).toBe("-7.00");
    expect((await roundTrip(new NumericType(), "1.50")).read).toBe("1.5");
  });

  it("stores UUIDs in lower case", async () => {
    const { read } = await roundTrip(new UuidType(), "123E4567-E89B-12D3-A456-426614174000");
    expect(read).toBe("123e4567-e89b-12d3-a456-426614174000");
  });

  it("reads timestamps that SQLite and others wrote", () => {
    const read = types.result(new TimestampType());
    const noon = new Date("2024-02-29T12:00:00Z");
    expect(read?.("2024-02-29 12:00:00")).toEqual(noon);
    expect(read?.("2024-02-29T12:00:00.000Z")).toEqual(noon);
    expect(read?.("2024-02-29 13:00:00+01:00")).toEqual(noon);
    expect(read?.("2024-02-29")).toEqual(new Date("2024-02-29T00:00:00Z"));
    expect(() => read?.("yesterday")).toThrow(DataError);
    expect(() => read?.(5)).toThrow(DataError);
  });

  it("writes timestamps as SQLite's own functions do", async () => {
    const bound = types.bind(new TimestampType())?.(new Date("2024-02-29T12:00:00Z"));
    const { rows } = await connection.execute("SELECT datetime(?) = '2024-02-29 12:00:00'", [bound]);
    expect(rows).toEqual([[1]]);
  });

  it("never rounds an integer silently", async () => {
    const { rows } = await connection.execute("SELECT 9007199254740993", []);
    expect(() => types.result(new IntegerType())?.(rows[0]![0])).toThrow(DataError);
    expect(() => types.result(new BigIntType())?.(rows[0]![0])).toThrow(DataError);
    expect(() => types.result(new IntegerType())?.(9007199254740993n)).toThrow("bigint()");
  });

  it.each<[string, SqlType<unknown>, unknown]>([
    ["a string", new IntegerType(), "5"],
    ["a fraction", new IntegerType(), 1.5],
    ["NaN", new IntegerType(), Number.NaN],
    ["too many bits", new BigIntType(), 2n ** 63n],
    ["a number", new NumericType(), 12.5],
    ["NaN", new FloatType(), Number.NaN],
    ["a string", new FloatType(), "2.5"],
    ["a number", new BooleanType(), 1],
    ["an invalid Date", new TimestampType(), new Date(Number.NaN)],
    ["a string", new TimestampType(), "2024-02-29"],
  ])("%s is no value of the type", (_, type, value) => {
    expect(() => types.bind(type)?.(value)).toThrow(DataError);
  });

  it("converts custom types, and stores what they make of a value", async () => {
    const point = new CustomType<{ x: number; y: number }>({
      ddl: { sqlite: "POINT_TEXT", postgresql: "point" },
      bind: ({ x, y }) => `${x};${y}`,
      result: (stored) => {
        const [x, y] = String(stored).split(";").map(Number);
        return { x: x ?? 0, y: y ?? 0 };
      },
    });
    expect(await roundTrip(point, { x: 1, y: 2 })).toEqual({ read: { x: 1, y: 2 }, stored: "text" });
    const flag = new CustomType<string>({
      ddl: "INTEGER",
      bind: (value) => value === "yes",
      result: (v) => (v ? "yes" : "no"),
    });
    expect(await roundTrip(flag, "yes")).toEqual({ read: "yes", stored: "integer" });
  });

  it("answers with the same processor each time", () => {
    const type = new NumericType(10, 2);
    expect(types.bind(type)).toBe(types.bind(type));
    expect(types.result(type)).toBe(types.result(type));
    expect(types.bind(new StringType())).toBeNull();
  });

  it("says which types it does not have", () => {
    expect(() => types.ddl(new ArrayType(new IntegerType()))).toThrow(CompileError);
    const foreign = new CustomType({ ddl: { postgresql: "hstore" }, bind: String, result: String });
    expect(() => types.ddl(foreign)).toThrow('{ sqlite: "..." }');
  });
});
