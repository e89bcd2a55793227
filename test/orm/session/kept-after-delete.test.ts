import { declarativeBase, integer, manyToOne, oneToMany, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf } from "../../support/statements.ts";

// A stored object is marked for deletion, and put into a collection afterwards, or before.

async function setUp(database: TestDatabase, isMutual: boolean) {
  const Base = declarativeBase();
  class Owner extends Base("owner", {
    id: integer().primaryKey(),
    get kids() {
      return oneToMany(Kid, isMutual ? { backPopulates: "owner" } : {});
    },
  }) {}
  class Kid extends Base("kid", {
    id: integer().primaryKey(),
    name: varchar(10),
    get ownerId() {
      return integer().references(Owner.c.id);
    },
    get owner() {
      return manyToOne(Owner, isMutual ? { backPopulates: "kids" } : {});
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const [kid, other] = [new Kid({ id: 1, name: "kid" }), new Kid({ id: 2, name: "other" })];
  const [a, b] = [new Owner({ id: 1, kids: [kid, other] }), new Owner({ id: 2, kids: [] })];
  session.addAll([a, b]);
  await session.commit();
  const rows = async () =>
    (await rowsOf(engine, "select id, owner_id from kid order by id")).map((row) => row.map(Number));
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { Owner, Kid, session, a, b, kid, other, rows, close };
}

onEveryDatabase("an object that is marked for deletion", (database) => {
  for (const isMutual of [true, false]) {
    const how = isMutual ? "both sides know each other" : "only the collection is known";

    it(`stays when another owner takes it: ${how}`, async () => {
      const { session, a, b, kid, rows, close } = await setUp(database, isMutual);
      session.delete(kid);
      b.kids.push(kid);
      expect(session.deleted.has(kid)).toBe(false);
      await session.commit();
      expect(await rows()).toEqual([
        [1, 2],
        [2, 1],
      ]);
      expect(b.kids).toEqual([kid]);
      if (isMutual) expect(a.kids).not.toContain(kid);
      await close();
    });

    it(`stays when a new owner takes it: ${how}`, async () => {
      const { Owner, session, kid, rows, close } = await setUp(database, isMutual);
      session.delete(kid);
      const owner = new Owner({ id: 3, kids: [kid] });
      session.add(owner);
      await session.commit();
      expect(await rows()).toEqual([
        [1, 3],
        [2, 1],
      ]);
      expect(owner.kids).toEqual([kid]);
      await close();
    });

    it(`goes if it was deleted last, and is in no collection then: ${how}`, async () => {
      const { session, a, b, kid, other, rows, close } = await setUp(database, isMutual);
      b.kids.push(kid);
      session.delete(kid);
      await session.commit();
      expect(await rows()).toEqual([[2, 1]]);
      if (isMutual) expect([a.kids, b.kids]).toEqual([[other], []]);
      await close();
    });

    it(`goes where its collection is only put in order, or its owner added: ${how}`, async () => {
      const { session, a, kid, other, rows, close } = await setUp(database, isMutual);
      session.delete(kid);
      a.kids.reverse();
      a.kids = [...a.kids].reverse();
      a.kids.sort((one, two) => (two.id ?? 0) - (one.id ?? 0));
      session.add(a);
      await session.commit();
      expect(await rows()).toEqual([[2, 1]]);
      if (isMutual) expect(a.kids).toEqual([other]);
      await close();
    });

    it(`goes with an owner that goes: ${how}`, async () => {
      const { session, b, kid, rows, close } = await setUp(database, isMutual);
      session.delete(b);
      session.delete(kid);
      b.kids.push(kid);
      await session.commit();
      expect(await rows()).toEqual([[2, 1]]);
      await close();
    });
  }

  it("stays when its reference is set to another owner, not when others refer to it", async () => {
    const { Kid, session, a, b, kid, rows, close } = await setUp(database, true);
    session.delete(kid);
    kid.owner = b;
    await session.commit();
    expect(await rows()).toEqual([
      [1, 2],
      [2, 1],
    ]);
    session.delete(a);
    session.add(new Kid({ id: 3, owner: b }));
    expect(session.deleted.has(a)).toBe(true);
    await session.rollback();
    await close();
  });

  it("is where it was after a rollback", async () => {
    const { session, b, kid, rows, close } = await setUp(database, true);
    session.delete(kid);
    b.kids.push(kid);
    await session.rollback();
    expect(b.kids).toEqual([]);
    await session.commit();
    expect(await rows()).toEqual([
      [1, 1],
      [2, 1],
    ]);
    await close();
  });
});
