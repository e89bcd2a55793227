import {
  CompileError,
  type Connection,
  insert,
  integer,
  MetaData,
  select,
  Table,
  UniqueViolation,
  unique,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const metadata = new MetaData();
const items = new Table(
  "items",
  metadata,
  { id: integer().primaryKey(), name: varchar(9).unique(), group: integer(), size: integer() },
  (c) => [unique("items_name_group", c.name, c.group)],
);

onEveryDatabase("an upsert", (database) => {
  const namesItsKey = database.name !== "MariaDB";
  async function open() {
    const engine = database.open();
    await metadata.createAll(engine);
    const connection = await engine.connect();
    await connection.execute(insert(items).values({ id: 1, name: "a", size: 1 }));
    return connection;
  }
  const stored = async (connection: Connection) =>
    (await connection.execute(select(items.c.id, items.c.name, items.c.size).orderBy(items.c.id))).all();

  it("never acts on a row that has a value of another unique key than its target", async () => {
    await using connection = await open();
    const row = insert(items).values({ id: 2, name: "a", size: 2 });
    const copy = insert(items).fromSelect(["id", "name"], select(items.c.id.add(1), items.c.name));
    for (const statement of [
      row.onConflictDoUpdate({ target: [items.c.id], set: { size: 99 } }),
      row.onConflictDoNothing({ target: [items.c.id] }),
      copy.onConflictDoNothing({ target: [items.c.id] }),
    ]) {
      const before = await connection.savepoint();
      await expect(connection.execute(statement)).rejects.toThrow(namesItsKey ? UniqueViolation : CompileError);
      await before.rollback();
    }
    expect(await stored(connection)).toEqual([[1, "a", 1]]);
  });

  it("names its target where its rows have no value of another unique key", async () => {
    await using connection = await open();
    const byId = { target: [items.c.id], set: { size: 5 } };
    await connection.execute(
      insert(items)
        .values([{ id: 1, name: null }, { id: 2 }])
        .onConflictDoUpdate(byId),
    );
    const byName = insert(items).values({ name: "a", group: 1 });
    await connection.execute(byName.onConflictDoUpdate({ target: [items.c.name], set: { size: 6 } }));
    await connection.execute(byName.onConflictDoNothing({ target: [items.c.name] }));
    expect(await stored(connection)).toEqual([
      [1, "a", 6],
      [2, null, null],
    ]);
  });

  it("without a target leaves out what is there by any unique key", async () => {
    await using connection = await open();
    await connection.execute(insert(items).values({ id: 2, name: "a" }).onConflictDoNothing());
    await connection.execute(insert(items).values({ id: 1, name: "b" }).onConflictDoNothing());
    expect(await stored(connection)).toEqual([[1, "a", 1]]);
  });
});
