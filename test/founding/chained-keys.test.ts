import { Session } from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";
import { declare, type OnUpdate } from "./chain-models.ts";

// Keys of three levels, each a part of the next one: an owner's code, an item's number there, a part's number in the item.
// Owners exchange their codes, items get other numbers and other owners: what refers to an item stays with it.

type Declared = ReturnType<typeof declare>;
interface Objects {
  readonly a: InstanceType<Declared["Owner"]>;
  readonly b: InstanceType<Declared["Owner"]>;
  readonly x: InstanceType<Declared["Item"]>;
  readonly y: InstanceType<Declared["Item"]>;
  readonly z: InstanceType<Declared["Item"]>;
  readonly ofX: InstanceType<Declared["Part"]>;
  readonly ofY: InstanceType<Declared["Part"]>;
}

/**
 * Items x (a, 0), y (a, 1) and z (b, 0), with a part of x and one of y, which are changed by a session.
 * @param isOfY the part of x is another one of y
 */
async function afterwards(
  database: TestDatabase,
  { Base, Owner, Item, Part }: Declared,
  change: (all: Objects) => void,
  isOfY = false,
) {
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
  const [a, b] = [new Owner({ code: "a" }), new Owner({ code: "b" })];
  const x = new Item({ name: "x", owner: a, position: 0 });
  const y = new Item({ name: "y", owner: a, position: 1 });
  const z = new Item({ name: "z", owner: b, position: 0 });
  const [ofX, ofY] = [new Part({ name: "of x", item: isOfY ? y : x, n: 1 }), new Part({ name: "of y", item: y, n: 2 })];
  session.addAll([x, y, z, ofX, ofY]);
  await session.commit();
  change({ a, b, x, y, z, ofX, ofY });
  await session.commit();
  const items = await rowsOf(engine, "select name, owner_code, position from item order by name");
  const parts = await rowsOf(engine, "select name, owner_code, position, n from part order by name");
  expect([x, y, z].map(({ name, ownerCode, position }) => [name, ownerCode, position])).toEqual(items);
  expect([ofX, ofY].map(({ name, ownerCode, position, n }) => [name, ownerCode, position, n])).toEqual(parts);
  await session.close();
  await engine.dispose();
  return [...items, ...parts];
}

const exchange = ({ a, b }: Objects): void => {
  [a.code, b.code] = ["b", "a"];
};

onEveryDatabase("keys of three levels, while owners exchange theirs", (database) => {
  describe.each<OnUpdate>([{}, { onUpdate: "cascade" }])("%o", (options) => {
    it.each([false, true])(
      "an item takes the number of one that moves to the other owner (owners in a ring: %s)",
      async (isRing) => {
        const rows = await afterwards(database, declare(options, isRing), (all) => {
          [all.x.position, all.y.owner] = [1, all.b];
          exchange(all);
        });
        expect(rows).toEqual([
          ["x", "b", 1],
          ["y", "a", 1],
          ["z", "a", 0],
          ["of x", "b", 1, 1],
          ["of y", "a", 1, 2],
        ]);
      },
    );

    it.each([false, true])("an item gets another number (owners in a ring: %s)", async (isRing) => {
      const rows = await afterwards(database, declare(options, isRing), (all) => {
        all.x.position = 2;
        exchange(all);
      });
      expect(rows).toEqual([
        ["x", "b", 2],
        ["y", "b", 1],
        ["z", "a", 0],
        ["of x", "b", 2, 1],
        ["of y", "b", 1, 2],
      ]);
    });

    it("items go to the other owner, one with the number of the other one", async () => {
      const rows = await afterwards(database, declare(options, false), (all) => {
        [all.x.owner, all.y.owner, all.x.position, all.y.position] = [all.b, all.b, 1, 2];
        exchange(all);
      });
      expect(rows).toEqual([
        ["x", "a", 1],
        ["y", "a", 2],
        ["z", "a", 0],
        ["of x", "a", 1, 1],
        ["of y", "a", 2, 2],
      ]);
    });

    it("a part leaves an item, which goes to the other owner, for one that follows its own", async () => {
      const rows = await afterwards(database, declare(options, false), (all) => {
        [all.y.owner, all.ofY.item] = [all.b, all.z];
        exchange(all);
      });
      expect(rows).toEqual([
        ["x", "b", 0],
        ["y", "a", 1],
        ["z", "a", 0],
        ["of x", "b", 0, 1],
        ["of y", "a", 0, 2],
      ]);
    });

    it("a part goes to an item that gets another number", async () => {
      const rows = await afterwards(database, declare(options, false), (all) => {
        [all.z.position, all.ofX.item] = [1, all.z];
        exchange(all);
      });
      expect(rows).toEqual([
        ["x", "b", 0],
        ["y", "b", 1],
        ["z", "a", 1],
        ["of x", "a", 1, 1],
        ["of y", "b", 1, 2],
      ]);
    });

    it("a part takes the number of one that leaves their item, which goes to the other owner", async () => {
      const change = (all: Objects): void => {
        [all.y.owner, all.ofX.item, all.ofY.n] = [all.b, all.z, 1];
        exchange(all);
      };
      expect(await afterwards(database, declare(options, false), change, true)).toEqual([
        ["x", "b", 0],
        ["y", "a", 1],
        ["z", "a", 0],
        ["of x", "a", 0, 1],
        ["of y", "a", 1, 1],
      ]);
    });

    it("an item goes to the other owner, another one takes its number and its part", async () => {
      const rows = await afterwards(database, declare(options, false), (all) => {
        [all.x.owner, all.x.position, all.y.position, all.ofX.item] = [all.b, 1, 0, all.y];
        exchange(all);
      });
      expect(rows).toEqual([
        ["x", "a", 1],
        ["y", "b", 0],
        ["z", "a", 0],
        ["of x", "b", 0, 1],
        ["of y", "b", 0, 2],
      ]);
    });

    it("an item takes the number of one that goes to the other owner, and parts exchange theirs", async () => {
      const change = (all: Objects): void => {
        [all.x.position, all.y.owner, all.y.position] = [2, all.b, 1];
        [all.ofX.item, all.ofY.item, all.ofX.n, all.ofY.n] = [all.z, all.z, 2, 1];
        exchange(all);
      };
      expect(await afterwards(database, declare(options, false), change)).toEqual([
        ["x", "b", 2],
        ["y", "a", 1],
        ["z", "a", 0],
        ["of x", "a", 0, 2],
        ["of y", "a", 0, 1],
      ]);
    });
  });
});

