import { declarativeBase, integer, manyToOne, oneToMany, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Merging objects whose primary key ignores case, and is spelled otherwise than that of the row.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  const caseless = () => varchar(10).collate({ sqlite: "NOCASE", mysql: "utf8mb4_general_ci" });
  class User extends Base("users", {
    login: caseless().primaryKey(),
    name: caseless(),
    get notes() {
      return oneToMany(Note, { backPopulates: "user" });
    },
  }) {}
  class Note extends Base("note", {
    id: integer().primaryKey(),
    get userLogin() {
      return caseless().references(User.c.login);
    },
    get user() {
      return manyToOne(User, { backPopulates: "notes" });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  session.addAll([new User({ login: "ann", name: "Ann", notes: [new Note({ id: 1 })] }), new User({ login: "bob" })]);
  await session.commit();
  session.clear();
  const users = () => rowsOf(engine, "select login, name from users order by login");
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { User, Note, engine, session, users, close };
}

onEveryDatabase("a merged object whose key is spelled otherwise", (database) => {
  const { comparesWithoutCase } = database.capabilities;

  for (const isLoaded of [true, false]) {
    const how = isLoaded ? "in the session" : "not loaded";

    it.runIf(comparesWithoutCase)(`is that of the row, which keeps its spelling (${how})`, async () => {
      const { User, session, users, close } = await setUp(database);
      const ann = isLoaded ? await session.get(User, "ann") : null;
      const merged = await session.merge(new User({ login: "ANN", name: "ANN" }));
      expect(merged).toBe(ann ?? (await session.get(User, "ann")));
      expect([merged.login, merged.name]).toEqual(["ann", "ANN"]);
      await session.commit();
      expect(await users()).toEqual([
        ["ann", "ANN"],
        ["bob", null],
      ]);
      await close();
    });
  }

  it.runIf(comparesWithoutCase)("is one with others of the graph, also if they must not disagree", async () => {
    const { User, Note, engine, session, close } = await setUp(database);
    const notes = ["Ann", "ANN", "Eve", "EVE"].map((login, i) => new Note({ id: 2 + i, user: new User({ login }) }));
    const merged = await session.mergeAll(notes, { onConflict: "error" });
    expect(new Set(merged.map(({ user }) => user)).size).toBe(2);
    await session.commit();
    expect(await rowsOf(engine, "select id, user_login from note order by id")).toEqual([
      [1, "ann"],
      [2, "ann"],
      [3, "ann"],
      [4, "Eve"],
      [5, "Eve"],
    ]);
    await close();
  });

  it.runIf(comparesWithoutCase)("is one with others also where a part of the key is that of a new object", async () => {
    const Base = declarativeBase();
    class Order extends Base("ord", {
      id: integer().primaryKey(),
      get lines() {
        return oneToMany(Line, { backPopulates: "order" });
      },
    }) {}
    class Line extends Base("line", {
      get orderId() {
        return integer().primaryKey().references(Order.c.id);
      },
      code: varchar(10).collate({ sqlite: "NOCASE", mysql: "utf8mb4_general_ci" }).primaryKey(),
      amount: integer(),
      get order() {
        return manyToOne(Order, { backPopulates: "lines" });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const lines = ["a", "A", "b"].map((code, amount) => new Line({ code, amount }));
    const order = await session.merge(new Order({ lines }));
    expect(order.lines.map(({ code, amount }) => [code, amount])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    await session.commit();
    expect(await rowsOf(engine, "select code, amount from line order by code")).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    await session.close();
    await engine.dispose();
  });

  it.runIf(comparesWithoutCase)("gives the row its spelling if it stands for the row, and was changed", async () => {
    const { User, session, users, close } = await setUp(database);
    const bob = await session.get(User, "bob");
    if (bob === null) throw new Error("Bob was stored.");
    session.expunge(bob);
    bob.login = "BOB";
    const merged = await session.merge(bob);
    expect(merged.login).toBe("BOB");
    await session.commit();
    expect((await users()).map(([login]) => login)).toEqual(["ann", "BOB"]);
    await close();
  });

  it.runIf(comparesWithoutCase)("leaves the row as others have spelled it meanwhile", async () => {
    const { User, engine, session, users, close } = await setUp(database);
    const bob = await session.get(User, "bob");
    if (bob === null) throw new Error("Bob was stored.");
    await session.commit();
    session.expunge(bob);
    await using other = new Session(engine);
    const same = await other.get(User, "bob");
    if (same === null) throw new Error("Bob was stored.");
    same.login = "BOB";
    await other.commit();
    bob.name = "Bob";
    await session.merge(bob);
    await session.commit();
    expect(await users()).toEqual([
      ["ann", "Ann"],
      ["BOB", "Bob"],
    ]);
    await close();
  });
});
