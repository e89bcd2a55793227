import {
  declarativeBase,
  enumeration,
  inspect,
  integer,
  lazy,
  manyToOne,
  oneToMany,
  Session,
  select,
  unique,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Columns that are loaded on demand only, and take part in foreign keys, unique keys and versions: the flush needs to know
// what the rows have.

onEveryDatabase("deferred columns in keys", (database) => {
  function models() {
    const Base = declarativeBase();
    class Owner extends Base("owner", {
      id: integer().primaryKey(),
      get items() {
        return oneToMany(Item, { backPopulates: "owner", cascade: "all, delete-orphan" });
      },
    }) {}
    class Item extends Base("item", {
      id: integer().primaryKey(),
      get ownerId() {
        return integer().notNull().references(Owner.c.id).deferred();
      },
      get owner() {
        return manyToOne(Owner, { backPopulates: "items" });
      },
    }) {}
    class Code extends Base("code", {
      id: integer().primaryKey(),
      place: integer().notNull().default(1),
      code: varchar(10).notNull().deferred(),
      note: varchar(10).deferred(),
      get tableArgs() {
        return [unique("code_uk", Code.c.place, Code.c.code)];
      },
    }) {}
    class Versioned extends Base("versioned", {
      id: integer().primaryKey(),
      name: varchar(10),
      version: integer().notNull().deferred(),
      get mapperArgs() {
        return { versionId: Versioned.c.version };
      },
    }) {}
    class Seat extends Base("seat", {
      id: integer().primaryKey(),
      kind: enumeration(["a", "b"]).notNull().unique(),
      name: varchar(10),
      note: varchar(10).deferred(),
      get mapperArgs() {
        return { reinsert: true };
      },
    }) {}
    return { Base, Owner, Item, Code, Versioned, Seat };
  }

  async function setUp() {
    const all = models();
    const engine = database.open();
    await all.Base.metadata.createAll(engine);
    const session = new Session(engine);
    const close = async () => {
      await session.close();
      await engine.dispose();
    };
    return { ...all, engine, session, log: new StatementLog(engine), close };
  }

  it("a value of a unique key is passed on", async () => {
    const { engine, session, log, Code, close } = await setUp();
    session.addAll([new Code({ id: 1, code: "a", note: "one" }), new Code({ id: 2, code: "b", note: "two" })]);
    await session.commit();
    session.clear();
    const [first, second] = (await session.all(select(Code).orderBy(Code.c.id))) as [
      InstanceType<typeof Code>,
      InstanceType<typeof Code>,
    ];
    first.code = "b";
    second.code = "c";
    log.clear();
    await session.commit();
    expect(log.all.filter(({ sql }) => sql.startsWith("SELECT"))).toHaveLength(1);
    expect(await rowsOf(engine, "SELECT id, code FROM code ORDER BY id")).toEqual([
      [1, "b"],
      [2, "c"],
    ]);
    expect([first.code, second.code, inspect(first).isLoaded("note")]).toEqual(["b", "c", false]);

    [first.code, second.code] = ["c", "b"];
    await session.flush();
    await session.rollback();
    expect([first.code, second.code]).toEqual(["b", "c"]);
    await close();
  });

  it("mergeAll exchanges values", async () => {
    const { engine, session, Code, close } = await setUp();
    session.addAll([new Code({ id: 1, code: "a" }), new Code({ id: 2, code: "b" })]);
    await session.commit();
    session.clear();
    await session.mergeAll([new Code({ id: 1, code: "b" }), new Code({ id: 2, code: "a" })]);
    await session.commit();
    expect(await rowsOf(engine, "SELECT id, code FROM code ORDER BY id")).toEqual([
      [1, "b"],
      [2, "a"],
    ]);
    await close();
  });

  it("rows are deleted before what they refer to", async () => {
    const { engine, session, Owner, Item, close } = await setUp();
    session.add(new Owner({ id: 1, items: [new Item({ id: 1 })] }));
    await session.commit();
    session.clear();
    const [owner, item] = [await session.get(Owner, 1), await session.get(Item, 1)];
    if (owner === null || item === null) throw new Error("They are there.");
    session.delete(owner);
    session.delete(item);
    await session.commit();
    expect(await rowsOf(engine, "SELECT count(*) FROM item")).toEqual([[expect.toSatisfy((n) => Number(n) === 0)]]);
    await close();
  });

  it("a cascade deletes what is owned", async () => {
    const { engine, session, Owner, Item, close } = await setUp();
    session.add(new Owner({ id: 1, items: [new Item({ id: 1 }), new Item({ id: 2 })] }));
    session.add(new Owner({ id: 2, items: [new Item({ id: 3 })] }));
    await session.commit();
    session.clear();
    const owner = await session.get(Owner, 1);
    const moved = await session.get(Item, 2);
    if (owner === null || moved === null) throw new Error("They are there.");
    await lazy(owner).items;
    moved.ownerId = 2;
    session.delete(owner);
    await session.commit();
    expect(await rowsOf(engine, "SELECT id, owner_id FROM item ORDER BY id")).toEqual([
      [2, 2],
      [3, 2],
    ]);
    await close();
  });

  it("the owner is found by its key", async () => {
    const { session, Owner, Item, close } = await setUp();
    session.add(new Owner({ id: 1, items: [new Item({ id: 1 })] }));
    await session.commit();
    session.clear();
    const item = await session.get(Item, 1);
    expect((item && (await lazy(item).owner))?.id).toBe(1);
    await close();
  });

  it("the version is counted up", async () => {
    const { engine, session, Versioned, close } = await setUp();
    session.add(new Versioned({ id: 1, name: "a" }));
    await session.commit();
    session.clear();
    const found = await session.get(Versioned, 1);
    if (found === null) throw new Error("It is there.");
    found.name = "b";
    await session.commit();
    expect(await rowsOf(engine, "SELECT name, version FROM versioned")).toEqual([["b", 2]]);
    await close();
  });

  it("a row is inserted again with all that it had", async () => {
    const { engine, session, log, Seat, close } = await setUp();
    session.addAll([new Seat({ id: 1, kind: "a", note: "one" }), new Seat({ id: 2, kind: "b", note: "two" })]);
    await session.commit();
    session.clear();
    const [first, second] = (await session.all(select(Seat).orderBy(Seat.c.id))) as [
      InstanceType<typeof Seat>,
      InstanceType<typeof Seat>,
    ];
    first.name = "x";
    log.clear();
    await session.commit();
    expect([log.all.length, inspect(first).isLoaded("note")]).toEqual([1, false]); // no key changes
    [first.kind, second.kind] = ["b", "a"];
    await session.commit();
    expect(log.writes.slice(1)).toEqual(["DELETE seat", "UPDATE seat", "INSERT seat"]);
    expect(await rowsOf(engine, "SELECT id, kind, name, note FROM seat ORDER BY id")).toEqual([
      [1, "b", "x", "one"],
      [2, "a", null, "two"],
    ]);
    await close();
  });
});
