import { describe, expect, it } from "vitest";
import { MappingError } from "../../../src/errors/index.ts";
import { declarativeBase, findMapper, mapperForTable, mapperOf, oneToMany } from "../../../src/orm/mapping/index.ts";
import { index, integer, unique, varchar } from "../../../src/schema/index.ts";
import { select } from "../../../src/statement/index.ts";
import { declared } from "./runtime.ts";

describe("a mapped class", () => {
  it("is a real class: methods, private members, field initialisers, instanceof", () => {
    const Base = declarativeBase();
    class User extends Base("users", { id: integer().primaryKey(), name: varchar(50) }) {
      #visits = 0;
      tags: string[] = ["new"];
      visit() {
        return ++this.#visits;
      }
      get shout() {
        return this.name?.toUpperCase();
      }
    }
    const user = new User({ name: "ed" });
    expect(user).toBeInstanceOf(User);
    expect([user.visit(), user.visit(), user.shout, user.tags]).toEqual([1, 2, "ED", ["new"]]);
    expect(user.name).toBe("ed");
  });

  it("may take other arguments than attributes", () => {
    const Base = declarativeBase();
    class User extends Base("users", { id: integer().primaryKey(), name: varchar(50) }) {
      constructor(first = "", last = "") {
        super({ name: `${first} ${last}` });
      }
    }
    expect(new User("Ann", "Lee").name).toBe("Ann Lee");
  });

  it("ignores what its constructor says when an object is made for a row", () => {
    const Base = declarativeBase();
    class User extends Base("users", { id: integer().primaryKey(), name: varchar(50) }) {
      // A second object of the same class, made meanwhile, is an ordinary one.
      readonly other: User | null;
      constructor(init?: { name: string }) {
        super(init ?? { name: "default" });
        this.other = init === undefined ? new User({ name: "other" }) : null;
      }
    }
    expect(new User().name).toBe("default");
    const loaded = mapperOf(User).construct() as User;
    expect(loaded).toBeInstanceOf(User);
    expect(loaded.name).toBeNull();
    expect(loaded.other?.name).toBe("other");
  });

  it("is found by itself, by its objects and by its table", () => {
    const Base = declarativeBase();
    class User extends Base("users", { id: integer().primaryKey() }) {}
    const mapper = mapperOf(User);
    expect(mapper.name).toBe("User");
    expect(mapper.mappedClass).toBe(User);
    expect(mapperOf(new User())).toBe(mapper);
    expect(mapperForTable(mapper.table)).toBe(mapper);
    expect(findMapper(User)).toBe(mapper);
    expect([findMapper(class {}), findMapper({}), findMapper(null), findMapper(5)]).toEqual([null, null, null, null]);
  });

  it("can be used without a class of its own", () => {
    const Base = declarativeBase();
    const User = Base("users", { id: integer().primaryKey(), name: varchar(50) });
    expect(new User({ name: "ed" }).name).toBe("ed");
    expect(mapperOf(User).name).toBe("users");
  });

  it("must be mapped", () => {
    class Plain {}
    expect(() => mapperOf(Plain)).toThrow(
      'Plain is not mapped. Write class Plain extends Base("table_name", { ... }).',
    );
    expect(() => mapperOf(new Plain())).toThrow(/Plain is not mapped/);
    expect(() => select(Plain)).toThrow(/Plain/);
  });

  it("cannot be extended by a class that is not mapped", () => {
    const Base = declarativeBase();
    class User extends Base("users", { id: integer().primaryKey() }) {}
    class Admin extends User {}
    const message =
      "Admin extends the mapped class User but is not mapped itself. Write class Admin extends Base.inherit(User, null, { ... }) to " +
      "keep its rows in the table of User, or give the name of a table of its own instead of null.";
    expect(() => new Admin()).toThrow(message);
    expect(() => Admin.c.id).toThrow(message);
    expect(new User().id).toBeNull();
  });

  it("does not share its base with another class", () => {
    const Base = declarativeBase();
    const Shared = Base("users", { id: integer().primaryKey() });
    class User extends Shared {}
    class Person extends Shared {}
    declared(mapperOf(User));
    expect(() => mapperOf(Person)).toThrow(
      'Person and User extend the same Base("users", ...): each mapped class needs a call of its own.',
    );
  });

  it("needs a primary key", () => {
    const Base = declarativeBase();
    class Log extends Base("log", { text: varchar(50) }) {}
    expect(() => mapperOf(Log)).toThrow(
      "Log has no primary key, so its rows could not be told apart. Add .primaryKey() to the column, or the columns, of the table " +
        "log that identify a row.",
    );
  });

  it("needs a column", () => {
    const Base = declarativeBase();
    class Empty extends Base("empty", {}) {}
    expect(() => mapperOf(Empty)).toThrow("Empty has no column. Add e.g. id: integer().primaryKey() to its shape.");
  });

  it("may have a key of several columns", () => {
    const Base = declarativeBase();
    class Line extends Base("line", {
      text: varchar(50),
      order: integer().primaryKey(),
      number: integer().primaryKey(),
    }) {}
    expect(mapperOf(Line).primaryKey.map(({ name }) => name)).toEqual(["order", "number"]);
  });
});

