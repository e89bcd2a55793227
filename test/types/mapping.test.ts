import { describe, expectTypeOf, it } from "vitest";
import {
  type ColumnAttribute,
  declarativeBase,
  manyToMany,
  manyToOne,
  mixin,
  oneToMany,
  oneToOne,
  type PrimaryKeyOf,
  type RelationAttribute,
} from "../../src/orm/mapping/index.ts";
import {
  boolean,
  float,
  foreignKey,
  integer,
  json,
  Table,
  timestamp,
  unique,
  varchar,
} from "../../src/schema/index.ts";
import { alias } from "../../src/statement/index.ts";
import "../orm/mapping/runtime.ts";

/** What must not compile is not to be run, either. */
function unexecuted(_statements: () => unknown): void {}

const Base = declarativeBase();

class Group extends Base("groups", {
  gid: integer().primaryKey(),
  name: varchar(255),
  get users() {
    return oneToMany(User, { backPopulates: "group" });
  },
}) {}

class User extends Base("users", {
  login: varchar(50).primaryKey(),
  name: varchar(255),
  active: boolean().notNull(),
  settings: json<{ theme: string }>(),
  createdAt: timestamp().notNull(),
  get groupId() {
    return integer().references(Group.c.gid);
  },
  get group() {
    return manyToOne(Group, { backPopulates: "users", cascade: "all" });
  },
  get profile() {
    return oneToOne(Profile, { cascade: "save-update, merge, delete, delete-orphan" });
  },
  get friends() {
    return manyToMany(User, {
      through: friendships,
      primaryJoin: User.c.login.eq(friendships.c.a),
      secondaryJoin: User.c.login.eq(friendships.c.b),
    });
  },
  get tableArgs() {
    return [unique("user_uk", User.c.name, User.c.groupId)];
  },
  get mapperArgs() {
    return { versionId: User.c.createdAt };
  },
}) {
  get display() {
    return `${this.name ?? this.login} (${this.group?.name})`;
  }
}

class Profile extends Base("profile", {
  id: integer().primaryKey(),
  get login() {
    return varchar(50).references(User.c.login);
  },
}) {}

const friendships = new Table("friendships", Base.metadata, {
  a: varchar(50).primaryKey().references("users.login"),
  b: varchar(50).primaryKey().references("users.login"),
});

class Employee extends Base("employee", {
  id: integer().primaryKey(),
  name: varchar(50).notNull(),
  get bossId() {
    return integer().references(Employee.c.id);
  },
  get boss() {
    return manyToOne(Employee, { remoteSide: [Employee.c.id], backPopulates: "reports" });
  },
  get reports() {
    return oneToMany(Employee, { backPopulates: "boss" });
  },
}) {
  shout() {
    return this.name.toUpperCase();
  }
}

class Manager extends Base.inherit(Employee, "manager", {
  get id() {
    return integer().primaryKey().references(Employee.c.id);
  },
  level: integer().notNull(),
}) {}

class Director extends Base.inherit(Manager, "director", {
  get id() {
    return integer().primaryKey().references(Manager.c.id);
  },
  shares: float(),
}) {}

const Stamped = {
  stampedAt: integer().notNull(),
  get authorLogin() {
    return varchar(50).references(User.c.login);
  },
  get author() {
    return manyToOne(User);
  },
};

class Doc extends Base(
  "doc",
  mixin(Stamped, {
    id: integer().primaryKey(),
    get previousId() {
      return integer().references(Doc.c.id);
    },
    get previous() {
      return manyToOne(Doc, { remoteSide: [Doc.c.id] });
    },
  }),
) {}

class OrderLine extends Base("order_line", {
  orderId: integer().primaryKey(),
  number: integer().primaryKey(),
  text: varchar(50),
}) {}

