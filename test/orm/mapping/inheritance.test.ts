import { describe, expect, it } from "vitest";
import { declarativeBase, manyToOne, mapperOf, oneToMany } from "../../../src/orm/mapping/index.ts";
import { check, integer, varchar } from "../../../src/schema/index.ts";
import { alias, select } from "../../../src/statement/index.ts";
import { sqlOf } from "../../compiler/dialect.ts";
import { declared, pairs, relationship } from "./runtime.ts";

function joinedFamily() {
  const Base = declarativeBase();
  class Employee extends Base("employee", {
    id: integer().primaryKey(),
    kind: varchar(20).notNull(),
    name: varchar(50),
    get bossId() {
      return integer().references(Manager.c.id);
    },
    get boss(): unknown {
      return manyToOne(Manager, { backPopulates: "reports", foreignKeys: [Employee.c.bossId] });
    },
    get mapperArgs(): object {
      return {
        polymorphicOn: Employee.c.kind,
        polymorphicMap: { employee: Employee, manager: Manager, director: Director },
      };
    },
  }) {}
  class Manager extends Base.inherit(Employee, "manager", {
    get id() {
      return integer().primaryKey().references(Employee.c.id);
    },
    level: integer(),
    get reports(): unknown {
      return oneToMany(Employee as never, { backPopulates: "boss" as never });
    },
  }) {}
  class Director extends Base.inherit(Manager, "director", {
    get id() {
      return integer().primaryKey().references(Manager.c.id);
    },
    shares: integer(),
  }) {}
  return { Base, Employee, Manager, Director };
}

