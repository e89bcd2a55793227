import { alias, deleteFrom, func, insert, integer, literal, MetaData, select, Table, update, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const metadata = new MetaData();
const columns = { id: integer().primaryKey(), name: varchar(20), size: integer() };
const people = new Table("people", metadata, columns);
const copies = new Table("copies", metadata, columns);

onEveryDatabase("statements that write by way of common table expressions", (database) => {
  async function open() {
    const engine = database.open();
    await metadata.createAll(engine);
    const connection = await engine.connect();
    await connection.execute(
      insert(people).values([
        { id: 1, name: "a", size: 10 },
        { id: 2, name: "b", size: 20 },
        { id: 3, name: "c", size: 30 },
      ]),
    );
    return { connection, [Symbol.asyncDispose]: () => connection.close() };
  }
  const big = select({ id: people.c.id, name: people.c.name }).where(people.c.size.gt(15)).cte("big");
  const stored = select(copies.c.id, copies.c.name, copies.c.size).orderBy(copies.c.id);

  it("insert what they select", async () => {
    await using opened = await open();
    const { connection } = opened;
    await connection.execute(insert(copies).fromSelect(["id", "name"], select(big.c.id.add(5), big.c.name)));
    const again = select(big.c.id.add(6), literal("again")).where(big.c.id.lt(9));
    await connection.execute(insert(copies).fromSelect(["id", "name"], again).onConflictDoNothing());
    const renamed = insert(copies).fromSelect(["id", "name"], select(big.c.id.add(7), big.c.name));
    const upsert = renamed.onConflictDoUpdate({
      target: [copies.c.id],
      set: (row) => ({ name: row.name.concat("+") }),
    });
    await connection.execute(upsert);
    const none = select({ n: literal(20) }).cte("numbers");
    const numbers = none.unionAll((self) => select({ n: self.c.n.add(1) }).where(self.c.n.lt(22)));
    await connection.execute(insert(copies).fromSelect(["id", "size"], select(numbers.c.n, numbers.c.n.add(1))));
    const counted = select(func.count(big.c.id)).scalar();
    await connection.execute(insert(copies).values([{ id: 30, size: counted }]));
    expect((await connection.execute(stored)).all()).toEqual([
      [7, "b", null],
      [8, "c", null],
      [9, "b+", null],
      [10, "c", null],
      [20, null, 21],
      [21, null, 22],
      [22, null, 23],
      [30, null, 2],
    ]);
  });

  it("update and delete what their subqueries find", async () => {
    await using opened = await open();
    const { connection } = opened;
    await connection.execute(insert(copies).fromSelect(["id", "name"], select(people.c.id, people.c.name)));
    const found = select(big.c.id).where(big.c.id.lt(3));
    const counted = select(func.count(big.c.id)).scalar();
    await connection.execute(update(copies).set({ name: "found", size: counted }).where(copies.c.id.in(found)));
    await connection.execute(deleteFrom(copies).where(copies.c.id.in(select(big.c.id).where(big.c.id.gt(2)))));
    expect((await connection.execute(stored)).all()).toEqual([
      [1, "a", null],
      [2, "found", 2],
    ]);
  });

  it("update along them", async () => {
    await using opened = await open();
    const { connection } = opened;
    await connection.execute(insert(copies).fromSelect(["id", "name"], select(people.c.id, people.c.name)));
    await connection.execute(
      update(copies)
        .set({ name: big.c.name.concat("!"), size: 5 })
        .where(copies.c.id.eq(big.c.id.add(-1))),
    );
    const other = alias(big, "other");
    await connection.execute(update(copies).set({ size: 6 }).where(copies.c.id.eq(other.c.id), other.c.name.eq("c")));
    expect((await connection.execute(stored)).all()).toEqual([
      [1, "b!", 5],
      [2, "c!", 5],
      [3, "c", 6],
    ]);
  });
});
