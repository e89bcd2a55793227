import { declarativeBase, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Keys that are exchanged by rows which refer to one another, and to themselves for a while.

type OnUpdate = { readonly onUpdate?: "cascade" };

/** Owners with a boss, and their items. */
function ownerModels() {
  const Base = declarativeBase();
  class Owner extends Base("owner", {
    code: varchar(20).primaryKey(),
    get bossCode() {
      return varchar(20).references(Owner.c.code);
    },
    get boss() {
      return manyToOne(Owner, { remoteSide: [Owner.c.code] });
    },
  }) {}
  class Item extends Base("item", {
    id: integer().primaryKey(),
    get ownerCode() {
      return varchar(20).notNull().references(Owner.c.code);
    },
    get owner() {
      return manyToOne(Owner);
    },
  }) {}
  return { Base, Owner, Item };
}

/** Rows that have the key of another table, and refer to one another by it. */
function seatModels(options: OnUpdate) {
  const Base = declarativeBase();
  class Place extends Base("place", { code: varchar(20).primaryKey() }) {}
  class Seat extends Base("seat", {
    get code() {
      return varchar(20).primaryKey().references(Place.c.code, options);
    },
    get nextCode() {
      return varchar(20).references(Seat.c.code, options);
    },
    get place() {
      return manyToOne(Place);
    },
    get next() {
      return manyToOne(Seat, { foreignKeys: [Seat.c.nextCode], remoteSide: [Seat.c.code] });
    },
  }) {}
  return { Base, Place, Seat };
}

const sessionOptions = ({ capabilities }: TestDatabase) => ({ suspendForeignKeyChecks: !capabilities.keysFollow });

onEveryDatabase("keys are exchanged by rows that refer to one another", (database) => {
  for (const boss of ["a", "b", "c"] as const) {
    it(`where one of them refers to ${boss === "b" ? "itself" : boss}, and gets an item`, async () => {
      const { Base, Owner, Item } = ownerModels();
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using session = new Session(engine, sessionOptions(database));
      const [a, b, c] = [new Owner({ code: "a" }), new Owner({ code: "b" }), new Owner({ code: "c" })];
      b.boss = { a, b, c }[boss];
      session.addAll([a, b, c, new Item({ id: 1, owner: b }), new Item({ id: 2, owner: b })]);
      await session.commit();
      [a.code, c.code, b.code] = ["c", "b", "a"];
      session.add(new Item({ id: 3, owner: b }));
      await session.commit();
      const bossCode = { a: "c", b: "a", c: "b" }[boss];
      expect(await rowsOf(engine, "select code, boss_code from owner order by code")).toEqual([
        ["a", bossCode],
        ["b", null],
        ["c", null],
      ]);
      expect(await rowsOf(engine, "select id, owner_code from item order by id")).toEqual([
        [1, "a"],
        [2, "a"],
        [3, "a"],
      ]);
      await engine.dispose();
    });
  }

  for (const options of [{}, { onUpdate: "cascade" }] as const) {
    const title = "onUpdate" in options ? "follow by ON UPDATE CASCADE" : "are written by the flush";
    it(`whose keys ${title}`, async () => {
      const { Base, Place, Seat } = seatModels(options);
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using session = new Session(engine, sessionOptions(database));
      const [x, y] = [new Place({ code: "x" }), new Place({ code: "y" })];
      const first = new Seat({ place: x });
      first.next = first;
      const second = new Seat({ place: y, next: first });
      session.addAll([x, y, first, second]);
      await session.commit();
      [x.code, y.code] = ["y", "x"];
      await session.commit();
      expect(await rowsOf(engine, "select code, next_code from seat order by code")).toEqual([
        ["x", "y"],
        ["y", "y"],
      ]);
      await engine.dispose();
    });
  }
});

onEveryDatabase("a row that comes to refer to itself", (database) => {
  it("does so by the key of one that is deleted, to which it referred", async () => {
    const Base = declarativeBase();
    class Node extends Base("node", {
      id: integer().primaryKey(),
      get nextId() {
        return integer().references(Node.c.id);
      },
      get next() {
        return manyToOne(Node, { remoteSide: [Node.c.id] });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const gone = new Node({ id: 2 });
    const node = new Node({ id: 1, next: gone });
    session.addAll([gone, node]);
    await session.commit();
    session.delete(gone);
    node.id = 2;
    node.next = node;
    await session.commit();
    expect(await rowsOf(engine, "SELECT id, next_id FROM node")).toEqual([[2, 2]]);
    expect([node.id, node.nextId]).toEqual([2, 2]);
    await session.close();
    await engine.dispose();
  });
});