describe("an object of a mapped class", () => {
  it("has the values of its columns; those that may be NULL are null as well", () => {
    expectTypeOf<User["login"]>().toEqualTypeOf<string>();
    expectTypeOf<User["name"]>().toEqualTypeOf<string | null>();
    expectTypeOf<User["active"]>().toEqualTypeOf<boolean>();
    expectTypeOf<User["settings"]>().toEqualTypeOf<{ theme: string } | null>();
    expectTypeOf<User["createdAt"]>().toEqualTypeOf<Date>();
    expectTypeOf<User["groupId"]>().toEqualTypeOf<number | null>();
  });

  it("has its related objects", () => {
    expectTypeOf<User["group"]>().toEqualTypeOf<Group | null>();
    expectTypeOf<Group["users"]>().toEqualTypeOf<User[]>();
    expectTypeOf<User["profile"]>().toEqualTypeOf<Profile | null>();
    expectTypeOf<User["friends"]>().toEqualTypeOf<User[]>();
    expectTypeOf<User["display"]>().toEqualTypeOf<string>();
  });

  it("has nothing of what describes the table and the mapper", () => {
    expectTypeOf<User>().not.toHaveProperty("tableArgs");
    expectTypeOf<User>().not.toHaveProperty("mapperArgs");
    expectTypeOf(User.c).not.toHaveProperty("tableArgs");
    expectTypeOf(User.c).not.toHaveProperty("mapperArgs");
  });

  it("is made from any of its attributes", () => {
    unexecuted(() => {
      new User();
      new User({ login: "ed", name: null, group: new Group({ gid: 1 }) });
      // @ts-expect-error: there is no such attribute
      new User({ nmae: "ed" });
      // @ts-expect-error: a string is expected
      new User({ name: 5 });
      // @ts-expect-error: NOT NULL
      new User({ active: null });
      // @ts-expect-error: an object of another class
      new User({ group: new Profile() });
      // @ts-expect-error: one object, not many
      new User({ group: [new Group()] });
    });
  });

  it("takes values of the right type", () => {
    unexecuted(() => {
      const user = new User();
      user.name = "ed";
      // @ts-expect-error: a number is no name
      user.name = 5;
      // @ts-expect-error: null where NULL cannot be
      user.active = null;
      // @ts-expect-error: of another class
      new Group().users.push(new Profile());
    });
  });
});

describe("the attributes of a class", () => {
  it("are expressions of the type of their values", () => {
    unexecuted(() => {
      expectTypeOf(User.c.login).toEqualTypeOf<ColumnAttribute<string>>();
      expectTypeOf(User.c.name).toEqualTypeOf<ColumnAttribute<string | null>>();
      User.c.name.eq("ed");
      User.c.name.eq(null);
      User.c.groupId.eq(Group.c.gid);
      // @ts-expect-error: a number is no login
      User.c.login.eq(5);
      // @ts-expect-error: a column of another type
      User.c.login.eq(Group.c.gid);
      // @ts-expect-error: there is no such attribute
      User.c.nmae;
      // @ts-expect-error: attributes cannot be replaced
      User.c.name = User.c.login;
    });
  });

  it("have the conditions that their kind of relationship has", () => {
    unexecuted(() => {
      expectTypeOf(Group.c.users).toExtend<RelationAttribute<"users">>();
      Group.c.users.any(User.c.name.eq("ed"));
      Group.c.users.contains(new User({ login: "ed" }));
      User.c.group.has(Group.c.name.eq("x"));
      User.c.group.eq(null);
      User.c.group.eq(new Group({ gid: 1 }));
      // @ts-expect-error: many objects have no has()
      Group.c.users.has();
      // @ts-expect-error: one object has no any()
      User.c.group.any();
      // @ts-expect-error: an object of another class
      User.c.group.eq(new User());
      // @ts-expect-error: a relationship is no condition
      Group.c.users.any(User.c.group);
    });
  });

  it("are those of an alias as well", () => {
    const boss = alias(Employee);
    expectTypeOf(boss.c.name).toEqualTypeOf<ColumnAttribute<string>>();
    Employee.c.boss.to(boss).has(boss.c.name.eq("ed"));
  });
});

