import { declarativeBase, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Where the check of a foreign key can be put off, rows still follow the right key: an UPDATE of all that refer to a key
// must not find one that refers to another row by then.

const deferrable = { deferrable: true } as const;

function sessionOn(database: TestDatabase, engine: ReturnType<TestDatabase["open"]>): Session {
  return new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
}

onEveryDatabase("a row that is known by its owner, under DEFERRABLE foreign keys", (database) => {
  it("goes to the owner that takes the key of its own, and another one the other way", async () => {
    const Base = declarativeBase();
    class Owner extends Base("owner", { code: varchar(20).primaryKey() }) {}
    class Item extends Base("item", {
      get ownerCode() {
        return varchar(20).primaryKey().references(Owner.c.code, deferrable);
      },
      position: integer().primaryKey(),
      name: integer(),
      get owner() {
        return manyToOne(Owner);
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = sessionOn(database, engine);
    const [a, b] = [new Owner({ code: "a" }), new Owner({ code: "b" })];
    const [x, y] = [new Item({ owner: a, position: 0, name: 1 }), new Item({ owner: b, position: 0, name: 2 })];
    const stays = new Item({ owner: a, position: 1, name: 3 });
    session.addAll([x, y, stays]);
    await session.commit();
    [x.owner, y.owner, a.code, b.code] = [b, a, "b", "a"];
    await session.commit();
    expect(await rowsOf(engine, "select owner_code, position, name from item order by name")).toEqual([
      ["a", 0, 1],
      ["b", 0, 2],
      ["b", 1, 3],
    ]);
    expect([x.ownerCode, y.ownerCode, stays.ownerCode]).toEqual(["a", "b", "b"]);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("a row that is known by two others, under DEFERRABLE foreign keys", (database) => {
  it.each([false, true])(
    "goes from one that is deleted to the last of a chain of keys, others on the way: %o",
    async (hasOthers) => {
      const Base = declarativeBase();
      class Left extends Base("lefts", { code: varchar(20).primaryKey() }) {}
      class Right extends Base("rights", { code: varchar(20).primaryKey() }) {}
      class Pair extends Base("pairs", {
        get leftCode() {
          return varchar(20).primaryKey().references(Left.c.code, deferrable);
        },
        get rightCode() {
          return varchar(20).primaryKey().references(Right.c.code, deferrable);
        },
        get left() {
          return manyToOne(Left);
        },
        get right() {
          return manyToOne(Right);
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = sessionOn(database, engine);
      const [a, b, c] = [new Left({ code: "a" }), new Left({ code: "b" }), new Left({ code: "c" })];
      const right = new Right({ code: "r" });
      const pair = new Pair({ left: a, right });
      session.addAll([a, b, c, pair]);
      if (hasOthers)
        session.addAll([new Pair({ left: b, right }), new Pair({ left: c, right: new Right({ code: "s" }) })]);
      await session.commit();
      pair.left = c;
      session.delete(a);
      [b.code, c.code] = ["a", "b"];
      await session.commit();
      expect(await rowsOf(engine, "select left_code, right_code from pairs order by left_code, right_code")).toEqual(
        hasOthers
          ? [
              ["a", "r"],
              ["b", "r"],
              ["b", "s"],
            ]
          : [["b", "r"]],
      );
      expect(pair.leftCode).toBe("b");
      await session.close();
      await engine.dispose();
    },
  );
});
