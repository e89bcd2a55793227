import {
  ArgumentError,
  CompileError,
  date,
  dateTime,
  deleteFrom,
  extract,
  func,
  insert,
  integer,
  json,
  jsonGet,
  jsonText,
  MetaData,
  select,
  Table,
  timestamp,
  update,
  varchar,
} from "alkahest";
import { describe, expect, expectTypeOf, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const metadata = new MetaData();
const columns = { id: integer().primaryKey(), name: varchar(50) };
const orders = new Table("orders", metadata, {
  ...columns,
  at: timestamp(),
  local: dateTime(),
  day: date(),
  doc: json<object>(),
});
const archive = new Table("archive", metadata, columns);

const document = {
  theme: "dark",
  size: 7,
  on: true,
  off: false,
  none: null,
  "a.b": { list: [1, { x: "y" }] },
  it: "it's",
};

onEveryDatabase("parts of values", (database) => {
  async function open() {
    const engine = database.open();
    await metadata.createAll(engine);
    const connection = await engine.connect();
    const at = new Date("2024-02-29T23:05:09.250Z");
    await connection.execute(
      insert(orders).values([
        { id: 1, name: "a", at, local: "2021-12-31T10:20:30", day: "2023-10-01", doc: document },
        { id: 2, name: "b" },
      ]),
    );
    return { engine, connection, [Symbol.asyncDispose]: () => connection.close() };
  }

  it("are taken out of dates and times", async () => {
    await using database = await open();
    const { at, local, day, id } = orders.c;
    const fields = ["year", "quarter", "month", "day", "hour", "minute", "second", "dow", "doy"] as const;
    const first = select(...fields.map((field) => extract(field, at))).where(id.eq(1));
    expect((await database.connection.execute(first)).one()).toEqual([2024, 1, 2, 29, 23, 5, 9, 4, 60]);
    const others = select(
      extract("quarter", local),
      extract("second", local),
      extract("dow", day),
      extract("year", day),
    );
    expect((await database.connection.execute(others.orderBy(id))).all()).toEqual([
      [4, 30, 0, 2023],
      [null, null, null, null],
    ]);
    const year = extract("year", at);
    const grouped = select(year, func.count()).where(year.gt(2000)).groupBy(year);
    expect((await database.connection.execute(grouped)).all()).toEqual([[2024, 1]]);
  });

  it("are taken out of documents, as text", async () => {
    await using database = await open();
    const { doc, id } = orders.c;
    const texts = select(
      jsonText(doc, "theme"),
      jsonText(doc, "size"),
      jsonText(doc, "on"),
      jsonText(doc, "off"),
      jsonText(doc, "none"),
      jsonText(doc, "missing"),
      jsonText(doc, "a.b", "list", 1, "x"),
      jsonText(doc, "it"),
    );
    expect((await database.connection.execute(texts.where(id.eq(1)))).one()).toEqual([
      ...["dark", "7", "true", "false", null, null, "y", "it's"],
    ]);
    const found = select(id).where(jsonText(doc, "theme").eq("dark"), jsonText(doc, "size").cast(integer()).gt(5));
    expect((await database.connection.execute(found)).all()).toEqual([[1]]);
  });

  it("are taken out of documents, as documents", async () => {
    await using database = await open();
    const { doc, id } = orders.c;
    const list = jsonGet<unknown[]>(doc, "a.b", "list");
    expectTypeOf(select({ list })).toHaveProperty("columnTypes");
    const parts = select(
      list,
      jsonGet(doc, "a.b", "list", 1),
      jsonGet(doc, "on"),
      jsonGet(doc, "size"),
      jsonGet(doc, "no"),
    );
    expect((await database.connection.execute(parts.where(id.eq(1)))).one()).toEqual([
      [1, { x: "y" }],
      { x: "y" },
      true,
      7,
      null,
    ]);
    expect((await database.connection.execute(select(jsonText(list, 0)).orderBy(id))).all()).toEqual([["1"], [null]]);
  });

  it("are equal to documents, and a position leads nowhere but into an array", async () => {
    await using database = await open();
    const { doc, id } = orders.c;
    for (const condition of [
      jsonGet(doc, "theme").eq("dark"),
      jsonGet(doc, "a.b", "list").eq([1, { x: "y" }]),
      jsonGet(doc, "size").in([7, "x"]),
      jsonGet(doc, "theme").ne("Dark"),
    ])
      expect((await database.connection.execute(select(id).where(condition))).all()).toEqual([[1]]);
    const beside = select(
      jsonGet(doc, "theme", 0),
      jsonText(doc, "a.b", 0),
      jsonText(doc, 0),
      jsonText(doc, "size", 0),
    );
    expect((await database.connection.execute(beside.where(id.eq(1)))).one()).toEqual([null, null, null, null]);
    const inside = select(
      jsonGet(doc, "a.b", "list", 0),
      jsonText(doc, "a.b", "list", 0),
      jsonText(doc, "a.b", "list", 2),
    );
    expect((await database.connection.execute(inside.where(id.eq(1)))).one()).toEqual([1, "1", null]);
  });

  it("rows that a statement in WITH returns", async () => {
    await using opened = await open();
    const { engine, connection } = opened;
    const gone = deleteFrom(orders)
      .where(orders.c.id.eq(1))
      .returning({ id: orders.c.id, label: func.upper(orders.c.name) })
      .cte("gone");
    const move = insert(archive).fromSelect(["id", "name"], select(gone.c.id, gone.c.label));
    if (database.name !== "PostgreSQL" && database.name !== "PGlite") {
      expect(() => engine.compile(move)).toThrow(CompileError);
      return;
    }
    await connection.execute(move);
    expect((await connection.execute(select(archive))).all()).toEqual([{ id: 1, name: "A" }]);
    const renamed = update(orders).set({ name: "z" }).returning(orders.c.id, orders.c.name).cte();
    expect((await connection.execute(select(renamed))).all()).toEqual([{ id: 2, name: "z" }]);
    expect((await connection.execute(select(orders.c.name))).all()).toEqual([["z"]]);
  });

  it("the text of a statement is had without a connection", () => {
    const engine = database.open();
    const { sql, parameters } = engine.compile(select(orders.c.id).where(orders.c.id.gt(5), orders.c.name.eq("x")));
    expect(sql).toMatch(/^SELECT orders\.id FROM orders WHERE orders\.id > (\?|\$1) AND orders\.name = (\?|\$2)$/);
    expect(parameters.map(String)).toEqual(["5", "x"]);
    expect(engine.poolStatus()).toMatchObject({ idle: 0, inUse: 0, opening: 0 });
  });
});

describe("what is no part", () => {
  it("is refused", () => {
    const { doc, at } = orders.c;
    expect(() => extract("century" as never, at)).toThrow(ArgumentError);
    expect(() => jsonText(doc)).toThrow(ArgumentError);
    expect(() => jsonGet(doc, -1)).toThrow("positions from 0, not by -1");
    expect(() => jsonGet(doc, 'a"b')).toThrow(ArgumentError);
    expect(() => deleteFrom(orders).cte()).toThrow("needs returning(...) before it");
  });
});