describe("joined inheritance", () => {
  it("gives a class the tables of its parents and one of its own", () => {
    const { Employee, Manager, Director } = joinedFamily();
    const [employee, manager, director] = [mapperOf(Employee), mapperOf(Manager), mapperOf(Director)];
    expect(director.tables.map(({ name }) => name)).toEqual(["employee", "manager", "director"]);
    expect(manager.table.columns.map(({ name }) => name)).toEqual(["id", "level"]);
    expect([director.parent, director.root, manager.root, employee.root]).toEqual([
      manager,
      employee,
      employee,
      employee,
    ]);
    expect(employee.selfAndDescendants().map(({ name }) => name)).toEqual(["Employee", "Manager", "Director"]);
    expect([director.isA(employee), employee.isA(director)]).toEqual([true, false]);
    expect([employee.inheritance, manager.inheritance]).toEqual([null, "joined"]);
  });

  it("shares attributes and slots with the parent, and keeps the key in each table", () => {
    const { Employee, Director } = joinedFamily();
    const director = mapperOf(Director);
    expect(director.properties.map(({ name, slot }) => `${slot} ${name}`)).toEqual([
      "0 id",
      "1 kind",
      "2 name",
      "3 bossId",
      "4 boss",
      "5 level",
      "6 reports",
      "7 shares",
    ]);
    expect(director.property("name")).toBe(mapperOf(Employee).property("name"));
    expect(director.primaryKey.map(({ columns }) => columns.map(({ fullName }) => fullName))).toEqual([
      ["director.id", "manager.id", "employee.id"],
    ]);
    for (const column of director.primaryKey[0]!.columns)
      expect(director.columnProperty(column)).toBe(director.primaryKey[0]);
  });

  it("selects from the joined tables", () => {
    const { Manager, Director } = joinedFamily();
    expect(sqlOf(select(Manager))).toBe(
      "SELECT manager.id, employee.kind, employee.name, employee.boss_id, manager.level FROM employee " +
        "JOIN manager ON manager.id = employee.id",
    );
    expect(sqlOf(select(Director.c.shares).selectFrom(Director).where(Director.c.name.eq("x")))).toBe(
      "SELECT director.shares FROM employee JOIN manager ON manager.id = employee.id " +
        "JOIN director ON director.id = manager.id WHERE employee.name = ?",
    );
    const boss = alias(Manager, "boss");
    expect(sqlOf(select(boss.c.level).selectFrom(boss).where(boss.c.name.eq("x")))).toBe(
      "SELECT boss.level FROM employee AS employee_1 JOIN manager AS boss ON boss.id = employee_1.id WHERE employee_1.name = ?",
    );
  });

  it("finds relationships by the foreign keys of all tables but those that hold the family together", () => {
    const { Employee, Manager, Director } = joinedFamily();
    expect(pairs(relationship(Manager, "reports"))).toEqual(["manager.id -> employee.boss_id"]);
    expect(relationship(Director, "reports")).toBe(relationship(Manager, "reports"));
    expect(relationship(Manager, "reports").inverse).toBe(relationship(Employee, "boss"));
    expect(relationship(Director, "boss").target).toBe(mapperOf(Manager));
  });

  it("knows which class a row belongs to", () => {
    const { Employee, Manager, Director } = joinedFamily();
    const { polymorphic } = mapperOf(Employee);
    expect(polymorphic?.on.name).toBe("kind");
    expect(polymorphic?.identity).toBe("employee");
    expect([...polymorphic!.map]).toEqual([
      ["employee", mapperOf(Employee)],
      ["manager", mapperOf(Manager)],
      ["director", mapperOf(Director)],
    ]);
    expect(mapperOf(Director).polymorphic).toMatchObject({ identity: "director", map: polymorphic?.map });
    expect(mapperOf(Manager).criteria).toBeNull();
  });

  it("makes objects of the class, with everything of its parents", () => {
    const { Employee, Manager, Director } = joinedFamily();
    const director = new Director({ name: "Ann", level: 3, shares: 10 });
    expect([director.name, director.level, director.shares]).toEqual(["Ann", 3, 10]);
    expect(director).toBeInstanceOf(Manager);
    expect(director).toBeInstanceOf(Employee);
    expect(mapperOf(director)).toBe(mapperOf(Director));
  });

  it("works without a discriminator", () => {
    const Base = declarativeBase();
    class Animal extends Base("animal", { id: integer().primaryKey() }) {}
    class Dog extends Base.inherit(Animal, "dog", {
      get id() {
        return integer().primaryKey().references(Animal.c.id);
      },
    }) {}
    expect(mapperOf(Dog).polymorphic).toBeNull();
    expect(mapperOf(Animal).selfAndDescendants()).toEqual([mapperOf(Animal), mapperOf(Dog)]);
  });

  it("needs the parent's key in the table, under its name", () => {
    const Base = declarativeBase();
    class Animal extends Base("animal", { id: integer().primaryKey() }) {}
    const message =
      "Dog extends Animal with a table of its own, dog, which must have the same primary key as a foreign key. Write in its shape: " +
      "get id() { return integer().primaryKey().references(Animal.c.id); }";
    class Dog extends Base.inherit(Animal, "dog", { dogId: integer().primaryKey() }) {}
    expect(() => mapperOf(Dog)).toThrow(message);
    const Other = declarativeBase();
    class Plant extends Other("plant", { id: integer().primaryKey() }) {}
    class Tree extends Other.inherit(Plant, "tree", { id: integer().primaryKey() }) {}
    expect(() => mapperOf(Tree)).toThrow(/Tree extends Plant with a table of its own, tree/);
  });

  it("has no relationship twice", () => {
    const Base = declarativeBase();
    class Node extends Base("node", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().references(Node.c.id);
      },
      get parent() {
        return manyToOne(Node);
      },
    }) {}
    class Leaf extends Base.inherit(Node, "leaf", {
      get id() {
        return integer().primaryKey().references(Node.c.id);
      },
      get parent() {
        return manyToOne(Node);
      },
    }) {}
    expect(() => mapperOf(Leaf)).toThrow('Leaf declares "parent" again, which it has from Node already.');
  });
});

