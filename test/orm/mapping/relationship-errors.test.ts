import { describe, expect, it } from "vitest";
import { MappingError } from "../../../src/errors/index.ts";
import {
  declarativeBase,
  manyToMany,
  manyToOne,
  mapperOf,
  oneToMany,
  oneToOne,
  type RelationOptions,
} from "../../../src/orm/mapping/index.ts";
import { integer, Table, varchar } from "../../../src/schema/index.ts";
import "./runtime.ts";

/** The message with which configuring the class fails. */
function failure(mappedClass: object): string {
  try {
    mapperOf(mappedClass);
  } catch (error) {
    if (error instanceof MappingError) return error.message;
    throw error;
  }
  throw new Error("The mapping was accepted.");
}

/** A parent and a child with a foreign key; `make` writes one relationship of each. */
function family(
  ofParent: (Child: any) => unknown,
  ofChild: (Parent: any, Child: any) => unknown = () => integer(),
): object {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    get children(): unknown {
      return ofParent(Child);
    },
  }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    get parentId() {
      return integer().references(Parent.c.id);
    },
    get parent(): unknown {
      return ofChild(Parent, Child);
    },
  }) {}
  return Parent;
}

/** Options that the types would not let through. */
function untyped(options: object): RelationOptions<never> {
  return options;
}

describe("a relationship against the direction of the foreign key", () => {
  it("says what was found and what to write, for many-to-one", () => {
    expect(failure(family((Child) => manyToOne(Child, untyped({ backPopulates: undefined }))))).toBe(
      "Parent.children is declared manyToOne, which needs a foreign key of Parent that refers to Child, but Child refers to Parent " +
        "(child.parent_id -> parent.id): a Parent has many Child objects. Write get children() { return oneToMany(Child); }, or " +
        "oneToOne for one at most.",
    );
  });

  it("says it for one-to-many", () => {
    const message = failure(
      family(
        (Child) => oneToMany(Child),
        (Parent) => oneToMany(Parent),
      ),
    );
    expect(message).toBe(
      "Child.parent is declared oneToMany, which needs a foreign key of Parent that refers to Child, but Child refers to Parent " +
        "(child.parent_id -> parent.id): a Child has one Parent. Write get parent() { return manyToOne(Parent); }.",
    );
  });

  it("says it for a remoteSide that is the wrong one of a class that refers to itself", () => {
    const Base = declarativeBase();
    class Node extends Base("node", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().references(Node.c.id);
      },
      get parent() {
        return manyToOne(Node, { remoteSide: [Node.c.parentId] });
      },
    }) {}
    expect(failure(Node)).toBe(
      "Node.parent is declared manyToOne, but its remoteSide, the columns of the other object, are the foreign key " +
        "(node.parent_id -> node.id): that makes it oneToMany. Leave remoteSide out, or write get parent() { return oneToMany(Node); }.",
    );
  });

  it("says it for a primaryJoin", () => {
    expect(failure(family((Child) => manyToOne(Child, { primaryJoin: Child.c.parentId.eq(Child.c.id) })))).toContain(
      "primaryJoin of Parent.children must set a column of Parent equal to a column of Child",
    );
    const Base = declarativeBase();
    class A extends Base("a", {
      id: integer().primaryKey(),
      get others() {
        return oneToMany(B, { primaryJoin: A.c.bId.eq(B.c.id), foreignKeys: [A.c.bId] });
      },
      bId: integer(),
    }) {}
    class B extends Base("b", { id: integer().primaryKey() }) {}
    expect(failure(A)).toBe(
      "A.others is declared oneToMany, but the columns that follow the other side (A.c.bId) are those of A: write manyToOne, or " +
        "other foreignKeys.",
    );
  });
});

