import { declarativeBase, foreignKey, integer, manyToOne, oneToMany, unique, varchar } from "alkahest";

/** A thing as the merge tests see it, whatever its key is. */
export interface ThingLike {
  note: string | null;
}

/** A member of a group, with a thing. */
export interface MemberLike {
  name: string;
  thing: ThingLike | null;
}

/** Members of groups refer to things by a key of some kind; all things that `thing` makes have the same key. */
export interface MergeKind {
  readonly metadata: { createAll(engine: never): Promise<unknown> };
  thing(note?: string): ThingLike & object;
  member(name: string, thing: object): MemberLike & object;
  group(members: readonly object[]): { readonly members: readonly MemberLike[] } & object;
  readonly thingClass: abstract new (...args: never[]) => ThingLike & object;
  /** The attributes to merge things by; null: their primary key. */
  readonly key: readonly string[] | null;
  /** The tables, those that refer to others first. */
  readonly tables: readonly string[];
}

/** Each kind of key that a merge has to unite objects by. */
export const mergeKinds: Readonly<Record<string, () => MergeKind>> = {
  "a natural key": () => {
    const Base = declarativeBase();
    class Group extends Base("groups", {
      id: integer().primaryKey(),
      get members() {
        return oneToMany(Member, { backPopulates: "group" });
      },
    }) {}
    class Thing extends Base("things", { code: varchar(20).primaryKey(), note: varchar(20), extra: varchar(20) }) {}
    class Member extends Base("members", {
      name: varchar(20).primaryKey(),
      get groupId() {
        return integer().references(Group.c.id);
      },
      get thingCode() {
        return varchar(20).references(Thing.c.code);
      },
      get group() {
        return manyToOne(Group, { backPopulates: "members" });
      },
      get thing() {
        return manyToOne(Thing);
      },
    }) {}
    return {
      metadata: Base.metadata,
      thing: (note) => new Thing({ code: "T", ...(note !== undefined && { note }) }),
      member: (name, thing) => new Member({ name, thing: thing as InstanceType<typeof Thing> }),
      group: (members) => new Group({ id: 1, members: members as InstanceType<typeof Member>[] }),
      thingClass: Thing,
      key: null,
      tables: ["members", "groups", "things"],
    };
  },
  "a composite key": () => {
    const Base = declarativeBase();
    class Group extends Base("groups", {
      id: integer().primaryKey(),
      get members() {
        return oneToMany(Member, { backPopulates: "group" });
      },
    }) {}
    class Thing extends Base("things", {
      code: varchar(20).primaryKey(),
      part: integer().primaryKey(),
      note: varchar(20),
      extra: varchar(20),
    }) {}
    class Member extends Base("members", {
      name: varchar(20).primaryKey(),
      get groupId() {
        return integer().references(Group.c.id);
      },
      thingCode: varchar(20),
      thingPart: integer(),
      get group() {
        return manyToOne(Group, { backPopulates: "members" });
      },
      get thing() {
        return manyToOne(Thing);
      },
      get tableArgs() {
        return [foreignKey([Member.c.thingCode, Member.c.thingPart], [Thing.c.code, Thing.c.part])];
      },
    }) {}
    return {
      metadata: Base.metadata,
      thing: (note) => new Thing({ code: "T", part: 1, ...(note !== undefined && { note }) }),
      member: (name, thing) => new Member({ name, thing: thing as InstanceType<typeof Thing> }),
      group: (members) => new Group({ id: 1, members: members as InstanceType<typeof Member>[] }),
      thingClass: Thing,
      key: null,
      tables: ["members", "groups", "things"],
    };
  },
  "a key with that of a parent in it": () => {
    const Base = declarativeBase();
    class Group extends Base("groups", {
      id: integer().primaryKey(),
      get members() {
        return oneToMany(Member, { backPopulates: "group" });
      },
    }) {}
    class Shelf extends Base("shelves", { code: varchar(20).primaryKey() }) {}
    class Thing extends Base("things", {
      get shelfCode() {
        return varchar(20).references(Shelf.c.code).primaryKey();
      },
      part: integer().primaryKey(),
      note: varchar(20),
      extra: varchar(20),
      get shelf() {
        return manyToOne(Shelf);
      },
    }) {}
    class Member extends Base("members", {
      name: varchar(20).primaryKey(),
      get groupId() {
        return integer().references(Group.c.id);
      },
      thingShelf: varchar(20),
      thingPart: integer(),
      get group() {
        return manyToOne(Group, { backPopulates: "members" });
      },
      get thing() {
        return manyToOne(Thing);
      },
      get tableArgs() {
        return [foreignKey([Member.c.thingShelf, Member.c.thingPart], [Thing.c.shelfCode, Thing.c.part])];
      },
    }) {}
    return {
      metadata: Base.metadata,
      thing: (note) => new Thing({ shelf: new Shelf({ code: "S" }), part: 1, ...(note !== undefined && { note }) }),
      member: (name, thing) => new Member({ name, thing: thing as InstanceType<typeof Thing> }),
      group: (members) => new Group({ id: 1, members: members as InstanceType<typeof Member>[] }),
      thingClass: Thing,
      key: null,
      tables: ["members", "groups", "things", "shelves"],
    };
  },
  "the key of the root of a family": () => familyKind(false),
  "the key of a subclass": () => familyKind(true),
  "another unique key": () => {
    const Base = declarativeBase();
    class Thing extends Base("things", {
      id: integer().primaryKey(),
      code: varchar(20),
      part: integer(),
      note: varchar(20),
      extra: varchar(20),
      get tableArgs() {
        return [unique("thing_uk", Thing.c.code, Thing.c.part)];
      },
    }) {}
    class Member extends Base("members", {
      name: varchar(20).primaryKey(),
      get thingId() {
        return integer().references(Thing.c.id);
      },
      get thing() {
        return manyToOne(Thing);
      },
    }) {}
    const none = () => {
      throw new Error("only the class that is merged has another key");
    };
    return {
      metadata: Base.metadata,
      thing: (note) => new Thing({ code: "T", part: 1, ...(note !== undefined && { note }) }),
      member: (name, thing) => new Member({ name, thing: thing as InstanceType<typeof Thing> }),
      group: none,
      thingClass: Thing,
      key: ["code", "part"],
      tables: ["members", "things"],
    };
  },
};

