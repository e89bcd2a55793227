import {
  declarativeBase,
  integer,
  lazy,
  manyToOne,
  oneToMany,
  oneToOne,
  Session,
  select,
  selectinLoad,
  unique,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf } from "../../support/statements.ts";

const CASCADES = ["save-update, merge", "all, delete-orphan"] as const;

interface Options {
  readonly cascade: (typeof CASCADES)[number];
  readonly deferred?: boolean;
}

function models({ cascade, deferred = false }: Options) {
  const Base = declarativeBase();
  class Owner extends Base("owner", {
    id: integer().primaryKey(),
    get items() {
      return oneToMany(Item, { backPopulates: "owner", cascade });
    },
  }) {}
  class Item extends Base("item", {
    id: integer().primaryKey(),
    position: integer(),
    get ownerId() {
      const column = integer().references(Owner.c.id, { onUpdate: "cascade" });
      return deferred ? column.deferred() : column;
    },
    get owner() {
      return manyToOne(Owner, { backPopulates: "items" });
    },
    get tableArgs() {
      return [unique("item_uk", Item.c.ownerId, Item.c.position)];
    },
  }) {}
  return { Base, Owner, Item };
}

/** Two owners, the first of which has an item that expired; both collections are loaded. */
async function setUp(database: TestDatabase, options: Options, names?: ("owner" | "ownerId")[]) {
  const { Base, Owner, Item } = models(options);
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const item = new Item({ id: 1, position: 1 });
  const [owner, other] = [new Owner({ id: 1, items: [item] }), new Owner({ id: 2, items: [] })];
  session.addAll([owner, other]);
  await session.commit();
  session.expire(item, names);
  const rows = () => rowsOf(engine, "select id, owner_id from item order by id");
  return { Owner, Item, engine, session, item, owner, other, rows };
}

onEveryDatabase("a member of a loaded collection that expired", (database) => {
  for (const cascade of CASCADES) {
    const left = cascade.includes("delete-orphan") ? [] : [[1, null]];

    it(`is let go of when it is removed (${cascade})`, async () => {
      const { session, owner, item, rows } = await setUp(database, { cascade });
      owner.items.pop();
      expect(item.owner).toBeNull();
      await session.commit();
      expect(await rows()).toEqual(left);
      await session.close();
    });

    it(`makes way for one that takes its unique value (${cascade})`, async () => {
      const { session, owner, Item, rows } = await setUp(database, { cascade });
      owner.items = [new Item({ id: 2, position: 1 })];
      await session.commit();
      expect(await rows()).toEqual([...left, [2, 1]]);
      await session.close();
    });

    for (const names of [undefined, ["owner"], ["ownerId"], ["owner", "ownerId"]] as const) {
      it(`leaves the collection for another one (${cascade}; expired: ${names ?? "all"})`, async () => {
        const { session, owner, other, item, rows } = await setUp(database, { cascade }, names && [...names]);
        item.owner = other;
        expect([[...owner.items], [...other.items]]).toEqual([[], [item]]);
        await session.commit();
        expect(await rows()).toEqual([[1, 2]]);
        await session.close();
      });
    }
  }

  it("leaves the collection when its foreign key is set", async () => {
    const { session, owner, other, item, rows } = await setUp(database, { cascade: "save-update, merge" });
    item.ownerId = 2;
    expect([[...owner.items], [...other.items]]).toEqual([[], [item]]);
    await session.commit();
    expect(await rows()).toEqual([[1, 2]]);
    await session.close();
  });

  it("stays where it is when its owner is set again", async () => {
    const { session, owner, item, rows } = await setUp(database, { cascade: "all, delete-orphan" });
    item.owner = owner;
    expect([...owner.items]).toEqual([item]);
    await session.commit();
    expect(await rows()).toEqual([[1, 1]]);
    await session.close();
  });

  it("comes back with a rollback, flushed or not", async () => {
    const { session, owner, other, item, rows } = await setUp(database, { cascade: "save-update, merge" });
    for (const flush of [false, true]) {
      item.owner = other;
      if (flush) await session.flush();
      await session.rollback();
      expect([[...owner.items], [...other.items]]).toEqual([[item], []]);
      expect(await lazy(item).owner).toBe(owner);
      session.expire(item);
    }
    owner.items = [];
    await session.rollback();
    expect([...owner.items]).toEqual([item]);
    await session.commit();
    expect(await rows()).toEqual([[1, 1]]);
    await session.close();
  });

  it("is let go of where only its reference expired and the key of the owner changes", async () => {
    const { session, owner, rows } = await setUp(database, { cascade: "all, delete-orphan" }, ["owner"]);
    owner.id = 3;
    owner.items = [];
    await session.commit();
    expect(await rows()).toEqual([]);
    await session.close();
  });

  it("is let go of where its foreign key is deferred", async () => {
    const { session, Owner, rows } = await setUp(database, { cascade: "save-update, merge", deferred: true });
    session.clear();
    const owners = () => session.all(select(Owner).orderBy(Owner.c.id).options(selectinLoad(Owner.c.items)));
    const [owner, other] = await owners();
    const [item] = owner?.items ?? [];
    if (item !== undefined && other !== undefined) item.owner = other;
    expect(owner?.items.length).toBe(0);
    await session.commit();
    expect(await rows()).toEqual([[1, 2]]);
    session.clear();
    const [, holder] = await owners();
    holder?.items.pop();
    await session.commit();
    expect(await rows()).toEqual([[1, null]]);
    await session.close();
  });
});

onEveryDatabase("the object of a one-to-one relationship that expired", (database) => {
  it("makes way for another one", async () => {
    const Base = declarativeBase();
    class Owner extends Base("owner", {
      id: integer().primaryKey(),
      get badge() {
        return oneToOne(Badge, { backPopulates: "owner", cascade: "all, delete-orphan" });
      },
    }) {}
    class Badge extends Base("badge", {
      id: integer().primaryKey(),
      name: varchar(20),
      get ownerId() {
        return integer().unique().references(Owner.c.id);
      },
      get owner() {
        return oneToOne(Owner, { backPopulates: "badge" });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const badge = new Badge({ id: 1 });
    const [owner, other] = [new Owner({ id: 1, badge }), new Owner({ id: 2, badge: null })];
    session.addAll([owner, other]);
    await session.commit();
    session.expire(badge);
    badge.owner = other;
    expect([owner.badge, other.badge]).toEqual([null, badge]);
    await session.commit();
    session.expire(badge);
    other.badge = new Badge({ id: 2 });
    await session.commit();
    expect(await rowsOf(engine, "select id, owner_id from badge")).toEqual([[2, 2]]);
    await session.close();
  });
});
