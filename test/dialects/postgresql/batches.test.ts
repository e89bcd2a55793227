import {
  array,
  declarativeBase,
  defineType,
  type Engine,
  insert,
  integer,
  json,
  MetaData,
  numeric,
  Session,
  select,
  Table,
  text,
  timestamp,
  varchar,
} from "alkahest";
import { PostgresqlDialect } from "alkahest/postgresql";
import { describe, expect, it } from "vitest";
import type { BatchStatement } from "../../../src/compiler/batch-statement.ts";
import { describeOnPostgresql, openPostgresql } from "../../support/postgresql.ts";
import { StatementLog } from "../../support/statements.ts";

const metadata = new MetaData();
const t = new Table("t", metadata, {
  id: integer().primaryKey(),
  name: varchar(4),
  price: numeric(10, 2),
  at: timestamp(),
  data: json<unknown>(),
});
const pairs = new Table("pair", metadata, {
  a: integer().primaryKey(),
  b: varchar(5).primaryKey(),
  note: varchar(20),
});
const { id, name, price, at, data } = t.c;
const { a, b, note } = pairs.c;

const dialect = new PostgresqlDialect();
const { batches } = dialect;

describe("the batches of PostgreSQL", () => {
  it("insert rows with generated keys out of a sorted query, so that the keys ascend", () => {
    expect(batches.insert(t, [name, price], 2, [id]).sql).toBe(
      "INSERT INTO t (name, price) SELECT c0, c1 FROM (VALUES ($1::text, $2::numeric, 0), ($3, $4, 1)) AS v(c0, c1, n) ORDER BY n RETURNING id",
    );
  });

  it("insert one row, and rows with known keys, as they are", () => {
    expect(batches.insert(t, [name], 1, [id]).sql).toBe("INSERT INTO t (name) VALUES ($1) RETURNING id");
    expect(batches.insert(t, [id, name], 2).sql).toBe("INSERT INTO t (id, name) VALUES ($1, $2), ($3, $4)");
  });

  it("find rows with composite keys by typed values", () => {
    expect(batches.delete(pairs, [a, b], 2).sql).toBe(
      "DELETE FROM pair WHERE (a, b) IN (VALUES ($1::integer, $2::text), ($3::integer, $4::text))",
    );
  });
});

describe("the batches of PostgreSQL that take arrays", () => {
  it("delete with one text for any number of rows", () => {
    const two = batches.deleteFromArrays(t, [id], 2);
    expect(two?.sql).toBe("DELETE FROM t WHERE id = ANY($1::integer[])");
    expect(batches.deleteFromArrays(t, [id], 5000)?.sql).toBe(two?.sql);
    expect(two?.parameter([1, 2])).toBe("{1,2}");
    expect(batches.deleteFromArrays(pairs, [a, b], 2)?.sql).toBe(
      "DELETE FROM pair WHERE (a, b) IN (SELECT * FROM unnest($1::integer[], $2::text[]))",
    );
    expect(batches.deleteFromArrays(t, [id], 1)).toBeNull();
  });

  it("quote texts, escape what is in them, and know NULL from its name", () => {
    const parameter = (values: readonly unknown[]) => batches.deleteFromArrays(t, [id], 2)?.parameter(values);
    expect(parameter(["a b", "", "NULL", "{},"])).toBe('{"a b","","NULL","{},"}');
    expect(parameter(["a", 'b"', "\\", null])).toBe('{"a","b\\"","\\\\",NULL}');
    expect(parameter([1, null, -0.5, true, 2n ** 63n])).toBe('{"1",NULL,"-0.5","true","9223372036854775808"}');
    expect(parameter([Number.NaN, -0.5, true, 2n ** 63n])).toBe("{NaN,-0.5,true,9223372036854775808}");
    expect(parameter([new Uint8Array([1, 255]), null])).toBe('{"\\\\x01ff",NULL}');
  });

  it("update with one text for any number of rows, from so many on that it is faster", () => {
    const many = batches.updateFromArrays(pairs, [a, b], [note], 1000);
    expect(many?.sql).toBe(
      "UPDATE pair SET note = v.s0 FROM unnest($1::integer[], $2::text[], $3::text[]) AS v(k0, k1, s0) " +
        "WHERE pair.a = v.k0 AND pair.b = v.k1",
    );
    expect(batches.updateFromArrays(pairs, [a, b], [note], 5000)?.sql).toBe(many?.sql);
    expect(batches.updateFromArrays(pairs, [a, b], [note], 999)).toBeNull();
  });

  it("leave lists of values to what no array can hold", () => {
    const own = (ddl: string) => defineType<string, unknown>({ ddl, bind: String, result: String })();
    const odd = new Table("odd", new MetaData(), {
      list: array(integer()).primaryKey(),
      ownList: own("integer[]").primaryKey(),
      collated: own('text COLLATE "C"').primaryKey(),
      plain: own("varchar(5)").primaryKey(),
    });
    for (const column of [odd.c.list, odd.c.ownList, odd.c.collated]) {
      expect(batches.deleteFromArrays(odd, [column], 2)).toBeNull();
      expect(batches.updateFromArrays(odd, [odd.c.plain], [column], 1000)).toBeNull();
    }
    expect(batches.deleteFromArrays(odd, [odd.c.plain], 2)?.sql).toBe(
      "DELETE FROM odd WHERE plain = ANY($1::varchar[])",
    );
  });
});

