import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { MappingError } from "../../../src/errors/index.ts";
import { cacheKey } from "../../../src/expression/index.ts";
import {
  ColumnAttribute,
  declarativeBase,
  manyToMany,
  manyToOne,
  mapperOf,
  oneToMany,
  oneToOne,
} from "../../../src/orm/mapping/index.ts";
import { columnOf, integer, Table, varchar } from "../../../src/schema/index.ts";
import { alias, select } from "../../../src/statement/index.ts";
import { compiled, sqlOf } from "../../compiler/dialect.ts";
import "./runtime.ts";

const Base = declarativeBase();

class User extends Base("users", {
  id: integer().primaryKey(),
  name: varchar(50),
  get addresses() {
    return oneToMany(Address, { backPopulates: "user" });
  },
  get groups() {
    return manyToMany(Group, { through: memberships });
  },
  get badge() {
    return oneToOne(Badge);
  },
}) {}

class Address extends Base("addresses", {
  id: integer().primaryKey(),
  email: varchar(200),
  get userId() {
    return integer().references(User.c.id);
  },
  get user() {
    return manyToOne(User, { backPopulates: "addresses" });
  },
}) {}

class Group extends Base("groups", { id: integer().primaryKey(), name: varchar(50) }) {}

class Badge extends Base("badges", {
  id: integer().primaryKey(),
  get userId() {
    return integer().unique().references(User.c.id);
  },
}) {}

class Employee extends Base("employee", {
  id: integer().primaryKey(),
  name: varchar(50),
  get bossId() {
    return integer().references(Employee.c.id);
  },
  get boss() {
    return manyToOne(Employee, { backPopulates: "reports" });
  },
  get reports() {
    return oneToMany(Employee, { backPopulates: "boss" });
  },
}) {}

const memberships: Table = new Table("memberships", Base.metadata, {
  userId: integer("user_id").primaryKey().references("users.id"),
  groupId: integer("group_id").primaryKey().references("groups.id"),
});

describe("an attribute of a column", () => {
  it("is the column in expressions", () => {
    const { table } = mapperOf(User);
    expect(User.c.name).toBeInstanceOf(ColumnAttribute);
    expect(columnOf(User.c.name)).toBe(table.columns[1]);
    expect(User.c.name.key).toBe("name");
    expect(cacheKey(User.c.name)).toBe(cacheKey(table.columns[1]!));
    expect(compiled(select(User.c.name).where(User.c.id.gt(3)))).toEqual({
      sql: "SELECT users.name FROM users WHERE users.id > ?",
      values: [3],
    });
  });

  it("is always the same object", () => {
    expect(User.c).toBe(User.c);
    expect(User.c.name).toBe(User.c.name);
  });

  it("that does not exist is refused with the nearest name", () => {
    // Callers without types.
    const c: Record<string, unknown> = User.c as never;
    expect(() => c.nmae).toThrow(MappingError);
    expect(() => c.nmae).toThrow('User has no attribute "nmae". Did you mean "name"?');
    expect(() => c.zzzzzz).toThrow('User has no attribute "zzzzzz". There are: id, name, addresses, groups, badge.');
    expect(Object.keys(c)).toEqual(["id", "name", "addresses", "groups", "badge"]);
    expect("nmae" in c).toBe(false);
    expect(String(c)).toBe("[object Object]");
  });

  it("are seen when they are printed", () => {
    for (const printed of [inspect(User.c), inspect(alias(User).c)]) {
      for (const name of Object.keys(User.c)) expect(printed).toContain(`${name}: `);
    }
  });
});

describe("a mapped class in a statement", () => {
  it("stands for its columns", () => {
    expect(sqlOf(select(Address))).toBe("SELECT addresses.id, addresses.email, addresses.user_id FROM addresses");
  });

  it("can be there twice by an alias", () => {
    const boss = alias(Employee, "boss");
    expect(sqlOf(select(Employee.c.name, boss.c.name).join(boss, boss.c.id.eq(Employee.c.bossId)))).toBe(
      "SELECT employee.name, boss.name FROM employee JOIN employee AS boss ON boss.id = employee.boss_id",
    );
    expect(sqlOf(select(boss).where(boss.c.id.eq(1)))).toBe(
      "SELECT boss.id, boss.name, boss.boss_id FROM employee AS boss WHERE boss.id = ?",
    );
    expect(() => (boss.c as Record<string, unknown>).nmae).toThrow('alias(Employee) has no attribute "nmae"');
  });
});

