import { describe, expect, it } from "vitest";
import { identifierQuoter } from "../../src/compiler/identifiers.ts";
import { integer, MetaData, Table } from "../../src/schema/index.ts";
import { alias, insert, select, update } from "../../src/statement/index.ts";
import { sqlOf, TestDialect } from "./dialect.ts";

describe("identifiers", () => {
  const quote = identifierQuoter();

  it("are quoted only where they must be", () => {
    expect(["users", "user_2", "_x"].map(quote)).toEqual(["users", "user_2", "_x"]);
    expect(["user", "Name", "a b", "1st", "a-b", "é", ""].map(quote)).toEqual([
      '"user"',
      '"Name"',
      '"a b"',
      '"1st"',
      '"a-b"',
      '"é"',
      '""',
    ]);
  });

  it("cannot end their own quotation", () => {
    expect(quote('a"; DROP TABLE users; --')).toBe('"a""; DROP TABLE users; --"');
    expect(identifierQuoter([], "`")("a`b")).toBe("`a``b`");
    expect(() => quote("a\u0000b")).toThrow(/contains a NUL character/);
    expect(() => quote("a\ud800")).toThrow(/half of a surrogate pair/);
  });

  it("are quoted wherever they come from", () => {
    const hostile = new Table('t"x', new MetaData({ schema: "My Schema" }), {
      id: integer('i"d'),
      name: integer("select"),
    });
    const name = '"My Schema"."t""x"';
    expect(sqlOf(select(hostile.c.id.as('l"abel')).where(hostile.c.name.eq(1)))).toBe(
      `SELECT ${name}."i""d" AS "l""abel" FROM ${name} WHERE ${name}."select" = ?`,
    );
    expect(sqlOf(select({ 'k"ey': alias(hostile, 'a"lias').c.id }))).toBe(
      `SELECT "a""lias"."i""d" AS "k""ey" FROM ${name} AS "a""lias"`,
    );
    expect(sqlOf(select(select({ 'k"': hostile.c.id }).subquery('s"').column('k"')))).toBe(
      `SELECT "s"""."k""" FROM (SELECT ${name}."i""d" AS "k""" FROM ${name}) AS "s"""`,
    );
    expect(sqlOf(insert(hostile).values({ id: 1 }))).toBe(`INSERT INTO ${name} ("i""d") VALUES (?)`);
    expect(sqlOf(update(hostile).set({ name: 1 }))).toBe(`UPDATE ${name} SET "select" = ?`);
    const { batches, ddl } = new TestDialect();
    expect(batches.delete(hostile, [hostile.columns[0]!], 1).sql).toBe(`DELETE FROM ${name} WHERE "i""d" = ?`);
    expect(ddl.dropTable(hostile)).toBe(`DROP TABLE ${name}`);
  });
});
