import {
  ArgumentError,
  declarativeBase,
  type Engine,
  inspect,
  integer,
  keyedBy,
  lazy,
  MappingError,
  manyToMany,
  manyToOne,
  NotLoadedError,
  oneToMany,
  oneToOne,
  Session,
  select,
  selectinLoad,
  Table,
  varchar,
} from "alkahest";
import { describe, expect, expectTypeOf, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf } from "../../support/statements.ts";

function declare() {
  const Base = declarativeBase();
  class Item extends Base("item", {
    id: integer().primaryKey(),
    get notes() {
      return oneToMany(Note, {
        backPopulates: "item",
        cascade: "all, delete-orphan",
        collection: keyedBy(Note.c.word),
      });
    },
    get tags() {
      return manyToMany(Tag, { through: itemTag, backPopulates: "items", collection: "set" });
    },
  }) {}
  class Note extends Base("note", {
    id: integer().primaryKey(),
    word: varchar(20).notNull(),
    get itemId() {
      return integer().notNull().references(Item.c.id);
    },
    get item() {
      return manyToOne(Item, { backPopulates: "notes" });
    },
  }) {}
  class Tag extends Base("tag", {
    id: integer().primaryKey(),
    get items() {
      return manyToMany(Item, { through: itemTag, backPopulates: "tags" });
    },
  }) {}
  const itemTag = new Table("item_tag", Base.metadata, {
    item_id: integer().primaryKey().references("item.id"),
    tag_id: integer().primaryKey().references("tag.id"),
  });
  return { Base, Item, Note, Tag };
}

async function setUp(database: TestDatabase) {
  const { Base, ...classes } = declare();
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { ...classes, engine, session, close };
}

onEveryDatabase("a to-many attribute that is a Map", (database) => {
  const stored = (engine: Engine) => rowsOf(engine, "select word, item_id from note order by id");

  it("finds its members by their attribute, and keeps the other side", async () => {
    const { Item, Note, engine, session, close } = await setUp(database);
    const [color, size] = [new Note({ word: "color" }), new Note({ word: "size" })];
    const item = new Item({ id: 1, notes: new Map([["color", color]]) });
    item.notes.set("size", size);
    session.add(item);
    await session.commit();
    expect(await stored(engine)).toEqual([
      ["color", 1],
      ["size", 1],
    ]);
    expect(item.notes).toBeInstanceOf(Map);
    expectTypeOf(item.notes).toEqualTypeOf<Map<string, InstanceType<typeof Note>>>();
    expect([item.notes.get("size"), item.notes.has("none"), item.notes.size, size.item]).toEqual([
      size,
      false,
      2,
      item,
    ]);
    expect([...item.notes]).toEqual([
      ["color", color],
      ["size", size],
    ]);
    // The map is a view: a member whose attribute changes is found by its new value.
    size.word = "width";
    expect([...item.notes.keys()]).toEqual(["color", "width"]);
    expect(item.notes.get("size")).toBeUndefined();
    await close();
  });

  it("replaces, deletes and empties as a cascade says", async () => {
    const { Item, Note, engine, session, close } = await setUp(database);
    const item = new Item({ id: 1 });
    for (const key of ["a", "b", "c"]) item.notes.set(key, new Note({ word: key }));
    session.add(item);
    await session.commit();
    const other = new Note({ word: "a" });
    item.notes.set("a", other);
    expect(item.notes.delete("b")).toBe(true);
    expect(item.notes.delete("b")).toBe(false);
    await session.commit();
    expect((await stored(engine)).map(([key]) => key)).toEqual(["c", "a"]);
    item.notes = new Map([["a", other]]);
    await session.commit();
    expect((await stored(engine)).map(([key]) => key)).toEqual(["a"]);
    item.notes.clear();
    await session.rollback();
    expect([...item.notes.keys()]).toEqual(["a"]);
    item.notes.clear();
    await session.commit();
    expect(await stored(engine)).toEqual([]);
    await close();
  });

  it("is loaded as any other, and takes members before it is", async () => {
    const { Item, Note, engine, session, close } = await setUp(database);
    session.add(new Item({ id: 1, notes: new Map([["a", new Note({ word: "a" })]]) }));
    await session.commit();
    session.clear();
    const item = await session.one(select(Item));
    expect(() => item.notes.size).toThrow(NotLoadedError);
    expect(() => item.notes.get("a")).toThrow(NotLoadedError);
    item.notes.set("b", new Note({ word: "b" }));
    await session.commit();
    expect((await stored(engine)).map(([key]) => key)).toEqual(["a", "b"]);
    session.clear();
    const loaded = await session.one(select(Item).options(selectinLoad(Item.c.notes)));
    expect([...loaded.notes.keys()].sort()).toEqual(["a", "b"]);
    session.clear();
    const lazily = await session.one(select(Item));
    expect((await lazy(lazily).notes).get("b")?.item).toBe(lazily);
    await close();
  });

  it("shows the last of several members with one key", async () => {
    const { Item, Note, session, close } = await setUp(database);
    const [first, last] = [new Note({ id: 1, word: "a" }), new Note({ id: 2, word: "b" })];
    const item = new Item({
      id: 1,
      notes: new Map([
        ["a", first],
        ["b", last],
      ]),
    });
    session.add(item);
    await session.commit();
    last.word = "a";
    expect([item.notes.size, item.notes.get("a"), [...item.notes.values()]]).toEqual([1, last, [last]]);
    await close();
  });

  it("replaces what was put in before it is loaded", async () => {
    const { Item, Note, engine, session, close } = await setUp(database);
    session.add(new Item({ id: 1 }));
    await session.commit();
    session.clear();
    const item = await session.one(select(Item));
    const [first, second] = [new Note({ id: 1, word: "a" }), new Note({ id: 2, word: "a" })];
    item.notes.set("a", first).set("a", second);
    await session.commit();
    expect(await rowsOf(engine, "select id, item_id from note")).toEqual([[2, 1]]);
    expect([first.item, second.item]).toEqual([null, item]);
    await close();
  });

  it("is merged", async () => {
    const { Item, Note, engine, session, close } = await setUp(database);
    session.add(new Item({ id: 1, notes: new Map([["a", new Note({ id: 1, word: "a" })]]) }));
    await session.commit();
    session.clear();
    const merged = await session.merge(
      new Item({
        id: 1,
        notes: new Map([
          ["x", new Note({ id: 1, word: "x" })],
          ["y", new Note({ id: 2, word: "y" })],
        ]),
      }),
    );
    expect([...merged.notes.keys()]).toEqual(["x", "y"]);
    await session.commit();
    expect((await stored(engine)).map(([key]) => key)).toEqual(["x", "y"]);
    await close();
  });
});

