import { describe, expect, expectTypeOf, it } from "vitest";
import { ArgumentError } from "../../src/errors/index.ts";
import {
  and,
  BinaryExpression,
  BindParameter,
  BooleanList,
  BooleanLiteral,
  equals,
  func,
  InExpression,
  LikeExpression,
  literal,
  NullLiteral,
  not,
  or,
  type SqlExpression,
  sql,
  TextFragment,
  toExpression,
  type ValueOf,
} from "../../src/expression/index.ts";
import { integer, text } from "../../src/schema/index.ts";
import { c } from "./example.ts";

describe("operators", () => {
  it("bind values with the type of the other side", () => {
    const condition = c.name.eq("ed");
    expect(condition).toBeInstanceOf(BinaryExpression);
    expect(condition).toMatchObject({ left: c.name, operator: "=", right: { value: "ed", sqlType: c.name.sqlType } });
  });

  it("take expressions as they are", () => {
    expect(c.name.eq(c.note)).toMatchObject({ right: c.note });
  });

  it("compare with NULL by IS", () => {
    expect(c.name.eq(null)).toMatchObject({ operator: "IS", right: expect.any(NullLiteral) });
    expect(c.name.ne(null)).toMatchObject({ operator: "IS NOT" });
    expect(equals(c.name.eq(null), c.name.isNull())).toBe(true);
  });

  it("refuse undefined, which is more often a mistake than NULL", () => {
    const missing = {} as { name: string };
    expect(() => c.name.eq(missing.name)).toThrow(ArgumentError);
    expect(() => c.name.eq(missing.name)).toThrow(/undefined.*null/);
  });

  it("bind every member of a list", () => {
    const condition = c.size.in([1, c.id, 3]);
    expect(condition).toBeInstanceOf(InExpression);
    expect(condition).toMatchObject({ negated: false, query: null, list: [{ value: 1 }, c.id, { value: 3 }] });
    expect(c.size.notIn([])).toMatchObject({ negated: true, list: [] });
  });

  it("refuse a list that is none", () => {
    // @ts-expect-error: one value is no list
    expect(() => c.size.in(5)).toThrow(/array or a select/);
  });

  it("take the meaning from wildcards in texts that are searched for", () => {
    expect(c.name.contains("50%_/")).toMatchObject({ pattern: { value: "%50/%/_//%" }, escape: "/" });
    expect(c.name.startsWith("a")).toMatchObject({ pattern: { value: "a%" } });
    expect(c.name.endsWith("a")).toMatchObject({ pattern: { value: "%a" } });
    expect(c.name.like("a%")).toBeInstanceOf(LikeExpression);
    expect(() => c.name.like("a", "ab")).toThrow(/one character/);
  });

  it("join conditions, in one list as long as the operator is the same", () => {
    const [x, y, z] = [c.size.eq(1), c.size.eq(2), c.size.eq(3)];
    expect(and(x, and(y, z))).toMatchObject({ operator: "AND", operands: [x, y, z] });
    expect(x.or(y).or(z)).toMatchObject({ operator: "OR", operands: [x, y, z] });
    expect(and(x, or(y, z))).toMatchObject({ operands: [x, expect.any(BooleanList)] });
    expect(and(x)).toBe(x);
    expect(and()).toEqual(new BooleanLiteral(true));
    expect(or()).toEqual(new BooleanLiteral(false));
    expect(not(x)).toMatchObject({ operator: "NOT", operand: x });
  });

  it("calculate in the wider of two types", () => {
    expect(c.size.add(1)).toMatchObject({ operator: "+", sqlType: { name: "integer" } });
    expect(c.size.mul(c.weight).sqlType.name).toBe("float");
    expect(c.size.neg()).toMatchObject({ operator: "-", operand: c.size });
  });

  it("change the direction of an order, and keep where NULLs go", () => {
    expect(c.name.desc().nullsLast()).toMatchObject({ expression: c.name, direction: "DESC", nulls: "LAST" });
    expect(c.name.nullsFirst().asc()).toMatchObject({ expression: c.name, direction: "ASC", nulls: "FIRST" });
  });

  it("write operators of a database as they are given, but only operators", () => {
    expect(c.note.op("->>", "a", text())).toMatchObject({ operator: "->>", right: { value: "a" } });
    expect(c.size.op("<<", 2)).toMatchObject({ right: { value: 2, sqlType: { name: "integer" } } });
    expect(c.name.op("||", c.size)).toMatchObject({ right: c.size });
    expect(() => c.note.op("= 1; DROP TABLE x; --", "a")).toThrow(ArgumentError);
    expect(() => c.note.op("'", "a")).toThrow(ArgumentError);
    expect(() => c.note.op("/* */", "a")).toThrow(ArgumentError);
  });

  it("refuse conditions that are none", () => {
    // @ts-expect-error: true is a value of JavaScript
    expect(() => and(true)).toThrow(/Expected an SQL expression/);
  });
});

