import { describe, expect, it } from "vitest";
import { MappingError } from "../../../src/errors/index.ts";
import { declarativeBase, manyToOne, mapperOf, mixin, oneToMany } from "../../../src/orm/mapping/index.ts";
import {
  type ColumnDefinition,
  check,
  foreignKey,
  index,
  integer,
  MetaData,
  unique,
  varchar,
} from "../../../src/schema/index.ts";
import { declared } from "./runtime.ts";

describe("the table of a mapped class", () => {
  it("has a column for each column of the shape, named in snake_case unless named otherwise", () => {
    const Base = declarativeBase();
    class User extends Base("users", {
      id: integer().primaryKey(),
      firstName: varchar(50),
      xmlURL: varchar(200),
      line2Text: varchar(50),
      pid: integer("ProcessId"),
    }) {}
    const { table } = mapperOf(User);
    expect(table.fullName).toBe("users");
    expect(table.columns.map(({ key, name }) => [key, name])).toEqual([
      ["id", "id"],
      ["firstName", "first_name"],
      ["xmlURL", "xml_url"],
      ["line2Text", "line2_text"],
      ["pid", "ProcessId"],
    ]);
  });

  it("keeps the names of properties where the base says so", () => {
    const Base = declarativeBase({ columnNames: "verbatim" });
    class User extends Base("users", { userId: integer().primaryKey() }) {}
    expect(mapperOf(User).table.columns[0]?.name).toBe("userId");
  });

  it("is in the schema of the base", () => {
    const Base = declarativeBase({ schema: "app" });
    class User extends Base("users", { id: integer().primaryKey() }) {}
    expect(mapperOf(User).table.fullName).toBe("app.users");
    expect([...Base.metadata.tables.keys()]).toEqual(["app.users"]);
  });

  it("can be in metadata that others use as well", () => {
    const metadata = new MetaData();
    const Base = declarativeBase({ metadata });
    declared(class extends Base("users", { id: integer().primaryKey() }) {});
    expect(metadata.table("users").columns).toHaveLength(1);
    expect(() => declarativeBase({ metadata, schema: "app" })).toThrow(/schema belong to the metadata/);
  });

  it("exists before the class is used, with its constraints", () => {
    const Base = declarativeBase();
    class Parent extends Base("parent", { id: integer().primaryKey() }) {}
    class Child extends Base("child", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().notNull().references(Parent.c.id, { onDelete: "cascade" });
      },
      z: integer(),
      get parent() {
        return manyToOne(Parent);
      },
      get tableArgs() {
        return [
          unique("child_uk", Child.c.parentId, Child.c.z),
          index("child_z", Child.c.z),
          check("z_positive", Child.c.z.gt(0)),
        ];
      },
    }) {}
    const table = Base.metadata.table("child");
    expect(table.columns.map(({ name }) => name)).toEqual(["id", "parent_id", "z"]);
    expect(table.uniques.map(({ name, columns }) => [name, columns.map((column) => column.name)])).toEqual([
      ["child_uk", ["parent_id", "z"]],
    ]);
    expect(table.indexes.map(({ name }) => name)).toEqual(["child_z"]);
    expect(table.checks.map(({ name }) => name)).toEqual(["z_positive"]);
    expect(table.foreignKeys.map((key) => key.describe())).toEqual(["child.parent_id -> parent.id"]);
    expect(table.foreignKeys[0]?.onDelete).toBe("cascade");
  });

  it("can refer to a table that refers to it", () => {
    const Base = declarativeBase();
    class Entry extends Base("entry", {
      entryId: integer().primaryKey(),
      get widgetId() {
        return integer().references(Widget.c.widgetId);
      },
      get tableArgs() {
        return [unique("entry_uk", Entry.c.entryId, Entry.c.widgetId)];
      },
    }) {}
    class Widget extends Base("widget", {
      widgetId: integer().autoincrement("ignoreFk").primaryKey(),
      favoriteEntryId: integer(),
      get tableArgs() {
        return [
          foreignKey([Widget.c.widgetId, Widget.c.favoriteEntryId], [Entry.c.widgetId, Entry.c.entryId], {
            name: "fk_favorite_entry",
          }),
        ];
      },
    }) {}
    const [widget, entry] = [mapperOf(Widget).table, mapperOf(Entry).table];
    expect(entry.foreignKeys[0]?.referredTable).toBe(widget);
    expect(widget.foreignKeys[0]?.referredTable).toBe(entry);
    expect(widget.autoincrementColumn?.name).toBe("widget_id");
  });

  it("can have columns that refer to each other, in getters that need each other", () => {
    const Base = declarativeBase();
    class A extends Base("a", {
      id: integer().primaryKey(),
      // Getters that need each other have to say their type.
      get code(): ColumnDefinition<number> {
        return integer().unique().references(B.c.code);
      },
    }) {}
    class B extends Base("b", {
      id: integer().primaryKey(),
      get code(): ColumnDefinition<number> {
        return integer().unique().references(A.c.code);
      },
    }) {}
    expect(mapperOf(A).table.foreignKeys.map((key) => key.describe())).toEqual(["a.code -> b.code"]);
    expect(mapperOf(B).table.foreignKeys.map((key) => key.describe())).toEqual(["b.code -> a.code"]);
  });

  it("refuses a second table of the same name", () => {
    const Base = declarativeBase();
    declared(Base("users", { id: integer().primaryKey() }));
    expect(() => Base("users", { id: integer().primaryKey() })).toThrow(/There is a table "users" already/);
  });
});

