import { describe, expect, it } from "vitest";
import { func } from "../../../src/expression/index.ts";
import { declarativeBase, manyToOne, oneToMany } from "../../../src/orm/mapping/index.ts";
import { joinedLoad, lazy, selectinLoad } from "../../../src/orm/query/index.ts";
import { integer, type Table, varchar } from "../../../src/schema/index.ts";
import { alias } from "../../../src/statement/alias.ts";
import { exists } from "../../../src/statement/index.ts";
import { select } from "../../../src/statement/select.ts";
import { openSession } from "./support.ts";

const Base = declarativeBase();

class Company extends Base("companies", {
  id: integer().primaryKey(),
  name: varchar(50),
  get employees() {
    return oneToMany(Employee, { backPopulates: "company", orderBy: Employee.c.id });
  },
  get managers() {
    return oneToMany(Manager, { viewOnly: true, primaryJoin: Company.c.id.eq(Manager.c.companyId) });
  },
}) {}

class Employee extends Base("employees", {
  id: integer().primaryKey(),
  kind: varchar(20),
  name: varchar(50),
  get companyId() {
    return integer().references(Company.c.id);
  },
  get company() {
    return manyToOne(Company, { backPopulates: "employees" });
  },
  get mapperArgs() {
    return {
      polymorphicOn: Employee.c.kind,
      polymorphicMap: { employee: Employee, manager: Manager, engineer: Engineer },
    };
  },
}) {}

class Manager extends Base.inherit(Employee, "managers", {
  get id() {
    return integer().primaryKey().references(Employee.c.id);
  },
  level: integer(),
  get reports() {
    return oneToMany(Engineer, { backPopulates: "boss" });
  },
}) {}

class Engineer extends Base.inherit(Employee, "engineers", {
  get id() {
    return integer().primaryKey().references(Employee.c.id);
  },
  language: varchar(20),
  get bossId() {
    return integer().references(Manager.c.id);
  },
  get boss() {
    return manyToOne(Manager, { backPopulates: "reports" });
  },
}) {}

/** One table for all. */
class Shape extends Base("shapes", {
  id: integer().primaryKey(),
  kind: varchar(20),
  get drawingId() {
    return integer().references(Drawing.c.id);
  },
  get mapperArgs() {
    return { polymorphicOn: Shape.c.kind, polymorphicMap: { circle: Circle, square: Square } };
  },
}) {}

class Circle extends Base.inherit(Shape, null, { radius: integer() }) {}
class Square extends Base.inherit(Shape, null, { side: integer() }) {}

class Drawing extends Base("drawings", {
  id: integer().primaryKey(),
  get circles() {
    return oneToMany(Circle);
  },
  get shapes() {
    return oneToMany(Shape, { viewOnly: true });
  },
}) {}

const ROWS = [
  "INSERT INTO companies (id, name) VALUES (1, 'acme')",
  "INSERT INTO employees (id, kind, name, company_id) VALUES (1, 'manager', 'ann', 1), (2, 'engineer', 'bob', 1), (3, 'employee', 'cyd', NULL), (4, 'engineer', 'dan', 1)",
  "INSERT INTO managers (id, level) VALUES (1, 7)",
  "INSERT INTO engineers (id, language, boss_id) VALUES (2, 'C', 1), (4, 'Lisp', NULL)",
  "INSERT INTO drawings (id) VALUES (1), (2)",
  "INSERT INTO shapes (id, kind, radius, side, drawing_id) VALUES (1, 'circle', 5, NULL, 1), (2, 'square', NULL, 3, 1), (3, 'circle', 6, NULL, NULL)",
];