describe("literal()", () => {
  it("refuses what is no value of SQL", () => {
    expect(() => literal(Symbol("x"))).toThrow(new ArgumentError("Symbol(x) is no SQL value."));
    expect(() => literal(() => 1)).toThrow(/The function or class .* is no SQL value/);
    expect(() => c.name.eq(Symbol("x") as never)).toThrow(ArgumentError);
    expect(literal(null)).toMatchObject({ value: null });
  });
});

describe("functions", () => {
  it("count rows, or the values of an expression", () => {
    expect(func.count()).toMatchObject({ name: "count", args: [{ kind: "star" }] });
    expect(func.count(c.name)).toMatchObject({ args: [c.name] });
  });

  it("have the type of what they are given", () => {
    expect(func.max(c.madeAt).sqlType.name).toBe("timestamp");
    expect(func.coalesce(c.size, 0)).toMatchObject({ args: [c.size, { value: 0 }], sqlType: { name: "integer" } });
  });

  it("are called by any name that is one", () => {
    expect(func.call("soundex", text(), c.name, "x")).toMatchObject({
      name: "soundex",
      args: [c.name, { value: "x" }],
    });
    expect(() => func.call("f(); --", text())).toThrow(ArgumentError);
  });
});

describe("sql`...`", () => {
  it("binds values and embeds expressions", () => {
    const fragment = sql`${c.size} + ${5} = ${"x"}`;
    expect(fragment).toBeInstanceOf(TextFragment);
    expect(fragment.strings).toEqual(["", " + ", " = ", ""]);
    expect(fragment.expressions).toMatchObject([c.size, { value: 5 }, { value: "x" }]);
  });
});

describe("literals", () => {
  it("have the type of their value, or the one that is given", () => {
    const typeName = (value: unknown): string => literal(value).sqlType.name;
    expect([1, 1.5, 1n, "a", true, new Date(0), new Uint8Array(), [1]].map(typeName)).toEqual([
      "integer",
      "double",
      "bigint",
      "text",
      "boolean",
      "timestamp",
      "bytes",
      "json",
    ]);
    expect(literal("5", integer()).sqlType.name).toBe("integer");
    expect(toExpression(null, c.name.sqlType)).toBeInstanceOf(NullLiteral);
    expect(() => literal(undefined)).toThrow(ArgumentError);
  });
});

describe("types of expressions", () => {
  it("are those of the values", () => {
    expectTypeOf<ValueOf<typeof c.name>>().toEqualTypeOf<string | null>();
    expectTypeOf<ValueOf<typeof c.id>>().toEqualTypeOf<number>();
    const count = func.count();
    expectTypeOf<ValueOf<typeof count>>().toEqualTypeOf<number>();
    const greatest = func.max(c.id);
    expectTypeOf<ValueOf<typeof greatest>>().toEqualTypeOf<number | null>();
    const some = func.coalesce(c.name, "x");
    expectTypeOf<ValueOf<typeof some>>().toEqualTypeOf<string>();
    expectTypeOf(c.name.eq("x")).toEqualTypeOf<SqlExpression<boolean>>();
    expectTypeOf(new BindParameter(1, integer().sqlType)).toExtend<SqlExpression<number>>();
  });

  it("accept values, null, and expressions of the same type", () => {
    c.name.eq("x");
    c.name.eq(null);
    c.name.eq(c.note);
    c.name.in(["x", c.note]);
    c.id.eq(c.size);
    c.size.between(1, c.id);
    and(c.active, c.id.eq(1));
    c.name.isDistinctFrom(null);
  });

  it("refuse others", () => {
    // @ts-expect-error: the column holds strings
    c.name.eq(5);
    // @ts-expect-error: the column holds strings
    c.name.eq(c.id);
    // @ts-expect-error: the column holds strings
    c.name.in([5]);
    // @ts-expect-error: the column holds numbers
    c.size.lt("5");
    // @ts-expect-error: bigints are not numbers
    c.big.eq(5);
    // @ts-expect-error: a number is no condition
    and(c.id);
    // @ts-expect-error: comparing with NULL by < is never true
    expect(() => c.size.lt(null)).not.toThrow();
    // @ts-expect-error: only text has letters
    func.lower(c.size);
  });
});