describe("a relationship without a foreign key", () => {
  it("shows the foreign key to add", () => {
    const Base = declarativeBase();
    class Author extends Base("author", {
      code: varchar(20).primaryKey(),
      get books() {
        return oneToMany(Book);
      },
    }) {}
    class Book extends Base("book", { id: integer().primaryKey() }) {}
    expect(failure(Author)).toBe(
      "Author.books is declared oneToMany, but no foreign key connects Author and Book. Add one to Book: " +
        "get authorId() { return varchar(20).references(Author.c.code); } – or say how they are joined with the options " +
        "primaryJoin and foreignKeys.",
    );
  });

  it("with a primaryJoin asks for foreignKeys", () => {
    const Base = declarativeBase();
    class City extends Base("city", {
      id: integer().primaryKey(),
      code: varchar(2),
      get country() {
        return manyToOne(Country, { primaryJoin: City.c.code.eq(Country.c.code) });
      },
    }) {}
    class Country extends Base("country", { code: varchar(2).primaryKey() }) {}
    expect(failure(City)).toBe(
      "primaryJoin of City.country compares columns that no foreign key connects, so it cannot be told which one follows the " +
        "other. Add e.g. foreignKeys: [City.c.code], or viewOnly: true if it is only to be read.",
    );
  });

  it("with a primaryJoin on another table says whose column it is", () => {
    const Base = declarativeBase();
    class Other extends Base("other", { id: integer().primaryKey() }) {}
    class City extends Base("city", {
      id: integer().primaryKey(),
      get twin() {
        return manyToOne(City, { primaryJoin: City.c.id.eq(Other.c.id) });
      },
    }) {}
    expect(failure(City)).toBe("The join of City.twin mentions other.c.id, which does not belong to City.");
  });
});

describe("a relationship with several foreign keys", () => {
  const Base = declarativeBase();
  class Message extends Base("message", {
    id: integer().primaryKey(),
    get senderId() {
      return integer().references(User.c.id);
    },
    get receiverId() {
      return integer().references(User.c.id);
    },
    get sender() {
      return manyToOne(User);
    },
  }) {}
  class User extends Base("users", { id: integer().primaryKey() }) {}

  it("lists them with the option that chooses each", () => {
    expect(failure(Message)).toBe(
      "Message.sender can follow several foreign keys between Message and User: message.sender_id -> users.id " +
        "({ foreignKeys: [Message.c.senderId] }), message.receiver_id -> users.id ({ foreignKeys: [Message.c.receiverId] }). " +
        "Choose one with the option given behind it.",
    );
  });

  it("says when foreignKeys chooses none", () => {
    const Other = declarativeBase();
    class Parent extends Other("parent", { id: integer().primaryKey() }) {}
    class Child extends Other("child", {
      id: integer().primaryKey(),
      age: integer(),
      get parentId() {
        return integer().references(Parent.c.id);
      },
      get parent() {
        return manyToOne(Parent, { foreignKeys: [Child.c.age] });
      },
    }) {}
    expect(failure(Child)).toBe(
      "No foreign key between Child and Parent matches foreignKeys: [Child.c.age] of Child.parent as manyToOne. There are: " +
        "child.parent_id -> parent.id.",
    );
  });

  it("asks a one-to-one of a class to itself for its remoteSide", () => {
    const Other = declarativeBase();
    class Person extends Other("person", {
      id: integer().primaryKey(),
      get mentorId() {
        return integer().references(Person.c.id);
      },
      get mentor() {
        return oneToOne(Person);
      },
    }) {}
    expect(failure(Person)).toContain(
      "person.mentor_id -> person.id ({ remoteSide: [Person.c.id] }), person.mentor_id -> person.id ({ remoteSide: [Person.c.mentorId] })",
    );
  });

  it("asks for columns where it gets something else", () => {
    expect(failure(family((Child) => oneToMany(Child, untyped({ foreignKeys: ["parentId"] }))))).toBe(
      'foreignKeys of Parent.children takes columns such as User.c.id, not the string "parentId".',
    );
  });
});