describe("a relationship in join()", () => {
  it("joins along the foreign key, from either side", () => {
    expect(sqlOf(select(User.c.id).join(User.c.addresses))).toBe(
      "SELECT users.id FROM users JOIN addresses ON users.id = addresses.user_id",
    );
    expect(sqlOf(select(Address.c.id).leftJoin(Address.c.user))).toBe(
      "SELECT addresses.id FROM addresses LEFT JOIN users ON addresses.user_id = users.id",
    );
  });

  it("joins through the association table", () => {
    expect(sqlOf(select(User.c.id).join(User.c.groups).where(Group.c.name.eq("x")))).toBe(
      "SELECT users.id FROM users JOIN memberships ON users.id = memberships.user_id " +
        "JOIN groups ON groups.id = memberships.group_id WHERE groups.name = ?",
    );
  });

  it("leads to an alias, and from one", () => {
    const [boss, chief] = [alias(Employee, "boss"), alias(Employee, "chief")];
    expect(sqlOf(select(Employee.c.id).join(Employee.c.boss.to(boss)).join(boss.c.boss.to(chief)))).toBe(
      "SELECT employee.id FROM employee JOIN employee AS boss ON employee.boss_id = boss.id " +
        "JOIN employee AS chief ON boss.boss_id = chief.id",
    );
    const group = alias(Group, "g");
    expect(sqlOf(select(User.c.id).join(User.c.groups.to(group)))).toBe(
      "SELECT users.id FROM users JOIN memberships AS memberships_1 ON users.id = memberships_1.user_id " +
        "JOIN groups AS g ON g.id = memberships_1.group_id",
    );
  });

  it("asks for an alias where the table is there already", () => {
    expect(() => select(Employee).join(Employee.c.boss)).toThrow(
      "Employee.boss leads to a table that the query has already: join an alias of Employee instead. Write const other = " +
        "alias(Employee), then .join(Employee.c.boss.to(other)), and other.c for its columns.",
    );
  });

  it("refuses an alias of something else", () => {
    expect(() => User.c.addresses.to(alias(Group))).toThrow(
      "User.addresses.to() takes an alias of Address: alias(Address).",
    );
    expect(() => User.c.addresses.to(Address as never)).toThrow(/takes an alias of Address/);
  });
});

describe("conditions on related objects", () => {
  it("any: some related object meets the condition", () => {
    expect(compiled(select(User.c.id).where(User.c.addresses.any(Address.c.email.eq("x"))))).toEqual({
      sql:
        "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM addresses WHERE users.id = addresses.user_id " +
        "AND addresses.email = ?)",
      values: ["x"],
    });
    expect(sqlOf(select(User.c.id).where(User.c.addresses.any().not()))).toBe(
      "SELECT users.id FROM users WHERE NOT EXISTS (SELECT 1 FROM addresses WHERE users.id = addresses.user_id)",
    );
  });

  it("has: the related object meets the condition", () => {
    expect(sqlOf(select(Address.c.id).where(Address.c.user.has(User.c.name.eq("ed"))))).toBe(
      "SELECT addresses.id FROM addresses WHERE EXISTS (SELECT 1 FROM users WHERE addresses.user_id = users.id " +
        "AND users.name = ?)",
    );
  });

  it("through an association table", () => {
    expect(sqlOf(select(User.c.id).where(User.c.groups.any(Group.c.name.eq("x"))))).toBe(
      "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM memberships JOIN groups ON groups.id = memberships.group_id " +
        "WHERE users.id = memberships.user_id AND groups.name = ?)",
    );
  });

  it("mean the related object where a class refers to itself", () => {
    expect(sqlOf(select(Employee.c.id).where(Employee.c.reports.any(Employee.c.name.eq("ed"))))).toBe(
      "SELECT employee.id FROM employee WHERE EXISTS (SELECT 1 FROM employee AS employee_1 " +
        "WHERE employee.id = employee_1.boss_id AND employee_1.name = ?)",
    );
    const boss = alias(Employee, "boss");
    expect(sqlOf(select(Employee.c.id).where(Employee.c.boss.to(boss).has(boss.c.name.eq("ed"))))).toBe(
      "SELECT employee.id FROM employee WHERE EXISTS (SELECT 1 FROM employee AS boss " +
        "WHERE employee.boss_id = boss.id AND boss.name = ?)",
    );
  });

  it("keep their own table when the query has joined it as well", () => {
    expect(
      sqlOf(
        select(User.c.id)
          .join(User.c.addresses)
          .where(User.c.addresses.any(Address.c.id.eq(1))),
      ),
    ).toBe(
      "SELECT users.id FROM users JOIN addresses ON users.id = addresses.user_id WHERE EXISTS (SELECT 1 FROM addresses " +
        "WHERE users.id = addresses.user_id AND addresses.id = ?)",
    );
  });

  it("may compare with other tables of the query", () => {
    expect(
      sqlOf(
        select(User.c.id)
          .join(Group, Group.c.id.eq(User.c.id))
          .where(User.c.addresses.any(Address.c.email.eq(Group.c.name))),
      ),
    ).toBe(
      "SELECT users.id FROM users JOIN groups ON groups.id = users.id WHERE EXISTS (SELECT 1 FROM addresses " +
        "WHERE users.id = addresses.user_id AND addresses.email = groups.name)",
    );
  });

  it("nest", () => {
    expect(sqlOf(select(User.c.id).where(User.c.addresses.any(Address.c.user.has(User.c.id.eq(1)))))).toBe(
      "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM addresses WHERE users.id = addresses.user_id AND EXISTS " +
        "(SELECT 1 FROM users WHERE addresses.user_id = users.id AND users.id = ?))",
    );
  });
});

