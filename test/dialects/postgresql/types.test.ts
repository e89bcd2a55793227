import {
  array,
  bigint,
  boolean,
  bytes,
  char,
  DataError,
  date,
  defineType,
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
  real,
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
import { describeOnPostgresql, openPostgresql } from "../../support/postgresql.ts";

const point = defineType<readonly [number, number], string>({
  ddl: { postgresql: "POINT", sqlite: "TEXT" },
  bind: ([x, y]) => `(${x},${y})`,
  result: (stored) => JSON.parse(stored.replace("(", "[").replace(")", "]")) as [number, number],
});
const cents = defineType<number, number>({
  ddl: "INTEGER",
  bind: (value) => value * 100,
  result: (stored) => stored / 100,
});

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
  double: { type: double(), values: [0.1, -1e300, 5e-324, Number.NaN, Number.POSITIVE_INFINITY] },
  real: { type: real(), values: [0.5, -1024] },
  varchar: { type: varchar(50), values: ["", 'O\'Reilly \\ "x"', "NULL", "{}", "日本語 🎉", "a\nb\t\r"] },
  text: { type: text(), values: ["x".repeat(100_000), "$1 ?", "  blanks  "] },
  char: { type: char(5), values: ["ab", "abcde"] },
  boolean: { type: boolean(), values: [true, false] },
  date: { type: date(), values: ["2024-02-29", "1582-10-15", "0001-01-01", "9999-12-31"] },
  time: { type: time(), values: ["00:00:00", "23:59:59.123456"] },
  timestamp: {
    type: timestamp(),
    values: [
      "2024-05-01T12:30:00.123Z",
      "1815-06-18T11:35:00.000Z",
      "2038-01-19T03:14:08.000Z",
      "0001-01-01T00:00:00.000Z",
      "-000043-03-15T12:00:00.000Z",
      "+012345-06-07T08:09:10.011Z",
    ].map((instant) => new Date(instant)),
  },
  json: {
    type: json<unknown>(),
    values: [{ a: [1, null, { b: "O'x\"" }] }, [], "text", 5, true, { big: 9007199254740991 }],
  },
  uuid: { type: uuid(), values: ["123e4567-e89b-12d3-a456-426614174000"] },
  bytes: { type: bytes(), values: [new Uint8Array([0, 1, 92, 255]), new Uint8Array()] },
  enumeration: { type: enumeration(["red", "it's"]), values: ["red", "it's"] },
  "array of integers": { type: array(integer()), values: [[], [1, 2, 3]] },
  "array of texts": { type: array(text()), values: [["", "a,b", '"', "\\", "NULL", "{x}", " "]] },
  "array of arrays": {
    type: array(array(bigint())),
    values: [
      [
        [1n, 2n],
        [3n, 4n],
      ],
    ],
  },
  "array of documents": { type: array(json()), values: [[{ a: 1 }, [2]]] },
  "array of bytes": { type: array(bytes()), values: [[new Uint8Array([0, 255])]] },
  "array of instants": { type: array(timestamp()), values: [[new Date(0), new Date(1)]] },
  "type of one's own, as text": { type: point(), values: [[1, 2.5]] },
  "type of one's own, as a number": { type: cents(), values: [12] },
} as const;

async function tableOf(engine: Engine, type: (typeof samples)[keyof typeof samples]["type"]) {
  const metadata = new MetaData();
  // Each definition is used as it is; their union has no common type of values.
  const table = new Table("sample", metadata, { id: integer().primaryKey(), value: type as ReturnType<typeof json> });
  await metadata.createAll(engine);
  return table;
}

describeOnPostgresql("values of PostgreSQL come back as they went in", () => {
  it.each(Object.keys(samples) as (keyof typeof samples)[])("%s", async (name) => {
    const { type, values } = samples[name];
    const engine = openPostgresql();
    const table = await tableOf(engine, type);
    await using connection = await engine.connect();
    for (const value of values as readonly unknown[]) {
      const returned = await connection.execute(insert(table).values({ value }).returning(table.c.value));
      expect(returned.scalar()).toEqual(value);
    }
    const { rows } = await connection.query(select(table.c.value).where(table.c.value.isNotNull()));
    expect(rows).toHaveLength(values.length);
    const selected = await connection.execute(select(table.c.value).orderBy(table.c.id));
    expect(selected.scalars()).toEqual(values);
    await connection.execute(insert(table).values({ value: null }));
    const missing = await connection.execute(select(table.c.id).where(table.c.value.isNull()));
    expect(missing.all()).toHaveLength(1);
  });
});

describeOnPostgresql("values without a column", () => {
  it("keep their type when they are selected", async () => {
    const engine = openPostgresql();
    await using connection = await engine.connect();
    const instant = new Date("2024-05-01T00:00:00Z");
    const values = [1, "a", true, 2n ** 60n, 0.5, instant, new Uint8Array([1])] as const;
    const [one, two, three, four, five, six, seven] = values;
    const row = await connection.execute(
      select(literal(one), literal(two), literal(three), literal(four), literal(five), literal(six), literal(seven)),
    );
    expect(row.first()).toEqual([...values]);
  });

  it("are decoded in raw SQL by what the database says", async () => {
    const engine = openPostgresql();
    await using connection = await engine.connect();
    const result = await connection.execute(
      sql`SELECT 1::int8 AS small, 9007199254740993 AS large, 1.50 AS exact, 'x' AS word, FALSE AS no,
        '[1]'::jsonb AS document, '\\x00ff'::bytea AS data, '{1,NULL}'::int4[] AS numbers, 'infinity'::timestamptz AS never,
        '2024-05-01 12:00:00+02'::timestamptz AS instant, ${5} AS given`,
    );
    expect(result.mappings()).toEqual([
      {
        small: 1,
        large: 9007199254740993n,
        exact: "1.50",
        word: "x",
        no: false,
        document: [1],
        data: new Uint8Array([0, 255]),
        numbers: [1, null],
        never: "infinity",
        instant: new Date("2024-05-01T10:00:00Z"),
        given: 5,
      },
    ]);
  });

  it("are refused when their type cannot hold them", async () => {
    const engine = openPostgresql();
    const table = await tableOf(engine, integer());
    await using connection = await engine.connect();
    const store = (value: unknown) => connection.execute(insert(table).values({ value }));
    await expect(store(1.5)).rejects.toThrow(/expected a whole number/);
    await expect(store(3_000_000_000)).rejects.toThrow(DataError);
  });

  it("an integer that no number holds exactly is refused and not rounded", async () => {
    const engine = openPostgresql();
    await using connection = await engine.connect();
    const statement = select(func.call("abs", integer(), 2n ** 60n));
    await expect(connection.execute(statement)).rejects.toThrow(DataError);
  });

  it("an instant read from now() finds its row again", async () => {
    const engine = openPostgresql();
    const metadata = new MetaData();
    const table = new Table("t", metadata, { id: integer().primaryKey(), at: timestamp().serverDefault(sql`now()`) });
    await metadata.createAll(engine);
    await using connection = await engine.connect();
    const at = (await connection.execute(insert(table).values({}).returning(table.c.at))).scalar();
    const found = await connection.execute(select(table.c.id).where(table.c.at.eq(at)));
    expect(found.all()).toHaveLength(1);
  });
});