describe("backPopulates", () => {
  it("that names no attribute shows the line to add", () => {
    expect(failure(family((Child) => oneToMany(Child, untyped({ backPopulates: "owner" }))))).toBe(
      'Parent.children has backPopulates: "owner", but Child has no such attribute. Add to Child: ' +
        'get owner() { return manyToOne(Parent, { backPopulates: "children" }); }',
    );
  });

  it("that names a column says so", () => {
    expect(failure(family((Child) => oneToMany(Child, untyped({ backPopulates: "parentId" }))))).toContain(
      'Parent.children has backPopulates: "parentId", but Child.parentId is a column.',
    );
  });

  it("that is not returned shows the line to write", () => {
    const parts = [
      (Child: any) => oneToMany(Child, untyped({ backPopulates: "parent" })),
      (Parent: any) => manyToOne(Parent),
    ] as const;
    expect(failure(family(...parts))).toBe(
      'Parent.children has backPopulates: "parent", but Child.parent has no backPopulates: both sides must name each other. ' +
        'Write in Child: get parent() { return manyToOne(Parent, { backPopulates: "children" }); }',
    );
  });

  it("of kinds that do not belong together says which do", () => {
    expect(
      failure(
        family(
          (Child) => oneToMany(Child, untyped({ backPopulates: "parent" })),
          (Parent) => oneToOne(Parent, untyped({ backPopulates: "children" })),
        ),
      ),
    ).toBe(
      "Parent.children is oneToMany and Child.parent is oneToOne, which are not two sides of one relationship. The other side of " +
        'oneToMany is manyToOne: get parent() { return manyToOne(Parent, { backPopulates: "children" }); }',
    );
  });

  it("of an attribute that leads to another class says so", () => {
    expect(
      failure(
        family(
          (Child) => oneToMany(Child, untyped({ backPopulates: "parent" })),
          (_Parent, Child) => manyToOne(Child, untyped({ backPopulates: "children" })),
        ),
      ),
    ).toBe('Parent.children has backPopulates: "parent", but Child.parent leads to Child, not to Parent.');
  });

  it("of relationships that follow different columns says so", () => {
    const Base = declarativeBase();
    class User extends Base("users", {
      id: integer().primaryKey(),
      get sent() {
        return oneToMany(Message, { backPopulates: "sender", foreignKeys: [Message.c.receiverId] });
      },
    }) {}
    class Message extends Base("message", {
      id: integer().primaryKey(),
      get senderId() {
        return integer().references(User.c.id);
      },
      get receiverId() {
        return integer().references(User.c.id);
      },
      get sender() {
        return manyToOne(User, { foreignKeys: [Message.c.senderId], backPopulates: "sent" });
      },
    }) {}
    expect(failure(User)).toContain(
      "follow different columns: users.id = message.receiver_id and message.sender_id = users.id.",
    );
  });
});

describe("cascade", () => {
  it("refuses words that do not exist", () => {
    expect(failure(family((Child) => oneToMany(Child, untyped({ cascade: "all, delete-orphans" }))))).toContain(
      'Parent.children has the cascade "delete-orphans", which does not exist. Cascades are "all", "save-update", "merge", "delete", ' +
        '"delete-orphan"',
    );
  });

  it("refuses delete-orphan where an object can have many parents", () => {
    const child = (options: object): object => {
      const Base = declarativeBase();
      class Parent extends Base("parent", { id: integer().primaryKey() }) {}
      return class Child extends Base("child", {
        id: integer().primaryKey(),
        parentId: integer().references(Parent.c.id),
        parent: manyToOne(Parent, { cascade: "all, delete-orphan", ...options }),
      }) {};
    };
    expect(failure(child({}))).toBe(
      "Child.parent cannot have the cascade delete-orphan: by a manyToOne relationship, an object can have many parents, and is no " +
        "orphan when one lets go of it. Put the cascade on the oneToMany side, or add singleParent: true if there is one parent at most.",
    );
    expect(mapperOf(child({ singleParent: true })).relationships).toHaveLength(1);
  });

  it("refuses writes of what is only read", () => {
    expect(failure(family((Child) => oneToMany(Child, { viewOnly: true, cascade: "all" })))).toContain(
      "Parent.children is viewOnly, so it cannot cascade writes",
    );
  });

  it('refuses delete together with passiveDeletes: "all"', () => {
    expect(failure(family((Child) => oneToMany(Child, { passiveDeletes: "all", cascade: "all" })))).toContain(
      'Parent.children has passiveDeletes: "all", which leaves deletes to the database',
    );
  });

  it("is nothing with none, and delete-orphan includes delete", () => {
    const cascadeOf = (cascade: "none" | "delete-orphan") => {
      const property = mapperOf(family((Child) => oneToMany(Child, { cascade }))).property("children");
      return property.kind === "relationship" ? property.cascade : null;
    };
    expect(Object.values(cascadeOf("none")!)).not.toContain(true);
    expect(cascadeOf("delete-orphan")).toMatchObject({ delete: true, deleteOrphan: true, saveUpdate: false });
  });
});

