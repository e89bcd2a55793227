import { declarativeBase, integer, manyToOne, oneToMany, oneToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// A new object has the key of a deleted one of another class of its family: the rows of the tables that both classes have
// stay, so that what refers to them is left in peace.

const Base = declarativeBase();
class Employee extends Base("employee", {
  id: integer().primaryKey(),
  kind: varchar(10).notNull(),
  name: varchar(10),
  version: integer(),
  get badge() {
    return oneToOne(Badge, { backPopulates: "employee", cascade: "all, delete-orphan" });
  },
  get notes() {
    return oneToMany(Note, { passiveDeletes: true });
  },
  get mapperArgs() {
    return { polymorphicOn: Employee.c.kind, polymorphicIdentity: "employee", versionId: Employee.c.version };
  },
}) {}
class Manager extends Base.inherit(Employee, "manager", {
  get id() {
    return integer().primaryKey().references(Employee.c.id);
  },
  desk: varchar(10).serverDefault("oak"),
  get mapperArgs() {
    return { polymorphicIdentity: "manager" };
  },
}) {}
class Director extends Base.inherit(Manager, "director", {
  get id() {
    return integer().primaryKey().references(Manager.c.id);
  },
  floor: integer(),
  get mapperArgs() {
    return { polymorphicIdentity: "director" };
  },
}) {}
class Engineer extends Base.inherit(Employee, "engineer", {
  get id() {
    return integer().primaryKey().references(Employee.c.id);
  },
  language: varchar(10),
  get mapperArgs() {
    return { polymorphicIdentity: "engineer" };
  },
}) {}
class Badge extends Base("badge", {
  id: integer().primaryKey(),
  get employeeId() {
    return integer().notNull().references(Employee.c.id);
  },
  get employee() {
    return manyToOne(Employee, { backPopulates: "badge" });
  },
}) {}
class Note extends Base("note", {
  id: integer().primaryKey(),
  get employeeId() {
    return integer().notNull().references(Employee.c.id, { onDelete: "cascade" });
  },
}) {}
/** Nothing maps what it refers to. */
class Door extends Base("door", {
  id: integer().primaryKey(),
  get employeeId() {
    return integer().notNull().references(Employee.c.id);
  },
}) {}

async function setUp(database: TestDatabase, old: Employee) {
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  session.add(old);
  await session.flush();
  session.add(new Door({ id: 1, employeeId: 1 }));
  await session.commit();
  const log = new StatementLog(engine);
  return { engine, session, log };
}

onEveryDatabase("a new object has the key of a deleted one of another class, joined inheritance", (database) => {
  it("writes the row of the common table, and those that one of the classes has", async () => {
    const old = new Engineer({ id: 1, name: "old", language: "c" });
    const { engine, session, log } = await setUp(database, old);
    session.delete(old);
    const next = new Manager({ id: 1, desk: "pine" });
    session.add(next);
    await session.commit();
    expect(log.writes.toSorted()).toEqual(["DELETE engineer", "INSERT manager", "UPDATE employee"]);
    expect(await rowsOf(engine, "select id, kind, name, version from employee")).toEqual([[1, "manager", null, 2]]);
    expect(await rowsOf(engine, "select id, desk from manager")).toEqual([[1, "pine"]]);
    expect(await rowsOf(engine, "select id from engineer")).toEqual([]);
    expect(await session.get(Employee, 1)).toBe(next);
    expect(await session.get(Engineer, 1)).toBeNull();
    await session.close();
  });

  it("asks the database for defaults of a table that the deleted object was not in", async () => {
    const old = new Engineer({ id: 1 });
    const { engine, session, log } = await setUp(database, old);
    session.delete(old);
    const next = new Manager({ id: 1 });
    session.add(next);
    await session.commit();
    expect(log.writes.toSorted()).toEqual(["DELETE engineer", "INSERT manager", "UPDATE employee"]);
    expect(await rowsOf(engine, "select id, desk from manager")).toEqual([[1, "oak"]]);
    await session.refresh(next);
    expect(next.desk).toBe("oak");
    await session.close();
  });

  it("leaves rows where the new class is above the old one, and adds some where it is below", async () => {
    const old = new Director({ id: 1, name: "old", desk: "oak", floor: 3 });
    const { engine, session, log } = await setUp(database, old);
    session.delete(old);
    const plain = new Employee({ id: 1, name: "plain" });
    session.add(plain);
    await session.commit();
    expect(log.writes.toSorted()).toEqual(["DELETE director", "DELETE manager", "UPDATE employee"]);
    expect(log.writes.indexOf("DELETE director")).toBeLessThan(log.writes.indexOf("DELETE manager"));
    expect(await rowsOf(engine, "select id, kind, name from employee")).toEqual([[1, "employee", "plain"]]);
    log.clear();
    session.delete(plain);
    session.add(new Director({ id: 1, desk: "pine", floor: 4 }));
    await session.commit();
    expect(log.writes.toSorted()).toEqual(["INSERT director", "INSERT manager", "UPDATE employee"]);
    expect(log.writes.indexOf("INSERT manager")).toBeLessThan(log.writes.indexOf("INSERT director"));
    expect(await rowsOf(engine, "select id, floor from director")).toEqual([[1, 4]]);
    await session.close();
  });

  it("shares the rows of all tables that both classes have", async () => {
    const old = new Director({ id: 1, desk: "oak", floor: 3 });
    const { engine, session, log } = await setUp(database, old);
    session.delete(old);
    session.add(new Manager({ id: 1, desk: "pine" }));
    await session.commit();
    expect(log.writes.toSorted()).toEqual(["DELETE director", "UPDATE employee", "UPDATE manager"]);
    expect(await rowsOf(engine, "select id, desk from manager")).toEqual([[1, "pine"]]);
    await session.close();
  });

  it("takes over dependants under their own key, and deletes those that are left to ON DELETE", async () => {
    const old = new Engineer({ id: 1, badge: new Badge({ id: 7 }), notes: [new Note({ id: 3 })] });
    const { engine, session, log } = await setUp(database, old);
    session.clear();
    session.delete((await session.get(Engineer, 1)) ?? expect.unreachable());
    const badge = new Badge({ id: 7 });
    session.add(new Manager({ id: 1, desk: "oak", badge, notes: [new Note({ id: 4 })] }));
    await session.commit();
    expect(log.writes.filter((write) => write.includes("employee"))).toEqual(["UPDATE employee"]);
    expect(log.writes.filter((write) => write.includes("badge"))).not.toContain("DELETE badge");
    expect(await rowsOf(engine, "select id, employee_id from badge")).toEqual([[7, 1]]);
    expect(await rowsOf(engine, "select id, employee_id from note")).toEqual([[4, 1]]);
    await session.close();
  });

  it("is undone by a rollback", async () => {
    const old = new Engineer({ id: 1, name: "old", language: "c" });
    const { session } = await setUp(database, old);
    session.delete(old);
    const next = new Manager({ id: 1, desk: "oak" });
    session.add(next);
    await session.flush();
    await session.rollback();
    expect(await session.get(Employee, 1)).toBe(old);
    expect(old.language).toBe("c");
    expect(next.desk).toBe("oak");
    await session.close();
  });

  it("sees that somebody else has changed the row", async () => {
    const old = new Engineer({ id: 1 });
    const { engine, session } = await setUp(database, old);
    await using other = new Session(engine);
    const same = (await other.get(Engineer, 1)) ?? expect.unreachable();
    same.name = "mine";
    await other.commit();
    session.delete(old);
    session.add(new Manager({ id: 1, desk: "oak" }));
    await expect(session.flush()).rejects.toMatchObject({ name: "StaleDataError" });
    await session.rollback();
    await session.close();
  });
});

const Single = declarativeBase();
class Shape extends Single("shape", {
  id: integer().primaryKey(),
  kind: varchar(10).notNull(),
  colour: varchar(10),
  get mapperArgs() {
    return { polymorphicOn: Shape.c.kind, polymorphicIdentity: "shape" };
  },
}) {}
class Circle extends Single.inherit(Shape, null, {
  radius: integer(),
  get mapperArgs() {
    return { polymorphicIdentity: "circle" };
  },
}) {}
class Square extends Single.inherit(Shape, null, {
  side: integer(),
  corner: varchar(10).serverDefault("sharp"),
  get mapperArgs() {
    return { polymorphicIdentity: "square" };
  },
}) {}
class Label extends Single("label", {
  id: integer().primaryKey(),
  get shapeId() {
    return integer().notNull().references(Shape.c.id);
  },
}) {}

onEveryDatabase("a new object has the key of a deleted one of another class, in one table", (database) => {
  it("writes the row, and NULL to the columns that its class does not have", async () => {
    const engine = database.open();
    await Single.metadata.createAll(engine);
    await using session = new Session(engine);
    const old = new Circle({ id: 1, colour: "red", radius: 5 });
    session.add(old);
    await session.flush();
    session.add(new Label({ id: 1, shapeId: 1 }));
    await session.commit();
    const log = new StatementLog(engine);
    session.delete(old);
    const next = new Square({ id: 1, side: 3, corner: "round" });
    session.add(next);
    await session.commit();
    expect(log.writes).toEqual(["UPDATE shape"]);
    expect(await rowsOf(engine, "select id, kind, colour, radius, side, corner from shape")).toEqual([
      [1, "square", null, null, 3, "round"],
    ]);
    expect(await session.get(Shape, 1)).toBe(next);
  });

  it("deletes and inserts it where a column that is left has a default of the database", async () => {
    const engine = database.open();
    await Single.metadata.createAll(engine);
    await using session = new Session(engine);
    const old = new Square({ id: 1, side: 3, corner: "round" });
    session.add(old);
    await session.commit();
    const log = new StatementLog(engine);
    session.delete(old);
    session.add(new Circle({ id: 1, radius: 5 }));
    await session.commit();
    expect(log.writes).toEqual(["DELETE shape", "INSERT shape"]);
    expect(await rowsOf(engine, "select id, kind, side, radius, corner from shape")).toEqual([
      [1, "circle", null, 5, "sharp"],
    ]);
  });
});
