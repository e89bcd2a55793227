import { declarativeBase, foreignKey, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Rows whose keys hold those of their owners, and rows whose keys hold these in turn.

const ways = [{}, { onUpdate: "cascade" }, { deferrable: true }] as const;

onEveryDatabase("rows of three levels", (database) => {
  async function setUp(options: (typeof ways)[number]) {
    const Base = declarativeBase();
    class Owner extends Base("owner", { code: varchar(20).primaryKey() }) {}
    class Item extends Base("item", {
      get ownerCode() {
        return varchar(20).primaryKey().references(Owner.c.code, options);
      },
      position: integer().primaryKey(),
      name: integer(),
      get owner() {
        return manyToOne(Owner);
      },
    }) {}
    class Sub extends Base("sub", {
      ownerCode: varchar(20).primaryKey(),
      position: integer().primaryKey(),
      n: integer().primaryKey(),
      name: integer(),
      get item() {
        return manyToOne(Item);
      },
      get tableArgs() {
        return [foreignKey([Sub.c.ownerCode, Sub.c.position], [Item.c.ownerCode, Item.c.position], options)];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
    const items = () => rowsOf(engine, "select owner_code, position, name from item order by name");
    const subs = () => rowsOf(engine, "select owner_code, position, n, name from sub order by name");
    const close = async () => {
      await session.close();
      await engine.dispose();
    };
    return { Owner, Item, Sub, session, items, subs, close };
  }

  for (const options of ways) {
    it.each(["object", "column"])(
      `are told once more what they refer to, which changes its key, by %s: ${JSON.stringify(options)}`,
      async (by) => {
        const { Owner, Item, Sub, session, items, subs, close } = await setUp(options);
        const owner = new Owner({ code: "a" });
        const item = new Item({ owner, position: 0, name: 1 });
        const sub = new Sub({ item, n: 1, name: 1 });
        session.add(sub);
        await session.commit();
        session.expire(item, ["owner"]);
        owner.code = "b";
        if (by === "object") item.owner = owner;
        else item.ownerCode = "b";
        await session.commit();
        expect(await items()).toEqual([["b", 0, 1]]);
        expect(await subs()).toEqual([["b", 0, 1, 1]]);
        expect([item.ownerCode, sub.ownerCode]).toEqual(["b", "b"]);
        await close();
      },
    );

    const moves = [
      { left: 1, codes: ["x", "y"] },
      { left: 2, codes: ["x", "y"] },
      { left: 2, codes: ["b", "a"] },
    ] as const;
    it.each(moves)(
      `move at both levels while the keys of the owners that they leave and get change, %o: ${JSON.stringify(options)}`,
      async ({ left, codes }) => {
        const { Owner, Item, Sub, session, items, subs, close } = await setUp(options);
        const [a, b, c] = [new Owner({ code: "a" }), new Owner({ code: "b" }), new Owner({ code: "c" })];
        const [first, second] = [
          new Item({ owner: a, position: 0, name: 1 }),
          new Item({ owner: b, position: 1, name: 2 }),
        ];
        const third = new Item({ owner: c, position: 2, name: 3 });
        const stays = new Sub({ item: second, n: 0, name: 1 });
        const moves = new Sub({ item: left === 1 ? second : third, n: 1, name: 2 });
        session.addAll([first, stays, moves]);
        await session.commit();
        [second.owner, b.code, moves.item, a.code] = [c, codes[1], first, codes[0]];
        await session.commit();
        expect(await items()).toEqual([[codes[0], 0, 1], ["c", 1, 2], ...(left === 1 ? [] : [["c", 2, 3]])]);
        expect(await subs()).toEqual([
          ["c", 1, 0, 1],
          [codes[0], 0, 1, 2],
        ]);
        expect([second.ownerCode, stays.ownerCode, moves.ownerCode]).toEqual(["c", "c", codes[0]]);
        await close();
      },
    );

    it.each(["c", "b"])(
      `exchange items, one of which gets another number, while the owner gets the key %s: ${JSON.stringify(options)}`,
      async (code) => {
        const { Owner, Item, Sub, session, items, subs, close } = await setUp(options);
        const [a, b] = [new Owner({ code: "a" }), new Owner({ code: "b" })];
        const first = new Item({ owner: a, position: 1, name: 1 });
        const second = new Item({ owner: a, position: 2, name: 2 });
        const [ofFirst, ofSecond] = [new Sub({ item: first, n: 1, name: 1 }), new Sub({ item: second, n: 1, name: 2 })];
        session.addAll([b, ofFirst, ofSecond, new Sub({ item: first, n: 2, name: 3 })]);
        await session.commit();
        [ofFirst.item, ofSecond.item, first.position, a.code] = [second, first, 0, code];
        if (code === "b") b.code = "a";
        await session.commit();
        expect(await items()).toEqual([
          [code, 0, 1],
          [code, 2, 2],
        ]);
        expect(await subs()).toEqual([
          [code, 2, 1, 1],
          [code, 0, 1, 2],
          [code, 0, 2, 3],
        ]);
        await close();
      },
    );

    const cases = [0, 1].flatMap((position) =>
      [false, true].flatMap((isMet) =>
        ["stay", "change", "go", "are replaced"].map((what) => ({ position, isMet: isMet && position > 0, what })),
      ),
    );
    it.each(cases)(
      `leave an owner that is deleted for the one that takes its key, %o: ${JSON.stringify(options)}`,
      async ({ position, isMet, what }) => {
        const { Owner, Item, Sub, session, items, subs, close } = await setUp(options);
        const [a, b] = [new Owner({ code: "a" }), new Owner({ code: "b" })];
        const item = new Item({ owner: a, position: 0, name: 1 });
        const sub = new Sub({ item, n: 1, name: 1 });
        session.addAll([b, sub, new Sub({ item, n: 2, name: 2 })]);
        // Its rows follow to the places that the others leave.
        if (isMet) session.add(new Sub({ item: new Item({ owner: b, position: 0, name: 2 }), n: 1, name: 3 }));
        await session.commit();
        [item.owner, item.position, b.code] = [b, position, "a"];
        session.delete(a);
        if (what === "change") sub.name = 5;
        if (what === "go" || what === "are replaced") session.delete(sub);
        if (what === "are replaced") session.add(new Sub({ item, n: 1, name: 5 }));
        await session.commit();
        expect(await items()).toEqual([["a", position, 1], ...(isMet ? [["a", 0, 2]] : [])]);
        expect(await subs()).toEqual([
          ...(what === "stay" ? [["a", position, 1, 1]] : []),
          ["a", position, 2, 2],
          ...(isMet ? [["a", 0, 1, 3]] : []),
          ...(what === "change" || what === "are replaced" ? [["a", position, 1, 5]] : []),
        ]);
        await close();
      },
    );
  }
});
