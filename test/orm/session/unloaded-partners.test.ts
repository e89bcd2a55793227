import { declarativeBase, integer, lazy, manyToOne, oneToOne, Session, select, selectinLoad, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf, StatementLog } from "../../support/statements.ts";

// An object gets a partner from the end of a one-to-one relationship that has the foreign key, and nobody knows which
// partner it has: its own end is not loaded.

const CASCADES = ["save-update, merge", "all, delete-orphan"] as const;

async function setUp(database: TestDatabase, cascade: (typeof CASCADES)[number], isUnique = true) {
  const Base = declarativeBase();
  class User extends Base("person", {
    id: integer().primaryKey(),
    get profile() {
      return oneToOne(Profile, { backPopulates: "user", cascade });
    },
  }) {}
  class Profile extends Base("profile", {
    id: integer().primaryKey(),
    note: varchar(10),
    get userId() {
      const column = integer().references(User.c.id, { onUpdate: "cascade" });
      return isUnique ? column.unique() : column;
    },
    get user() {
      return manyToOne(User, { backPopulates: "profile" });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  for (const id of [1, 2]) session.add(new User({ id, profile: new Profile({ id }) }));
  await session.commit();
  session.clear();
  const [user, other] = await session.all(select(User).orderBy(User.c.id));
  if (!user || !other) throw new Error("Rows are missing.");
  const rows = () => rowsOf(engine, "select id, user_id from profile order by id");
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { User, Profile, engine, session, user, other, rows, close };
}

onEveryDatabase("a partner whose place is taken, where that is not loaded", (database) => {
  for (const cascade of CASCADES) {
    for (const isUnique of [true, false]) {
      const letGo = cascade.includes("delete-orphan") ? [] : [[1, null]];
      const name = `${cascade}; foreign key ${isUnique ? "unique" : "not unique"}`;

      it(`is let go of for a new one (${name})`, async () => {
        const { Profile, session, user, rows, close } = await setUp(database, cascade, isUnique);
        const profile = new Profile({ id: 3, user });
        expect(user.profile).toBe(profile);
        await session.commit();
        expect(await rows()).toEqual([...letGo, [2, 2], [3, 1]]);
        expect(user.profile).toBe(profile);
        expect(session.dirty.size).toBe(0);
        await close();
      });

      it(`is let go of for one that has moved, by its foreign key (${name})`, async () => {
        const { Profile, session, user, other, rows, close } = await setUp(database, cascade, isUnique);
        const second = await session.one(select(Profile).where(Profile.c.id.eq(2)));
        second.userId = 1;
        await session.commit();
        expect(await rows()).toEqual([...letGo, [2, 1]]);
        expect(await lazy(other).profile).toBeNull();
        expect(user.profile).toBe(second);
        await close();
      });
    }

    it(`comes back with a rollback (${cascade})`, async () => {
      const { Profile, session, user, rows, close } = await setUp(database, cascade);
      session.add(new Profile({ id: 3, user }));
      await session.flush();
      await session.rollback();
      expect((await lazy(user).profile)?.id).toBe(1);
      await session.commit();
      expect(await rows()).toEqual([
        [1, 1],
        [2, 2],
      ]);
      await close();
    });
  }

  for (const isInSession of [true, false]) {
    const where = isInSession ? "in the session" : "in the database only";
    it(`is let go of, ${where}, where who has it takes another key`, async () => {
      const { Profile, session, user, rows, close } = await setUp(database, "save-update, merge");
      const profile = isInSession ? await session.one(select(Profile).where(Profile.c.id.eq(1))) : null;
      session.add(new Profile({ id: 3, user }));
      user.id = 7;
      await session.commit();
      expect(await rows()).toEqual([
        [1, null],
        [2, 2],
        [3, 7],
      ]);
      if (profile !== null) expect(profile.userId).toBeNull();
      await close();
    });
  }

  it("stays with another one that it was moved to", async () => {
    const { Profile, session, user, other, rows, close } = await setUp(database, "all, delete-orphan");
    const [first, second] = await session.all(select(Profile).orderBy(Profile.c.id));
    if (!first || !second) throw new Error("Rows are missing.");
    [first.user, second.user] = [other, user];
    await session.commit();
    expect(await rows()).toEqual([
      [1, 2],
      [2, 1],
    ]);
    await close();
  });

  it("is the one that is there already", async () => {
    const { Profile, session, user, rows, close } = await setUp(database, "all, delete-orphan");
    const first = await session.one(select(Profile).where(Profile.c.id.eq(1)));
    session.expire(first);
    first.user = user;
    await session.commit();
    expect(await rows()).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(user.profile).toBe(first);
    await close();
  });

  it("is let go of when it is loaded", async () => {
    const { User, Profile, session, user, rows, close } = await setUp(database, "save-update, merge");
    const profile = new Profile({ id: 3, user });
    await session.noAutoflush(async () => {
      await session.all(select(User).options(selectinLoad(User.c.profile)));
      expect(user.profile).toBe(profile);
      expect((await session.one(select(Profile).where(Profile.c.id.eq(1)))).user).toBeNull();
    });
    await session.commit();
    expect(await rows()).toEqual([
      [1, null],
      [2, 2],
      [3, 1],
    ]);
    await close();
  });

  it("is asked for once for all, and not where nothing has taken a place", async () => {
    const { User, Profile, engine, session, user, other, rows, close } = await setUp(database, "save-update, merge");
    session.add(new User({ id: 3, profile: new Profile({ id: 5 }) }));
    for (const [i, owner] of [user, other].entries()) session.add(new Profile({ id: 3 + i, user: owner }));
    const log = new StatementLog(engine);
    await session.flush();
    expect(log.all.filter(({ sql }) => sql.startsWith("SELECT"))).toHaveLength(1);
    log.clear();
    for (const owner of [user, other]) Object.assign(owner.profile as object, { note: "changed" }); // they have one
    await session.commit();
    expect(log.all.filter(({ sql }) => sql.startsWith("SELECT"))).toEqual([]);
    expect(await rows()).toEqual([
      [1, null],
      [2, null],
      [3, 1],
      [4, 2],
      [5, 3],
    ]);
    await close();
  });
});
