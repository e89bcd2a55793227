import { describe, expect, it } from "vitest";
import { caseWhen, filter, func, literal, over, sql, tuple } from "../../src/expression/index.ts";
import { and, not, or, type Typed } from "../../src/expression/sql-expression.ts";
import { varchar } from "../../src/schema/index.ts";
import { select } from "../../src/statement/index.ts";
import { compiled, TestDialect } from "./dialect.ts";
import { addresses, users } from "./tables.ts";

/** The SQL of one expression, with its values. */
function sqlOfExpression(expression: Typed<unknown>, dialect?: TestDialect): readonly unknown[] {
  const { sql: text, values } = compiled(select(expression).selectFrom(users), dialect);
  return [text.slice("SELECT ".length, -' FROM "user"'.length), ...values];
}

const { id, name, age } = users.c;

describe("operators", () => {
  it("bind values and spell out NULL", () => {
    expect(sqlOfExpression(age.eq(5))).toEqual(['"user".age = ?', 5]);
    expect(sqlOfExpression(age.eq(null))).toEqual(['"user".age IS NULL']);
    expect(sqlOfExpression(age.ne(null))).toEqual(['"user".age IS NOT NULL']);
    expect(sqlOfExpression(age.isDistinctFrom(3))).toEqual(['"user".age IS DISTINCT FROM ?', 3]);
    expect(sqlOfExpression(age.between(1, 2))).toEqual(['"user".age BETWEEN ? AND ?', 1, 2]);
    expect(sqlOfExpression(age.notBetween(1, 2))).toEqual(['"user".age NOT BETWEEN ? AND ?', 1, 2]);
  });

  it("get parentheses exactly where reading order would change the meaning", () => {
    const text = (expression: Typed<unknown>) => sqlOfExpression(expression)[0];
    expect(text(age.add(1).mul(2))).toBe('("user".age + ?) * ?');
    expect(text(age.mul(2).add(1))).toBe('"user".age * ? + ?');
    expect(text(age.sub(id.sub(1)))).toBe('"user".age - ("user".id - ?)');
    expect(text(age.sub(id).sub(1))).toBe('"user".age - "user".id - ?');
    expect(text(age.neg().neg())).toBe('-(-"user".age)');
    expect(text(or(and(id.eq(1), age.eq(2)), age.eq(3)))).toBe('"user".id = ? AND "user".age = ? OR "user".age = ?');
    expect(text(and(or(id.eq(1), age.eq(2)), age.eq(3)))).toBe('("user".id = ? OR "user".age = ?) AND "user".age = ?');
    expect(text(not(age.eq(3)))).toBe('NOT ("user".age = ?)');
    expect(text(age.eq(3).eq(true))).toBe('("user".age = ?) = ?');
    expect(text(age.add(1).gt(id))).toBe('"user".age + ? > "user".id');
    expect(text(name.concat("a").concat("b"))).toBe('"user".name || ? || ?');
    expect(text(name.concat("a").eq("b"))).toBe('"user".name || ? = ?');
    expect(text(age.add(1).op("&", 3))).toBe('("user".age + ?) & ?');
    expect(text(age.op("&", 3).op("|", 1))).toBe('("user".age & ?) | ?');
  });
});

describe("IN", () => {
  it("takes lists and queries", () => {
    expect(sqlOfExpression(id.in([1, 2]))).toEqual(['"user".id IN (?, ?)', 1, 2]);
    expect(sqlOfExpression(id.notIn(select(addresses.c.userId)))).toEqual([
      '"user".id NOT IN (SELECT address.user_id FROM address)',
    ]);
  });

  it("of an empty list is never true, and NOT IN always", () => {
    expect(sqlOfExpression(id.in([]))).toEqual(["1 = 0"]);
    expect(sqlOfExpression(id.notIn([]))).toEqual(["1 = 1"]);
  });

  it("takes NULL as one of the values, as eq(null) does", () => {
    // Types rule null out; plain JavaScript does not.
    const withNull = [1, null] as unknown as number[];
    expect(sqlOfExpression(age.in(withNull))).toEqual(['"user".age IN (?) OR "user".age IS NULL', 1]);
    expect(sqlOfExpression(age.notIn(withNull))).toEqual(['"user".age NOT IN (?) AND "user".age IS NOT NULL', 1]);
    expect(sqlOfExpression(and(age.in(withNull), id.eq(1)))[0]).toBe(
      '("user".age IN (?) OR "user".age IS NULL) AND "user".id = ?',
    );
  });

  it("compares tuples", () => {
    const pair = tuple(id, age).in([tuple(literal(1), literal(2))]);
    expect(sqlOfExpression(pair)).toEqual(['("user".id, "user".age) IN ((?, ?))', 1, 2]);
  });
});

