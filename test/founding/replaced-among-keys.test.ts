import { declarativeBase, foreignKey, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// A row is deleted, and a new one gets its key, while what the key refers to changes hands.

const code = () => varchar(20);

const KINDS = [{ onUpdate: "cascade" }, {}, { deferrable: true }] as const;

onEveryDatabase("a new row with the key of a deleted one", (database) => {
  const { deferrable, keysFollow } = database.capabilities;
  const kinds = KINDS.filter((options) => deferrable || !("deferrable" in options));

  it.each(kinds)("whose owner goes as well, and another owner takes that one's key %o", async (options) => {
    const Base = declarativeBase();
    class Owner extends Base("owner", { code: code().primaryKey() }) {}
    class Item extends Base("item", {
      get ownerCode() {
        return code().primaryKey().references(Owner.c.code, options);
      },
      position: integer().primaryKey(),
      get owner() {
        return manyToOne(Owner);
      },
    }) {}
    class Part extends Base("part", {
      ownerCode: code().primaryKey(),
      position: integer().primaryKey(),
      n: integer().primaryKey(),
      name: code(),
      get item() {
        return manyToOne(Item);
      },
      get tableArgs() {
        return [foreignKey([Part.c.ownerCode, Part.c.position], [Item.c.ownerCode, Item.c.position], options)];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine, { suspendForeignKeyChecks: !keysFollow });
    const [a, b] = [new Owner({ code: "a" }), new Owner({ code: "b" })];
    const [going, staying] = [new Item({ owner: a, position: 0 }), new Item({ owner: b, position: 0 })];
    const old = new Part({ item: going, n: 0, name: "old" });
    session.addAll([going, staying, old]);
    await session.commit();
    [a.code, b.code] = ["z", "a"];
    session.delete(old);
    session.delete(going);
    const part = new Part({ item: staying, n: 0, name: "new" });
    session.add(part);
    await session.commit();
    expect(await rowsOf(engine, "select owner_code, position, n, name from part")).toEqual([["a", 0, 0, "new"]]);
    expect(await session.get(Part, { ownerCode: "a", position: 0, n: 0 })).toBe(part);
    await session.close();
    await engine.dispose();
  });

  it.each(kinds)(
    "which is a pair, one side of which goes, while the other side changes its key %o",
    async (options) => {
      const Base = declarativeBase();
      class Left extends Base("lefts", { code: code().primaryKey() }) {}
      class Right extends Base("rights", { code: code().primaryKey() }) {}
      class Pair extends Base("pair", {
        get leftCode() {
          return code().primaryKey().references(Left.c.code, options);
        },
        get rightCode() {
          return code().primaryKey().references(Right.c.code, options);
        },
        number: integer(),
        get left() {
          return manyToOne(Left);
        },
        get right() {
          return manyToOne(Right);
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { suspendForeignKeyChecks: !keysFollow });
      const [l0, l1] = [new Left({ code: "l0" }), new Left({ code: "l1" })];
      const [r0, r2] = [new Right({ code: "r0" }), new Right({ code: "r2" })];
      const old = new Pair({ number: 1, left: l0, right: r2 });
      session.addAll([r0, old, new Pair({ number: 2, left: l1, right: r2 })]);
      await session.commit();
      [r0.code, r2.code, l1.code] = ["r2", "r0", "l0"];
      session.delete(l0);
      session.delete(old);
      session.add(new Pair({ number: 3, left: l1, right: r0 }));
      await session.commit();
      expect(await rowsOf(engine, "select number, left_code, right_code from pair order by number")).toEqual([
        [2, "l0", "r0"],
        [3, "l0", "r2"],
      ]);
      await session.close();
      await engine.dispose();
    },
  );
});
