import { declarativeBase, InvalidStateError, inspect, integer, Session, type SessionEventName, select } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";

const Base = declarativeBase();
class Item extends Base("item", { id: integer().primaryKey(), amount: integer() }) {}

/** A session with an object to change, one to delete and a new one; the event throws until it is told to stop. */
async function prepare(database: TestDatabase, event: SessionEventName) {
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const [changed, deleted] = [new Item({ id: 1, amount: 1 }), new Item({ id: 2, amount: 2 })];
  session.addAll([changed, deleted]);
  await session.commit();
  const added = new Item({ id: 3, amount: 3 });
  const change = () => {
    changed.amount = 10;
    session.delete(deleted);
    session.add(added);
  };
  const fail = () => {
    throw new RangeError("no");
  };
  session.on(event, fail);
  const items = async () => {
    await using other = new Session(engine);
    return other.all(select(Item.c.id, Item.c.amount).orderBy(Item.c.id));
  };
  return { engine, session, changed, deleted, added, change, items, stop: () => session.off(event, fail) };
}

const BEFORE = [
  [1, 1],
  [2, 2],
];
const AFTER = [
  [1, 10],
  [3, 3],
];

onEveryDatabase("a listener of a session that throws", (database) => {
  it.each(["beforeFlush", "afterFlush", "beforeCommit"] as const)("at %s makes the commit fail", async (event) => {
    const { engine, session, changed, deleted, added, change, items, stop } = await prepare(database, event);
    change();
    await expect(session.commit()).rejects.toThrow(new RangeError("no"));
    expect(engine.poolStatus().inUse).toBe(0);
    const refused = await session.commit().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidStateError);
    expect(refused).toHaveProperty("cause", new RangeError("no"));
    await session.rollback();
    expect(changed.amount).toBe(1);
    expect([changed, deleted, added].map((item) => inspect(item).state)).toEqual([
      "persistent",
      "persistent",
      "transient",
    ]);
    expect(await items()).toEqual(BEFORE);
    stop();
    change();
    await session.commit();
    expect(await items()).toEqual(AFTER);
    await session.close();
  });

  it("at afterCommit does not undo what is committed", async () => {
    const { session, changed, deleted, added, change, items, stop } = await prepare(database, "afterCommit");
    change();
    await expect(session.commit()).rejects.toThrow(new RangeError("no"));
    expect(await items()).toEqual(AFTER);
    expect([changed, deleted, added].map((item) => inspect(item).state)).toEqual([
      "persistent",
      "detached",
      "persistent",
    ]);
    stop();
    changed.amount = 11;
    await session.commit();
    expect((await items())[0]).toEqual([1, 11]);
    await session.close();
  });

  it("at afterRollback leaves what is rolled back", async () => {
    const { session, changed, change, items } = await prepare(database, "afterRollback");
    change();
    await session.flush();
    await expect(session.rollback()).rejects.toThrow(new RangeError("no"));
    expect(changed.amount).toBe(1);
    expect(await items()).toEqual(BEFORE);
    await session.close();
  });
});
