import { declarativeBase, inspect, integer, listen, manyToOne, oneToMany, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";
import { openWhileWriting } from "../support/while-writing.ts";

// What the program deletes, expunges or adds again while a flush writes it.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Owner extends Base("owner", {
    id: integer().primaryKey(),
    name: varchar(20),
    get items() {
      return oneToMany(Item, { backPopulates: "owner", cascade: "all, delete-orphan" });
    },
  }) {}
  class Item extends Base("item", {
    id: integer().primaryKey(),
    code: varchar(20).unique(),
    get ownerId() {
      return integer().references(Owner.c.id);
    },
    get owner() {
      return manyToOne(Owner, { backPopulates: "items" });
    },
  }) {}
  const { engine, whileWriting, isDone } = openWhileWriting(database);
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const rows = async (table: "owner" | "item") =>
    (await rowsOf(engine, `select id from ${table} order by id`)).flat().map(Number);
  const close = async () => {
    expect(isDone()).toBe(true);
    await session.close();
    await engine.dispose();
  };
  return { Owner, Item, engine, session, whileWriting, rows, close };
}

onEveryDatabase("a new object whose row is being inserted", (database) => {
  it("is deleted by the next flush, with what it owns, if it is deleted meanwhile", async () => {
    const { Owner, Item, session, whileWriting, rows, close } = await setUp(database);
    const owner = new Owner({ id: 1, items: [new Item({ id: 1 }), new Item({ id: 2 })] });
    session.add(owner);
    whileWriting(() => session.delete(owner));
    await session.flush();
    expect([inspect(owner).state, session.deleted.has(owner), session.has(owner)]).toEqual(["persistent", true, true]);
    await session.flush();
    expect(inspect(owner).state).toBe("deleted");
    await session.commit();
    expect([await rows("owner"), await rows("item"), inspect(owner).state]).toEqual([[], [], "detached"]);
    await close();
  });

  it("is deleted by a commit that is under way", async () => {
    const { Owner, session, whileWriting, rows, close } = await setUp(database);
    const owner = new Owner({ id: 1 });
    session.add(owner);
    whileWriting(() => session.delete(owner));
    await session.commit();
    expect([await rows("owner"), inspect(owner).state]).toEqual([[], "detached"]);
    await close();
  });

  it("stays if it is added again before that", async () => {
    const { Owner, session, whileWriting, rows, close } = await setUp(database);
    const owner = new Owner({ id: 1 });
    session.add(owner);
    whileWriting(() => {
      session.delete(owner);
      session.add(owner);
    });
    await session.commit();
    expect([await rows("owner"), inspect(owner).state]).toEqual([[1], "persistent"]);
    await close();
  });

  it("is transient after a rollback", async () => {
    const { Owner, Item, session, whileWriting, rows, close } = await setUp(database);
    const owner = new Owner({ id: 1, name: "n", items: [new Item({ id: 1 })] });
    session.add(owner);
    whileWriting(() => session.delete(owner));
    await session.flush();
    await session.rollback();
    expect([inspect(owner).state, owner.name, session.deleted.size, session.new.size]).toEqual([
      "transient",
      "n",
      0,
      0,
    ]);
    session.add(owner);
    await session.commit();
    expect([await rows("owner"), await rows("item")]).toEqual([[1], [1]]);
    await close();
  });

  it("is transient after a rollback also if the INSERT failed", async () => {
    const { Item, session, whileWriting, rows, close } = await setUp(database);
    session.add(new Item({ id: 1, code: "a" }));
    await session.commit();
    const [item, other] = [new Item({ id: 2, code: "a" }), new Item({ id: 3 })];
    session.addAll([item, other]);
    whileWriting(() => session.delete(item));
    await expect(session.flush()).rejects.toThrow(/code/);
    await session.rollback();
    expect([inspect(item).state, inspect(other).state, session.deleted.size]).toEqual(["transient", "transient", 0]);
    session.add(other);
    await session.commit();
    expect(await rows("item")).toEqual([1, 3]);
    await close();
  });

  it("is deleted as an orphan if its owner lets it go meanwhile", async () => {
    const { Owner, Item, session, whileWriting, rows, close } = await setUp(database);
    const [kept, item] = [new Item({ id: 1 }), new Item({ id: 2 })];
    const owner = new Owner({ id: 1, items: [kept, item] });
    session.add(owner);
    whileWriting(() => {
      owner.items.splice(1, 1);
      expect(session.new.has(item)).toBe(true);
    });
    await session.flush();
    expect([inspect(item).state, [...owner.items]]).toEqual(["persistent", [kept]]);
    await session.commit();
    expect([await rows("item"), inspect(item).state]).toEqual([[1], "detached"]);
    await close();
  });
});