onEveryDatabase("a to-many attribute that is a Set", (database) => {
  it("has each member once, and keeps the other side", async () => {
    const { Item, Tag, engine, session, close } = await setUp(database);
    const [one, two] = [new Tag({ id: 1 }), new Tag({ id: 2 })];
    const item = new Item({ id: 1, tags: new Set([one]) });
    item.tags.add(two).add(one);
    session.add(item);
    await session.commit();
    const pairs = "select item_id, tag_id from item_tag order by tag_id";
    expect(await rowsOf(engine, pairs)).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(item.tags).toBeInstanceOf(Set);
    expectTypeOf(item.tags).toEqualTypeOf<Set<InstanceType<typeof Tag>>>();
    expect([[...item.tags], item.tags.size, item.tags.has(two), two.items]).toEqual([[one, two], 2, true, [item]]);
    expect(item.tags.delete(one)).toBe(true);
    expect(item.tags.delete(one)).toBe(false);
    await session.commit();
    expect(await rowsOf(engine, pairs)).toEqual([[1, 2]]);
    expect(inspect(item).history("tags").unchanged).toEqual([two]);
    item.tags = new Set();
    await session.commit();
    expect(await rowsOf(engine, pairs)).toEqual([]);
    await close();
  });

  it("takes and gives members before it is loaded", async () => {
    const { Item, Tag, engine, session, close } = await setUp(database);
    session.addAll([new Item({ id: 1, tags: new Set([new Tag({ id: 1 })]) }), new Tag({ id: 2 })]);
    await session.commit();
    session.clear();
    const [item, one, two] = [await session.get(Item, 1), await session.get(Tag, 1), await session.get(Tag, 2)];
    if (item === null || one === null || two === null) throw new Error("The rows are gone.");
    expect(() => [...item.tags]).toThrow(NotLoadedError);
    item.tags.delete(one);
    item.tags.add(two);
    await session.commit();
    expect(await rowsOf(engine, "select item_id, tag_id from item_tag")).toEqual([[1, 2]]);
    await close();
  });
});

describe("a collection that is no array", () => {
  it("refuses what it cannot hold", () => {
    const { Item, Note } = declare();
    const item = new Item({ id: 1 });
    expect(() => item.notes.set("a", new Note({ word: "b" }))).toThrow(ArgumentError);
    expect(() => item.notes.set("a", new Item() as never)).toThrow("holds objects of class Note");
    expect(() => item.tags.add(null as never)).toThrow(ArgumentError);
    expect(() => {
      item.tags = "none" as never;
    }).toThrow("assign a Set or an array");
    expect(() => {
      item.notes = new Map([["a", new Note({ word: "b" })]]);
    }).toThrow("whose own key is");
    expect(item.notes.size).toBe(0);
  });

  it("belongs to a relationship with many objects, and is keyed by a column of these", () => {
    const Base = declarativeBase();
    class A extends Base("a", {
      id: integer().primaryKey(),
      get b() {
        return oneToOne(B, { collection: "set" } as never);
      },
    }) {}
    class B extends Base("b", {
      id: integer().primaryKey(),
      get aId() {
        return integer().references(A.c.id);
      },
    }) {}
    expect(() => new A()).toThrow(MappingError);
    class C extends Base("c", {
      id: integer().primaryKey(),
      get ds() {
        return oneToMany(D, { collection: keyedBy(C.c.code) });
      },
      code: integer(),
    }) {}
    class D extends Base("d", {
      id: integer().primaryKey(),
      get cId() {
        return integer().references(C.c.id);
      },
    }) {}
    expect(() => new C()).toThrow('C.ds is keyed by "code", which is no column of D');
    expect(() => keyedBy("key" as never)).toThrow(ArgumentError);
    expect(new B()).toBeInstanceOf(B);
    expect(D).toBeDefined();
  });
});
