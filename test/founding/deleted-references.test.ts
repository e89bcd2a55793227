import { declarativeBase, FlushCycleError, foreignKey, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// A row comes to refer to one that is deleted in the same flush.

async function setUp(database: TestDatabase, onDelete: "set null" | "cascade" | null) {
  const Base = declarativeBase();
  class Parent extends Base("parent", { id: integer().primaryKey(), name: varchar(10) }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    get parentId() {
      return integer().references(Parent.c.id, onDelete === null ? {} : { onDelete });
    },
    get parent() {
      return manyToOne(Parent);
    },
  }) {}
  /** Refers by a column alone. */
  class Loose extends Base("loose", {
    id: integer().primaryKey(),
    get parentId() {
      return integer().references(Parent.c.id, onDelete === null ? {} : { onDelete });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const [parent, stored, loose] = [new Parent({ id: 1 }), new Child({ id: 5 }), new Loose({ id: 5 })];
  session.addAll([parent, stored, loose]);
  await session.commit();
  const log = new StatementLog(engine);
  return { engine, session, Parent, Child, Loose, parent, stored, loose, log };
}

onEveryDatabase("a row that comes to refer to one that is deleted in the same flush", (database) => {
  for (const how of ["new", "stored", "new, by its column", "stored, by its column"] as const) {
    it(`is refused before the first statement where ON DELETE says nothing: ${how}`, async () => {
      const { engine, session, parent, stored, loose, Child, Loose, log } = await setUp(database, null);
      if (how === "new") session.add(new Child({ id: 6, parent }));
      else if (how === "stored") stored.parent = parent;
      else if (how === "new, by its column") session.add(new Loose({ id: 6, parentId: 1 }));
      else loose.parentId = 1;
      session.delete(parent);
      const error = await session.flush().catch((reason: unknown) => reason);
      if (!(error instanceof FlushCycleError)) throw error;
      expect(log.writes).toEqual([]);
      const row = how.startsWith("new") ? / \(new\)|#6/ : /#5/;
      expect(error.message).toMatch(row);
      expect(error.message).toMatch(
        /refer to Parent#1 by \w*(\(parent_id\))? \(parent_id\) = 1, .*is deleted in the same/,
      );
      expect(error.rows).toHaveLength(2);
      expect(error.constraints).toHaveLength(1);
      expect(error.orders.map(({ before }) => before)).toEqual(error.rows);
      expect(error.toMermaid()).toContain("s1 -->");
      await session.rollback();
      expect(await rowsOf(engine, "select id from parent")).toEqual([[1]]);
      await session.close();
    });
  }

  it("is refused where it has another key than before, and nothing else is wrong", async () => {
    const { session, Parent, stored, parent, log } = await setUp(database, null);
    stored.parent = new Parent({ id: 2 });
    await session.commit();
    log.clear();
    stored.parent = parent;
    session.delete(parent);
    await expect(session.plan()).rejects.toThrow(FlushCycleError);
    expect(log.writes).toEqual([]);
    await session.close();
  });

  it("is written where another row gets that key in the same flush", async () => {
    const { engine, session, Parent, Child, Loose, parent, stored } = await setUp(database, null);
    const other = new Parent({ id: 2, name: "other" });
    session.add(other);
    await session.commit();
    session.delete(parent);
    other.id = 1;
    session.add(new Child({ id: 6, parent: other }));
    session.add(new Loose({ id: 6, parentId: 1 }));
    stored.parent = other;
    await session.commit();
    expect(await rowsOf(engine, "select id, name from parent")).toEqual([[1, "other"]]);
    expect(await rowsOf(engine, "select id, parent_id from child order by id")).toEqual([
      [5, 1],
      [6, 1],
    ]);
    expect(await rowsOf(engine, "select id, parent_id from loose order by id")).toEqual([
      [5, null],
      [6, 1],
    ]);
    await session.close();
  });

  it("is written where a new object takes over the row", async () => {
    const { engine, session, Parent, Child, Loose, parent } = await setUp(database, null);
    session.delete(parent);
    const next = new Parent({ id: 1, name: "next" });
    session.addAll([next, new Child({ id: 6, parent: next }), new Loose({ id: 6, parentId: 1 })]);
    await session.commit();
    expect(await rowsOf(engine, "select id, name from parent")).toEqual([[1, "next"]]);
    expect(await rowsOf(engine, "select parent_id from child where id = 6")).toEqual([[1]]);
    expect(await rowsOf(engine, "select parent_id from loose where id = 6")).toEqual([[1]]);
    await session.close();
  });

  it("refers to nothing by ON DELETE SET NULL, and so does its object, until a rollback", async () => {
    const { engine, session, Child, Loose, parent, stored, loose } = await setUp(database, "set null");
    const child = new Child({ id: 6, parent });
    const other = new Loose({ id: 6, parentId: 1 });
    session.addAll([child, other]);
    stored.parent = parent;
    loose.parentId = 1;
    session.delete(parent);
    await session.flush();
    for (const { parentId } of [child, other, stored, loose]) expect(parentId).toBeNull();
    expect([child.parent, stored.parent]).toEqual([null, null]);
    await session.rollback();
    expect([child.parent, other.parentId]).toEqual([parent, 1]);
    session.addAll([child, other]);
    session.delete(parent);
    await session.commit();
    for (const table of ["child", "loose"]) {
      expect(await rowsOf(engine, `select id, parent_id from ${table} order by id`)).toEqual([
        [5, null],
        [6, null],
      ]);
    }
    expect(await rowsOf(engine, "select id from parent")).toEqual([]);
    await session.close();
  });

  it("is there before ON DELETE CASCADE takes it along", async () => {
    const { engine, session, Child, Loose, parent, stored, loose, log } = await setUp(database, "cascade");
    session.addAll([new Child({ id: 6, parent }), new Loose({ id: 6, parentId: 1 })]);
    stored.parent = parent;
    loose.parentId = 1;
    session.delete(parent);
    await session.commit();
    expect(log.writes.at(-1)).toBe("DELETE parent");
    expect(log.writes.toSorted()).toEqual([
      "DELETE parent",
      "INSERT child",
      "INSERT loose",
      "UPDATE child",
      "UPDATE loose",
    ]);
    for (const table of ["child", "loose", "parent"])
      expect(await rowsOf(engine, `select id from ${table}`)).toEqual([]);
    await session.close();
  });

  it("says why it is written before", async () => {
    const { session, Child, parent } = await setUp(database, "cascade");
    session.add(new Child({ id: 6, parent }));
    session.delete(parent);
    expect((await session.plan()).toString()).toMatch(
      /refers to Parent#1, which goes, and ON DELETE says what becomes of it by child\(parent_id\)/,
    );
    await session.close();
  });
});

onEveryDatabase("a row of the same table that is deleted", (database) => {
  async function setUpNodes(onDelete: "cascade" | null) {
    const Base = declarativeBase();
    class Node extends Base("node", {
      a: integer().primaryKey(),
      b: integer().primaryKey(),
      nextA: integer(),
      nextB: integer(),
      get tableArgs() {
        return [foreignKey([Node.c.nextA, Node.c.nextB], [Node.c.a, Node.c.b], onDelete === null ? {} : { onDelete })];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const old = new Node({ a: 1, b: 1 });
    session.add(old);
    await session.commit();
    session.delete(old);
    session.add(new Node({ a: 2, b: 2, nextA: 1, nextB: 1 }));
    return { engine, session };
  }

  it("is not referred to afterwards", async () => {
    const { session } = await setUpNodes(null);
    await expect(session.flush()).rejects.toThrow(/is deleted in the same flush. Nothing was executed/);
    await session.rollback();
    await session.close();
  });

  it("takes those along that refer to it", async () => {
    const { engine, session } = await setUpNodes("cascade");
    await session.commit();
    expect(await rowsOf(engine, "select a, b from node")).toEqual([]);
    await session.close();
  });
});
