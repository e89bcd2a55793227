import { describe, expect, it } from "vitest";
import { TextFragment } from "../../src/expression/nodes.ts";
import { isColumnDefinition } from "../../src/schema/index.ts";
import { select, text } from "../../src/statement/index.ts";
import { compiled } from "../compiler/dialect.ts";
import { users } from "../compiler/tables.ts";

describe("text()", () => {
  it("takes values by name, as often as they are mentioned", () => {
    expect(compiled(text("select :a, :b, :a", { a: 1, b: null }))).toEqual({
      sql: "select ?, NULL, ?",
      values: [1, 1],
    });
  });

  it("leaves alone what only looks like a parameter", () => {
    const statement =
      "select ':a', \":a\", `:a`, x::int, $$ :a $$, $q$ :a $q$, 'it''s :a', 10:20, \\:a -- :a\n, /* :a */ :real";
    expect(compiled(text(statement, { real: 1 }))).toEqual({
      sql: "select ':a', \":a\", `:a`, x::int, $$ :a $$, $q$ :a $q$, 'it''s :a', 10:20, :a -- :a\n, /* :a */ ?",
      values: [1],
    });
  });

  it("refuses a value that it does not mention", () => {
    expect(() => text("select :a", { b: 1 })).toThrow(/no parameter :b: select :a/);
  });

  it("is an expression, too", () => {
    const { id } = users.c;
    const condition = text("user.id > :low or user.id = :exact", { low: 5, exact: 1 });
    expect(compiled(select(id).where(condition as TextFragment<boolean>, id.ne(3)))).toEqual({
      sql: 'SELECT "user".id FROM "user" WHERE (user.id > ? or user.id = ?) AND "user".id != ?',
      values: [5, 1, 3],
    });
  });

  it("of one word or none is the definition of a column", () => {
    expect(isColumnDefinition(text())).toBe(true);
    expect(text("body").settings.name).toBe("body");
    expect(text("VACUUM", {})).toBeInstanceOf(TextFragment);
    expect(text("select\n1")).toBeInstanceOf(TextFragment);
  });
});