describe("single-table inheritance", () => {
  function family() {
    const Base = declarativeBase();
    class Shape extends Base("shape", {
      id: integer().primaryKey(),
      kind: integer().notNull(),
      get mapperArgs(): object {
        return { polymorphicOn: Shape.c.kind, polymorphicMap: { 1: Circle, 2: Square } };
      },
    }) {}
    class Circle extends Base.inherit(Shape, null, {
      radius: integer().notNull(),
      get tableArgs() {
        return [check("round", Circle.c.radius.gt(0))];
      },
    }) {}
    class Square extends Base.inherit(Shape, null, { side: integer() }) {}
    class Tile extends Base.inherit(Square, null, { color: varchar(20), mapperArgs: { polymorphicIdentity: 3 } }) {}
    return { Base, Shape, Circle, Square, Tile };
  }

  it("keeps all rows in one table, in which the columns of subclasses are nullable", () => {
    const { Base, Circle, Tile } = family();
    const table = Base.metadata.table("shape");
    expect(table.columns.map(({ name, nullable }) => [name, nullable])).toEqual([
      ["id", false],
      ["kind", false],
      ["radius", true],
      ["side", true],
      ["color", true],
    ]);
    expect(table.checks).toHaveLength(1);
    expect(mapperOf(Circle).table).toBe(table);
    expect(mapperOf(Tile).tables).toEqual([table]);
    expect(mapperOf(Tile).columns.map(({ name }) => name)).toEqual(["id", "kind", "side", "color"]);
  });

  it("selects the rows of the class and of those that extend it", () => {
    const { Shape, Circle, Square, Tile } = family();
    declared(mapperOf(Tile));
    expect(sqlOf(select(Shape))).toBe("SELECT shape.id, shape.kind FROM shape");
    expect(sqlOf(select(Circle))).toBe("SELECT shape.id, shape.kind, shape.radius FROM shape WHERE shape.kind IN (?)");
    expect(sqlOf(select(Square))).toBe("SELECT shape.id, shape.kind, shape.side FROM shape WHERE shape.kind IN (?, ?)");
    const other = alias(Circle, "other");
    expect(sqlOf(select(other))).toBe(
      "SELECT other.id, other.kind, other.radius FROM shape AS other WHERE other.kind IN (?)",
    );
  });

  it("takes the keys of polymorphicMap for numbers where the column has numbers", () => {
    const { Shape, Tile } = family();
    declared(mapperOf(Tile));
    expect([...mapperOf(Shape).polymorphic!.map.keys()]).toEqual([1, 2, 3]);
    expect(mapperOf(Tile).polymorphic?.identity).toBe(3);
  });

  it("needs something that tells the rows apart", () => {
    const Base = declarativeBase();
    class Shape extends Base("shape", { id: integer().primaryKey() }) {}
    class Circle extends Base.inherit(Shape, null, { radius: integer() }) {}
    expect(() => mapperOf(Circle)).toThrow(
      "Circle keeps its rows in the table of Shape, but nothing tells them apart. Add to Shape: a column, e.g. kind: varchar(50), and get " +
        "mapperArgs() { return { polymorphicOn: Shape.c.kind, polymorphicMap: { circle: Circle } }; }",
    );
  });

  it("must be declared before the table is used", () => {
    const Base = declarativeBase();
    class Shape extends Base("shape", { id: integer().primaryKey(), kind: varchar(10) }) {}
    declared(mapperOf(Shape));
    expect(() => Base.inherit(Shape, null, { radius: integer() })).toThrow(
      /Declare it before the first use of the table/,
    );
  });

  it("has no column twice", () => {
    const Base = declarativeBase();
    class Shape extends Base("shape", { id: integer().primaryKey(), kind: varchar(10) }) {}
    declared(
      class Circle extends Base.inherit(Shape, null, { size: integer() }) {},
      class Square extends Base.inherit(Shape, null, { size: integer() }) {},
    );
    expect(() => Base.metadata.tables).toThrow(
      /declares "size", which another class of the table shape declares as well/,
    );
  });
});

describe("a foreign key of a class that shares its table", () => {
  it("is no candidate for relationships of its parent", () => {
    const Base = declarativeBase();
    class Entry extends Base("entry", {
      id: integer().primaryKey(),
      kind: varchar(10),
      get parentId() {
        return integer().references(Entry.c.id);
      },
      get parent(): unknown {
        return manyToOne(Entry, { backPopulates: "children" as never });
      },
      get children(): unknown {
        return oneToMany(Entry, { backPopulates: "parent" as never });
      },
      get mapperArgs() {
        return { polymorphicOn: Entry.c.kind, polymorphicMap: { entry: Entry, link: Link } };
      },
    }) {}
    class Link extends Base.inherit(Entry, null, {
      get targetId() {
        return integer().references(Entry.c.id);
      },
      get target() {
        return manyToOne(Entry, { foreignKeys: [Link.c.targetId] });
      },
    }) {}
    expect(pairs(relationship(Entry, "parent"))).toEqual(["entry.parent_id -> entry.id"]);
    expect(pairs(relationship(Entry, "children"))).toEqual(["entry.id -> entry.parent_id"]);
    expect(pairs(relationship(Link, "target"))).toEqual(["entry.target_id -> entry.id"]);
  });
});

