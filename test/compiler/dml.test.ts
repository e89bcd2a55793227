import { describe, expect, it } from "vitest";
import { func } from "../../src/expression/index.ts";
import { integer, MetaData, Table, text } from "../../src/schema/index.ts";
import { alias, deleteFrom, insert, select, update } from "../../src/statement/index.ts";
import { compiled, sqlOf, TestDialect } from "./dialect.ts";
import { addresses, users } from "./tables.ts";

const { id, name, age } = users.c;
let calls = 0;
const log = new Table("log", new MetaData(), {
  id: integer().primaryKey(),
  level: integer().notNull().default(1),
  call: integer().default(() => ++calls),
  message: text().serverDefault("none"),
  touched: integer().onUpdate(() => 7),
});

describe("INSERT", () => {
  it("lists columns without the table, and rows", () => {
    expect(
      compiled(
        insert(users).values([
          { id: 1, name: "a" },
          { id: 2, name: null },
        ]),
      ),
    ).toEqual({
      sql: 'INSERT INTO "user" (id, name) VALUES (?, ?), (?, NULL)',
      values: [1, "a", 2],
    });
  });

  it("takes keys of properties and names of columns", () => {
    expect(sqlOf(insert(users).values({ bossId: 1 }))).toBe('INSERT INTO "user" (boss_id) VALUES (?)');
    // Types know the keys; names in the database are for plain JavaScript.
    const byName = { boss_id: 1 } as {};
    expect(sqlOf(insert(users).values(byName))).toBe('INSERT INTO "user" (boss_id) VALUES (?)');
  });

  it("takes expressions, and is different for them", () => {
    expect(compiled(insert(users).values({ age: select(func.max(age)).scalar() }))).toEqual({
      sql: 'INSERT INTO "user" (age) VALUES ((SELECT max("user".age) FROM "user"))',
      values: [],
    });
  });

  it("of no values is a row of defaults", () => {
    expect(sqlOf(insert(users).values({}))).toBe('INSERT INTO "user" DEFAULT VALUES');
    expect(sqlOf(insert(users))).toBe('INSERT INTO "user" DEFAULT VALUES');
    expect(() => sqlOf(insert(users).values([{}, {}]))).toThrow(/2 rows of "user" made of defaults only/);
  });

  it("fills in the defaults of columns, row by row", () => {
    calls = 0;
    const statement = insert(log).values([{ message: "a" }, { message: "b" }, { level: 5 }]);
    const sql = "INSERT INTO log (message, level, call) VALUES (?, ?, ?), (?, ?, ?), (DEFAULT, ?, ?)";
    expect(compiled(statement)).toEqual({ sql, values: ["a", 1, 1, "b", 1, 2, 5, 3] });
    expect(compiled(statement).values.slice(2, 3)).toEqual([4]);
  });

  it("writes defaults out where there is no DEFAULT", () => {
    const statement = insert(log).values([{ message: "a", touched: 1 }, { level: 5 }]);
    expect(sqlOf(statement, new TestDialect({ defaultKeyword: false }))).toBe(
      "INSERT INTO log (message, touched, level, call) VALUES (?, ?, ?, ?), (?, NULL, ?, ?)",
    );
    const required = insert(addresses).values([{ email: "a" }, { userId: 1 }]);
    expect(() => sqlOf(required, new TestDialect({ defaultKeyword: false }))).toThrow(
      /no value for address\.user_id, which has no default/,
    );
  });

  it("takes the rows of a query", () => {
    const source = select(addresses.c.userId, addresses.c.email).where(addresses.c.main.eq(true));
    expect(compiled(insert(users).fromSelect(["id", "name"], source))).toEqual({
      sql: 'INSERT INTO "user" (id, name) SELECT address.user_id, address.email FROM address WHERE address.main = ?',
      values: [true],
    });
    expect(() => insert(users).fromSelect(["id"], source)).toThrow(/names 1 columns, the query has 2/);
    calls = 0;
    expect(compiled(insert(log).fromSelect(["message"], select(addresses.c.email)))).toEqual({
      sql: "INSERT INTO log (message, level, call) SELECT address.email, ?, ? FROM address",
      values: [1, 1],
    });
  });

  it("returns what is asked for", () => {
    const statement = insert(users).values({ name: "a" });
    expect(sqlOf(statement.returning(id))).toBe('INSERT INTO "user" (name) VALUES (?) RETURNING id');
    expect(sqlOf(statement.returning({ key: id, upper: func.upper(name) }))).toBe(
      'INSERT INTO "user" (name) VALUES (?) RETURNING id AS key, upper(name) AS upper',
    );
    expect(() => sqlOf(statement.returning(id), new TestDialect({ returning: false }))).toThrow(/no RETURNING/);
  });

  it("names the keys that there are when one is wrong", () => {
    const wrong = { nam: "x" } as {};
    expect(() => insert(users).values(wrong)).toThrow(
      'values(): Table "user" has no column "nam"; it has id, name, age, bossId',
    );
    expect(() => insert(users).values([])).toThrow(/at least one row/);
    // The types exclude it, too.
    expect(() => insert(alias(users) as never)).toThrow(/needs a table or a mapped class, not an alias/);
  });

  it("takes one row a statement where the database does", () => {
    const single = new TestDialect({ multiRowInsert: false });
    expect(() => sqlOf(insert(users).values([{ id: 1 }, { id: 2 }]), single)).toThrow(/one row a statement/);
  });
});