onEveryDatabase("while a flush is under way", (database) => {
  it("nothing is expunged", async () => {
    const { Owner, Item, session, whileWriting, rows, close } = await setUp(database);
    const [stored, other] = [new Owner({ id: 1 }), new Owner({ id: 2 })];
    session.addAll([stored, other]);
    await session.commit();
    const item = new Item({ id: 1, owner: stored });
    session.add(item);
    other.name = "b";
    whileWriting(() => {
      for (const object of [stored, other, item])
        expect(() => session.expunge(object)).toThrow(/expunge\(\) cannot be called while a flush is under way/);
      expect(() => session.clear()).toThrow(/clear\(\) cannot be called while a flush is under way/);
    });
    await session.commit();
    expect([stored, other, item].map((object) => inspect(object).state)).toEqual(Array(3).fill("persistent"));
    session.expunge(item);
    expect([inspect(item).state, await rows("item")]).toEqual(["detached", [1]]);
    await close();
  });

  it("an object that was added since can be deleted: it is let go of", async () => {
    const { Owner, session, whileWriting, rows, close } = await setUp(database);
    const [owner, late] = [new Owner({ id: 1 }), new Owner({ id: 2 })];
    session.add(owner);
    whileWriting(() => {
      session.add(late);
      session.delete(late);
      expect(inspect(late).state).toBe("transient");
    });
    await session.commit();
    expect(await rows("owner")).toEqual([1]);
    await close();
  });

  it("an object that it deletes cannot be added again, and deleting it once more changes nothing", async () => {
    const { Owner, Item, session, whileWriting, rows, close } = await setUp(database);
    const owner = new Owner({ id: 1, items: [new Item({ id: 1 })] });
    session.add(owner);
    await session.commit();
    const [item] = owner.items;
    session.delete(owner);
    whileWriting(() => {
      expect(() => session.add(owner)).toThrow(/Owner#1 cannot be added again: a flush that is under way deletes it/);
      session.delete(item!);
    });
    await session.flush();
    expect([inspect(item!).state, session.deleted.size]).toEqual(["deleted", 0]);
    await session.rollback();
    expect([owner, item!].map((object) => inspect(object).state)).toEqual(["persistent", "persistent"]);
    await session.commit();
    expect([await rows("owner"), await rows("item")]).toEqual([[1], [1]]);
    await close();
  });

  it("listeners before the statements may let new objects go, and those after it everything", async () => {
    const { Owner, session, rows, close } = await setUp(database);
    const [stays, deleted, expunged] = [new Owner({ id: 1 }), new Owner({ id: 2 }), new Owner({ id: 3 })];
    session.addAll([stays, deleted, expunged]);
    const ends = [
      listen(Owner, "beforeInsert", (owner) => {
        if (owner !== stays) return;
        session.delete(deleted);
        session.expunge(expunged);
      }),
      listen(Owner, "afterInsert", (owner) => session.expunge(owner)),
    ];
    try {
      await session.commit();
    } finally {
      for (const end of ends) end();
    }
    expect([stays, deleted, expunged].map((owner) => inspect(owner).state)).toEqual([
      "detached",
      "transient",
      "transient",
    ]);
    expect(await rows("owner")).toEqual([1]);
    await close();
  });
});