function familyKind(isSubclass: boolean): MergeKind {
  const Base = declarativeBase();
  class Group extends Base("groups", {
    id: integer().primaryKey(),
    get members() {
      return oneToMany(Member, { backPopulates: "group" });
    },
  }) {}
  class Thing extends Base("things", {
    code: varchar(20).primaryKey(),
    kind: varchar(20).notNull(),
    extra: varchar(20),
    note: varchar(20),
    get mapperArgs() {
      return { polymorphicOn: Thing.c.kind, polymorphicMap: { thing: Thing, tool: Tool } };
    },
  }) {}
  class Tool extends Base.inherit(Thing, "tools", {
    get code() {
      return varchar(20).primaryKey().references(Thing.c.code);
    },
    weight: integer(),
  }) {}
  class Member extends Base("members", {
    name: varchar(20).primaryKey(),
    get groupId() {
      return integer().references(Group.c.id);
    },
    get thingCode() {
      return varchar(20).references(Thing.c.code);
    },
    get group() {
      return manyToOne(Group, { backPopulates: "members" });
    },
    get thing() {
      return manyToOne(Thing);
    },
  }) {}
  return {
    metadata: Base.metadata,
    thing: (note) => {
      const values = { code: "T", ...(note !== undefined && { note }) };
      return isSubclass ? new Tool({ ...values, weight: 1 }) : new Thing(values);
    },
    member: (name, thing) => new Member({ name, thing: thing as InstanceType<typeof Thing> }),
    group: (members) => new Group({ id: 1, members: members as InstanceType<typeof Member>[] }),
    thingClass: isSubclass ? Tool : Thing,
    key: null,
    tables: ["members", "groups", ...(isSubclass ? ["tools"] : []), "things"],
  };
}
