import { declarativeBase, foreignKey, integer, manyToMany, manyToOne, Session, Table, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// A key that is changed and changed back, while others are told of the one that it had in between.

async function setUp(database: TestDatabase) {
  const onUpdate = { onUpdate: "cascade" } as const;
  const Base = declarativeBase();
  class Owner extends Base("owner", {
    code: varchar(10).primaryKey(),
    get tags() {
      return manyToMany(Tag, { through: ownerTag });
    },
  }) {}
  class Item extends Base("item", {
    get ownerCode() {
      return varchar(10).primaryKey().references(Owner.c.code, onUpdate);
    },
    position: integer().primaryKey(),
    name: varchar(10),
    get owner() {
      return manyToOne(Owner);
    },
  }) {}
  class Part extends Base("part", {
    ownerCode: varchar(10).primaryKey(),
    position: integer().primaryKey(),
    number: integer().primaryKey(),
    get item() {
      return manyToOne(Item);
    },
    get tableArgs() {
      return [foreignKey([Part.c.ownerCode, Part.c.position], [Item.c.ownerCode, Item.c.position], onUpdate)];
    },
  }) {}
  class Tag extends Base("tag", { name: varchar(10).primaryKey() }) {}
  const ownerTag = new Table("owner_tag", Base.metadata, {
    owner_code: varchar(10).primaryKey().references("owner.code", onUpdate),
    tag_name: varchar(10).primaryKey().references("tag.name", onUpdate),
  });
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const owner = new Owner({ code: "a", tags: [] });
  const item = new Item({ owner, position: 0, name: "one" });
  const part = new Part({ item, number: 7 });
  const tag = new Tag({ name: "t" });
  session.addAll([owner, item, part, tag]);
  await session.commit();
  const log = new StatementLog(engine);
  const expectAll = async (ownerCode: string) => {
    expect([owner.code, item.ownerCode, part.ownerCode]).toEqual([ownerCode, ownerCode, ownerCode]);
    expect(await session.get(Owner, ownerCode)).toBe(owner);
    expect(await session.get(Item, { ownerCode, position: 0 })).toBe(item);
    expect(await session.get(Part, { ownerCode, position: 0, number: 7 })).toBe(part);
    expect(await session.get(Item, { ownerCode: ownerCode === "a" ? "x" : "a", position: 0 })).toBeNull();
  };
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { engine, session, owner, item, part, tag, log, expectAll, close };
}

onEveryDatabase("a key that is changed and changed back", (database) => {
  it("leaves what was told of it under the key of its row, and writes nothing", async () => {
    const { session, owner, item, part, log, expectAll, close } = await setUp(database);
    owner.code = "x";
    item.owner = owner;
    part.item = item;
    expect([item.ownerCode, part.ownerCode]).toEqual(["x", "x"]);
    owner.code = "a";
    await session.commit();
    expect(log.all).toEqual([]);
    await expectAll("a");
    await close();
  });

  it("does so where the other row is written, and when keys change afterwards", async () => {
    const { engine, session, owner, item, part, expectAll } = await setUp(database);
    owner.code = "x";
    item.owner = owner;
    part.item = item;
    owner.code = "a";
    item.name = "two";
    await session.flush();
    await expectAll("a");
    owner.code = "y";
    item.owner = owner;
    owner.code = "x";
    await session.commit();
    await expectAll("x");
    await session.close();
    expect(await rowsOf(engine, "select owner_code, name from item")).toEqual([["x", "two"]]);
    await engine.dispose();
  });

  it("does so with a flush in between", async () => {
    const { session, owner, item, part, expectAll, close } = await setUp(database);
    owner.code = "x";
    await session.flush();
    item.owner = owner;
    owner.code = "a";
    part.item = item;
    owner.code = "x";
    await session.flush();
    await expectAll("x");
    owner.code = "a";
    item.owner = owner;
    await session.commit();
    await expectAll("a");
    await close();
  });

  it("does so after a rollback, and after one to a savepoint", async () => {
    const { session, owner, item, part, expectAll, close } = await setUp(database);
    const thereAndBack = () => {
      const { code } = owner;
      owner.code = "y";
      item.owner = owner;
      part.item = item;
      owner.code = code;
    };
    thereAndBack();
    await session.flush();
    await session.rollback();
    await expectAll("a");
    owner.code = "x";
    const savepoint = await session.beginNested();
    thereAndBack();
    item.position = 1;
    await session.flush();
    await savepoint.rollback();
    await expectAll("x");
    thereAndBack();
    await session.rollback();
    await expectAll("a");
    await close();
  });

  it("leaves rows of association tables as they are, or adds them by the key of the row", async () => {
    const { engine, session, owner, tag, close } = await setUp(database);
    owner.code = "x";
    tag.name = "u";
    owner.tags.push(tag);
    [owner.code, tag.name] = ["a", "t"];
    await session.commit();
    expect(await rowsOf(engine, "select owner_code, tag_name from owner_tag")).toEqual([["a", "t"]]);
    owner.code = "x";
    owner.tags = [];
    owner.tags.push(tag);
    owner.code = "a";
    await session.commit();
    expect(await rowsOf(engine, "select owner_code, tag_name from owner_tag")).toEqual([["a", "t"]]);
    await close();
  });
});