describe("a getter of a shape", () => {
  it("is called once", () => {
    const Base = declarativeBase();
    let calls = 0;
    class User extends Base("users", {
      id: integer().primaryKey(),
      get name() {
        calls++;
        return varchar(50);
      },
    }) {}
    expect(User.c.name).toBe(User.c.name);
    declared(mapperOf(User), mapperOf(User).table, User.c.name.eq("x"));
    expect(calls).toBe(1);
  });

  it("is not called before something asks for its attribute", () => {
    const Base = declarativeBase();
    class User extends Base("users", {
      id: integer().primaryKey(),
      get name(): never {
        throw new Error("called");
      },
    }) {}
    expect(User.c.id.sqlType.name).toBe("integer");
  });

  it("that mentions a class which is not declared yet says so, and works later", () => {
    const Base = declarativeBase();
    class User extends Base("users", {
      id: integer().primaryKey(),
      get notes() {
        return oneToMany(Note);
      },
    }) {}
    expect(() => mapperOf(User)).toThrow(MappingError);
    expect(() => mapperOf(User)).toThrow(
      "The getter of User.notes failed: Cannot access 'Note' before initialization. The class is needed before it is declared",
    );
    class Note extends Base("notes", {
      id: integer().primaryKey(),
      get userId() {
        return integer().references(User.c.id);
      },
    }) {}
    expect(mapperOf(User).property("notes").kind).toBe("relationship");
  });

  it("that leads to undefined, as in modules that import each other, says so", () => {
    const Base = declarativeBase();
    class User extends Base("users", {
      id: integer().primaryKey(),
      get notes(): unknown {
        return oneToMany(undefined as unknown as typeof User);
      },
    }) {}
    expect(() => mapperOf(User)).toThrow(
      /The target of User.notes is undefined, not a class. Modules that import each other/,
    );
  });

  it("keeps the error of other failures as the cause", () => {
    const Base = declarativeBase();
    const cause = new TypeError("no luck");
    class User extends Base("users", {
      id: integer().primaryKey(),
      get name(): never {
        throw cause;
      },
    }) {}
    expect(() => mapperOf(User)).toThrow(
      expect.objectContaining({ message: "The getter of User.name failed: no luck.", cause }),
    );
  });
});

describe("a member of a shape that is no attribute", () => {
  const Base = declarativeBase();

  it.each([
    ["a function", "functions", { name: varchar }, /name is a function, not a column: call it, e.g. name: integer\(\)/],
    [
      "a string",
      "strings",
      { name: "varchar" },
      /name is a string, neither a column nor a relationship. Write e.g. name: varchar\(50\)/,
    ],
    ["undefined", "undefineds", { name: undefined }, /name is undefined, neither/],
  ])("is refused: %s", (_what, table, shape, message) => {
    const Model = Base(table, { id: integer().primaryKey(), ...shape });
    expect(() => mapperOf(Model)).toThrow(message);
  });

  it.each(["$0", "toJSON", "constructor", "hasOwnProperty"])("cannot be called %s", (name) => {
    expect(() => Base(`named_${name}`, { id: integer().primaryKey(), [name]: integer() })).toThrow(
      new RegExp(`cannot have an attribute "${name.replace("$", "\\$")}"`),
    );
  });

  it("must be an object with a table name before it", () => {
    // Callers without types.
    const untyped = Base as (table: unknown, shape: unknown) => unknown;
    expect(() => untyped({ id: integer() }, undefined)).toThrow(/first argument is the name of the table/);
    expect(() => untyped("users", undefined)).toThrow(/second argument of Base\("users", ...\)/);
  });
});

describe("tableArgs", () => {
  it("must be an array of constraints and options", () => {
    const Base = declarativeBase();
    class User extends Base("users", { id: integer().primaryKey(), tableArgs: ["unique"] }) {}
    expect(() => mapperOf(User).table.uniques).toThrow(
      /users.tableArgs must be an array of unique\(\)|User.tableArgs must be/,
    );
  });
});

describe("mixin", () => {
  it("puts shapes together without calling their getters; each table has its own columns", () => {
    const Base = declarativeBase();
    class User extends Base("users", { id: integer().primaryKey() }) {}
    const Owned = {
      createdAt: integer().notNull(),
      get ownerId() {
        return integer().references(User.c.id);
      },
      get owner() {
        return manyToOne(User);
      },
    };
    class Doc extends Base("doc", mixin(Owned, { id: integer().primaryKey(), title: varchar(50) })) {}
    class Note extends Base("note", mixin(Owned, { id: integer().primaryKey(), createdAt: integer("made") })) {}
    expect(mapperOf(Doc).table.columns.map(({ name }) => name)).toEqual(["created_at", "owner_id", "id", "title"]);
    expect(mapperOf(Note).table.columns.map(({ name }) => name)).toEqual(["made", "owner_id", "id"]);
    expect(mapperOf(Doc).property("owner").mapper).toBe(mapperOf(Doc));
    expect(mapperOf(Note).property("owner").mapper).toBe(mapperOf(Note));
  });
});
