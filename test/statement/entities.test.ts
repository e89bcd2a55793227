import { describe, expect, it } from "vitest";
import type { ColumnElement, FromClause } from "../../src/expression/from.ts";
import type { SqlExpression } from "../../src/expression/sql-expression.ts";
import {
  alias,
  deleteFrom,
  ENTITY,
  ENTITY_ALIAS,
  type EntityDescription,
  insert,
  JOIN,
  type JoinDescription,
  select,
  update,
} from "../../src/statement/index.ts";
import { sqlOf } from "../compiler/dialect.ts";
import { addresses, users } from "../compiler/tables.ts";

/** Stands for a mapped class: statements know one by this method only. */
function entity(
  from: FromClause & { readonly columns: readonly ColumnElement<unknown>[] },
  criteria?: SqlExpression<boolean>,
) {
  const mapping = {};
  const description: EntityDescription = {
    entity: mapping,
    mapping,
    from,
    columns: from.columns,
    keys: from.columns.map(({ name }) => `${name}Property`),
    name: "User",
    ...(criteria !== undefined && { criteria }),
  };
  abstract class Mapped {
    static readonly c = {};
    readonly name: string = "";
    static [ENTITY](): EntityDescription {
      return description;
    }
    static [ENTITY_ALIAS](name?: string): unknown {
      return entity(alias(users, name));
    }
  }
  return Mapped;
}

const User = entity(users);
const Adult = entity(users, users.c.age.gt(17));

describe("a mapped class in statements", () => {
  it("is selected with all its columns", () => {
    expect(sqlOf(select(User))).toBe('SELECT "user".id, "user".name, "user".age, "user".boss_id FROM "user"');
    const query = select(User);
    expect([query.shape, query.items.map(({ kind }) => kind)]).toEqual(["single", ["entity"]]);
    expect(select(User, users.c.id).shape).toBe("tuple");
    expect(select({ user: User, id: users.c.id }).keys).toEqual(["user", "id"]);
  });

  it("brings the condition of its rows along, wherever it stands", () => {
    expect(sqlOf(select(Adult))).toMatch(/FROM "user" WHERE "user"\.age > \?$/);
    expect(sqlOf(select(addresses.c.id).leftJoin(Adult))).toBe(
      'SELECT address.id FROM address LEFT JOIN "user" ON address.user_id = "user".id AND "user".age > ?',
    );
    expect(sqlOf(update(Adult).set({ nameProperty: "x" } as {}))).toBe(
      'UPDATE "user" SET name = ? WHERE "user".age > ?',
    );
    expect(sqlOf(deleteFrom(Adult))).toBe('DELETE FROM "user" WHERE "user".age > ?');
  });

  it("is told apart from another class on the same table", () => {
    expect(select(User).items[0]).not.toEqual(select(Adult).items[0]);
  });

  it("has its keys in values() and set()", () => {
    expect(sqlOf(insert(User).values({ idProperty: 1 } as {}))).toBe('INSERT INTO "user" (id) VALUES (?)');
    expect(() => insert(User).values({ id: 1 } as {})).toThrow(
      'values(): User has no column "id"; it has idProperty, nameProperty, ageProperty, boss_idProperty',
    );
  });

  it("makes its own aliases", () => {
    expect(sqlOf(select(alias(User, "boss")))).toMatch(/^SELECT boss\.id, .* FROM "user" AS boss$/);
  });

  it("cannot be written to when its rows are spread over tables", () => {
    const Joined = entity(select(users).subquery());
    expect(() => insert(Joined)).toThrow(/cannot write User, whose rows are not in one table/);
  });
});

describe("a relationship in statements", () => {
  const boss = alias(users, "boss");
  const relationship = (...steps: JoinDescription["steps"]) => ({ [JOIN]: () => ({ left: users, steps }) });

  it("is joined by its own steps", () => {
    const direct = relationship({ target: addresses, on: addresses.c.userId.eq(users.c.id) });
    expect(sqlOf(select(User).leftJoin(direct))).toMatch(
      /FROM "user" LEFT JOIN address ON address\.user_id = "user"\.id$/,
    );
    const through = relationship(
      { target: addresses, on: addresses.c.userId.eq(users.c.id) },
      { target: boss, on: addresses.c.id.eq(boss.c.id) },
    );
    expect(sqlOf(select(users.c.id).join(through))).toBe(
      'SELECT "user".id FROM "user" JOIN address ON address.user_id = "user".id JOIN "user" AS boss ON address.id = boss.id',
    );
  });

  it("takes no other condition", () => {
    const direct = relationship({ target: addresses, on: addresses.c.userId.eq(users.c.id) });
    expect(() => select(User).join(direct, users.c.id.eq(1))).toThrow(/put further ones into where\(\)/);
  });
});