describeOnPostgresql("a batch on PostgreSQL", () => {
  async function setUp(): Promise<Engine> {
    const engine = openPostgresql();
    await metadata.createAll(engine);
    return engine;
  }

  async function run(engine: Engine, { sql }: BatchStatement, parameters: readonly unknown[]) {
    return engine.begin((connection) => connection.run(sql, parameters));
  }

  it("makes keys that ascend with the rows", async () => {
    const engine = await setUp();
    const count = 5000;
    const names = Array.from({ length: count }, (_, index) => (index * 7919) % 1000);
    const statement = batches.insert(t, [name], count, [id, name]);
    const { rows } = await run(engine, statement, names.map(String));
    const sorted = [...rows].sort((x, y) => Number(x[0]) - Number(y[0]));
    expect(sorted.map((row) => row[1])).toEqual(names.map(String));
  });

  it("inserts from arrays, with one text for any number of rows", async () => {
    const engine = await setUp();
    const columns = [name, price, at, data];
    const fifty = batches.insertFromArrays(t, columns, 50, [id, name]);
    expect(fifty?.sql).toBe(batches.insertFromArrays(t, columns, 5000, [id, name])?.sql);
    expect(batches.insertFromArrays(t, columns, 2, [id])).toBeNull();
    expect(batches.insertFromArrays(t, columns, 50, [])).toBeNull();
    const names = ["NULL", "", null, 'a"', "\\", "{}", ",", "'"];
    const many = Array.from({ length: 800 }, (_, index) => names[index % names.length] ?? null);
    const [price0, at0, data0] = ["1.5", "2024-05-01T12:00:00.000Z", '{"a": "\\"x\\" \\\\ {1,2}"}'];
    const parameters = [many, many.map(() => price0), many.map(() => at0), many.map((_, i) => (i % 2 ? null : data0))];
    const { rows } = await engine.begin((connection) =>
      connection.run(
        fifty?.sql ?? "",
        parameters.map((values) => fifty?.parameter(values)),
      ),
    );
    const sorted = [...rows].sort((x, y) => Number(x[0]) - Number(y[0]));
    expect(sorted.map((row) => row[1])).toEqual(many);
    const connection = await engine.connect();
    const stored = await connection.execute(select(price, at, data).orderBy(id).limit(2));
    expect(stored.all()).toEqual([
      ["1.50", new Date(at0), { a: '"x" \\ {1,2}' }],
      ["1.50", new Date(at0), null],
    ]);
    await connection.close();
    const tooLong = engine.begin((c) =>
      c.run(
        fifty?.sql ?? "",
        [["abcde"], ["1"], [at0], [null]].map((v) => fifty?.parameter(v)),
      ),
    );
    await expect(tooLong).rejects.toThrow(/value too long/);
  });

  it("gives each of several rows values of every type", async () => {
    const engine = await setUp();
    await engine.begin((connection) => connection.execute(insert(t).values([{ id: 1 }, { id: 2 }, { id: 3 }])));
    const statement = batches.update(t, [id], [name, price, at, data], 2);
    const instant = "2024-05-01T12:00:00.000Z";
    const rows = [1, "x", "1.5", instant, '{"a":1}', 2, null, null, null, null];
    expect((await run(engine, statement, rows)).rowCount).toBe(2);
    await using connection = await engine.connect();
    const stored = await connection.execute(select(id, name, price, at, data).orderBy(id));
    expect(stored.all()).toEqual([
      [1, "x", "1.50", new Date(instant), { a: 1 }],
      [2, null, null, null, null],
      [3, null, null, null, null],
    ]);
  });

  it("updates many rows from arrays, and by lists of values where a column is an array itself", async () => {
    const engine = openPostgresql();
    const Base = declarativeBase();
    class Tagged extends Base("tagged", {
      id: integer().primaryKey(),
      name: varchar(4),
      tags: array(text()),
    }) {}
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const rows = Array.from({ length: 1000 }, (_, n) => new Tagged({ id: n, name: "x", tags: [] }));
    session.addAll(rows);
    await session.commit();
    log.clear();
    for (const row of rows) row.name = "y";
    await session.commit();
    for (const row of rows) row.tags = ["{a,b}", `"${row.id}"`];
    await session.commit();
    const updates = log.all.flatMap(({ sql }) => /FROM unnest|^WITH v/.exec(sql) ?? []);
    expect(updates).toEqual(["FROM unnest", "WITH v"]);
    await using other = new Session(engine);
    const last = await other.get(Tagged, 999);
    expect([last?.name, last?.tags]).toEqual(["y", ["{a,b}", '"999"']]);
  });

  it("takes serial columns for the integers that they are", async () => {
    const serial = (ddl: string) => defineType<number, string>({ ddl, bind: String, result: Number })();
    const Base = declarativeBase();
    class Numbered extends Base("numbered", {
      id: serial("BIGSERIAL").autoincrement().primaryKey(),
      position: serial("serial").notNull(),
    }) {}
    const engine = openPostgresql();
    const create = "CREATE TABLE numbered (id bigserial PRIMARY KEY, position serial NOT NULL)";
    await engine.begin((connection) => connection.execute(text(create)));
    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const rows = Array.from({ length: 1200 }, (_, position) => new Numbered({ position }));
    session.addAll(rows);
    await session.commit();
    for (const row of rows) row.position += 1;
    await session.commit();
    for (const row of rows.slice(2)) session.delete(row);
    await session.commit();
    expect(log.all.flatMap(({ sql }) => /\$1::\w+\[\]/.exec(sql) ?? [])).toEqual([
      "$1::integer[]",
      "$1::bigint[]",
      "$1::bigint[]",
    ]);
    const left = await engine.begin((c) => c.execute(text("SELECT id, position FROM numbered ORDER BY id")));
    expect(left.all()).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it("refuses a value that is too long instead of cutting it off", async () => {
    const engine = await setUp();
    await expect(run(engine, batches.insert(t, [name], 2, [id]), ["abc", "abcde"])).rejects.toThrow(/value too long/);
    await run(engine, batches.insert(t, [id], 1), [1]);
    const update = batches.updateFromArrays(t, [id], [name], 1000);
    const long = engine.begin((c) => c.run(update?.sql ?? "", [update?.parameter([1]), update?.parameter(["abcde"])]));
    await expect(long).rejects.toThrow(/value too long/);
  });

  it("updates and deletes by composite keys", async () => {
    const engine = await setUp();
    const insertion = batches.insert(pairs, [a, b, note], 3);
    await run(engine, insertion, [1, "x", null, 1, "y", null, 2, "x", null]);
    const update = batches.update(pairs, [a, b], [note], 2);
    expect((await run(engine, update, [1, "x", "first", 2, "x", "last"])).rowCount).toBe(2);
    const constant = batches.updateConstant(pairs, [note], [a, b], 2);
    expect((await run(engine, constant, ["same", 1, "y", 2, "x"])).rowCount).toBe(2);
    expect((await run(engine, batches.delete(pairs, [a, b], 2), [1, "y", 9, "z"])).rowCount).toBe(1);
    await using connection = await engine.connect();
    const stored = await connection.execute(select(a, b, note).orderBy(a, b));
    expect(stored.all()).toEqual([
      [1, "x", "first"],
      [2, "x", "same"],
    ]);
  });

  it("inserts what is new and updates what is there", async () => {
    const engine = await setUp();
    const statement = batches.insert(pairs, [a, b, note], 2, [], { target: [a, b], set: [note] });
    await run(engine, statement, [1, "x", "old", 2, "x", "old"]);
    await run(engine, statement, [1, "x", "new", 3, "x", "new"]);
    await using connection = await engine.connect();
    const stored = await connection.execute(select(a, note).orderBy(a));
    expect(stored.all()).toEqual([
      [1, "new"],
      [2, "old"],
      [3, "new"],
    ]);
  });
});
