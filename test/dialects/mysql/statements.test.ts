import {
  CompileError,
  deleteFrom,
  func,
  index,
  insert,
  inspect,
  integer,
  json,
  MetaData,
  select,
  Table,
  tableOptions,
  text,
  update,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { describeOnMariadb, openMariadb } from "../../support/mariadb.ts";

async function setUp() {
  const metadata = new MetaData();
  const items = new Table(
    "order",
    metadata,
    { id: integer().primaryKey(), name: varchar(20).notNull().unique(), rank: integer() },
    (c) => [index("ix_rank", c.rank), tableOptions({ mysqlEngine: "InnoDB", comment: "it's" })],
  );
  const ranks = new Table("ranks", metadata, { name: varchar(20).primaryKey(), rank: integer().notNull() });
  const engine = openMariadb();
  await metadata.createAll(engine);
  const connection = await engine.connect();
  const rows = async () => [
    ...(await connection.execute(select(items.c.id, items.c.name, items.c.rank).orderBy(items.c.id))),
  ];
  return { engine, connection, metadata, items, ranks, rows };
}

describeOnMariadb("indexes of MariaDB", () => {
  it("over what has no length are left out where they may be", async () => {
    const metadata = new MetaData();
    const columns = { id: integer().primaryKey(), note: text(), data: json() };
    new Table("note", metadata, columns, (c) => [
      index("ix_note", c.note, { skipIfUnsupported: true }),
      index("ix_data", c.data, { using: "gin", skipIfUnsupported: true }),
    ]);
    const engine = openMariadb();
    await metadata.createAll(engine);
    expect((await inspect(engine).indexes("note")).map(({ name }) => name)).toEqual([]);
    new Table("other", metadata, { id: integer().primaryKey(), note: text() }, (c) => [index("ix_other", c.note)]);
    await expect(metadata.createAll(engine)).rejects.toThrow(CompileError);
  });
});

describeOnMariadb("statements of MariaDB", () => {
  it("return the keys that the database makes, in the order of the rows", async () => {
    const { connection, items } = await setUp();
    const names = Array.from({ length: 50 }, (_, i) => ({ name: `n${i}` }));
    const result = await connection.execute(insert(items).values(names).returning(items.c.id, items.c.name));
    expect([...result]).toEqual(names.map(({ name }, i) => [i + 1, name]));
    const gone = await connection.execute(deleteFrom(items).where(items.c.id.eq(1)).returning(items.c.name));
    expect(gone.scalars()).toEqual(["n0"]);
    await expect(connection.execute(update(items).set({ rank: 1 }).returning(items.c.id))).rejects.toThrow(
      CompileError,
    );
  });

  it("change a row that is there already, or leave it", async () => {
    const { connection, items, rows } = await setUp();
    await connection.execute(insert(items).values({ id: 1, name: "a", rank: 1 }));
    const row = insert(items).values({ id: 2, name: "a", rank: 7 });
    await connection.execute(row.onConflictDoNothing());
    expect(await rows()).toEqual([[1, "a", 1]]);
    const byName = insert(items).values({ name: "a", rank: 7 });
    await connection.execute(byName.onConflictDoUpdate({ target: [items.c.name], set: ({ rank }) => ({ rank }) }));
    expect(await rows()).toEqual([[1, "a", 7]]);
  });

  it("update and delete by what other tables say", async () => {
    const { connection, items, ranks, rows } = await setUp();
    await connection.execute(insert(items).values([{ name: "a" }, { name: "b" }, { name: "c" }]));
    await connection.execute(
      insert(ranks).values([
        { name: "a", rank: 5 },
        { name: "b", rank: 6 },
      ]),
    );
    await connection.execute(update(items).set({ rank: ranks.c.rank }).where(items.c.name.eq(ranks.c.name)));
    expect(await rows()).toEqual([
      [1, "a", 5],
      [2, "b", 6],
      [3, "c", null],
    ]);
    await connection.execute(deleteFrom(items).where(items.c.name.eq(ranks.c.name), ranks.c.rank.eq(5)));
    expect((await rows()).length).toBe(2);
  });

  it("count the rows that were found, also those that stay as they are", async () => {
    const { connection, items } = await setUp();
    await connection.execute(insert(items).values({ name: "a", rank: 1 }));
    expect((await connection.execute(update(items).set({ rank: 1 }))).rowCount).toBe(1);
  });

  it("write many rows by one UPDATE, whatever the collation of their keys", async () => {
    const { engine, connection, metadata } = await setUp();
    const words = new Table("words", metadata, {
      word: varchar(9).collate("utf8mb4_bin").primaryKey(),
      n: integer(),
    });
    await metadata.createAll(engine);
    await connection.execute(insert(words).values([{ word: "a" }, { word: "A" }, { word: "b" }]));
    const { sql: text } = engine.dialect.batches.update(words, [words.c.word], [words.c.n], 2);
    expect((await connection.run(text, ["a", 1, "A", 2])).rowCount).toBe(2);
    const read = await connection.execute(select(words.c.word, words.c.n).orderBy(words.c.n.nullsLast()));
    expect([...read]).toEqual([
      ["a", 1],
      ["A", 2],
      ["b", null],
    ]);
  });

  it("read rows one by one, and may stop early", async () => {
    const { connection, items } = await setUp();
    await connection.execute(insert(items).values(Array.from({ length: 2000 }, (_, i) => ({ name: `n${i}` }))));
    const seen: unknown[] = [];
    for await (const id of connection.stream(select(items.c.id).orderBy(items.c.id))) {
      seen.push(id);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([[1], [2], [3]]);
    expect((await connection.execute(select(func.count()).selectFrom(items))).scalar()).toBe(2000);
  });

  it("begin a transaction of the isolation level asked for, and go back to savepoints", async () => {
    const { connection, items, rows } = await setUp();
    await connection.begin({ isolation: "read committed" });
    await connection.execute(insert(items).values({ name: "a" }));
    const savepoint = await connection.savepoint();
    await connection.execute(insert(items).values({ name: "b" }));
    await savepoint.rollback();
    expect(await rows()).toEqual([[1, "a", null]]);
    await connection.rollback();
    expect(await rows()).toEqual([]);
  });

  it("describe what is there, and drop all of it", async () => {
    const { engine, connection, metadata } = await setUp();
    const inspector = engine.inspect();
    expect(await inspector.tableNames()).toEqual(["order", "ranks"]);
    expect(await inspector.columns("order")).toMatchObject([
      { name: "id", nullable: false, primaryKeyPosition: 1 },
      { name: "name", type: "varchar(20)" },
      { name: "rank", nullable: true, default: null },
    ]);
    expect(await inspector.uniqueConstraints("order")).toMatchObject([{ columns: ["name"] }]);
    expect(await inspector.indexes("order")).toMatchObject([{ name: "ix_rank", unique: false, columns: ["rank"] }]);
    await connection.close();
    await metadata.dropAll(engine);
    expect(await inspector.tableNames()).toEqual([]);
  });
});
