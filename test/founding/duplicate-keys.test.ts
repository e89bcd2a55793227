import { DuplicateIdentityError, declarativeBase, integer, manyToOne, oneToMany, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Objects that would have one primary key when a flush is done, where one of them is stored and gets another key.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Owner extends Base("owner", { code: varchar(10).primaryKey() }) {}
  class Item extends Base("item", {
    get ownerCode() {
      return varchar(10).primaryKey().references(Owner.c.code, { onUpdate: "cascade" });
    },
    position: integer().primaryKey(),
    name: varchar(10),
    get owner() {
      return manyToOne(Owner);
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const [a, b] = [new Owner({ code: "a" }), new Owner({ code: "b" })];
  const [first, second] = [1, 2].map((position) => new Item({ owner: a, position, name: `a${position}` }));
  const third = new Item({ owner: b, position: 1, name: "b1" });
  if (first === undefined || second === undefined) throw new Error("there are two");
  session.addAll([a, b, first, second, third]);
  await session.commit();
  const log = new StatementLog(engine);
  const refusal = async () => {
    const error: unknown = await session.flush().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DuplicateIdentityError);
    expect(log.all).toEqual([]);
    await session.rollback();
    return String(error);
  };
  const items = () => rowsOf(engine, "select owner_code, position, name from item order by owner_code, position");
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { Owner, Item, engine, session, a, b, first, second, third, refusal, items, close };
}

onEveryDatabase("one primary key for two objects of a session", (database) => {
  it("is refused before any statement, where both are stored and get it", async () => {
    const { a, b, refusal, close } = await setUp(database);
    a.code = b.code = "x"; // b first
    expect(await refusal()).toMatch(/primary key "x": Owner#x \(stored as "b"\) and Owner#x \(stored as "a"\)/);
    expect([a.code, b.code]).toEqual(["a", "b"]);
    await close();
  });

  it("is refused where the other one keeps it", async () => {
    const { a, first, second, third, b, refusal, close } = await setUp(database);
    a.code = "b";
    expect(await refusal()).toMatch(/Owner#b \(stored as "b"\) and Owner#b \(stored as "a"\)/);
    first.position = 2;
    second.name = "changed";
    expect(await refusal()).toMatch(/Item#\("a", 2\) \(stored as "a", 2\) and Item#\("a", 2\) \(stored as "a", 1\)/);
    first.owner = b;
    await refusal();
    expect(third.ownerCode).toBe("b");
    await close();
  });

  it("is refused where a new one has it, in both orders", async () => {
    const { Owner, session, a, refusal, close } = await setUp(database);
    a.code = "x";
    session.add(new Owner({ code: "x" }));
    expect(await refusal()).toContain("session.merge");
    session.add(new Owner({ code: "x" }));
    a.code = "x";
    await refusal();
    await close();
  });

  it("is refused where it comes from an owner whose key changes", async () => {
    const { Item, session, a, first, second, refusal, close } = await setUp(database);
    a.code = "x";
    first.position = 3;
    second.position = 3;
    await refusal();
    a.code = "x";
    first.position = 3;
    session.add(new Item({ owner: a, position: 3 }));
    await refusal();
    await close();
  });

  it("is refused where a stored one gets it only as it follows its owner", async () => {
    const { Item, session, a, third, refusal, close } = await setUp(database);
    a.code = "x";
    session.add(new Item({ owner: a, position: 2 }));
    expect(await refusal()).toMatch(/Item with the primary key \("x", 2\): Item#\("a", 2\) \(stored as "a", 2\)/);
    a.code = "x";
    third.owner = a;
    expect(await refusal()).toMatch(/Item with the primary key \("x", 1\): Item#\("a", 1\) \(stored as "a", 1\)/);
    await close();
  });

  it("is fine where the one that follows its owner gets another one, or is deleted", async () => {
    const { Item, session, a, first, second, items, close } = await setUp(database);
    a.code = "x";
    first.position = 3;
    session.delete(second);
    const added = [1, 2].map((position) => new Item({ owner: a, position, name: `new ${position}` }));
    session.addAll(added);
    await session.commit();
    expect(await session.get(Item, { ownerCode: "x", position: 2 })).toBe(added[1]);
    await session.commit();
    expect(await items()).toEqual([
      ["b", 1, "b1"],
      ["x", 1, "new 1"],
      ["x", 2, "new 2"],
      ["x", 3, "a1"],
    ]);
    await close();
  });

  it("is fine where the other one leaves it: to another key, with its owner, or as it is deleted", async () => {
    const { session, a, b, first, second, third, items, close } = await setUp(database);
    [first.position, second.position] = [2, 1];
    await session.commit();
    expect(await items()).toEqual([
      ["a", 1, "a2"],
      ["a", 2, "a1"],
      ["b", 1, "b1"],
    ]);
    session.delete(second);
    first.position = 1;
    await session.commit();
    expect(await items()).toEqual([
      ["a", 1, "a1"],
      ["b", 1, "b1"],
    ]);
    b.code = "c";
    await session.flush();
    a.code = "b";
    b.code = "a";
    await session.commit();
    expect([first.ownerCode, third.ownerCode]).toEqual(["b", "a"]);
    await close();
  });

  it("is fine where ON DELETE takes the other one along", async () => {
    const Base = declarativeBase();
    class Group extends Base("grp", {
      code: varchar(10).primaryKey(),
      get members() {
        return oneToMany(Member, { backPopulates: "group", cascade: "all", passiveDeletes: true });
      },
    }) {}
    class Member extends Base("member", {
      id: integer().primaryKey(),
      name: varchar(10),
      get groupCode() {
        return varchar(10).references(Group.c.code, { onDelete: "cascade" });
      },
      get group() {
        return manyToOne(Group, { backPopulates: "members" });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const groups = ["a", "b"].map((code, i) => new Group({ code, members: [new Member({ id: i + 1, name: code })] }));
    session.addAll(groups);
    await session.commit();
    session.clear();
    const [member, group] = [await session.get(Member, 1), await session.get(Group, "b")];
    await session.get(Member, 2);
    if (member === null || group === null) throw new Error("both were stored");
    session.delete(group);
    member.id = 2;
    await session.commit();
    expect(await rowsOf(engine, "select id, name from member")).toEqual([[2, "a"]]);
    await session.close();
    await engine.dispose();
  });
});
