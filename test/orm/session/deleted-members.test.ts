import {
  declarativeBase,
  InvalidStateError,
  integer,
  lazy,
  manyToOne,
  oneToMany,
  Session,
  select,
  selectinLoad,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf } from "../../support/statements.ts";

const CASCADES = ["save-update, merge", "all, delete-orphan"] as const;

async function setUp(database: TestDatabase, cascade: (typeof CASCADES)[number]) {
  const Base = declarativeBase();
  class Owner extends Base("owner", {
    id: integer().primaryKey(),
    get items() {
      return oneToMany(Item, { backPopulates: "owner", cascade });
    },
  }) {}
  class Item extends Base("item", {
    id: integer().primaryKey(),
    get ownerId() {
      return integer().references(Owner.c.id);
    },
    get owner() {
      return manyToOne(Owner, { backPopulates: "items" });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  session.addAll([new Owner({ id: 1, items: [new Item({ id: 1 })] }), new Owner({ id: 2 })]);
  await session.commit();
  session.clear();
  const owner = await session.one(select(Owner).where(Owner.c.id.eq(1)).options(selectinLoad(Owner.c.items)));
  const item = await session.one(select(Item));
  return { Owner, Item, engine, session, owner, item };
}

onEveryDatabase("an object whose row was deleted in the transaction", (database) => {
  it("is refused by collections and references, which stay as they are", async () => {
    const { Owner, session, owner, item } = await setUp(database, "save-update, merge");
    const other = await session.one(select(Owner).where(Owner.c.id.eq(2)).options(selectinLoad(Owner.c.items)));
    session.delete(item);
    await session.flush();
    const message = 'Owner#2: "items" cannot hold Item#1: Item#1 was deleted in this transaction.';
    expect(() => other.items.push(item)).toThrow(message);
    expect(() => {
      other.items = [item];
    }).toThrow(InvalidStateError);
    expect(() => new Owner({ id: 3, items: [item] })).toThrow(InvalidStateError);
    expect(() => {
      item.owner = other;
    }).toThrow('Item#1: "owner" cannot hold Owner#2: Item#1 was deleted in this transaction.');
    expect([[...owner.items], [...other.items]]).toEqual([[], []]);
    await session.rollback();
    other.items.push(item);
    expect([[...owner.items], [...other.items]]).toEqual([[], [item]]);
    await session.close();
  });

  it("is refused by the flush where it was written to an index", async () => {
    const { session, owner, item } = await setUp(database, "save-update, merge");
    session.delete(item);
    await session.flush();
    owner.items[0] = item;
    await expect(session.commit()).rejects.toThrow(InvalidStateError);
    await session.close();
  });

  it("is refused as the owner of others", async () => {
    const { Item, session, owner, item } = await setUp(database, "save-update, merge");
    session.delete(owner);
    await session.flush();
    expect(() => {
      item.owner = owner;
    }).toThrow('Item#1: "owner" cannot hold Owner#1: Owner#1 was deleted in this transaction.');
    expect(() => owner.items.push(new Item({ id: 2 }))).toThrow(InvalidStateError);
    await session.close();
  });

  it("says so where it lost its owner, and a flush came before it got another one", async () => {
    const { Owner, session, owner, engine } = await setUp(database, "all, delete-orphan");
    const [item] = owner.items.splice(0, 1);
    const other = await session.one(select(Owner).where(Owner.c.id.eq(2)));
    const items = await lazy(other).items;
    await session.flush();
    expect(() => item && items.push(item)).toThrow("must get there before the next flush");
    await session.rollback();
    if (item !== undefined) (await lazy(other).items).push(item);
    await session.commit();
    expect(await rowsOf(engine, "select id, owner_id from item")).toEqual([[1, 2]]);
    await session.close();
  });
});