describe("trial construction", () => {
  it("finds a constructor that needs arguments", () => {
    const Base = declarativeBase();
    class User extends Base("users", { id: integer().primaryKey(), name: varchar(50) }) {
      constructor(options: { name: string }) {
        super({ name: options.name });
      }
    }
    expect(() => mapperOf(User)).toThrow(MappingError);
    expect(() => mapperOf(User)).toThrow(
      /^Objects of User cannot be loaded: its constructor throws when it is called without arguments \(Cannot read .*\)\. Give its parameters defaults, or say how an object is made: get mapperArgs\(\) \{ return \{ construct: \(\) => new User\(\.\.\.\) \}; \}$/,
    );
  });

  it("finds a field that hides an attribute", () => {
    const Base = declarativeBase();
    class User extends Base("users", { id: integer().primaryKey(), name: varchar(50) }) {
      // As plain JavaScript, or a build that does not use define semantics, has it.
      override name = "ed";
    }
    expect(() => mapperOf(User)).toThrow(
      'The class User has a field "name", which hides the mapped attribute. Remove the field, or write "declare name" if it is there ' +
        "for its type.",
    );
  });

  it("finds an accessor or method that hides an attribute", () => {
    const Base = declarativeBase();
    const Shape = Base("users", { id: integer().primaryKey(), name: varchar(50) });
    class User extends (Shape as new () => object) {
      get name() {
        return "ed";
      }
    }
    expect(() => mapperOf(User)).toThrow(
      'The class User defines "name" in its body, which hides the mapped attribute.',
    );
  });

  it("uses mapperArgs.construct where there is one", () => {
    const Base = declarativeBase();
    class User extends Base("users", {
      id: integer().primaryKey(),
      name: varchar(50),
      get mapperArgs() {
        return { construct: () => new User({ name: "for loading" }) };
      },
    }) {
      constructor(options: { name: string }) {
        super({ name: options.name });
      }
    }
    expect(new User({ name: "ed" }).name).toBe("ed");
    const loaded = mapperOf(User).construct() as User;
    expect(loaded.name).toBeNull();
  });

  it("checks what mapperArgs.construct returns", () => {
    const Base = declarativeBase();
    class User extends Base("users", { id: integer().primaryKey(), mapperArgs: { construct: () => ({}) } }) {}
    expect(() => mapperOf(User)).toThrow(
      "mapperArgs.construct of User returned something else than an object of User.",
    );
  });

  it("lets a class be used again that was wrong for a moment", () => {
    const Base = declarativeBase();
    let isBroken = true;
    class User extends Base("users", {
      id: integer().primaryKey(),
      get notes() {
        return oneToMany(Note);
      },
    }) {}
    class Note extends Base("notes", {
      id: integer().primaryKey(),
      get userId() {
        return integer().references(User.c.id);
      },
    }) {
      constructor() {
        super();
        if (isBroken) throw new Error("not now");
      }
    }
    expect(() => mapperOf(User)).toThrow(/Objects of Note cannot be loaded/);
    expect(() => new Note()).toThrow(/Objects of Note cannot be loaded/);
    isBroken = false;
    expect(mapperOf(User).relationships).toHaveLength(1);
    expect(mapperOf(Note).hiddenRelationships).toHaveLength(1);
  });
});