describe("a relationship", () => {
  it("has an inverse that exists", () => {
    unexecuted(() => {
      oneToMany(User, { backPopulates: "group" });
      // @ts-expect-error: a misspelt inverse does not compile
      oneToMany(User, { backPopulates: "gruop" });
      // @ts-expect-error: nor does one of a class that refers to itself
      oneToMany(Employee, { backPopulates: "bos" });
    });
  });

  it("has options that exist", () => {
    unexecuted(() => {
      oneToMany(User, { cascade: "all, delete-orphan", orderBy: User.c.name.desc(), passiveDeletes: "all" });
      oneToMany(User, { orderBy: [User.c.name, User.c.login.desc()] });
      // @ts-expect-error: no such cascade
      oneToMany(User, { cascade: "delete-orphans" });
      // @ts-expect-error: no such cascade after the comma
      oneToMany(User, { cascade: "all, orphans" });
      // @ts-expect-error: no such option
      oneToMany(User, { backref: "group" });
      // @ts-expect-error: the association table is missing
      manyToMany(User, {});
      // @ts-expect-error: the join is a condition
      oneToMany(User, { primaryJoin: User.c.name });
    });
  });

  it("leads to a mapped class", () => {
    unexecuted(() => {
      class Plain {}
      // @ts-expect-error: not mapped
      oneToMany(Plain);
    });
  });
});

describe("a foreign key", () => {
  it("has the type of what it refers to", () => {
    unexecuted(() => {
      integer().references(Group.c.gid);
      // @ts-expect-error: a number does not refer to a string
      integer().references(User.c.login);
      foreignKey([User.c.groupId], [Group.c.gid]);
    });
  });
});

describe("inheritance", () => {
  it("adds to what the parents have", () => {
    unexecuted(() => {
      expectTypeOf<Director["name"]>().toEqualTypeOf<string>();
      expectTypeOf<Director["level"]>().toEqualTypeOf<number>();
      expectTypeOf<Director["shares"]>().toEqualTypeOf<number | null>();
      expectTypeOf<Director["id"]>().toEqualTypeOf<number>();
      expectTypeOf<Director["reports"]>().toEqualTypeOf<Employee[]>();
      expectTypeOf<Director>().toExtend<Manager>();
      expectTypeOf<Manager>().toExtend<Employee>();
      new Director({ name: "Ann", level: 3, shares: 1.5 }).shout();
      Director.c.name.eq("Ann");
      Director.c.shares.isNull();
      Manager.c.boss.has(Employee.c.name.eq("Ann"));
      // @ts-expect-error: an attribute of the subclass
      Manager.c.shares;
      // @ts-expect-error: no such attribute
      new Director({ shraes: 1 });
      oneToMany(Director, { backPopulates: "boss" });
    });
  });
});

describe("a mixin", () => {
  it("adds its attributes, relationships included", () => {
    expectTypeOf<Doc["stampedAt"]>().toEqualTypeOf<number>();
    expectTypeOf<Doc["author"]>().toEqualTypeOf<User | null>();
    expectTypeOf<Doc["previous"]>().toEqualTypeOf<Doc | null>();
    Doc.c.stampedAt.eq(3);
    new Doc({ stampedAt: 1, previous: new Doc({ id: 2 }) });
  });
});

describe("the primary key", () => {
  it("is an object of its columns, or the value of the only one", () => {
    expectTypeOf<PrimaryKeyOf<typeof User>>().toEqualTypeOf<string | { login: string }>();
    expectTypeOf<PrimaryKeyOf<typeof Director>>().toEqualTypeOf<number | { id: number }>();
    expectTypeOf<PrimaryKeyOf<typeof OrderLine>>().toEqualTypeOf<{ orderId: number; number: number }>();
  });
});
