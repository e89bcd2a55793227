import { declarativeBase, FlushCycleError, integer, manyToOne, oneToMany, Session, text, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// A new object takes a key of a deleted one, and what referred to that one refers to the new one: the column keeps its
// value, and means another row.

type Options = NonNullable<Parameters<ReturnType<typeof integer>["references"]>[1]>;

interface Declared {
  readonly notNull: boolean;
  readonly options: Options;
}

async function setUp(database: TestDatabase, { notNull, options }: Declared, suspendForeignKeyChecks = false) {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    code: varchar(10).notNull().unique(),
    get children() {
      return oneToMany(Child, { backPopulates: "parent" });
    },
  }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    get parentCode() {
      const column = varchar(10).references(Parent.c.code, options);
      return notNull ? column.notNull() : column;
    },
    get parent() {
      return manyToOne(Parent, { backPopulates: "children" });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine, { suspendForeignKeyChecks });
  const child = new Child({});
  const old = new Parent({ id: 1, code: "a", children: [child] });
  session.add(old);
  await session.commit();
  const log = new StatementLog(engine);
  const rows = async () => [
    await rowsOf(engine, "select id, code from parent"),
    await rowsOf(engine, "select id, parent_code from child"),
  ];
  const close = async (): Promise<void> => {
    await session.close();
    await engine.dispose();
  };
  return { engine, Parent, session, child, old, log, rows, close };
}

const ACTIONS: readonly Options[] = [
  {},
  { onDelete: "cascade" },
  { onDelete: "restrict" },
  { onUpdate: "cascade" },
  { onUpdate: "cascade", onDelete: "cascade" },
];

onEveryDatabase("a new object takes a unique value of a deleted one, with its children", (database) => {
  const { keysFollow } = database.capabilities;

  for (const options of [...ACTIONS, { onDelete: "set null" } as const]) {
    it(`where these may refer to nothing for a while: ${JSON.stringify(options)}`, async () => {
      const { Parent, session, child, old, log, rows, close } = await setUp(database, { notNull: false, options });
      const next = new Parent({ id: 2, code: "a" });
      session.add(next);
      child.parent = next;
      session.delete(old);
      await session.commit();
      expect(log.writes).toEqual(["UPDATE child", "DELETE parent", "INSERT parent", "UPDATE child"]);
      expect(await rows()).toEqual([[[2, "a"]], [[1, "a"]]]);
      expect([child.parentCode, child.parent, next.children]).toEqual(["a", next, [child]]);
      await close();
    });
  }

  for (const options of ACTIONS) {
    it(`where these always refer to something: ${JSON.stringify(options)}`, async () => {
      const suspends = !keysFollow;
      const { Parent, session, child, old, rows, close } = await setUp(database, { notNull: true, options }, suspends);
      const next = new Parent({ id: 2, code: "a" });
      session.add(next);
      child.parent = next;
      session.delete(old);
      await session.commit();
      expect(await rows()).toEqual([[[2, "a"]], [[1, "a"]]]);
      expect([child.parentCode, child.parent, next.children]).toEqual(["a", next, [child]]);
      await close();
    });
  }

  it("takes along what nobody has loaded where ON DELETE says so", async () => {
    const options = { onDelete: "cascade" } as const;
    const set = await setUp(database, { notNull: true, options }, !keysFollow);
    const { engine, Parent, session, child, old, rows, close } = set;
    await engine.begin((connection) => connection.execute(text("insert into child (id, parent_code) values (8, 'a')")));
    const next = new Parent({ id: 2, code: "a" });
    session.add(next);
    child.parent = next;
    session.delete(old);
    await session.commit();
    expect(await rows()).toEqual([[[2, "a"]], [[1, "a"]]]);
    await close();
  });

  it("refuses before the first statement where there is no way", async () => {
    if (keysFollow) return;
    const { Parent, session, child, old, log, close } = await setUp(database, { notNull: true, options: {} });
    const next = new Parent({ id: 2, code: "a" });
    session.add(next);
    child.parent = next;
    session.delete(old);
    await expect(session.flush()).rejects.toThrow(FlushCycleError);
    expect(log.writes).toEqual([]);
    await close();
  });

  it("writes nothing where the new object takes over the row itself", async () => {
    const { Parent, session, child, old, log, rows, close } = await setUp(database, { notNull: true, options: {} });
    const next = new Parent({ id: 1, code: "a" });
    session.add(next);
    child.parent = next;
    session.delete(old);
    await session.commit();
    expect(log.writes).toEqual(["UPDATE parent"]);
    expect(await rows()).toEqual([[[1, "a"]], [[1, "a"]]]);
    expect(child.parent).toBe(next);
    await close();
  });
});

onEveryDatabase("a new object takes the primary key of a deleted one whose row it cannot take over", (database) => {
  it("keeps the children", async () => {
    const Base = declarativeBase();
    class Parent extends Base("parent", {
      id: integer().primaryKey(),
      state: varchar(10).serverDefault("new"), // an UPDATE cannot ask for it everywhere
      get children() {
        return oneToMany(Child, { backPopulates: "parent" });
      },
    }) {}
    class Child extends Base("child", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().references(Parent.c.id, { onDelete: "cascade" });
      },
      get parent() {
        return manyToOne(Parent, { backPopulates: "children" });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const child = new Child({});
    const old = new Parent({ id: 1, state: "old", children: [child] });
    session.add(old);
    await session.commit();
    const next = new Parent({ id: 1 });
    session.add(next);
    child.parent = next;
    session.delete(old);
    await session.commit();
    expect(await rowsOf(engine, "select id, state from parent")).toEqual([[1, "new"]]);
    expect(await rowsOf(engine, "select id, parent_id from child")).toEqual([[1, 1]]);
    expect(child.parent).toBe(next);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("a row whose own key holds what it refers to is replaced together with that", (database) => {
  for (const options of [{}, { onDelete: "cascade" }] as const) {
    it(`goes before it and comes back after it: ${JSON.stringify(options)}`, async () => {
      const Base = declarativeBase();
      class Parent extends Base("parent", { id: integer().primaryKey(), code: varchar(10).notNull().unique() }) {}
      class Child extends Base("child", {
        position: integer().primaryKey(),
        get parentCode() {
          return varchar(10).primaryKey().references(Parent.c.code, options);
        },
        get parent() {
          return manyToOne(Parent);
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine);
      const parents = [1, 2].map((id) => new Parent({ id, code: "a" })) as [Parent, Parent];
      const children = parents.map((parent) => new Child({ position: 1, parentCode: "a", parent })) as [Child, Child];
      session.addAll([parents[0], children[0]]);
      await session.commit();
      const log = new StatementLog(engine);
      session.delete(parents[0]);
      session.delete(children[0]);
      session.addAll([parents[1], children[1]]);
      await session.commit();
      expect(log.writes).toEqual(["DELETE child", "DELETE parent", "INSERT parent", "INSERT child"]);
      expect(await rowsOf(engine, "select position, parent_code from child")).toEqual([[1, "a"]]);
      await session.close();
      await engine.dispose();
    });
  }
});
