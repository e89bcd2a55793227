import {
  array,
  bytes,
  DataError,
  defineType,
  type Engine,
  func,
  insert,
  integer,
  json,
  literal,
  MetaData,
  select,
  sql,
  Table,
  timestamp,
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

/** Values that must come back as they went in, besides those of `../values.test.ts`. */
const samples = {
  "array of documents": { type: array(json()), values: [[{ a: 1 }, [2]]] },
  "array of bytes": { type: array(bytes()), values: [[new Uint8Array([0, 255])]] },
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