describe("an upsert", () => {
  const row = insert(users).values({ id: 1, name: "a" });

  it("leaves rows as they are", () => {
    expect(sqlOf(row.onConflictDoNothing())).toBe('INSERT INTO "user" (id, name) VALUES (?, ?) ON CONFLICT DO NOTHING');
    expect(sqlOf(row.onConflictDoNothing({ target: [id] }))).toBe(
      'INSERT INTO "user" (id, name) VALUES (?, ?) ON CONFLICT (id) DO NOTHING',
    );
  });

  it("changes them, also by what could not be inserted", () => {
    const statement = row.onConflictDoUpdate({
      target: [id],
      set: (excluded) => ({ name: excluded.name, age: age.add(1), bossId: 3 }),
      where: age.gt(5),
    });
    expect(compiled(statement)).toEqual({
      sql:
        'INSERT INTO "user" (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, ' +
        'age = "user".age + ?, boss_id = ? WHERE "user".age > ?',
      values: [1, "a", 1, 3, 5],
    });
  });

  it("names the condition of a partial index, whose values are written out", () => {
    const of = (value: number) =>
      compiled(row.onConflictDoUpdate({ target: [name], targetWhere: age.gt(value), set: { age: 1 } }));
    const sql = 'INSERT INTO "user" (id, name) VALUES (?, ?) ON CONFLICT (name) WHERE age >';
    expect(of(5)).toEqual({ sql: `${sql} 5 DO UPDATE SET age = ?`, values: [1, "a", 1] });
    expect(of(6).sql).toBe(`${sql} 6 DO UPDATE SET age = ?`);
    expect(sqlOf(row.onConflictDoUpdate({ target: [name], targetWhere: age.isNull(), set: { age: 1 } }))).toBe(
      'INSERT INTO "user" (id, name) VALUES (?, ?) ON CONFLICT (name) WHERE age IS NULL DO UPDATE SET age = ?',
    );
  });

  it("of the rows of a query has a WHERE that parsers can see", () => {
    const source = select(addresses.c.userId);
    const upsert = (query: typeof source) => sqlOf(insert(users).fromSelect(["id"], query).onConflictDoNothing());
    expect(upsert(source)).toMatch(/FROM address WHERE TRUE ON CONFLICT DO NOTHING$/);
    expect(upsert(source.limit(1))).toMatch(
      /SELECT rows_to_insert\.\* FROM \(.* LIMIT \?\) AS rows_to_insert WHERE TRUE ON/,
    );
  });

  it("needs a key and values", () => {
    expect(() => row.onConflictDoUpdate({ target: [], set: { name: "x" } })).toThrow(/unique key as target/);
    expect(() => row.onConflictDoUpdate({ target: [id], set: {} })).toThrow(/values to set/);
  });
});

