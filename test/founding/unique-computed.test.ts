import { declarativeBase, func, index, integer, manyToOne, oneToMany, Session, unique, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// What the database computes of a row is unique: the columns that it is computed of say which rows wait for which.

onEveryDatabase("a unique computed column", (database) => {
  async function setUp() {
    const Base = declarativeBase();
    class Tag extends Base("tag", {
      id: integer().primaryKey(),
      v: varchar(40).notNull(),
      get low() {
        return varchar(40).computed(func.lower(Tag.c.v)).unique();
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const tags = ["A", "B", "C"].map((v, i) => new Tag({ id: i + 1, v }));
    session.addAll(tags);
    await session.commit();
    const log = new StatementLog(engine);
    const stored = async () =>
      (await rowsOf(engine, "select id, v, low from tag order by id")).map((row) => row.join(" "));
    const close = async () => {
      await session.close();
      await engine.dispose();
    };
    return { Tag, session, tags, log, stored, close };
  }

  it("is taken after it was given up", async () => {
    const { Tag, session, tags, log, stored, close } = await setUp();
    const [a, b, c] = tags as [(typeof tags)[0], (typeof tags)[0], (typeof tags)[0]];
    a.v = "b";
    b.v = "d";
    session.delete(c);
    session.add(new Tag({ id: 4, v: "c" }));
    expect((await session.plan()).toString()).toContain("Tag#1 takes tag(low) that Tag#2 gives up");
    await session.commit();
    expect(await stored()).toEqual(["1 b b", "2 d d", "4 c c"]);
    expect(log.writes).toHaveLength(4);
    await close();
  });

  it("is exchanged by moving one row aside on a column that it is computed of", async () => {
    const { session, tags, log, stored, close } = await setUp();
    for (const [i, v] of ["b", "c", "a"].entries()) Object.assign(tags[i] ?? {}, { v });
    await session.commit();
    expect(await stored()).toEqual(["1 b b", "2 c c", "3 a a"]);
    expect(log.writes.length).toBeLessThanOrEqual(4);
    await close();
  });
});

onEveryDatabase("a unique key over a foreign key and a computed column", (database) => {
  it("is replaced among the children of old and new parents", async () => {
    const Base = declarativeBase();
    class Parent extends Base("parent", {
      id: integer().primaryKey(),
      get children() {
        return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan" });
      },
    }) {}
    class Child extends Base("child", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().notNull().references(Parent.c.id);
      },
      a: integer().notNull(),
      b: integer().notNull(),
      get sum() {
        return integer().computed(Child.c.a.add(Child.c.b), { stored: true });
      },
      get parent() {
        return manyToOne(Parent, { backPopulates: "children" });
      },
      get tableArgs() {
        return [unique("child_uk", Child.c.parentId, Child.c.sum)];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const [one, two] = [new Child({ id: 1, a: 1, b: 1 }), new Child({ id: 2, a: 1, b: 2 })];
    const parent = new Parent({ children: [one, two] });
    session.add(parent);
    await session.commit();
    [one.b, two.b] = [2, 1]; // exchange the sums
    const next = new Parent({ children: [new Child({ id: 3, a: 3, b: 0 }), new Child({ id: 4, a: 2, b: 0 })] });
    session.add(next);
    await session.commit();
    one.parent = next;
    next.children.find(({ id }) => id === 3)!.b = 1;
    parent.children = [new Child({ id: 5, a: 0, b: 2 })];
    await session.commit();
    expect(await rowsOf(engine, "select id, parent_id, sum from child order by id")).toEqual([
      [1, next.id, 3],
      [3, next.id, 4],
      [4, next.id, 2],
      [5, parent.id, 2],
    ]);
    await engine.dispose();
  });
});

onEveryDatabase("a unique index over an expression of a computed column", (database) => {
  // PostgreSQL has computed columns in expressions of indexes, but its old versions no virtual ones; MariaDB no such index.
  it.runIf(database.name === "SQLite")("is ordered by what that is computed of", async () => {
    const Base = declarativeBase();
    class Tag extends Base("tag", {
      id: integer().primaryKey(),
      v: integer().notNull(),
      get double() {
        return integer().computed(Tag.c.v.mul(2));
      },
      get tableArgs() {
        return [index("tag_uk", func.abs(Tag.c.double), { unique: true, where: Tag.c.double.gt(-9) })];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const [a, b] = [new Tag({ id: 1, v: 1 }), new Tag({ id: 2, v: 2 })];
    session.addAll([a, b]);
    await session.commit();
    [a.v, b.v] = [-2, 3];
    await session.commit();
    [a.v, b.v] = [3, -2];
    await session.commit();
    expect(await rowsOf(engine, "select id, double from tag order by id")).toEqual([
      [1, 6],
      [2, -4],
    ]);
    await engine.dispose();
  });
});