describe("mapperArgs", () => {
  it("names the version column", () => {
    const Base = declarativeBase();
    class Doc extends Base("doc", {
      id: integer().primaryKey(),
      version: integer().notNull(),
      get mapperArgs() {
        return { versionId: Doc.c.version };
      },
    }) {}
    expect(mapperOf(Doc).versionId).toBe(mapperOf(Doc).property("version"));
  });

  it("says what to do on conflict", () => {
    const Base = declarativeBase();
    class Address extends Base("address", {
      id: integer().primaryKey(),
      email: varchar(200).unique(),
      get mapperArgs() {
        return { onConflict: { target: [Address.c.email], do: "update" } };
      },
    }) {}
    expect(mapperOf(Address).onConflict).toEqual({ target: [mapperOf(Address).property("email")], do: "update" });
  });

  it.each([
    [{ versionID: 1 }, 'Doc.mapperArgs has "versionID", which does not exist. Did you mean "versionId"?'],
    [{ versionId: "version" }, 'versionId of Doc takes columns such as User.c.id, not the string "version".'],
    [{ polymorphicMap: {} }, "Doc has polymorphicMap, but no polymorphicOn: add the column that holds the value."],
    [
      { onConflict: { target: 5, do: "update" } },
      "onConflict.target of Doc takes a list of columns, not the number 5: write [User.c.id] for one of them.",
    ],
    [{ onConflict: { target: [], do: "update", were: 1 } }, 'onConflict of Doc has "were", which does not exist.'],
    [{ onConflict: "update" }, 'onConflict of Doc must be an object: { target: [...], do: "update" }.'],
    [{ onConflict: { target: [], do: "ignore" } }, 'onConflict of Doc must say do: "update" or do: "nothing".'],
    ["versionId", "Doc.mapperArgs must be an object."],
  ])("refuses %j", (mapperArgs, message) => {
    const Base = declarativeBase();
    class Doc extends Base("doc", { id: integer().primaryKey(), mapperArgs }) {}
    expect(() => mapperOf(Doc)).toThrow(message);
  });

  it("refuses columns of other classes", () => {
    const Base = declarativeBase();
    class Other extends Base("other", { id: integer().primaryKey() }) {}
    class Doc extends Base("doc", {
      id: integer().primaryKey(),
      get mapperArgs() {
        return { versionId: Other.c.id };
      },
    }) {}
    expect(() => mapperOf(Doc)).toThrow("versionId of Doc is other.id, which is no column of Doc.");
  });

  it.each([
    ["that is empty", [], "is (), which is no primary key and no unique key"],
    ["that is not unique", ["name"], "is (name), which is no primary key and no unique key of all rows"],
    ["that is unique among some rows", ["kind"], "is (kind), which is no primary key and no unique key"],
    ["that is deferrable", ["name", "kind"], "is (name, kind), a deferrable unique key"],
  ] as const)("refuses an onConflict target %s", (_, names, message) => {
    const Base = declarativeBase();
    class Employee extends Base("employees", {
      id: integer().primaryKey(),
      kind: varchar(20).notNull(),
      name: varchar(20),
      get tableArgs() {
        return [
          unique("deferred_uk", Employee.c.kind, Employee.c.name, { deferrable: true }),
          index("partial_uk", Employee.c.kind, { unique: true, where: Employee.c.name.isNull() }),
        ];
      },
      get mapperArgs() {
        return { onConflict: { target: names.map((name) => Employee.c[name]), do: "update" as const } };
      },
    }) {}
    expect(() => mapperOf(Employee)).toThrow(`onConflict.target of Employee ${message}`);
  });

  it("refuses an onConflict target in the table of a subclass, whose row is written last", () => {
    const Base = declarativeBase();
    class Employee extends Base("employees", { id: integer().primaryKey() }) {}
    class Worker extends Base.inherit(Employee, "workers", {
      get id() {
        return integer().primaryKey().references(Employee.c.id);
      },
      badge: integer().unique(),
      get mapperArgs() {
        return { onConflict: { target: [Worker.c.badge], do: "update" as const } };
      },
    }) {}
    expect(() => mapperOf(Worker)).toThrow('is workers.badge, but the row in "employees" is written first');
  });
});