describe("LIKE", () => {
  it("passes patterns on, and escapes what is plain text", () => {
    expect(sqlOfExpression(name.like("a%"))).toEqual(['"user".name LIKE ?', "a%"]);
    expect(sqlOfExpression(name.contains("50%_/"))).toEqual([`"user".name LIKE ? ESCAPE '/'`, "%50/%/_//%"]);
    expect(sqlOfExpression(name.startsWith("_"))).toEqual([`"user".name LIKE ? ESCAPE '/'`, "/_%"]);
  });

  it("without case is spelled with lower() in standard SQL", () => {
    expect(sqlOfExpression(name.ilike("A%"))).toEqual(['lower("user".name) LIKE lower(?)', "A%"]);
    expect(sqlOfExpression(name.notIlike("A%", "!"))).toEqual([
      `lower("user".name) NOT LIKE lower(?) ESCAPE '!'`,
      "A%",
    ]);
  });
});

describe("other expressions", () => {
  it("are spelled as in standard SQL", () => {
    expect(sqlOfExpression(func.count())).toEqual(["count(*)"]);
    expect(sqlOfExpression(func.count(age.distinct()))).toEqual(['count(DISTINCT "user".age)']);
    expect(sqlOfExpression(filter(func.count(), age.gt(3)))).toEqual(['count(*) FILTER (WHERE "user".age > ?)', 3]);
    expect(sqlOfExpression(func.now())).toEqual(["CURRENT_TIMESTAMP"]);
    expect(sqlOfExpression(age.cast(varchar(5)))).toEqual(['CAST("user".age AS VARCHAR(5))']);
    expect(sqlOfExpression(name.collate("NOCASE"))).toEqual(['"user".name COLLATE "NOCASE"']);
    expect(sqlOfExpression(caseWhen([[age.gt(3), "old"]], "young"))).toEqual([
      'CASE WHEN "user".age > ? THEN ? ELSE ? END',
      3,
      "old",
      "young",
    ]);
  });

  it("may be windows", () => {
    const window = { partitionBy: [users.c.bossId], orderBy: [age.desc().nullsLast()] };
    expect(sqlOfExpression(over(func.rowNumber(), window))[0]).toBe(
      'row_number() OVER (PARTITION BY "user".boss_id ORDER BY "user".age DESC NULLS LAST)',
    );
  });

  it("may be SQL as text, set apart from what surrounds it", () => {
    expect(sqlOfExpression(sql`${id} + ${5}`)).toEqual(['"user".id + ?', 5]);
    expect(sqlOfExpression(sql<boolean>`${id} = 1 OR ${age} = 2`.and(age.eq(3)))).toEqual([
      '("user".id = 1 OR "user".age = 2) AND "user".age = ?',
      3,
    ]);
    expect(sqlOfExpression(sql`NOT ${id.eq(1)}`)).toEqual(['NOT ("user".id = ?)', 1]);
    expect(sqlOfExpression(sql`1 ${sql`+ ${2}`}`)).toEqual(["1 + ?", 2]);
  });
});

describe("parameters", () => {
  it("are numbered from left to right where the database numbers them", () => {
    const numbered = new TestDialect({}, true);
    expect(sqlOfExpression(and(age.eq(7), id.eq(8)), numbered)).toEqual(['"user".age = $1 AND "user".id = $2', 7, 8]);
  });

  it("used twice are one where they have numbers, and two where they have not", () => {
    const next = age.add(1);
    const query = select(next).groupBy(next);
    expect(compiled(query, new TestDialect({}, true))).toEqual({
      sql: 'SELECT "user".age + $1 FROM "user" GROUP BY "user".age + $1',
      values: [1],
    });
    expect(compiled(query).values).toEqual([1, 1]);
  });
});