describe("UPDATE", () => {
  it("sets values and expressions, with or without a condition", () => {
    const statement = update(users).set({ name: "x", age: age.add(1) });
    expect(compiled(statement.where(id.lt(5)))).toEqual({
      sql: 'UPDATE "user" SET name = ?, age = "user".age + ? WHERE "user".id < ?',
      values: ["x", 1, 5],
    });
    expect(sqlOf(statement)).toBe('UPDATE "user" SET name = ?, age = "user".age + ?');
    expect(compiled(statement.set({ name: "y" }))).toEqual({
      sql: 'UPDATE "user" SET age = "user".age + ?, name = ?',
      values: [1, "y"],
    });
  });

  it("writes what columns declare for updates", () => {
    expect(compiled(update(log).set({ level: 2 }))).toEqual({
      sql: "UPDATE log SET level = ?, touched = ?",
      values: [2, 7],
    });
    expect(compiled(update(log).set({ touched: 1 })).values).toEqual([1]);
  });

  it("looks at other tables, where the database can", () => {
    const statement = update(users).set({ name: addresses.c.email }).where(addresses.c.userId.eq(id));
    expect(sqlOf(statement)).toBe(
      'UPDATE "user" SET name = address.email FROM address WHERE address.user_id = "user".id',
    );
    expect(() => sqlOf(statement, new TestDialect({ updateFrom: false }))).toThrow(/no UPDATE \.\.\. FROM/);
    const email = select(addresses.c.email).where(addresses.c.userId.eq(id)).scalar();
    expect(sqlOf(update(users).set({ name: email }))).toBe(
      'UPDATE "user" SET name = (SELECT address.email FROM address WHERE address.user_id = "user".id)',
    );
  });

  it("returns rows", () => {
    expect(sqlOf(update(users).set({ name: "x" }).returning(users))).toBe(
      'UPDATE "user" SET name = ? RETURNING id, name, age, boss_id',
    );
    const query = select(func.count()).selectFrom(addresses).where(addresses.c.userId.eq(id)).scalar();
    expect(sqlOf(update(users).set({ name: "x" }).returning(query))).toBe(
      'UPDATE "user" SET name = ? RETURNING (SELECT count(*) FROM address WHERE address.user_id = "user".id)',
    );
  });

  it("needs something to set", () => {
    expect(() => update(users).set({})).toThrow(/at least one value/);
    expect(() => sqlOf(update(users))).toThrow(/needs set\(\)/);
    expect(() => update(users).set({ nope: 1 } as {})).toThrow(/has no column "nope"/);
  });
});

describe("DELETE", () => {
  it("has a condition or none", () => {
    expect(compiled(deleteFrom(users).where(id.in([1, 2])))).toEqual({
      sql: 'DELETE FROM "user" WHERE "user".id IN (?, ?)',
      values: [1, 2],
    });
    expect(sqlOf(deleteFrom(users))).toBe('DELETE FROM "user"');
  });

  it("looks at other tables through subqueries", () => {
    const owners = select(addresses.c.userId).where(addresses.c.userId.eq(id));
    expect(sqlOf(deleteFrom(users).where(owners.exists()))).toBe(
      'DELETE FROM "user" WHERE EXISTS (SELECT address.user_id FROM address WHERE address.user_id = "user".id)',
    );
    expect(() => sqlOf(deleteFrom(users).where(addresses.c.userId.eq(id)))).toThrow(/as subqueries/);
  });

  it("returns rows", () => {
    expect(sqlOf(deleteFrom(users).returning(id))).toBe('DELETE FROM "user" RETURNING id');
  });
});
