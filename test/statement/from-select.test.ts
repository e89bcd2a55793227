import { boolean, insert, integer, MetaData, numeric, select, Table, timestamp, union, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const metadata = new MetaData();
const people = new Table("people", metadata, { id: integer().primaryKey(), name: varchar(9) });
const made = new Date("2024-01-31T10:00:00.250Z");
let calls = 0;
const copies = new Table("copies", metadata, {
  id: integer().primaryKey(),
  name: varchar(9),
  size: integer().notNull().default(5),
  price: numeric(6, 2).default("1.50"),
  isNew: boolean().default(true),
  madeAt: timestamp().default(() => made),
  call: integer().default(() => ++calls),
  state: varchar(9).serverDefault("stored"),
});

onEveryDatabase("INSERT of the rows of a query", (database) => {
  async function open() {
    calls = 0;
    const engine = database.open();
    await metadata.createAll(engine);
    const connection = await engine.connect();
    await connection.execute(
      insert(people).values([
        { id: 1, name: "a" },
        { id: 2, name: "b" },
      ]),
    );
    return connection;
  }
  const { id, name } = people.c;
  const again = insert(copies).fromSelect(["id", "name"], select(id, name));
  const rest = { size: 5, price: "1.50", isNew: true, madeAt: made, call: 1, state: "stored" };

  it.each([
    ["of one table", again],
    ["in an order, of some", insert(copies).fromSelect(["id", "name"], select(id, name).orderBy(id).limit(2))],
    ["that differ", insert(copies).fromSelect(["id", "name"], select(id, name).distinct())],
    [
      "of two queries",
      insert(copies).fromSelect(["id", "name"], union(select(id, name).where(id.eq(1)), select(id, name))),
    ],
    ["that are not there", again.onConflictDoNothing()],
    [
      "of two queries that are not there",
      insert(copies)
        .fromSelect(["id", "name"], union(select(id, name).where(id.eq(1)), select(id, name)))
        .onConflictDoNothing(),
    ],
    [
      "of some that are not there",
      insert(copies)
        .fromSelect(["id", "name"], select(id, name).orderBy(id).limit(2))
        .onConflictDoUpdate({ target: [copies.c.id], set: { name: "x" } }),
    ],
  ])("fills columns that have defaults: rows %s", async (_, statement) => {
    await using connection = await open();
    await connection.execute(statement);
    expect((await connection.execute(select(copies).orderBy(copies.c.id))).all()).toEqual([
      { id: 1, name: "a", ...rest },
      { id: 2, name: "b", ...rest },
    ]);
  });

  it("leaves alone what the query fills, and calls functions once for each execution", async () => {
    await using connection = await open();
    const sized = (more: number) =>
      insert(copies).fromSelect(["id", "size"], select(id.add(more), id.add(more)).where(id.eq(1)));
    await connection.execute(sized(1));
    await connection.execute(sized(2));
    const rows = await connection.execute(select(copies.c.size, copies.c.call).orderBy(copies.c.id));
    expect(rows.all()).toEqual([
      [2, 1],
      [3, 2],
    ]);
  });
});
