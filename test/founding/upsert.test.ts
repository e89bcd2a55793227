import {
  declarativeBase,
  type Engine,
  inspect,
  integer,
  manyToOne,
  oneToMany,
  Session,
  sql,
  text,
  UniqueViolation,
  varchar,
} from "alkahest";
import { describe, expect, it } from "vitest";
import { databases, onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";
import { addressModels, orderModels } from "./upsert-models.ts";

type Action = "update" | "nothing";

/** A session on a database in which one address is stored, which the session does not know. */
async function withAddress(database: TestDatabase, action: Action) {
  const models = addressModels(action);
  const engine = database.open();
  await models.Base.metadata.createAll(engine);
  await sqlRun(engine, "insert into addresses (id, email, city, note) values (5, 'x@y', 'A', 'old')");
  const rows = () => rowsOf(engine, "select id, email, city, note from addresses order by id");
  return { ...models, engine, session: new Session(engine), log: new StatementLog(engine), rows };
}

function sqlRun(engine: Engine, statement: string) {
  return engine.begin((connection) => connection.execute(text(statement)));
}

onEveryDatabase("onConflict and a row that the session does not know", (database) => {
  it("overwrites what the object has set, and shows the whole row", async () => {
    const { User, Address, session, engine, log, rows } = await withAddress(database, "update");
    const address = new Address({ email: "x@y", note: "new" });
    const user = new User({ login: "u", address });
    session.add(user);
    await session.flush();
    expect(log.writes).toEqual(["INSERT addresses", "INSERT users"]);
    expect([address.id, address.city, address.note, user.addressId]).toEqual([5, "A", "new", 5]);
    expect(inspect(address).state).toBe("persistent");
    expect(await session.get(Address, 5)).toBe(address);
    await session.commit();
    expect(await rows()).toEqual([[5, "x@y", "A", "new"]]);
    address.city = "B";
    await session.commit();
    expect(await rows()).toEqual([[5, "x@y", "B", "new"]]);
    await session.close();
    await engine.dispose();
  });

  it("leaves the row as it is with do nothing, and shows it also where the object has set something else", async () => {
    const { User, Address, session, engine, rows } = await withAddress(database, "nothing");
    const address = new Address({ email: "x@y", note: "new", city: null });
    const user = new User({ login: "u", address });
    session.add(user);
    await session.flush();
    expect([address.id, address.city, address.note, user.addressId]).toEqual([5, "A", "old", 5]);
    expect(session.isModified(address)).toBe(false);
    await session.commit();
    expect(await rows()).toEqual([[5, "x@y", "A", "old"]]);
    expect(await rowsOf(engine, "select address_id from users")).toEqual([[5]]);
    await session.close();
    await engine.dispose();
  });

  it.each(["update", "nothing"] as const)(
    "writes many rows by one statement, some of which are there (%s)",
    async (action) => {
      const { Address, session, engine, log, rows } = await withAddress(database, action);
      const made = ["v@y", "x@y", "w@y"].map((email) => new Address({ email, note: "new" }));
      session.addAll(made);
      await session.commit();
      expect(log.writes).toEqual(["INSERT addresses"]);
      expect(made[1]?.id).toBe(5);
      const byId = new Map((await rows()).map(([id, email, , note]) => [id, [email, note]]));
      const note = action === "update" ? "new" : "old";
      expect(made.map(({ id }) => byId.get(id))).toEqual([
        ["v@y", "new"],
        ["x@y", note],
        ["w@y", "new"],
      ]);
      expect(made.map((address) => address.note)).toEqual(["new", note, "new"]);
      await session.close();
      await engine.dispose();
    },
  );

  it("gives children the key of the row, not the one that the object was given", async () => {
    const { User, Address, session, engine, rows } = await withAddress(database, "update");
    const address = new Address({ id: 77, email: "x@y" });
    const users = [new User({ login: "a", address }), new User({ login: "b", addressId: 77 })];
    session.addAll([address, ...users]);
    await session.commit();
    expect(address.id).toBe(5);
    expect(users.map(({ addressId }) => addressId)).toEqual([5, 5]);
    expect((await rows()).map(([id]) => id)).toEqual([5]);
    expect(await rowsOf(engine, "select address_id from users")).toEqual([[5], [5]]);
    await session.rollback();
    await session.close();
    await engine.dispose();
  });

  it("gives an object its own values back at a rollback", async () => {
    const { Address, session, engine, rows } = await withAddress(database, "nothing");
    const address = new Address({ id: 77, email: "x@y", note: "mine" });
    session.add(address);
    await session.flush();
    expect([address.id, address.note]).toEqual([5, "old"]);
    await session.rollback();
    expect([address.id, address.note, inspect(address).state]).toEqual([77, "mine", "transient"]);
    expect(await rows()).toEqual([[5, "x@y", "A", "old"]]);
    await session.close();
    await engine.dispose();
  });

  it("completes collections that the program has filled with what the row has already", async () => {
    const { User, Address, session, engine } = await withAddress(database, "update");
    await sqlRun(engine, "insert into users (id, login, address_id) values (100, 'old', 5)");
    await sqlRun(engine, "insert into tags (name) values ('t')");
    const address = new Address({ email: "x@y", users: [new User({ login: "new" })] });
    const kept = address.users;
    session.add(address);
    await session.flush();
    expect(address.users.map(({ login }) => login).sort()).toEqual(["new", "old"]);
    expect(address.users).toBe(kept);
    expect(inspect(address).isLoaded("tags")).toBe(false);
    await session.rollback();
    expect(address.users.map(({ login }) => login)).toEqual(["new"]);
    await session.close();
    await engine.dispose();
  });

  it("adds pairs of a many-to-many relationship that are not there", async () => {
    const { Address, Tag, session, engine } = await withAddress(database, "nothing");
    await sqlRun(engine, "insert into tags (name) values ('t')");
    await sqlRun(engine, "insert into address_tags (address_id, tag_name) values (5, 't')");
    const address = new Address({ email: "x@y", tags: [new Tag({ name: "t" }), new Tag({ name: "u" })] });
    session.add(address);
    await session.commit();
    expect(address.tags.map(({ name }) => name).sort()).toEqual(["t", "u"]);
    expect(await rowsOf(engine, "select address_id, tag_name from address_tags order by tag_name")).toEqual([
      [5, "t"],
      [5, "u"],
    ]);
    await session.close();
    await engine.dispose();
  });

  it("follows a cascade of upserts, each with the key that the one before has turned out to have", async () => {
    const models = orderModels("update");
    const { Base, Order, Line } = models;
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await sqlRun(engine, "insert into orders (id, code) values (3, 'A')");
    await sqlRun(engine, "insert into order_lines (id, order_id, number, text) values (9, 3, 1, 'old')");
    const session = new Session(engine);
    const lines = [new Line({ number: 1, text: "new" }), new Line({ number: 2, text: "two" })];
    session.add(new Order({ code: "A", lines }));
    await session.commit();
    expect(lines[0]?.id).toBe(9);
    expect(lines.map(({ orderId }) => orderId)).toEqual([3, 3]);
    expect(await rowsOf(engine, "select order_id, number, text from order_lines order by number")).toEqual([
      [3, 1, "new"],
      [3, 2, "two"],
    ]);
    await session.close();
    await engine.dispose();
  });

  it("becomes the object that the session has of that row, if it turns out that it has one", async () => {
    const { User, Address, session, engine } = await withAddress(database, "update");
    const stored = await session.get(Address, 5);
    if (stored === null) throw new Error("the address is there");
    await session.commit();
    await sqlRun(engine, "update addresses set email = 'z@y' where id = 5");
    const address = new Address({ email: "z@y", note: "new" });
    const user = new User({ login: "u", address });
    session.add(user);
    await session.flush();
    expect(user.address).toBe(stored);
    expect([stored.email, stored.city, stored.note]).toEqual(["z@y", "A", "new"]);
    expect(inspect(address).state).toBe("transient");
    await session.rollback();
    expect(user.address).toBe(address);
    expect([stored.email, stored.note]).toEqual(["x@y", "old"]);
    await session.close();
    await engine.dispose();
  });

  it("takes the place of a row that is deleted in the same flush", async () => {
    const { Address, session, engine, rows } = await withAddress(database, "update");
    const old = await session.get(Address, 5);
    if (old === null) throw new Error("the address is there");
    session.delete(old);
    const address = new Address({ email: "x@y" });
    session.add(address);
    await session.commit();
    expect(address.id).not.toBe(null);
    expect((await rows()).map((row) => row.slice(1))).toEqual([["x@y", null, null]]);
    const again = new Address({ id: address.id, email: "x@y", city: "B" });
    session.delete(address);
    session.add(again);
    await session.commit();
    expect((await rows()).map((row) => row.slice(1))).toEqual([["x@y", "B", null]]);
    await session.close();
    await engine.dispose();
  });

  it("waits for the row that gives its target up", async () => {
    const { Address, session, engine, rows } = await withAddress(database, "update");
    const old = await session.get(Address, 5);
    if (old === null) throw new Error("the address is there");
    old.email = "z@y";
    session.add(new Address({ email: "x@y", city: "B" }));
    await session.commit();
    expect((await rows()).map((row) => row.slice(1)).sort()).toEqual([
      ["x@y", "B", null],
      ["z@y", "A", "old"],
    ]);
    await session.close();
    await engine.dispose();
  });

  it("inserts rows without a target", async () => {
    const { Base, Item } = itemModels("update");
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    session.addAll([new Item({ serial: "1" }), new Item({ serial: "2" }), new Item({ code: null, serial: "3" })]);
    await session.commit();
    expect(await rowsOf(engine, "select code, serial from items order by serial")).toEqual([
      [null, "1"],
      [null, "2"],
      [null, "3"],
    ]);
    await session.close();
    await engine.dispose();
  });

  it.each(["update", "nothing"] as const)("changes no row because of another unique key (%s)", async (action) => {
    const { Base, Item } = itemModels(action);
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await sqlRun(engine, "insert into items (id, code, serial, name) values (1, 'A', 's1', 'a'), (2, 'B', 's2', 'b')");
    const rows = () => rowsOf(engine, "select code, serial, name from items order by id");
    const before = await rows();
    for (const code of ["C", ...(action === "update" ? ["B"] : [])]) {
      const session = new Session(engine);
      session.add(new Item({ code, serial: "s1", name: "no" }));
      await expect(session.flush()).rejects.toThrow(UniqueViolation);
      await session.rollback();
      await session.close();
      expect(await rows()).toEqual(before);
    }
    const session = new Session(engine);
    session.add(new Item({ code: "B", serial: "s3", name: "yes" }));
    await session.commit();
    expect((await rows())[1]).toEqual(action === "update" ? ["B", "s3", "yes"] : before[1]);
    await session.close();
    await engine.dispose();
  });

  it("finds the row that the database holds equal, where it compares without case", async () => {
    const Base = declarativeBase();
    class Word extends Base("words", {
      id: integer().primaryKey(),
      spelling: varchar(20).notNull().unique().collate({ sqlite: "NOCASE", mysql: "utf8mb4_general_ci" }),
      note: varchar(20),
      get mapperArgs() {
        return { onConflict: { target: [Word.c.spelling], do: "update" as const } };
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await sqlRun(engine, "insert into words (id, spelling) values (5, 'Word')");
    const session = new Session(engine);
    const words = ["other", "WORD"].map((spelling) => new Word({ spelling, note: "n" }));
    session.addAll(words);
    await session.commit();
    const stored = await rowsOf(engine, "select id, spelling, note from words order by spelling");
    expect(words.map(({ id, spelling, note }) => [id, spelling, note])).toEqual(
      expect.arrayContaining([...stored].filter(([, , note]) => note === "n")),
    );
    expect(stored.length).toBe(database.capabilities.comparesWithoutCase ? 2 : 3);
    await session.close();
    await engine.dispose();
  });
});

/** Things with two unique keys. */
function itemModels(action: Action) {
  const Base = declarativeBase();
  class Item extends Base("items", {
    id: integer().primaryKey(),
    code: varchar(20).unique(),
    serial: varchar(20).unique(),
    name: varchar(20),
    get mapperArgs() {
      return { onConflict: { target: [Item.c.code], do: action } };
    },
  }) {}
  return { Base, Item };
}

onEveryDatabase("onConflict and values that nobody sets", (database) => {
  async function open(action: Action) {
    const clock = { now: 1 };
    const Base = declarativeBase();
    class Doc extends Base("docs", {
      id: integer().primaryKey(),
      slug: varchar(20).notNull().unique(),
      title: varchar(20),
      state: varchar(20).default("new"),
      origin: varchar(20).serverDefault("server"),
      changed: integer()
        .default(0)
        .onUpdate(() => clock.now),
      version: integer().notNull(),
      label: varchar(60).computed(sql`slug`),
      get mapperArgs() {
        return { versionId: Doc.c.version, onConflict: { target: [Doc.c.slug], do: action } };
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const rows = () =>
      rowsOf(engine, "select slug, title, state, origin, changed, version, label from docs order by slug");
    const shown = (doc: InstanceType<typeof Doc>) => [
      doc.slug,
      doc.title,
      doc.state,
      doc.origin,
      doc.changed,
      doc.version,
      doc.label,
    ];
    return { Doc, engine, rows, shown, clock };
  }

  it("gives a new row its defaults, and leaves those of a stored one alone", async () => {
    const { Doc, engine, rows, shown, clock } = await open("update");
    const [first, second] = [new Session(engine), new Session(engine)];
    const made = new Doc({ slug: "a", title: "one", state: "seen", origin: "me" });
    first.add(made);
    await first.commit();
    expect(shown(made)).toEqual(["a", "one", "seen", "me", 0, 1, "a"]);
    const docs = [new Doc({ slug: "a", title: "two" }), new Doc({ slug: "b", title: "two" })];
    second.addAll(docs);
    await second.commit();
    const expected = [
      ["a", "two", "seen", "me", 1, 2, "a"],
      ["b", "two", "new", "server", 0, 1, "b"],
    ];
    expect(await rows()).toEqual(expected);
    expect(docs.map(shown)).toEqual(expected);
    // The version that came back is the one to go on from; the session with the old one is too late.
    clock.now = 2;
    (docs[0] as (typeof docs)[0]).title = "three";
    await second.commit();
    expect((await rows())[0]).toEqual(["a", "three", "seen", "me", 2, 3, "a"]);
    made.title = "four";
    await expect(first.commit()).rejects.toThrow(/another version/);
    await first.rollback();
    await Promise.all([first.close(), second.close()]);
    await engine.dispose();
  });

  it.each(["update", "nothing"] as const)(
    "writes nothing over a stored row if the object has nothing but the target (%s)",
    async (action) => {
      const { Doc, engine, rows, shown } = await open(action);
      const [first, second] = [new Session(engine), new Session(engine)];
      first.add(new Doc({ slug: "a", title: "one", origin: "me" }));
      await first.commit();
      const doc = new Doc(action === "update" ? { slug: "a" } : { slug: "a", title: "no", origin: "no" });
      second.add(doc);
      await second.commit();
      const expected = ["a", "one", "new", "me", 0, 1, "a"];
      expect(await rows()).toEqual([expected]);
      expect(shown(doc)).toEqual(expected);
      await Promise.all([first.close(), second.close()]);
      await engine.dispose();
    },
  );
});

onEveryDatabase("onConflict and rows that refer to each other", (database) => {
  it.each(["update", "nothing"] as const)("inserts a tree by natural keys from the root (%s)", async (action) => {
    const Base = declarativeBase();
    class Topic extends Base("topics", {
      id: integer().primaryKey(),
      name: varchar(20).notNull().unique(),
      get parentId() {
        return integer().references(Topic.c.id);
      },
      get parent() {
        return manyToOne(Topic, { backPopulates: "topics", remoteSide: [Topic.c.id] });
      },
      get topics() {
        return oneToMany(Topic, { backPopulates: "parent" });
      },
      get mapperArgs() {
        return { onConflict: { target: [Topic.c.name], do: action } };
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await sqlRun(engine, "insert into topics (id, name) values (40, 'a'), (41, 'b')");
    const session = new Session(engine);
    const leaf = () => new Topic({ name: "c", parent: new Topic({ name: "b", parent: new Topic({ name: "a" }) }) });
    const leaves = [leaf(), leaf()];
    session.addAll(leaves);
    await session.commit();
    expect(
      await rowsOf(
        engine,
        "select t.name, p.name from topics t left join topics p on p.id = t.parent_id order by t.name",
      ),
    ).toEqual([
      ["a", null],
      ["b", action === "update" ? "a" : null], // the stored one has no parent, and stays so
      ["c", "b"],
    ]);
    expect(leaves[0]?.parent?.parentId).toBe(action === "update" ? 40 : null);
    await session.close();
    await engine.dispose();
  });

  it("links rows of a circle late", async () => {
    const Base = declarativeBase();
    class Team extends Base("teams", {
      id: integer().primaryKey(),
      name: varchar(20).notNull().unique(),
      get leaderId() {
        return integer().references(Person.c.id);
      },
      get leader() {
        return manyToOne(Person, { foreignKeys: [Team.c.leaderId] });
      },
      get mapperArgs() {
        return { onConflict: { target: [Team.c.name], do: "update" as const } };
      },
    }) {}
    class Person extends Base("people", {
      id: integer().primaryKey(),
      name: varchar(20).notNull().unique(),
      get teamId() {
        return integer().notNull().references(Team.c.id);
      },
      get team() {
        return manyToOne(Team, { foreignKeys: [Person.c.teamId] });
      },
      get mapperArgs() {
        return { onConflict: { target: [Person.c.name], do: "update" as const } };
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await sqlRun(engine, "insert into teams (id, name) values (50, 't')");
    const session = new Session(engine);
    const team = new Team({ name: "t" });
    team.leader = new Person({ name: "p", team });
    session.add(team);
    await session.commit();
    expect(
      await rowsOf(engine, "select t.id, p.name, p.team_id from teams t join people p on p.id = t.leader_id"),
    ).toEqual([[50, "p", 50]]);
    expect(team.leaderId).toBe(team.leader.id);
    await session.close();
    await engine.dispose();
  });
});

describe("a database whose upsert returns nothing", () => {
  const mariadb = databases.find(({ name }) => name === "MariaDB");

  it.skipIf(mariadb === undefined)("is asked for the rows afterwards", async () => {
    for (const action of ["update", "nothing"] as const) {
      const { Base, Tag, Note } = naturalModels(action);
      const engine = (mariadb as TestDatabase).open();
      await Base.metadata.createAll(engine);
      await sqlRun(engine, "insert into tags (name, note) values ('a', 'old')");
      const value = { ...engine.dialect.capabilities, returning: false };
      Object.defineProperty(engine.dialect, "capabilities", { value });
      const log = new StatementLog(engine);
      const session = new Session(engine);
      const tags = ["a", "b"].map((name) => new Tag({ name, note: "new" }));
      session.addAll(tags);
      session.add(new Note({ code: "n", tag: tags[0] ?? null }));
      await session.commit();
      expect(log.all.map(({ sql: statement }) => statement.slice(0, 6))).toEqual([
        "INSERT",
        "SELECT",
        "INSERT",
        "SELECT",
      ]);
      const expected = [
        ["a", action === "update" ? "new" : "old"],
        ["b", "new"],
      ];
      expect(tags.map(({ name, note }) => [name, note])).toEqual(expected);
      expect(await rowsOf(engine, "select name, note from tags order by name")).toEqual(expected);
      await session.close();
      await engine.dispose();
    }
  });
});

function naturalModels(action: Action) {
  const Base = declarativeBase();
  class Tag extends Base("tags", {
    name: varchar(20).primaryKey(),
    note: varchar(20),
    get mapperArgs() {
      return { onConflict: { target: [Tag.c.name], do: action } };
    },
  }) {}
  class Note extends Base("notes", {
    code: varchar(20).primaryKey(),
    get tagName() {
      return varchar(20).references(Tag.c.name);
    },
    get tag() {
      return manyToOne(Tag);
    },
    get mapperArgs() {
      return { onConflict: { target: [Note.c.code], do: action } };
    },
  }) {}
  return { Base, Tag, Note };
}
