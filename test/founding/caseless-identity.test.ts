import {
  DuplicateIdentityError,
  declarativeBase,
  deleteFrom,
  integer,
  lazy,
  manyToOne,
  oneToMany,
  Session,
  select,
  selectinLoad,
  text,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Objects that are known by keys which are compared without case.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  const caseless = () => varchar(10).collate({ sqlite: "NOCASE", mysql: "utf8mb4_general_ci" });
  class User extends Base("users", {
    login: caseless().primaryKey(),
    name: varchar(10),
    get notes() {
      return oneToMany(Note, { backPopulates: "user" });
    },
  }) {}
  class Note extends Base("note", {
    id: integer().primaryKey(),
    get userLogin() {
      return caseless().references(User.c.login);
    },
    get user() {
      return manyToOne(User, { backPopulates: "notes" });
    },
  }) {}
  class Mixed extends Base("mixed", {
    exact: varchar(10).collate({ sqlite: "BINARY", mysql: "utf8mb4_bin" }).primaryKey(),
    caseless: caseless().primaryKey(),
    number: integer().primaryKey(),
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  session.addAll([new User({ login: "ann", name: "Ann" }), new User({ login: "bob" })]);
  session.addAll([new Mixed({ exact: "Ab", caseless: "Cd", number: 1 })]);
  await session.flush();
  session.addAll(["ann", "ANN", "Ann"].map((userLogin, id) => new Note({ id, userLogin })));
  await session.commit();
  session.clear();
  const user = async (login: string) => {
    const found = await session.get(User, login);
    if (found === null) throw new Error(`${login} was stored`);
    return found;
  };
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { User, Note, Mixed, engine, session, user, close };
}

onEveryDatabase("a key without case", (database) => {
  const { comparesWithoutCase } = database.capabilities;

  it.runIf(comparesWithoutCase)("finds one object however it is written, where it has several parts, too", async () => {
    const { User, Mixed, session, user, close } = await setUp(database);
    const ann = await user("ann");
    expect(await user("ANN")).toBe(ann);
    expect(await session.all(select(User).where(User.c.login.eq("aNN")))).toEqual([ann]);
    const mixed = await session.get(Mixed, { exact: "Ab", caseless: "cD", number: 1 });
    expect(mixed).not.toBeNull();
    expect(await session.get(Mixed, { exact: "Ab", caseless: "CD", number: 1 })).toBe(mixed);
    expect(await session.get(Mixed, { exact: "AB", caseless: "Cd", number: 1 })).toBeNull();
    await close();
  });

  it.runIf(comparesWithoutCase)("is that of one object of a session, stored or new", async () => {
    const { User, session, user, close } = await setUp(database);
    await user("ann");
    session.add(new User({ login: "ANN" }));
    await expect(session.flush()).rejects.toThrow(DuplicateIdentityError);
    await session.rollback();
    const eve = new User({ login: "eve" });
    session.add(eve);
    expect(await user("EVE")).toBe(eve);
    await session.rollback();
    expect(await session.get(User, "Eve")).toBeNull();
    await close();
  });

  it.runIf(comparesWithoutCase)("stays the one of its row when it is written otherwise, until a rollback", async () => {
    const { session, user, close } = await setUp(database);
    const ann = await user("ann");
    const bob = await user("bob");
    bob.login = "BOB";
    await session.flush();
    expect([await user("bob"), await user("BOB")]).toEqual([bob, bob]);
    await session.rollback();
    expect(bob.login).toBe("bob");
    expect(await user("Bob")).toBe(bob);
    expect(await user("Ann")).toBe(ann);
    await close();
  });

  it.runIf(comparesWithoutCase)("finds its row when others have written it otherwise", async () => {
    const { User, session, user, close } = await setUp(database);
    const bob = await user("bob");
    await session.execute(text("UPDATE users SET login = 'BOB', name = 'x' WHERE login = 'bob'"));
    session.expire(bob, ["name"]);
    await session.execute(deleteFrom(User).where(User.c.name.eq("y")));
    await session.refresh(bob);
    expect(bob.name).toBe("x");
    expect(await user("Bob")).toBe(bob);
    await close();
  });

  it.runIf(comparesWithoutCase)("brings all that refers to it, and is found by it", async () => {
    const { User, Note, session, user, close } = await setUp(database);
    const [ann] = await session.all(select(User).where(User.c.name.eq("Ann")).options(selectinLoad(User.c.notes)));
    expect(ann?.notes.map(({ id }) => id).sort()).toEqual([0, 1, 2]);
    session.clear();
    const notes = await session.all(select(Note).orderBy(Note.c.id).options(selectinLoad(Note.c.user)));
    const again = await user("ann");
    expect(notes.map((note) => note.user)).toEqual([again, again, again]);
    const loaded = await lazy(again).notes;
    expect(loaded).toHaveLength(3);
    await close();
  });

  it.runIf(comparesWithoutCase)(
    "is let go of by all that refers to it, by the collection or with its owner",
    async () => {
      const { User, engine, session, user, close } = await setUp(database);
      const [ann] = await session.all(select(User).where(User.c.name.eq("Ann")).options(selectinLoad(User.c.notes)));
      const note = ann?.notes.find(({ userLogin }) => userLogin === "ANN");
      if (ann === undefined || note === undefined) throw new Error("both were stored");
      ann.notes.splice(ann.notes.indexOf(note), 1);
      await session.commit();
      expect(await rowsOf(engine, "select id, user_login from note order by id")).toEqual([
        [0, "ann"],
        [1, null],
        [2, "Ann"],
      ]);
      session.clear();
      session.delete(await user("ANN"));
      await session.commit();
      expect(await rowsOf(engine, "select user_login from note")).toEqual([[null], [null], [null]]);
      await close();
    },
  );
});
