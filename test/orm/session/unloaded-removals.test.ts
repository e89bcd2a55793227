import { declarativeBase, integer, lazy, manyToOne, oneToMany, Session, select, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf } from "../../support/statements.ts";

// An object is removed from a collection that is not loaded, and nobody knows to whom it belongs: its foreign key is
// deferred, or has expired.

const CASCADES = ["save-update, merge", "all, delete-orphan"] as const;

interface Options {
  readonly cascade?: (typeof CASCADES)[number];
  readonly deferred?: boolean;
}

function models({ cascade = "save-update, merge", deferred = false }: Options) {
  const Base = declarativeBase();
  class Owner extends Base("owner", {
    id: integer().primaryKey(),
    get items() {
      return oneToMany(Item, { backPopulates: "owner", cascade });
    },
  }) {}
  class Item extends Base("item", {
    id: integer().primaryKey(),
    note: varchar(10),
    get ownerId() {
      const column = integer().references(Owner.c.id);
      return deferred ? column.deferred() : column;
    },
    get owner() {
      return manyToOne(Owner, { backPopulates: "items" });
    },
  }) {}
  return { Base, Owner, Item };
}

/** Two owners with an item each; no collection is loaded, and nothing is known of the items but their keys. */
async function setUp(database: TestDatabase, options: Options = {}) {
  const { Base, Owner, Item } = models(options);
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  session.addAll([
    new Owner({ id: 1, items: [new Item({ id: 1 })] }),
    new Owner({ id: 2, items: [new Item({ id: 2 })] }),
  ]);
  await session.commit();
  session.clear();
  const [owner, other] = await session.all(select(Owner).orderBy(Owner.c.id));
  const [item, foreign] = await session.all(select(Item).orderBy(Item.c.id));
  if (!owner || !other || !item || !foreign) throw new Error("Rows are missing.");
  if (options.deferred !== true) for (const each of [item, foreign]) session.expire(each);
  const rows = () => rowsOf(engine, "select id, owner_id from item order by id");
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { Owner, Item, session, owner, other, item, foreign, rows, close };
}

type Removing<T> = T[] & { remove(member: T): boolean };
const remove = <T>(collection: readonly T[], member: T) => (collection as Removing<T>).remove(member);

onEveryDatabase("an object that is removed from a collection, both not loaded", (database) => {
  for (const cascade of CASCADES) {
    for (const deferred of [false, true]) {
      const name = `${cascade}; foreign key ${deferred ? "deferred" : "expired"}`;
      const gone = cascade.includes("delete-orphan") ? [] : [[1, null]];

      it(`leaves it (${name})`, async () => {
        const { session, owner, item, rows, close } = await setUp(database, { cascade, deferred });
        expect(remove(owner.items, item)).toBe(true);
        expect(item.owner).toBeNull();
        await session.commit();
        expect(await rows()).toEqual([...gone, [2, 2]]);
        expect(await lazy(owner).items).toEqual([]);
        await close();
      });

      it(`stays where it is if it was no member (${name})`, async () => {
        const { session, owner, other, foreign, rows, close } = await setUp(database, { cascade, deferred });
        remove(owner.items, foreign);
        await session.commit();
        expect(await rows()).toEqual([
          [1, 1],
          [2, 2],
        ]);
        expect(session.dirty.size).toBe(0);
        expect(await lazy(foreign).owner).toBe(other);
        await close();
      });

      it(`is told apart when the collection is loaded (${name})`, async () => {
        const { session, owner, other, item, foreign, rows, close } = await setUp(database, { cascade, deferred });
        await session.noAutoflush(async () => {
          remove(owner.items, item);
          remove(owner.items, foreign);
          expect(await lazy(owner).items).toEqual([]);
          expect(await lazy(other).items).toEqual([foreign]);
        });
        await session.commit();
        expect(await rows()).toEqual([...gone, [2, 2]]);
        await close();
      });
    }
  }

  it("leaves it for another one", async () => {
    const { session, owner, other, item, rows, close } = await setUp(database, { cascade: "all, delete-orphan" });
    remove(owner.items, item);
    other.items.push(item);
    await session.commit();
    expect(await rows()).toEqual([
      [1, 2],
      [2, 2],
    ]);
    await close();
  });

  it("is taken back by a rollback", async () => {
    const { session, owner, item, rows, close } = await setUp(database);
    remove(owner.items, item);
    await session.rollback();
    expect(await lazy(item).owner).toBe(owner);
    await session.commit();
    expect(await rows()).toEqual([
      [1, 1],
      [2, 2],
    ]);
    await close();
  });

  it("may come back", async () => {
    const { session, owner, item, rows, close } = await setUp(database, { cascade: "all, delete-orphan" });
    remove(owner.items, item);
    owner.items.push(item);
    await session.commit();
    expect(await rows()).toEqual([
      [1, 1],
      [2, 2],
    ]);
    await close();
  });

  it("goes with its owner if that is deleted", async () => {
    const { session, owner, item, rows, close } = await setUp(database, { cascade: "all, delete-orphan" });
    remove(owner.items, item);
    session.delete(owner);
    await session.commit();
    expect(await rows()).toEqual([[2, 2]]);
    await close();
  });

  it("stays with another owner when the one that it was removed from is deleted", async () => {
    const { session, owner, foreign, rows, close } = await setUp(database, { cascade: "all, delete-orphan" });
    remove(owner.items, foreign);
    session.delete(owner);
    await session.commit();
    expect(await rows()).toEqual([[2, 2]]);
    await close();
  });

  it("is a member again when what was changed of it is forgotten", async () => {
    const { session, owner, item, rows, close } = await setUp(database);
    remove(owner.items, item);
    session.expire(item);
    expect(await lazy(owner).items).toEqual([item]);
    await session.commit();
    expect(await rows()).toEqual([
      [1, 1],
      [2, 2],
    ]);
    await close();
  });

  it("is shown by the plan, which changes nothing", async () => {
    const { session, owner, item, foreign, rows, close } = await setUp(database);
    remove(owner.items, item);
    remove(owner.items, foreign);
    expect((await session.plan()).steps.map(({ kind, rowCount }) => [kind, rowCount])).toEqual([["update", 1]]);
    await session.commit();
    expect(await rows()).toEqual([
      [1, null],
      [2, 2],
    ]);
    await close();
  });

  it("leaves a Set and an attribute that only one side knows", async () => {
    const Base = declarativeBase();
    class Owner extends Base("owner", {
      id: integer().primaryKey(),
      get items() {
        return oneToMany(Item, { collection: "set" });
      },
    }) {}
    class Item extends Base("item", {
      id: integer().primaryKey(),
      get ownerId() {
        return integer().references(Owner.c.id);
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    session.addAll([
      new Owner({ id: 1, items: new Set([new Item({ id: 1 })]) }),
      new Owner({ id: 2, items: new Set([new Item({ id: 2 })]) }),
    ]);
    await session.commit();
    session.clear();
    const owner = await session.one(select(Owner).where(Owner.c.id.eq(1)));
    const items = await session.all(select(Item));
    for (const item of items) {
      session.expire(item);
      expect(owner.items.delete(item)).toBe(true);
    }
    await session.commit();
    expect(await rowsOf(engine, "select id, owner_id from item order by id")).toEqual([
      [1, null],
      [2, 2],
    ]);
    await session.close();
    await engine.dispose();
  });
});
