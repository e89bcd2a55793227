import {
  bigint,
  boolean,
  bytes,
  char,
  date,
  double,
  type Engine,
  enumeration,
  func,
  insert,
  integer,
  json,
  literal,
  MetaData,
  numeric,
  select,
  smallint,
  sql,
  Table,
  text,
  time,
  timestamp,
  uuid,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { describeOnMariadb, openMariadb, openMysql2 } from "../../support/mariadb.ts";

/** For each type, values that must come back as they went in. */
const samples = {
  integer: { type: integer(), values: [0, 2_147_483_647, -2_147_483_648] },
  smallint: { type: smallint(), values: [32_767, -32_768] },
  bigint: { type: bigint(), values: [0n, 2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n] },
  numeric: { type: numeric(10, 2), values: ["12.50", "-0.01", "0.00"] },
  "numeric without scale": {
    type: numeric(),
    values: ["1.5", "123456789012345678901234567890.123456789", "0", "0.00001"],
  },
  double: { type: double(), values: [0.1, -1e300, 123456789.123456] },
  varchar: { type: varchar(50), values: ["", 'O\'Reilly \\ "x"', "NULL", "{}", "日本語 🎉", "a\nb\t\r", "\\'; --"] },
  text: { type: text(), values: ["x".repeat(100_000), "$1 ? ?", "  blanks  "] },
  char: { type: char(5), values: ["ab", "abcde"] },
  boolean: { type: boolean(), values: [true, false] },
  date: { type: date(), values: ["2024-02-29", "1582-10-15", "9999-12-31"] },
  time: { type: time(), values: ["00:00:00", "23:59:59.123456", "10:20:30.5"] },
  timestamp: {
    type: timestamp(),
    values: ["2024-05-01T12:30:00.123Z", "1815-06-18T11:35:00.000Z", "2038-01-19T03:14:08.000Z"].map(
      (instant) => new Date(instant),
    ),
  },
  json: {
    type: json<unknown>(),
    values: [{ a: [1, null, { b: "O'x\"\\" }] }, [], "text", 5, true, { big: 9007199254740991 }],
  },
  uuid: { type: uuid(), values: ["123e4567-e89b-12d3-a456-426614174000"] },
  bytes: { type: bytes(), values: [new Uint8Array([0, 1, 39, 92, 255]), new Uint8Array()] },
  enumeration: { type: enumeration(["red", "it's"]), values: ["red", "it's"] },
};

async function roundTrip(engine: Engine, name: keyof typeof samples) {
  const { type, values } = samples[name];
  const table = new Table("sample", new MetaData(), { id: integer().primaryKey(), value: type });
  await table.metadata.createAll(engine);
  await engine.begin(async (connection) => {
    const rows = [...values, null].map((value, id) => ({ id: id + 1, value }));
    await connection.execute(insert(table).values(rows as never)); // the types of the samples differ
  });
  await using connection = await engine.connect();
  const read = await connection.execute(select(table.c.value).orderBy(table.c.id));
  return read.scalars();
}

describeOnMariadb("values of MariaDB", () => {
  // The keys of the samples are what is listed.
  for (const name of Object.keys(samples) as (keyof typeof samples)[]) {
    it(`come back as they went in: ${name}`, async () => {
      expect(await roundTrip(openMariadb(), name)).toEqual([...samples[name].values, null]);
    });

    it(`come back as they went in by mysql2: ${name}`, async () => {
      expect(await roundTrip(openMysql2(), name)).toEqual([...samples[name].values, null]);
    });
  }

  it("are compared exactly, decimals and large integers among them", async () => {
    const engine = openMariadb();
    const table = new Table("sample", new MetaData(), { id: bigint().primaryKey(), price: numeric(30, 10) });
    await table.metadata.createAll(engine);
    await using connection = await engine.connect();
    await connection.execute(insert(table).values({ id: 9007199254740993n, price: "12345678901234567.0000000001" }));
    const count = async (condition: Parameters<ReturnType<typeof select>["where"]>[0]) =>
      (await connection.execute(select(func.count()).selectFrom(table).where(condition))).scalar();
    expect(await count(table.c.price.eq("12345678901234567.0000000001"))).toBe(1);
    expect(await count(table.c.price.eq("12345678901234567.0000000002"))).toBe(0);
    expect(await count(table.c.id.eq(9007199254740992n))).toBe(0);
  });

  it("of now() are the present, whatever zone the server is in", async () => {
    await using connection = await openMariadb().connect();
    const now = (await connection.execute(select(func.now()))).scalar();
    expect(Math.abs(Number(now) - Date.now())).toBeLessThan(60_000);
  });

  it("that no type describes are numbers, bigints, dates and bytes", async () => {
    await using connection = await openMariadb().connect();
    const rows = await connection.execute(
      sql`SELECT count(*), 9007199254740993, CAST('2024-01-02 03:04:05' AS DATETIME), x'00ff', ${"é"}`,
    );
    expect([...rows].map((row) => [...(row as unknown[])])).toEqual([
      [1, 9007199254740993n, new Date("2024-01-02T03:04:05Z"), new Uint8Array([0, 255]), "é"],
    ]);
  });

  it("are divided as integers, joined as texts and compared with NULL as elsewhere", async () => {
    await using connection = await openMariadb().connect();
    const five = literal(5, integer());
    const query = select(five.div(2), literal("a", text()).concat("b"), five.isDistinctFrom(null));
    expect([...(await connection.execute(query))]).toEqual([[2, "ab", true]]);
  });
});