describe("joined inheritance", () => {
  it("makes each row an object of its class, complete, in one statement", async () => {
    const session = await openSession(Base, ROWS);
    const employees = await session.all(select(Employee).orderBy(Employee.c.id));
    expect(session.take()).toHaveLength(1);
    expect(employees.map((one) => one.constructor)).toEqual([Manager, Engineer, Employee, Engineer]);
    const [ann, bob] = employees;
    expect(ann instanceof Manager && ann.level).toBe(7);
    expect(bob instanceof Engineer && bob.language).toBe("C");
  });

  it("selects a subclass with the columns of all its tables", async () => {
    const session = await openSession(Base, ROWS);
    const engineers = await session.all(select(Engineer).where(Engineer.c.name.eq("dan")));
    expect(engineers.map(({ id, name, language, kind }) => [id, name, language, kind])).toEqual([
      [4, "dan", "Lisp", "engineer"],
    ]);
    const [employee] = await session.all(select(Employee).where(Employee.c.id.eq(4)));
    expect(employee).toBe(engineers[0]);
  });

  it("selects aliases of a family", async () => {
    const session = await openSession(Base, ROWS);
    const one = alias(Employee);
    const [ann] = await session.all(select(one).where(one.c.name.eq("ann")));
    expect(ann instanceof Manager && ann.level).toBe(7);
    const engineer = alias(Engineer);
    const [dan] = await session.all(select(engineer).where(engineer.c.name.eq("dan")));
    expect(dan?.language).toBe("Lisp");
  });

  it("loads collections of a family by select-in and by joins", async () => {
    for (const load of [selectinLoad, joinedLoad]) {
      const session = await openSession(Base, ROWS);
      const [company] = await session.all(select(Company).options(load(Company.c.employees)));
      expect(company?.employees.map((one) => one.constructor)).toEqual([Manager, Engineer, Engineer]);
      const second = company?.employees[1];
      expect(second instanceof Engineer && second.language).toBe("C");
      expect(company?.employees[0]?.company).toBe(company);
    }
  });

  it("loads collections of a subclass by select-in and by joins", async () => {
    for (const load of [selectinLoad, joinedLoad]) {
      const session = await openSession(Base, ROWS);
      const [company] = await session.all(select(Company).options(load(Company.c.managers)));
      expect(company?.managers.map(({ name, level }) => [name, level])).toEqual([["ann", 7]]);
    }
  });

  it("loads relationships that only a subclass has", async () => {
    for (const load of [selectinLoad, joinedLoad]) {
      const session = await openSession(Base, ROWS);
      const employees = await session.all(
        select(Employee).orderBy(Employee.c.id).options(load(Engineer.c.boss), load(Manager.c.reports)),
      );
      const [ann, bob, , dan] = employees;
      expect(bob instanceof Engineer && bob.boss).toBe(ann);
      expect(dan instanceof Engineer && dan.boss).toBeNull();
      expect(ann instanceof Manager && [...ann.reports]).toEqual([bob]);
    }
  });

  it("joins what only a subclass has under a limit", async () => {
    const session = await openSession(Base, ROWS);
    const employees = await session.all(
      select(Employee)
        .orderBy(Employee.c.id)
        .limit(2)
        .options(joinedLoad(Manager.c.reports).joinedLoad(Engineer.c.company), joinedLoad(Employee.c.company)),
    );
    expect(session.take()).toHaveLength(1);
    const [ann, bob] = employees;
    expect(employees).toHaveLength(2);
    expect(ann instanceof Manager && ann.reports.map(({ company }) => company?.name)).toEqual(["acme"]);
    expect(bob?.company).toBe(ann?.company);
  });

  it("loads lazily, also what only a subclass has", async () => {
    const session = await openSession(Base, ROWS);
    const [ann] = await session.all(select(Employee).orderBy(Employee.c.id));
    const reports = await lazy(ann as Manager).reports;
    expect(reports.map(({ name }) => name)).toEqual(["bob"]);
    expect(reports[0]?.boss).toBe(ann);
  });

  it("selects attributes of a subclass from all its tables, wherever they are", async () => {
    const session = await openSession(Base, ROWS);
    expect(await session.all(select(Manager.c.name))).toEqual(["ann"]);
    expect(await session.all(select(Manager.c.name, Manager.c.level))).toEqual([["ann", 7]]);
    expect(await session.all(select(func.count(Engineer.c.name)))).toEqual([2]);
    const boss = alias(Manager);
    expect(await session.all(select({ name: boss.c.name, level: boss.c.level }))).toEqual([{ name: "ann", level: 7 }]);
    const names = select(Manager.c.name).subquery();
    expect(await session.all(select(names.c.name))).toEqual(["ann"]);
    expect(await session.all(select(Company.c.name, Manager.c.name).join(Company.c.managers))).toEqual([
      ["acme", "ann"],
    ]);
  });

  it("joins the tables of a subclass that only conditions mention", async () => {
    const session = await openSession(Base, ROWS);
    const count = select(func.count()).where(Manager.c.name.ne("zoe"), Manager.c.level.eq(7));
    expect(await session.all(count)).toEqual([1]);
    // The same columns, taken from the tables, say nothing of a class.
    const managers = Base.metadata.tables.get("managers") as Table;
    const pairs = select(func.count()).where(Employee.c.name.ne("zoe"), managers.column("level").eq(7));
    expect(await session.all(pairs)).toEqual([4]);
  });

  it("lets subqueries refer to a subclass of the enclosing query", async () => {
    const session = await openSession(Base, ROWS);
    const employed = exists(select(Company.c.id).where(Company.c.id.eq(Manager.c.companyId), Manager.c.level.eq(7)));
    expect(await session.all(select(Manager.c.name).where(employed))).toEqual(["ann"]);
  });

  it("selects a class together with attributes of a subclass", async () => {
    const session = await openSession(Base, ROWS);
    const rows = await session.all(select(Employee, Manager.c.level));
    expect(rows.map(([employee, level]) => [employee.constructor, level])).toEqual([[Manager, 7]]);
  });

  it("refuses a row that no class stands for", async () => {
    const session = await openSession(Base, ROWS);
    await session.run("INSERT INTO employees (id, kind) VALUES (9, 'robot')");
    await expect(session.all(select(Employee))).rejects.toThrow(/"robot" in "kind", which no class stands for/);
  });
});

