import { declarativeBase, integer, listen, manyToOne, oneToMany, Session, sql, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// What the program sets while a flush waits for the database is written by the next one: it is never lost, and objects
// never go back to what the flush has written.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Owner extends Base("owner", {
    id: integer().primaryKey(),
    name: varchar(20),
    code: varchar(20).unique(),
    get items() {
      return oneToMany(Item, { backPopulates: "owner" });
    },
  }) {}
  class Item extends Base("item", {
    id: integer().primaryKey(),
    title: varchar(20).default("none"),
    note: varchar(20),
    get ownerId() {
      return integer().references(Owner.c.id);
    },
    get owner() {
      return manyToOne(Owner, { backPopulates: "items" });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  return { Owner, Item, engine, session };
}

/** Moments between the call of a flush and its end. */
const MOMENTS: Readonly<Record<string, () => unknown>> = {
  "in the same breath": () => undefined,
  "in the next microtask": () => Promise.resolve(),
  "in the next turn of the event loop": () => new Promise((resolve) => setImmediate(resolve)),
};

onEveryDatabase("a change while a flush is under way", (database) => {
  for (const [when, moment] of Object.entries(MOMENTS)) {
    for (const way of ["flush", "commit"] as const) {
      it(`stays, and is written by the next one (${way}, ${when})`, async () => {
        const { Owner, Item, engine, session } = await setUp(database);
        const owner = new Owner({ id: 1, name: "0" });
        session.add(owner);
        await session.commit();
        owner.name = "a";
        const item = new Item({ id: 1, note: "a" });
        session.add(item);
        const running = session[way]();
        const waited = moment();
        if (waited !== undefined) await waited;
        owner.name = "b";
        owner.code = "c"; // which the flush does not write
        item.title = "t"; // for which it has a default
        item.note = "b";
        item.owner = owner;
        await running;
        expect([owner.name, owner.code, item.title, item.note, item.ownerId]).toEqual(["b", "c", "t", "b", 1]);
        await session.commit();
        expect(await rowsOf(engine, "select name, code from owner")).toEqual([["b", "c"]]);
        expect(await rowsOf(engine, "select title, note, owner_id from item")).toEqual([["t", "b", 1]]);
        await session.close();
      });
    }

    it(`stays also where the flush is planned, and back to what was stored before (${when})`, async () => {
      const { Owner, engine, session } = await setUp(database);
      const [one, two] = [new Owner({ id: 1, name: "n", code: "x" }), new Owner({ id: 2, code: "y" })];
      session.addAll([one, two]);
      await session.commit();
      [one.code, two.code, one.name] = ["y", "x", "m"];
      const running = session.commit();
      const waited = moment();
      if (waited !== undefined) await waited;
      one.name = "n";
      two.name = "z";
      await running;
      expect([one.name, two.name]).toEqual(["n", "z"]);
      await session.commit();
      expect(await rowsOf(engine, "select name, code from owner order by id")).toEqual([
        ["n", "y"],
        ["z", "x"],
      ]);
      await session.close();
    });

    it(`lets an object refer to a new one, which comes with the next flush (${when})`, async () => {
      const { Owner, Item, engine, session } = await setUp(database);
      const [before, after] = [new Owner(), new Owner()];
      const item = new Item({ id: 1, owner: before });
      session.add(item);
      await session.commit();
      item.note = "x";
      const running = session.commit();
      const waited = moment();
      if (waited !== undefined) await waited;
      item.owner = after;
      await running;
      expect([item.owner, before.items.length, after.items.length]).toEqual([after, 0, 1]);
      await session.commit();
      expect(await rowsOf(engine, "select note, owner_id from item")).toEqual([["x", after.id]]);
      await session.close();
    });

    it(`is taken back by a rollback (${when})`, async () => {
      const { Owner, session } = await setUp(database);
      const owner = new Owner({ id: 1, name: "0" });
      session.add(owner);
      await session.commit();
      owner.name = "a";
      const running = session.flush();
      const waited = moment();
      if (waited !== undefined) await waited;
      owner.name = "b";
      await running;
      await session.rollback();
      expect(owner.name).toBe("0");
      await session.close();
    });
  }

  it("stays where an attribute is set several times", async () => {
    const { Owner, engine, session } = await setUp(database);
    const owner = new Owner({ id: 1, name: "0" });
    session.add(owner);
    await session.commit();
    owner.name = "a";
    const running = session.commit();
    owner.code = "b";
    owner.code = "c";
    owner.name = "b";
    owner.name = "c";
    await running;
    await session.commit();
    expect(await rowsOf(engine, "select name, code from owner")).toEqual([["c", "c"]]);
    await session.close();
  });

  it("stays where the flush deletes others", async () => {
    const { Owner, engine, session } = await setUp(database);
    const [owner, other] = [new Owner({ id: 1, name: "0" }), new Owner({ id: 2 })];
    session.addAll([owner, other]);
    await session.commit();
    owner.name = "x";
    owner.name = "0"; // as it is stored
    session.delete(other);
    const running = session.commit();
    owner.name = "b";
    await running;
    await session.commit();
    expect(await rowsOf(engine, "select id, name from owner")).toEqual([[1, "b"]]);
    await session.close();
  });

  it("stays, and so do new objects, where listeners of classes are called", async () => {
    const { Owner, engine, session } = await setUp(database);
    const [owner, clean] = [new Owner({ id: 1, name: "0" }), new Owner({ id: 2, name: "0" })];
    session.addAll([owner, clean]);
    await session.commit();
    const stop = listen(Owner, "beforeUpdate", () => {});
    try {
      for (let turns = 0; turns < 6; turns++) {
        owner.name = `a${turns}`;
        const running = session.commit();
        for (let i = 0; i < turns; i++) await Promise.resolve();
        clean.name = `b${turns}`;
        session.add(new Owner({ id: 10 + turns }));
        await running;
        await session.commit();
        expect(await rowsOf(engine, "select name from owner where id < 10 order by id")).toEqual([
          [`a${turns}`],
          [`b${turns}`],
        ]);
        expect(await rowsOf(engine, "select id from owner where id >= 10")).toHaveLength(turns + 1);
      }
    } finally {
      stop();
    }
    await session.close();
  });

  it("stays while values are read back that the database has made", async () => {
    const Base = declarativeBase();
    class Total extends Base("total", {
      id: integer().primaryKey(),
      amount: integer().notNull(),
      note: varchar(10),
      twice: integer().computed(sql`amount * 2`),
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const total = new Total({ id: 1, amount: 1 });
    session.add(total);
    await session.commit();
    for (let turns = 1; turns < 12; turns++) {
      total.amount = turns;
      const running = session.flush();
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      total.note = `n${turns}`;
      await running;
      await session.commit();
      expect(await rowsOf(engine, "select amount, note from total")).toEqual([[turns, `n${turns}`]]);
    }
    await session.close();
  });
});
