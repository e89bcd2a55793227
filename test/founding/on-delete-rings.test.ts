import { declarativeBase, integer, manyToOne, Session, StaleDataError, sql } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Rows that refer to each other, all deleted, where ON DELETE would act on them or refuses at once.

type Options = NonNullable<Parameters<ReturnType<typeof integer>["references"]>[1]>;

interface Declared {
  readonly options: Options;
  readonly notNull?: boolean;
  readonly versioned?: boolean;
}

async function ring(database: TestDatabase, { options, notNull = false, versioned = false }: Declared) {
  const Base = declarativeBase();
  class Node extends Base("node", {
    id: integer().primaryKey(),
    version: integer().notNull().default(0),
    get nextId() {
      const column = integer().references(Node.c.id, options);
      return notNull ? column.notNull() : column;
    },
    get next() {
      return manyToOne(Node, { remoteSide: [Node.c.id] });
    },
    get mapperArgs() {
      return versioned ? { versionId: Node.c.version } : {};
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine, { suspendForeignKeyChecks: true });
  const nodes = [1, 2, 3].map((id) => new Node({ id })) as [Node, Node, Node];
  for (const [i, node] of nodes.entries()) node.next = nodes[(i + 1) % 3] as Node; // of three
  session.addAll(nodes);
  await session.commit();
  const log = new StatementLog(engine);
  const deleteAll = async () => {
    for (const node of nodes) session.delete(node);
    await session.commit();
  };
  const rows = () => rowsOf(engine, "select id from node");
  const close = async (): Promise<void> => {
    await session.close();
    await engine.dispose();
  };
  return { engine, session, nodes, log, deleteAll, rows, close };
}

const versionedRing: Declared = { options: { onDelete: "cascade" }, versioned: true, notNull: true };

onEveryDatabase("a ring of rows of one table is deleted", (database) => {
  const { drawsKeys: actsAtStatementEnd, checksAtStatementEnd } = database.capabilities; // PostgreSQL

  it("under RESTRICT: what is refused row by row is unlinked first", async () => {
    const { log, deleteAll, rows, close } = await ring(database, { options: { onDelete: "restrict" } });
    await deleteAll();
    expect(log.writes).toEqual(actsAtStatementEnd ? ["DELETE node"] : ["UPDATE node", "DELETE node"]);
    expect(await rows()).toEqual([]);
    await close();
  });

  it("under RESTRICT, where a row always refers to another one", async () => {
    const { deleteAll, rows, close } = await ring(database, { options: { onDelete: "restrict" }, notNull: true });
    await deleteAll();
    expect(await rows()).toEqual([]);
    await close();
  });

  it("under CASCADE, with versions: rows that go along are counted", async () => {
    const { log, deleteAll, rows, close } = await ring(database, {
      options: { onDelete: "cascade" },
      versioned: true,
    });
    await deleteAll();
    expect(log.writes).toEqual(actsAtStatementEnd ? ["DELETE node"] : ["UPDATE node", "DELETE node"]);
    expect(await rows()).toEqual([]);
    await close();
  });

  it("under CASCADE, with versions, where a row always refers to another one: counted before", async () => {
    const { log, deleteAll, rows, close } = await ring(database, versionedRing);
    await deleteAll();
    expect(log.writes).toEqual(actsAtStatementEnd ? ["DELETE node"] : ["UPDATE node", "DELETE node"]);
    expect(await rows()).toEqual([]);
    await close();
  });

  it("but not if somebody else has changed one of them", async () => {
    const { engine, session, deleteAll, rows, close } = await ring(database, versionedRing);
    await engine.begin((connection) => connection.execute(sql`update node set version = 7 where id = 3`));
    await expect(deleteAll()).rejects.toThrow(StaleDataError);
    await session.rollback();
    expect(await rows()).toHaveLength(3);
    await close();
  });

  it("of two tables under CASCADE, with versions", async () => {
    const Base = declarativeBase();
    class Left extends Base("left_row", {
      id: integer().primaryKey(),
      version: integer().notNull().default(0),
      get rightId() {
        return integer().notNull().references(Right.c.id, { onDelete: "cascade" });
      },
      get right() {
        return manyToOne(Right);
      },
      get mapperArgs() {
        return { versionId: Left.c.version };
      },
    }) {}
    class Right extends Base("right_row", {
      id: integer().primaryKey(),
      version: integer().notNull().default(0),
      get leftId() {
        return integer().notNull().references(Left.c.id, { onDelete: "cascade" });
      },
      get left() {
        return manyToOne(Left);
      },
      get mapperArgs() {
        return { versionId: Right.c.version };
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine, { suspendForeignKeyChecks: true });
    const left = new Left({ id: 1 });
    const right = new Right({ id: 2, left });
    left.right = right;
    session.add(left);
    await session.commit();
    session.delete(left);
    session.delete(right);
    await session.commit();
    expect(await rowsOf(engine, "select id from left_row union all select id from right_row")).toEqual([]);
    await session.close();
    await engine.dispose();
  });

  it("without an action, by one statement where the database checks at its end", async () => {
    if (!checksAtStatementEnd) return;
    const { log, deleteAll, rows, close } = await ring(database, { options: {}, versioned: true });
    await deleteAll();
    expect(log.writes).toEqual(["DELETE node"]);
    expect(await rows()).toEqual([]);
    await close();
  });
});

onEveryDatabase("RESTRICT is not put off, though it is declared so", (database) => {
  const { deferrable } = database.capabilities;

  it("when rows of two tables that refer to each other are deleted", async () => {
    if (!deferrable) return;
    const options = { onDelete: "restrict", deferrable: true } as const;
    const Base = declarativeBase();
    class Left extends Base("left_row", {
      id: integer().primaryKey(),
      get rightId() {
        return integer().notNull().references(Right.c.id, options);
      },
      get right() {
        return manyToOne(Right);
      },
    }) {}
    class Right extends Base("right_row", {
      id: integer().primaryKey(),
      get leftId() {
        return integer().notNull().references(Left.c.id, options);
      },
      get left() {
        return manyToOne(Left);
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const left = new Left({ id: 1 });
    const right = new Right({ id: 2, left });
    left.right = right;
    session.add(left);
    await session.commit();
    session.delete(left);
    session.delete(right);
    const plan = await session.plan();
    expect(plan.deferralStatements).toEqual([]);
    await session.commit();
    expect(await rowsOf(engine, "select id from left_row union all select id from right_row")).toEqual([]);
    await session.close();
    await engine.dispose();
  });

  it("when a key changes", async () => {
    if (!deferrable) return;
    const Base = declarativeBase();
    class Parent extends Base("parent", { id: integer().primaryKey() }) {}
    class Child extends Base("child", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().notNull().references(Parent.c.id, { onUpdate: "restrict", deferrable: true });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const parent = new Parent({ id: 1 });
    const child = new Child({ id: 1, parentId: 1 });
    session.addAll([parent, child]);
    await session.commit();
    parent.id = 2;
    await session.commit();
    expect(child.parentId).toBe(2);
    expect(await rowsOf(engine, "select parent_id from child")).toEqual([[2]]);
    await session.close();
    await engine.dispose();
  });
});
