import {
  CompileError,
  type Connection,
  index,
  insert,
  integer,
  MetaData,
  numeric,
  select,
  Table,
  timestamp,
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

  it("counts its rows as the server does", async () => {
    await using connection = await open();
    const counted = async (statement: Parameters<Connection["execute"]>[0]) =>
      (await connection.execute(statement)).rowCount;
    const row = insert(items).values({ id: 1, size: 7 });
    const [left, updated] = namesItsKey ? [0, 1] : [1, 2];
    expect(await counted(row.onConflictDoNothing())).toBe(left);
    expect(await counted(row.onConflictDoUpdate({ target: [items.c.id], set: { size: 7 } }))).toBe(updated);
    expect(await counted(insert(items).values({ id: 2 }).onConflictDoNothing())).toBe(1);
  });

  it("finds the partial index that has the condition of its target", async () => {
    if (!database.capabilities.partialIndexes) return;
    const columns = {
      id: integer().primaryKey(),
      name: varchar(9),
      state: varchar(9),
      price: numeric(6, 2),
      since: timestamp(),
    };
    const parts = new MetaData();
    const since = new Date("2024-01-31T10:00:00.250Z");
    const offers = new Table("offers", parts, columns, (c) => [
      index("offers_on", c.name, { unique: true, where: c.state.eq("it's on") }),
      index("offers_off", c.name, {
        unique: true,
        where: c.state.eq("off").and(c.price.gt("1.50"), c.since.eq(since)),
      }),
    ]);
    const { id, name, state, price } = offers.c;
    const engine = database.open();
    await parts.createAll(engine);
    await using connection = await engine.connect();
    const on = { target: [name], targetWhere: state.eq("it's on") };
    const off = { target: [name], targetWhere: state.eq("off").and(price.gt("1.50"), offers.c.since.eq(since)) };
    // A server may plan a statement anew, without its parameters, after some executions.
    for (let i = 0; i < 8; i++) {
      const row = insert(offers).values({ name: "a", state: "it's on", price: String(i) });
      await connection.execute(row.onConflictDoUpdate({ ...on, set: (excluded) => ({ price: excluded.price }) }));
      const other = insert(offers).values({ name: "a", state: "off", price: "2.00", since });
      await connection.execute(other.onConflictDoNothing(off));
    }
    expect((await connection.execute(select(state, price).orderBy(id))).all()).toEqual([
      ["it's on", "7.00"],
      ["off", "2.00"],
    ]);
    const without = insert(offers).values({ name: "a" });
    const none = without.onConflictDoNothing({ target: [name], targetWhere: state.eq("no such state") });
    await expect(connection.execute(none)).rejects.toThrow(/ON CONFLICT/i);
  });
});
