import { declarativeBase, type Engine, func, index, integer, Session, sql, text, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Unique values of which only the database can say what they are: the flush goes by what they most likely are, and by what
// they are computed of.

async function setUp(engine: Engine, Base: ReturnType<typeof declarativeBase>) {
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const log = new StatementLog(engine);
  const values = async () => (await rowsOf(engine, "select id, v from tag order by id")).map((row) => row.join(" "));
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { session, log, values, close };
}

onEveryDatabase("a unique index over lower()", (database) => {
  // MariaDB has no indexes over expressions: there, the column is compared without case.
  function models() {
    const Base = declarativeBase();
    class Tag extends Base("tag", {
      id: integer().primaryKey(),
      v: varchar(20).notNull(),
      get tableArgs() {
        return [index("tag_uk", func.lower(Tag.c.v), { unique: true, skipIfUnsupported: true })];
      },
    }) {}
    return { Base, Tag };
  }

  it("is ordered for letters beyond ASCII, too", async () => {
    const { Base, Tag } = models();
    const { session, values, close } = await setUp(database.open(), Base);
    const [a, b] = [new Tag({ id: 1, v: "Meier" }), new Tag({ id: 2, v: "Müller" })];
    session.addAll([a, b]);
    await session.commit();
    [a.v, b.v] = ["müller", "Schmidt"];
    await session.commit();
    expect(await values()).toEqual(["1 müller", "2 Schmidt"]);
    await close();
  });

  it("is exchanged between rows that certainly have the same", async () => {
    const { Base, Tag } = models();
    const { session, log, values, close } = await setUp(database.open(), Base);
    const [a, b] = [new Tag({ id: 1, v: "Möller" }), new Tag({ id: 2, v: "Müller" })];
    session.addAll([a, b]);
    await session.commit();
    log.clear();
    [a.v, b.v] = [b.v, a.v];
    await session.commit();
    expect(await values()).toEqual(["1 Müller", "2 Möller"]);
    expect(log.writes.length).toBeLessThanOrEqual(3);
    await close();
  });
});

onEveryDatabase("a unique value that a function computes of which nothing is known", (database) => {
  it("is the same for the same values", async () => {
    const Base = declarativeBase();
    class Tag extends Base("tag", {
      id: integer().primaryKey(),
      v: varchar(20).notNull(),
      get code() {
        const name = database.name === "SQLite" ? "hex" : "md5";
        return varchar(80)
          .computed(func.call(name, text(), Tag.c.v))
          .unique();
      },
    }) {}
    const { session, values, close } = await setUp(database.open(), Base);
    const [a, b, c] = ["a", "b", "c"].map((v, i) => new Tag({ id: i + 1, v })) as [
      InstanceType<typeof Tag>,
      InstanceType<typeof Tag>,
      InstanceType<typeof Tag>,
    ];
    session.addAll([a, b, c]);
    await session.commit();
    [a.v, b.v, c.v] = ["b", "c", "d"];
    await session.commit();
    expect(await values()).toEqual(["1 b", "2 c", "3 d"]);
    [a.v, b.v] = [b.v, a.v];
    await session.commit();
    expect(await values()).toEqual(["1 c", "2 b", "3 d"]);
    await close();
  });

  it("of SQL as text, it is likely to be", async () => {
    const Base = declarativeBase();
    class Tag extends Base("tag", {
      id: integer().primaryKey(),
      v: varchar(20).notNull(),
      w: integer(),
      get tableArgs() {
        return [index("tag_uk", sql`coalesce(${Tag.c.v}, 'x')`, { unique: true, skipIfUnsupported: true })];
      },
    }) {}
    const { session, values, close } = await setUp(database.open(), Base);
    const [a, b] = [new Tag({ id: 1, v: "a" }), new Tag({ id: 2, v: "b" })];
    session.addAll([a, b]);
    await session.commit();
    [a.v, b.v] = ["b", "c"];
    await session.commit();
    expect(await values()).toEqual(["1 b", "2 c"]);
    await close();
  });
});

onEveryDatabase("a partial unique index over an order of texts", (database) => {
  it("is left by one row before another one enters it", async () => {
    const Base = declarativeBase();
    class Tag extends Base("tag", {
      id: integer().primaryKey(),
      n: integer().notNull(),
      v: varchar(20).notNull(),
      get tableArgs() {
        const where = Tag.c.v.lt("m");
        return [index("tag_uk", Tag.c.n, { unique: true, where, skipIfUnsupported: true })];
      },
    }) {}
    const { session, values, close } = await setUp(database.open(), Base);
    const [a, b] = [new Tag({ id: 1, n: 1, v: "x" }), new Tag({ id: 2, n: 1, v: "b" })];
    session.addAll([a, b]);
    await session.commit();
    [a.v, b.v] = [b.v, a.v];
    await session.commit();
    expect(await values()).toEqual(["1 b", "2 x"]);
    [a.v, b.v] = [b.v, a.v];
    await session.commit();
    expect(await values()).toEqual(["1 x", "2 b"]);
    await close();
  });
});

onEveryDatabase("a unique column under a collation", (database) => {
  const { name } = database;
  // Collations take these texts for the same; two rows of one flush hand them on.
  const pairs = [
    { collation: "utf8mb4_unicode_520_ci", old: "Lodz", next: "Łódź" },
    { collation: "utf8mb4_unicode_520_ci", old: "Aerø", next: "Ærö" },
    { collation: "utf8mb4_unicode_ci", old: "Strasse", next: "straße" },
    { collation: "utf8mb4_general_ci", old: "Strase", next: "straße" },
    { collation: "utf8mb4_unicode_ci", old: "soft", next: "so\u200bft" },
  ];
  for (const { collation, old, next } of pairs) {
    it.runIf(name === "MariaDB")(`is ordered where it takes ${old} for ${next} (${collation})`, async () => {
      const Base = declarativeBase();
      class Tag extends Base("tag", {
        id: integer().primaryKey(),
        v: varchar(20).notNull().collate({ mysql: collation }).unique(),
      }) {}
      const { session, values, close } = await setUp(database.open(), Base);
      const [a, b] = [new Tag({ id: 1, v: "x" }), new Tag({ id: 2, v: old })];
      session.addAll([a, b]);
      await session.commit();
      [a.v, b.v] = [next, "y"];
      await session.commit();
      expect(await values()).toEqual([`1 ${next}`, "2 y"]);
      await close();
    });
  }

  it.runIf(name === "SQLite")("that an index says is compared without case, and exchanged", async () => {
    const Base = declarativeBase();
    class Tag extends Base("tag", {
      id: integer().primaryKey(),
      v: varchar(20).notNull(),
      get tableArgs() {
        return [index("tag_uk", Tag.c.v.collate("NOCASE"), { unique: true })];
      },
    }) {}
    const { session, values, close } = await setUp(database.open(), Base);
    const [a, b] = [new Tag({ id: 1, v: "x" }), new Tag({ id: 2, v: "A" })];
    session.addAll([a, b]);
    await session.commit();
    [a.v, b.v] = ["a", "b"];
    await session.commit();
    expect(await values()).toEqual(["1 a", "2 b"]);
    [a.v, b.v] = ["B", "A"];
    await session.commit();
    expect(await values()).toEqual(["1 B", "2 A"]);
    await close();
  });
});
