import { declarativeBase, insert, integer, Session, select, union, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";

const Base = declarativeBase();
class Employee extends Base("employees", {
  id: integer().primaryKey(),
  kind: varchar(20),
  name: varchar(20),
  get mapperArgs() {
    return {
      polymorphicOn: Employee.c.kind,
      polymorphicMap: { employee: Employee, engineer: Engineer, manager: Manager },
    };
  },
}) {}
class Engineer extends Base.inherit(Employee, null, { lang: varchar(10) }) {}
class Manager extends Base.inherit(Employee, "managers", {
  get id() {
    return integer().primaryKey().references(Employee.c.id);
  },
  level: integer(),
}) {}
class Shape extends Base("shapes", {
  id: integer().primaryKey(),
  sides: integer(),
  get mapperArgs() {
    return { polymorphicOn: Shape.c.sides, polymorphicMap: { 3: Triangle } };
  },
}) {}
class Triangle extends Base.inherit(Shape, null, { height: integer() }) {}

onEveryDatabase("the discriminator of a family of classes", (db) => {
  const open = async () => {
    const engine = db.open();
    await Base.metadata.createAll(engine);
    return new Session(engine);
  };

  it("is written by an INSERT for a class, in the rows that do not say it", async () => {
    await using session = await open();
    await session.execute(
      insert(Engineer).values([
        { id: 1, lang: "ts" },
        { id: 2, lang: "c" },
      ]),
    );
    await session.execute(
      insert(Engineer).values([
        { id: 3, lang: "go" },
        { kind: "employee", id: 4, lang: null },
      ]),
    );
    await session.execute(insert(Employee).values({ id: 5 }));
    const family = await session.all(select(Employee).orderBy(Employee.c.id));
    expect(family.map((one) => [one.constructor.name, one.id, one.kind])).toEqual([
      ["Engineer", 1, "engineer"],
      ["Engineer", 2, "engineer"],
      ["Engineer", 3, "engineer"],
      ["Employee", 4, "employee"],
      ["Employee", 5, "employee"],
    ]);
  });

  it("is written by an INSERT of what a query selects", async () => {
    await using session = await open();
    await session.execute(insert(Employee).values({ id: 1, name: "ann" }));
    const { id, name } = Employee.c;
    await session.execute(insert(Engineer).fromSelect(["id", "name", "lang"], select(id.add(1), name, name)));
    await session.execute(insert(Engineer).fromSelect(["id"], union(select(id.add(10)), select(id.add(20)))));
    await session.execute(insert(Triangle).fromSelect(["id"], select(id).where(id.lt(3))));
    const engineers = await session.all(select(Engineer).orderBy(id));
    expect(engineers.map((one) => [one.id, one.name, one.lang])).toEqual([
      [2, "ann", "ann"],
      [11, null, null],
      [12, null, null],
      [21, null, null],
      [22, null, null],
    ]);
    expect((await session.all(select(Triangle))).map(({ sides }) => sides)).toEqual([3, 3]);
  });

  it.runIf(db.capabilities.returning)("makes what an INSERT returns an object of its class", async () => {
    await using session = await open();
    const [engineer] = await session.all(insert(Engineer).values({ id: 1, lang: "ts" }).returning(Engineer));
    expect(engineer).toBeInstanceOf(Engineer);
    expect(engineer?.kind).toBe("engineer");
  });

  it("cannot be that of another class, in new objects", async () => {
    await using session = await open();
    expect(() => new Manager({ id: 1, kind: "engineer" })).toThrow(
      'Manager#1: "kind" says of which class the object is, and "engineer" is not Manager. Make an object of that class instead: ' +
        "new Engineer(...).",
    );
    expect(() => new Manager({ kind: "robot" })).toThrow('Leave it out: the flush writes "manager".');
    expect(() => new Manager({ kind: null })).toThrow("null is not Manager");
    expect(() => new Shape({ sides: 3 })).toThrow("new Triangle(...)");
    expect(() => new Shape({ sides: 4 })).toThrow(
      "Shape has no value of its own: make an object of a class that extends it.",
    );
    session.add(new Manager({ id: 1, kind: "manager", level: 3 }));
    await session.commit();
    expect((await session.one(select(Manager))).level).toBe(3);
  });

  it("cannot become that of another class, in stored objects", async () => {
    await using session = await open();
    const employee = new Employee({ id: 1, name: "ann" });
    session.add(employee);
    await session.commit();
    expect(() => {
      employee.kind = "manager";
    }).toThrow('Employee#1: "kind" says of which class the object is, and "manager" is not Employee.');
    expect(() => {
      employee.kind = null;
    }).toThrow("null is not Employee");
    employee.kind = "employee";
    employee.name = "bob";
    await session.commit();
    session.clear();
    expect(await session.one(select(Employee))).toMatchObject({ kind: "employee", name: "bob" });
  });
});