describe("a many-to-many", () => {
  function through(
    make: (A: any, table: any) => Record<string, any>,
    options: (table: any) => object = () => ({}),
  ): object {
    const Base = declarativeBase();
    class A extends Base("a", {
      id: integer().primaryKey(),
      get others(): unknown {
        return manyToMany(A, { through: links, ...options(links) });
      },
    }) {}
    const links: Table = new Table("links", Base.metadata, { note: integer(), ...make(A, Base) });
    return A;
  }

  it("needs foreign keys in the association table", () => {
    expect(failure(through(() => ({})))).toBe(
      "A.others goes through the table links, which has no foreign key that refers to A. Add .references(A.c.id) to a column of it, " +
        "or say how they are joined with primaryJoin.",
    );
  });

  it("asks which foreign key is which", () => {
    expect(failure(through(() => ({ x: integer().references("a.id"), y: integer().references("a.id") })))).toBe(
      "A.others goes through the table links, which has several foreign keys for one side: links.x -> a.id, links.y -> a.id. Say which " +
        "is which: primaryJoin: A.c.id.eq(links.c.x), secondaryJoin: A.c.id.eq(links.c.y).",
    );
  });

  it("needs an association table", () => {
    expect(failure(family((Child) => manyToMany(Child, untyped({}) as never)))).toBe(
      "Parent.children is manyToMany and needs its association table: add through: table.",
    );
  });
});

describe("the target of a relationship", () => {
  it("must be a mapped class", () => {
    class Plain {}
    expect(failure(family(() => oneToMany(Plain as never)))).toBe(
      'Parent.children leads to Plain, which is not mapped. Write class Plain extends Base("table_name", { ... }).',
    );
  });
});

describe("the options of a relationship", () => {
  it("exist", () => {
    expect(failure(family((Child) => oneToMany(Child, untyped({ backPopulate: "parent" }) as never)))).toBe(
      'Parent.children has the option "backPopulate", which does not exist here. Did you mean "backPopulates"?',
    );
    expect(failure(family((Child) => oneToMany(Child, untyped({ backref: "parent" }) as never)))).toMatch(
      /^Parent.children has the option "backref", which does not exist here/,
    );
  });

  it("have values that exist, and lists where lists are expected", () => {
    expect(failure(family((Child) => oneToMany(Child, untyped({ lazy: "select" }) as never)))).toBe(
      'Parent.children has lazy: "select", which does not exist here. Did you mean "selectin"?',
    );
    for (const option of ["foreignKeys", "remoteSide"]) {
      const ofParent = (Child: any) => oneToMany(Child, untyped({ [option]: Child.c.parentId }) as never);
      expect(failure(family(ofParent))).toMatch(
        new RegExp(
          `^${option} of Parent.children takes a list of columns, not a ColumnAttribute: write \\[User.c.id\\]`,
        ),
      );
    }
  });

  it("are understood", () => {
    expect(failure(family((Child) => oneToMany(Child, untyped({ collection: Set }) as never)))).toBe(
      'Parent.children has a collection that does not exist: write collection: "set", or keyedBy(Child.c.key) for a Map.',
    );
    expect(failure(family((Child) => oneToMany(Child, untyped({ cascade: ["all"] }) as never)))).toBe(
      'Parent.children has a cascade that is no string: write for example "all, delete-orphan".',
    );
    expect(failure(family((Child) => oneToMany(Child, untyped({ orderBy: () => 1 }) as never)))).toMatch(
      /^Parent.children has an orderBy that is no column/,
    );
    expect(failure(family((Child) => (manyToMany as (target: unknown) => never)(Child)))).toMatch(
      /needs its association table/,
    );
  });
});