describe("comparing a relationship with an object", () => {
  it("eq and ne compare the foreign key", () => {
    const user = new User({ id: 7 });
    expect(compiled(select(Address.c.id).where(Address.c.user.eq(user)))).toEqual({
      sql: "SELECT addresses.id FROM addresses WHERE addresses.user_id = ?",
      values: [7],
    });
    expect(sqlOf(select(Address.c.id).where(Address.c.user.eq(null)))).toBe(
      "SELECT addresses.id FROM addresses WHERE addresses.user_id IS NULL",
    );
    expect(sqlOf(select(Address.c.id).where(Address.c.user.ne(null)))).toBe(
      "SELECT addresses.id FROM addresses WHERE addresses.user_id IS NOT NULL",
    );
    expect(sqlOf(select(Address.c.id).where(Address.c.user.ne(user)))).toBe(
      "SELECT addresses.id FROM addresses WHERE addresses.user_id != ? OR addresses.user_id IS NULL",
    );
  });

  it("isNull of a one-to-one whose key is on the other side asks for rows", () => {
    expect(sqlOf(select(User.c.id).where(User.c.badge.isNull()))).toBe(
      "SELECT users.id FROM users WHERE NOT EXISTS (SELECT 1 FROM badges WHERE users.id = badges.user_id)",
    );
  });

  it("contains compares with the foreign key of the object, or looks into the association table", () => {
    expect(compiled(select(User.c.id).where(User.c.addresses.contains(new Address({ userId: 3 }))))).toEqual({
      sql: "SELECT users.id FROM users WHERE users.id = ?",
      values: [3],
    });
    expect(compiled(select(User.c.id).where(User.c.groups.contains(new Group({ id: 4 }))))).toEqual({
      sql:
        "SELECT users.id FROM users WHERE EXISTS (SELECT 1 FROM memberships AS memberships_1 " +
        "WHERE memberships_1.user_id = users.id AND memberships_1.group_id = ?)",
      values: [4],
    });
  });

  it("needs an object of the right class with a key", () => {
    expect(() => Address.c.user.eq(new Group() as never)).toThrow(
      "Address.user.eq() takes an object of User, not a Group.",
    );
    expect(() => Address.c.user.eq(new User())).toThrow(
      "Address.user.eq() needs an object with a key, and id of this User has no value: flush the session first.",
    );
  });

  it("has the methods for one object or for many", () => {
    const [many, one] = [User.c.addresses as never, Address.c.user as never] as Record<string, () => unknown>[];
    expect(() => many?.has?.()).toThrow(
      "User.addresses leads to many objects, for which there is no has(): write any().",
    );
    expect(() => one?.any?.()).toThrow(
      "Address.user leads to one object at most, for which there is no any(): write has().",
    );
  });
});