onEveryDatabase("a flush in stages", (database) => {
  it("that fails at any of its statements leaves rows and objects as they were", async () => {
    let [failAt, statements] = [Number.POSITIVE_INFINITY, 0];
    const engine = database.open({
      around: async (sql, execute) => {
        if (/^\s*(with|insert|update|delete)\b/i.test(sql) && statements++ === failAt) throw new Error("injected");
        return execute();
      },
    });
    const { Base, Owner, Item, Part } = declare({ onUpdate: "cascade" });
    await Base.metadata.createAll(engine);
    const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
    const [a, b] = [new Owner({ code: "a" }), new Owner({ code: "b" })];
    const x = new Item({ name: "x", owner: a, position: 0 });
    const y = new Item({ name: "y", owner: a, position: 1 });
    const part = new Part({ name: "of x", item: x, n: 1 });
    session.addAll([b, x, y, part]);
    await session.commit();
    const change = () => {
      [x.owner, x.position, y.position, part.item] = [b, 1, 0, y];
      [a.code, b.code] = ["b", "a"];
      const added = new Item({ name: "new", owner: a, position: 7 });
      session.add(added);
      return added;
    };
    const seen = () => [
      a.code,
      b.code,
      x.ownerCode,
      x.position,
      y.ownerCode,
      y.position,
      part.ownerCode,
      part.position,
    ];
    const sql = "select name, owner_code, position from item order by name";
    const before = [seen(), await rowsOf(engine, sql)];

    change();
    const isParked = (row: string): boolean => row.includes("parked for a moment");
    expect((await session.plan()).steps.flatMap(({ rows }) => rows).filter(isParked).length).toBeGreaterThan(2);
    await session.rollback();
    for (failAt = 0; ; failAt++) {
      statements = 0;
      const added = change();
      const { ownerCode } = added;
      const error = await session.flush().then(
        () => null,
        (reason: unknown) => reason,
      );
      if (error === null) break;
      expect(String((error as Error).cause ?? error)).toContain("injected");
      await session.rollback();
      expect([seen(), await rowsOf(engine, sql)]).toEqual(before);
      expect(added.ownerCode).toBe(ownerCode);
    }
    expect(failAt).toBeGreaterThan(4);
    failAt = Number.POSITIVE_INFINITY;
    await session.commit();
    expect(seen()).toEqual(["b", "a", "a", 1, "b", 0, "b", 0]);
    expect(await rowsOf(engine, sql)).toEqual([
      ["new", "b", 7],
      ["x", "a", 1],
      ["y", "b", 0],
    ]);
    await session.close();
    await engine.dispose();
  });
});
