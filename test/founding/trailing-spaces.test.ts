import {
  DuplicateIdentityError,
  declarativeBase,
  type Engine,
  integer,
  manyToOne,
  oneToMany,
  Session,
  select,
  selectinLoad,
  tableOptions,
  text,
  varchar,
} from "alkahest";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Collations that ignore spaces at the end of texts: unique values that differ in nothing else are one to the database.

/** A collation of the column, or the one that the table gives to all that name none. */
interface Way {
  readonly database: "SQLite" | "MariaDB" | "any";
  readonly column: string | null;
  readonly table?: string;
  readonly pads: boolean;
}

const WAYS: readonly Way[] = [
  { database: "SQLite", column: "RTRIM", pads: true },
  { database: "SQLite", column: "NOCASE", pads: false },
  { database: "MariaDB", column: "utf8mb4_bin", pads: true },
  { database: "MariaDB", column: "latin1_general_cs", pads: true },
  { database: "MariaDB", column: "utf8mb4_general_ci", pads: true },
  { database: "MariaDB", column: "utf8mb4_nopad_bin", pads: false },
  { database: "MariaDB", column: "utf8mb4_unicode_520_nopad_ci", pads: false },
  { database: "MariaDB", column: null, pads: true },
  { database: "MariaDB", column: null, table: "utf8mb4_bin", pads: true },
  { database: "any", column: null, pads: false },
];

function itemOf({ column, table }: Way) {
  const Base = declarativeBase();
  class Item extends Base("item", {
    id: integer().primaryKey(),
    get v() {
      const type = varchar(20).notNull();
      return (column === null ? type : type.collate(column)).unique();
    },
    get tableArgs() {
      return table === undefined ? [] : [tableOptions({ mysqlCollate: table })];
    },
  }) {}
  return { Base, Item };
}

const nameOf = ({ column, table }: Way): string =>
  column ?? (table === undefined ? "the usual one" : `${table} of the table`);

async function values(engine: Engine): Promise<readonly unknown[]> {
  return await rowsOf(engine, "select id, v from item order by id");
}

onEveryDatabase("unique texts that differ in spaces at the end", (database) => {
  const isHere = ({ database: name, pads }: Way): boolean =>
    name === database.name || (name === "any" && !pads && database.name !== "MariaDB");
  for (const way of WAYS.filter(isHere)) {
    const TEXTS = ["a", "a ", "a  ", "b", "b ", "c", "c "];
    const kept = (one: string): string => (way.pads ? one.trimEnd() : one);
    const rows = fc.uniqueArray(fc.constantFrom(...TEXTS), { selector: kept, minLength: 1, maxLength: 5 });

    it(`are handed on and exchanged (${nameOf(way)})`, async () => {
      const { Base, Item } = itemOf(way);
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const run = async (before: readonly string[], after: readonly string[]): Promise<void> => {
        await engine.begin((connection) => connection.execute(text("delete from item")));
        await using session = new Session(engine);
        const items = before.map((v, id) => new Item({ id, v }));
        session.addAll(items);
        await session.commit();
        for (const [id, item] of items.entries()) {
          const v = after[id];
          if (v === undefined) session.delete(item);
          else item.v = v;
        }
        session.addAll(after.slice(items.length).map((v, i) => new Item({ id: items.length + i, v })));
        await session.commit();
        expect(await values(engine)).toEqual(after.map((v, id) => [id, v]));
      };
      const runs = { numRuns: 60, seed: 1 };
      await fc.assert(fc.asyncProperty(rows, rows, run), runs);
      await engine.dispose();
    });
  }
});

const isPadded = { sqlite: "RTRIM", mysql: "utf8mb4_bin" };

onEveryDatabase("a key without spaces at the end", (database) => {
  async function setUp() {
    const Base = declarativeBase();
    const padded = () => varchar(10).collate(isPadded);
    class User extends Base("users", {
      login: padded().primaryKey(),
      name: varchar(10),
      get notes() {
        return oneToMany(Note, { backPopulates: "user" });
      },
    }) {}
    class Note extends Base("note", {
      id: integer().primaryKey(),
      get userLogin() {
        return padded().references(User.c.login, { onUpdate: "cascade" });
      },
      get user() {
        return manyToOne(User, { backPopulates: "notes" });
      },
    }) {}
    class Mixed extends Base("mixed", {
      caseless: varchar(10).collate({ sqlite: "NOCASE", mysql: "utf8mb4_nopad_bin" }).primaryKey(),
      padded: padded().primaryKey(),
      number: integer().primaryKey(),
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    session.addAll([new User({ login: "ann" }), new User({ login: "bob " })]);
    session.add(new Mixed({ caseless: "a ;b", padded: "c  ", number: 1 }));
    await session.flush();
    session.addAll(["ann", "ann ", "bob"].map((userLogin, id) => new Note({ id, userLogin })));
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
  // PostgreSQL has no such collation.
  const here = it.skipIf(database.name.startsWith("P"));

  here("finds one object, however many spaces there are", async () => {
    const { Mixed, session, user, close } = await setUp();
    const ann = await user("ann");
    expect(await user("ann ")).toBe(ann);
    const mixed = await session.get(Mixed, { caseless: "a ;b", padded: "c", number: 1 });
    expect(mixed?.padded).toBe("c  ");
    expect(await session.get(Mixed, { caseless: "a ;b", padded: "c   ", number: 1 })).toBe(mixed);
    expect(await session.get(Mixed, { caseless: "a ;b ", padded: "c", number: 1 })).toBeNull();
    await close();
  });

  here("is that of one object of a session", async () => {
    const { User, session, user, close } = await setUp();
    await user("ann");
    session.add(new User({ login: "ann  " }));
    await expect(session.flush()).rejects.toThrow(DuplicateIdentityError);
    await session.rollback();
    await close();
  });

  here("finds what refers to it, and is followed", async () => {
    const { User, session, user, engine, close } = await setUp();
    const users = await session.all(select(User).options(selectinLoad(User.c.notes)).orderBy(User.c.login));
    expect(users.map(({ notes }) => notes.map(({ id }) => id))).toEqual([[0, 1], [2]]);
    (await user("ann")).login = "eve";
    await session.commit();
    expect(await rowsOf(engine, "select user_login from note order by id")).toEqual([["eve"], ["eve"], ["bob"]]);
    await close();
  });

  here("is let go of before its row is deleted, and taken by a new row", async () => {
    const { User, Note, session, user, engine, close } = await setUp();
    const notes = await session.all(select(Note));
    for (const note of notes) note.userLogin = "ann";
    session.delete(await user("bob"));
    await session.commit();
    session.delete(await user("ann"));
    const ann = new User({ login: "ann   ", name: "Ann" });
    session.add(ann);
    await session.commit();
    expect(await rowsOf(engine, "select login, name from users")).toEqual([["ann   ", "Ann"]]);
    expect(await user("ann")).toBe(ann);
    await close();
  });
});
