import {
  declarativeBase,
  inspect,
  integer,
  lazy,
  manyToMany,
  manyToOne,
  oneToMany,
  Session,
  select,
  unique,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// A query flushes first. What the program has not decided yet waits for a flush that it asks for.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    rank: integer(),
    get children() {
      return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan" });
    },
  }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    z: integer(),
    get parentId() {
      return integer().notNull().references(Parent.c.id);
    },
    get parent() {
      return manyToOne(Parent, { backPopulates: "children" });
    },
    get toys() {
      return oneToMany(Toy, { backPopulates: "child" });
    },
    get tableArgs() {
      return [unique("child_uk", Child.c.parentId, Child.c.z)];
    },
  }) {}
  class Toy extends Base("toy", {
    id: integer().primaryKey(),
    get childId() {
      return integer().notNull().references(Child.c.id);
    },
    get child() {
      return manyToOne(Child, { backPopulates: "toys" });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const first = new Session(engine);
  first.addAll([
    new Parent({ id: 1, rank: 1, children: [new Child({ id: 1, z: 1 })] }),
    new Parent({ id: 2, rank: 2 }),
  ]);
  await first.commit();
  await first.close();
  const session = new Session(engine);
  const one = await session.get(Parent, 1);
  const two = await session.get(Parent, 2);
  if (one === null || two === null) throw new Error("both were stored");
  const [child] = await lazy(one).children;
  if (child === undefined) throw new Error("it was stored");
  return { Parent, Child, Toy, engine, session, one, two, child };
}

const CHILDREN = "select id, parent_id, z from child order by id";

onEveryDatabase("the flush of a query", (database) => {
  it("does not delete a child between two owners that delete orphans", async () => {
    const { Parent, engine, session, one, two, child } = await setUp(database);
    one.children.pop();
    await session.all(select(Parent));
    expect(inspect(child).state).toBe("persistent");
    two.children.push(child);
    await session.commit();
    expect(await rowsOf(engine, CHILDREN)).toEqual([[1, 2, 1]]);
    await session.close();
  });

  it("does not when the collection of the second owner is loaded in between", async () => {
    const { engine, session, one, two, child } = await setUp(database);
    one.children.pop();
    (await lazy(two).children).push(child);
    await session.commit();
    expect(await rowsOf(engine, CHILDREN)).toEqual([[1, 2, 1]]);
    await session.close();
  });

  it("lets a required reference be null for its time", async () => {
    const { Parent, engine, session, two, child } = await setUp(database);
    child.parent = null;
    await session.all(select(Parent));
    child.parent = two;
    await session.commit();
    expect(await rowsOf(engine, CHILDREN)).toEqual([[1, 2, 1]]);
    await session.close();
  });

  it("deletes it with the next flush that is asked for, if it found no owner", async () => {
    const { Parent, engine, session, one, child } = await setUp(database);
    one.children.pop();
    await session.all(select(Parent));
    await session.flush();
    expect(inspect(child).state).toBe("deleted");
    await session.commit();
    expect(await rowsOf(engine, CHILDREN)).toEqual([]);
    await session.close();
  });

  it("writes what is decided: other classes are seen by the query", async () => {
    const { Parent, session, one, two, engine } = await setUp(database);
    const log = new StatementLog(engine);
    one.children.pop();
    two.rank = 7;
    session.add(new Parent({ id: 3, rank: 7 }));
    const found = await session.all(select(Parent.c.id).where(Parent.c.rank.eq(7)).orderBy(Parent.c.id));
    expect(found).toEqual([2, 3]);
    expect(log.all.some(({ sql }) => sql.includes("child"))).toBe(false);
    await session.rollback();
    expect(one.children).toHaveLength(1);
    expect(two.rank).toBe(2);
    await session.close();
  });

  it("leaves what takes the place of such a child, and what belongs to that, for later too", async () => {
    const { Parent, Child, Toy, engine, session, one } = await setUp(database);
    one.children = [new Child({ id: 9, z: 1, toys: [new Toy({ id: 1 })] })]; // the unique value of the old one
    await session.all(select(Parent));
    await session.commit();
    expect(await rowsOf(engine, CHILDREN)).toEqual([[9, 1, 1]]);
    expect(await rowsOf(engine, "select id, child_id from toy")).toEqual([[1, 9]]);
    await session.close();
  });

  it("does not insert a new object without the one that it requires", async () => {
    const { Parent, Child, Toy, engine, session, two } = await setUp(database);
    const child = new Child({ id: 5, z: 5 });
    session.addAll([child, new Toy({ id: 5, child })]);
    expect(await session.all(select(Parent.c.id).orderBy(Parent.c.id))).toEqual([1, 2]);
    child.parent = two;
    await session.commit();
    expect(await rowsOf(engine, CHILDREN)).toEqual([
      [1, 1, 1],
      [5, 2, 5],
    ]);
    await session.close();
  });

  it("writes nothing while another object is to be deleted", async () => {
    const { Parent, engine, session, one, two, child } = await setUp(database);
    one.children.pop();
    session.delete(one);
    expect(await session.all(select(Parent.c.id).orderBy(Parent.c.id))).toEqual([1, 2]);
    two.children.push(child);
    await session.commit();
    expect(await rowsOf(engine, CHILDREN)).toEqual([[1, 2, 1]]);
    await session.close();
  });
});

onEveryDatabase("the flush of a query, with owners that let go of what they refer to", (database) => {
  it("keeps what nobody refers to for the moment, by a foreign key or an association table", async () => {
    const Base = declarativeBase();
    class Part extends Base("part", { id: integer().primaryKey() }) {}
    class Machine extends Base("machine", {
      id: integer().primaryKey(),
      get engineId() {
        return integer().references(Part.c.id);
      },
      get engine() {
        return manyToOne(Part, { cascade: "all, delete-orphan", singleParent: true });
      },
      get spares() {
        return manyToMany(Part, { through: Spare, cascade: "all, delete-orphan", singleParent: true });
      },
    }) {}
    class Spare extends Base("spare", {
      get machineId() {
        return integer().primaryKey().references(Machine.c.id);
      },
      get partId() {
        return integer().primaryKey().references(Part.c.id);
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const [motor, spare] = [new Part({ id: 1 }), new Part({ id: 2 })];
    const [one, two] = [new Machine({ id: 1, engine: motor, spares: [spare] }), new Machine({ id: 2 })];
    session.addAll([one, two]);
    await session.commit();
    one.engine = null;
    one.spares.pop();
    expect(await session.all(select(Part.c.id).orderBy(Part.c.id))).toEqual([1, 2]);
    two.engine = motor;
    two.spares.push(spare);
    await session.commit();
    expect(await rowsOf(engine, "select id, engine_id from machine order by id")).toEqual([
      [1, null],
      [2, 1],
    ]);
    expect(await rowsOf(engine, "select machine_id, part_id from spare")).toEqual([[2, 2]]);
    one.engine = null;
    two.engine = null;
    await session.commit();
    expect(await session.all(select(Part.c.id))).toEqual([2]);
    await session.close();
  });
});