describe("polymorphicMap", () => {
  it("has classes that extend the root", () => {
    const Base = declarativeBase();
    class Other extends Base("other", { id: integer().primaryKey() }) {}
    class Shape extends Base("shape", {
      id: integer().primaryKey(),
      kind: varchar(10),
      get mapperArgs() {
        return { polymorphicOn: Shape.c.kind, polymorphicMap: { other: Other } };
      },
    }) {}
    expect(() => mapperOf(Shape)).toThrow(
      'polymorphicMap of Shape has Other, which does not extend it. Write class Other extends Base.inherit(Shape, "other", { ... })',
    );
  });

  it("has every class that has rows", () => {
    const Base = declarativeBase();
    class Shape extends Base("shape", {
      id: integer().primaryKey(),
      kind: varchar(10),
      get mapperArgs() {
        return { polymorphicOn: Shape.c.kind };
      },
    }) {}
    class Circle extends Base.inherit(Shape, null, { radius: integer() }) {}
    expect(() => mapperOf(Circle)).toThrow(
      "Circle has no value of Shape.kind that stands for it. Add it to polymorphicMap of Shape: { circle: Circle }",
    );
  });

  it("has values that the column can hold, each for one class", () => {
    const Base = declarativeBase();
    class Shape extends Base("shape", {
      id: integer().primaryKey(),
      kind: integer(),
      get mapperArgs() {
        return { polymorphicOn: Shape.c.kind, polymorphicMap: { circle: Shape } };
      },
    }) {}
    expect(() => mapperOf(Shape)).toThrow(
      'The value "circle" in the polymorphic mapping of Shape does not fit shape.kind',
    );
    class Plant extends Base("plant", {
      id: integer().primaryKey(),
      kind: varchar(10),
      get mapperArgs(): object {
        return { polymorphicOn: Plant.c.kind, polymorphicIdentity: "tree", polymorphicMap: { tree: Tree } };
      },
    }) {}
    class Tree extends Base.inherit(Plant, null, {}) {}
    expect(() => mapperOf(Plant)).toThrow('"tree" stands for both Tree and Plant.');
    class Animal extends Base("animal", {
      id: integer().primaryKey(),
      kind: varchar(10),
      get mapperArgs() {
        return { polymorphicOn: Animal.c.kind, polymorphicMap: { dog: Dog, hound: Dog } };
      },
    }) {}
    class Dog extends Base.inherit(Animal, null, {}) {}
    expect(() => mapperOf(Animal)).toThrow('"dog" and "hound" both stand for Dog: its rows have one value.');
  });
});

describe("concrete inheritance", () => {
  it("gives a class a table with all columns, and an identity of its own", () => {
    const Base = declarativeBase();
    class Company extends Base("company", { id: integer().primaryKey() }) {}
    class Person extends Base("person", {
      id: integer().primaryKey(),
      name: varchar(50),
      get companyId() {
        return integer().references(Company.c.id);
      },
      get company() {
        return manyToOne(Company);
      },
    }) {
      greet() {
        return `I am ${this.name}`;
      }
    }
    class Engineer extends Base.inherit(Person, "engineer", { language: varchar(20) }, { concrete: true }) {}
    const mapper = mapperOf(Engineer);
    expect(mapper.table.columns.map(({ name }) => name)).toEqual(["id", "name", "company_id", "language"]);
    expect([mapper.parent, mapper.root, mapper.tables]).toEqual([null, mapper, [mapper.table]]);
    expect(mapperOf(Person).selfAndDescendants()).toEqual([mapperOf(Person)]);
    expect(pairs(relationship(Engineer, "company"))).toEqual(["engineer.company_id -> company.id"]);
    expect(sqlOf(select(Engineer.c.name))).toBe("SELECT engineer.name FROM engineer");
    const engineer = new Engineer({ name: "Ada", language: "TypeScript" });
    expect([engineer.greet(), engineer.language, engineer instanceof Person]).toEqual(["I am Ada", "TypeScript", true]);
  });
});

describe("Base.inherit", () => {
  it("takes a mapped class", () => {
    const Base = declarativeBase();
    expect(() => Base.inherit(class Plain {} as never, "x", { id: integer() })).toThrow(
      "Base.inherit() takes a mapped class to extend, and Plain is not one.",
    );
  });
});