describe("single-table inheritance", () => {
  it("makes each row an object of its class", async () => {
    const session = await openSession(Base, ROWS);
    const shapes = await session.all(select(Shape).orderBy(Shape.c.id));
    expect(shapes.map((one) => one.constructor)).toEqual([Circle, Square, Circle]);
    expect((shapes[1] as Square).side).toBe(3);
  });

  it("selects only the rows of a subclass", async () => {
    const session = await openSession(Base, ROWS);
    const circles = await session.all(select(Circle).orderBy(Circle.c.id));
    expect(circles.map(({ radius }) => radius)).toEqual([5, 6]);
    expect(await session.all(select(Square.c.side))).toEqual([3]);
  });

  it("selects attributes of a subclass from its rows only", async () => {
    const session = await openSession(Base, ROWS);
    expect(await session.all(select(Circle.c.id).orderBy(Circle.c.id))).toEqual([1, 3]);
    expect(await session.all(select(func.count(Circle.c.id)))).toEqual([2]);
    expect(await session.all(select(func.count()).selectFrom(Circle))).toEqual([2]);
    expect(await session.all(select(Circle).columns(func.count()))).toEqual([2]);
    const circle = alias(Circle);
    expect(await session.all(select(circle.c.id).where(circle.c.radius.gt(5)))).toEqual([3]);
    const ids = select(Circle.c.id);
    expect(await session.all(select(Shape.c.id).where(Shape.c.id.notIn(ids)))).toEqual([2]);
    expect(await session.all(select(Circle.c.id).union(select(Square.c.id)))).toHaveLength(3);
  });

  it("says once which rows it means", async () => {
    const session = await openSession(Base, ROWS);
    await session.all(select(Circle, Circle.c.id, Circle.c.radius).selectFrom(Circle));
    expect(session.take()[0]?.match(/shapes\.kind IN/g)).toHaveLength(1);
  });

  it("keeps rows without a match in outer joins with a subclass", async () => {
    const session = await openSession(Base, ROWS);
    const on = Circle.c.drawingId.eq(Drawing.c.id);
    const rows = await session.all(
      select(Drawing.c.id, Circle.c.radius).selectFrom(Drawing).leftJoin(Circle, on).orderBy(Drawing.c.id),
    );
    expect(rows).toEqual([
      [1, 5],
      [2, null],
    ]);
    const pairs = await session.all(select(Drawing, Circle).selectFrom(Drawing).leftJoin(Circle, on));
    expect(pairs).toHaveLength(2);
  });

  it("loads collections of a subclass by select-in and by joins", async () => {
    for (const load of [selectinLoad, joinedLoad]) {
      const session = await openSession(Base, ROWS);
      const drawings = await session.all(
        select(Drawing).orderBy(Drawing.c.id).options(load(Drawing.c.circles), load(Drawing.c.shapes)),
      );
      expect(drawings.map(({ circles, shapes }) => [circles.map(({ id }) => id), shapes.map(({ id }) => id)])).toEqual([
        [[1], [1, 2]],
        [[], []],
      ]);
      expect(drawings[0]?.shapes[0]).toBe(drawings[0]?.circles[0]);
    }
  });
});
