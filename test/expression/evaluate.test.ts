import Database from "better-sqlite3";
import { afterAll, describe, expect, it } from "vitest";
import {
  and,
  BetweenExpression,
  BinaryExpression,
  BindParameter,
  BooleanList,
  ColumnElement,
  caseWhen,
  evaluate,
  extract,
  func,
  guess,
  InExpression,
  jsonGet,
  jsonText,
  LikeExpression,
  literal,
  NullLiteral,
  not,
  or,
  type SqlExpression,
  sql,
  UNKNOWN,
  UnaryExpression,
} from "../../src/expression/index.ts";
import { array, defineType, enumeration, integer, json, MetaData, Table, text, uuid } from "../../src/schema/index.ts";
import { c } from "./example.ts";

/** Evaluates with the given values; other columns are not known. */
const inRow = (expression: SqlExpression<unknown>, row: Record<string, unknown> = {}): unknown =>
  evaluate(expression, (column) => (column.name in row ? row[column.name] : UNKNOWN));

const isTrue = literal(true);
const isFalse = literal(false);
const isNull = new NullLiteral() as unknown as SqlExpression<boolean>;
const isUnknown = sql<boolean>`whatever()`;

describe("three-valued logic", () => {
  const truths = [isTrue, isFalse, isNull, isUnknown] as const;

  it("AND is false if one is, then unknown, then NULL", () => {
    const table = truths.map((a) => truths.map((b) => inRow(and(a, b))));
    expect(table).toEqual([
      [true, false, null, UNKNOWN],
      [false, false, false, false],
      [null, false, null, UNKNOWN],
      [UNKNOWN, false, UNKNOWN, UNKNOWN],
    ]);
  });

  it("OR is true if one is, then unknown, then NULL", () => {
    const table = truths.map((a) => truths.map((b) => inRow(or(a, b))));
    expect(table).toEqual([
      [true, true, true, true],
      [true, false, null, UNKNOWN],
      [true, null, null, UNKNOWN],
      [true, UNKNOWN, UNKNOWN, UNKNOWN],
    ]);
  });

  it("NOT leaves NULL and unknown as they are", () => {
    expect(truths.map((truth) => inRow(not(truth)))).toEqual([false, true, null, UNKNOWN]);
  });

  it("of conditions without operands is what they say of nothing", () => {
    expect([inRow(and()), inRow(or())]).toEqual([true, false]);
  });
});

describe("evaluate", () => {
  it("compares with NULL to NULL, but for IS", () => {
    const row = { size: null, id: 1 };
    expect(inRow(c.size.eq(1), row)).toBeNull();
    expect(inRow(c.size.ne(c.id), row)).toBeNull();
    expect(inRow(c.size.lt(1), row)).toBeNull();
    expect(inRow(c.size.isNull(), row)).toBe(true);
    expect(inRow(c.size.isNotNull(), row)).toBe(false);
    expect(inRow(c.size.isDistinctFrom(1), row)).toBe(true);
    expect(inRow(c.size.isNotDistinctFrom(null), row)).toBe(true);
    expect(inRow(c.size.add(1), row)).toBeNull();
  });

  it("does not know what is not loaded", () => {
    expect(inRow(c.size.eq(1))).toBe(UNKNOWN);
    expect(inRow(c.size.isNull())).toBe(UNKNOWN);
    expect(inRow(c.size.isDistinctFrom(null))).toBe(UNKNOWN);
    expect(evaluate(c.size, () => undefined)).toBe(UNKNOWN);
    expect(inRow(c.size.eq(1).and(c.id.eq(2)), { id: 3 })).toBe(false);
  });

  it("knows nothing of subqueries, raw SQL and functions of a database", () => {
    expect(inRow(sql`1 = 1`)).toBe(UNKNOWN);
    expect(inRow(func.now())).toBe(UNKNOWN);
    expect(inRow(func.call("f", text(), "x"))).toBe(UNKNOWN);
  });

  it("looks values up in lists as SQL does", () => {
    expect(inRow(c.id.in([1, 2]), { id: 2 })).toBe(true);
    expect(inRow(c.id.in([1, c.size]), { id: 2, size: null })).toBeNull();
    expect(inRow(c.id.notIn([1, c.size]), { id: 2, size: null })).toBeNull();
    expect(inRow(c.id.in([2, c.size]), { id: 2 })).toBe(true);
    expect(inRow(c.size.in([]), { size: null })).toBe(false);
    expect(inRow(c.size.notIn([]), { size: null })).toBe(true);
  });

  it("holds bounds to belong to the range", () => {
    const inside = (size: number | null) => inRow(c.size.between(1, 3), { size });
    expect([0, 1, 3, 4, null].map(inside)).toEqual([false, true, true, false, null]);
    expect(inRow(c.size.notBetween(1, 3), { size: 4 })).toBe(true);
    expect(inRow(c.size.between(5, c.id), { size: 1 })).toBe(false);
  });

  it("compares numbers exactly, bigints with numbers too", () => {
    expect(inRow(c.big.eq(5n), { big: 5 })).toBe(true);
    expect(inRow(c.big.eq(2n ** 53n + 1n), { big: 2 ** 53 })).toBe(false);
    expect(inRow(c.big.gt(2n ** 53n), { big: 2n ** 53n + 1n })).toBe(true);
    expect(inRow(c.weight.eq(Number.NaN), { weight: Number.NaN })).toBe(UNKNOWN);
  });

  it("compares instants and days", () => {
    expect(inRow(c.madeAt.lt(new Date(6)), { madeAt: new Date(5) })).toBe(true);
    expect(inRow(c.madeAt.eq(new Date(5)), { madeAt: new Date(5) })).toBe(true);
    expect(inRow(c.day.le("2026-11-21"), { day: "2026-11-09" })).toBe(true);
    expect(inRow(c.day.eq("2026-11-21"), { day: "2026-11-09" })).toBe(false);
  });

  it("takes dates and documents apart", () => {
    const part = (field: "year" | "quarter" | "minute" | "dow" | "second", madeAt: unknown) =>
      inRow(extract(field, c.madeAt), { madeAt });
    const at = new Date(Date.UTC(2026, 10, 21, 23, 59));
    expect([part("year", at), part("quarter", at), part("minute", at), part("dow", at)]).toEqual([2026, 4, 59, 6]);
    expect([part("second", at), part("year", null), part("year", "10:00")]).toEqual([UNKNOWN, null, UNKNOWN]);
    expect(inRow(extract("month", c.day), { day: "2026-11-21" })).toBe(11);
    const { data } = new Table("doc", new MetaData(), { data: json() }).c;
    const text = (document: unknown, ...path: (string | number)[]) =>
      inRow(jsonText(data, ...path), { data: document });
    expect(text({ a: [{ b: "x" }] }, "a", 0, "b")).toBe("x");
    expect([text({ a: null }, "a"), text({}, "a"), text(null, "a"), text("a", "a")]).toEqual([null, null, null, null]);
    expect([text({ a: 1 }, "a"), text({ a: true }, "a"), text({ a: {} }, "a"), text({ a: "x" }, "a", 0)]).toEqual([
      UNKNOWN,
      UNKNOWN,
      UNKNOWN,
      UNKNOWN,
    ]);
    expect(guess(jsonText(data, "a"), () => ({ a: 1 }))).toBe("1");
    expect(inRow(jsonGet(data, "a"), { data: { a: "x" } })).toBe(UNKNOWN);
  });

  it("does not know whether a collation takes two texts for the same", () => {
    const same = (a: string, b: string) => inRow(c.name.eq(b), { name: a });
    expect(same("ed", "ed")).toBe(true);
    expect(same("ed", "wendy")).toBe(false);
    for (const other of ["Ed", "éd", "ed "]) expect(same("ed", other)).toBe(UNKNOWN);
    expect(same("straße", "STRASSE")).toBe(UNKNOWN);
    expect(inRow(c.name.in(["wendy", "ED"]), { name: "ed" })).toBe(UNKNOWN);
  });

  it("compares decimal numbers by what they are worth, of as many digits as every database does", () => {
    const above = (price: string, other: string) => inRow(c.price.gt(other), { price });
    expect(above("10", "9")).toBe(true);
    expect(above("-10", "9")).toBe(false);
    expect(above("9.50", "9.5")).toBe(false);
    expect(inRow(c.price.between("1", "1e3"), { price: "200.25" })).toBe(true);
    expect(above("9007199254740993", "9007199254740992")).toBe(UNKNOWN);
    expect(guess(c.price.gt("9007199254740992"), () => "10007199254740992")).toBe(UNKNOWN);
  });

  it("does not know the order of texts, nor whether a decimal number is the same as one that is written otherwise", () => {
    expect(inRow(c.name.lt("b"), { name: "a" })).toBe(UNKNOWN);
    expect(inRow(c.name.le("a"), { name: "a" })).toBe(true);
    expect(inRow(c.price.eq("9.0"), { price: "9" })).toBe(UNKNOWN);
    expect(inRow(c.price.eq("8"), { price: "9" })).toBe(false);
  });

  it("guesses the order of texts as far as collations agree, and letters beyond ASCII", () => {
    const likely = (expression: SqlExpression<unknown>, name: string) => guess(expression, () => name);
    expect(["a", "n", "M", "é", "z"].map((name) => likely(c.name.lt("m"), name))).toEqual([
      true,
      false,
      UNKNOWN,
      UNKNOWN,
      false,
    ]);
    expect(likely(c.name.between("a", "c"), "b")).toBe(true);
    expect(likely(func.lower(c.name), "MÜLLER")).toBe("müller");
    expect(likely(func.length(c.name), "😀é")).toBe(2);
    expect(likely(c.name.eq("B"), "b")).toBe(UNKNOWN);
    expect(inRow(func.lower(c.name), { name: "MÜLLER" })).toBe(UNKNOWN);
  });

  it("compares texts where a type leaves no doubt, and no documents at all", () => {
    const odd = defineType<{ n: number }, string>({
      ddl: "text",
      bind: ({ n }) => String(n),
      result: (n) => ({ n: Number(n) }),
    });
    const { c: o } = new Table("odd", new MetaData(), {
      state: enumeration(["on", "ON"]),
      document: json(),
      token: uuid(),
      many: array(integer()),
      custom: odd(),
    });
    expect(inRow(o.state.eq("ON"), { state: "on" })).toBe(false);
    expect(inRow(o.document.eq({}), { document: {} })).toBe(UNKNOWN);
    expect(inRow(o.token.eq("A".repeat(36)), { token: "a".repeat(36) })).toBe(UNKNOWN);
    expect(inRow(o.many.eq([1]), { many: [1] })).toBe(true);
    expect(inRow(o.many.eq([1]), { many: [2] })).toBe(false);
    expect(inRow(o.custom.eq({ n: 1 }), { custom: { n: 1 } })).toBe(true);
    expect(inRow(o.custom.eq({ n: 1 }), { custom: { n: 2 } })).toBe(UNKNOWN);
  });

  it("matches patterns, and leaves upper and lower case to the database", () => {
    const like = (text: string, pattern: string, escapeCharacter: string | null = null) =>
      inRow(c.name.like(pattern, escapeCharacter), { name: text });
    expect(like("wendy", "w%y")).toBe(true);
    expect(like("wendy", "wend_")).toBe(true);
    expect(like("wendy", "w_y")).toBe(false);
    expect(like("Wendy", "w%")).toBe(UNKNOWN);
    expect(like("a.c", "a.c")).toBe(true);
    expect(like("abc", "a.c")).toBe(false);
    expect(like("a%c", "a/%c", "/")).toBe(true);
    expect(like("abc", "a/%c", "/")).toBe(false);
    expect(like("a\nc", "a%c")).toBe(true);
    expect(like("a", "\\a")).toBe(UNKNOWN);
    expect(inRow(c.name.ilike("W%"), { name: "wendy" })).toBe(true);
    expect(inRow(c.name.ilike("É%"), { name: "école" })).toBe(UNKNOWN);
    expect(inRow(c.name.notLike("x%"), { name: "wendy" })).toBe(true);
    expect(inRow(c.name.contains("%"), { name: "50%" })).toBe(true);
    expect(inRow(c.name.contains("-(["), { name: "a-([b" })).toBe(true);
    expect(inRow(c.name.contains("%"), { name: null })).toBeNull();
  });

  it("calculates as far as all databases agree", () => {
    const row = { size: 7, id: 2, weight: 0.5, big: 2n ** 62n };
    expect(inRow(c.size.add(c.id), row)).toBe(9);
    expect(inRow(c.size.mul(c.weight), row)).toBe(3.5);
    expect(inRow(c.size.mod(c.id), row)).toBe(1);
    expect(inRow(c.size.neg(), row)).toBe(-7);
    expect(inRow(c.size.div(7), row)).toBe(1);
    expect(inRow(c.size.div(c.id), row)).toBe(UNKNOWN);
    expect(inRow(c.size.div(0), row)).toBe(UNKNOWN);
    expect(inRow(c.size.mod(0), row)).toBe(UNKNOWN);
    expect(inRow(c.size.mul(2 ** 52), row)).toBe(UNKNOWN);
    expect(inRow(c.big.add(1n), row)).toBe(2n ** 62n + 1n);
    expect(inRow(c.big.mul(2n), row)).toBe(UNKNOWN);
    expect(inRow(c.name.concat("!"), { name: "hi" })).toBe("hi!");
  });

  it("knows the functions that are the same everywhere", () => {
    expect(inRow(func.lower(c.name), { name: "ED" })).toBe("ed");
    expect(inRow(func.lower(c.name), { name: "É" })).toBe(UNKNOWN);
    expect(inRow(func.lower(c.name), { name: null })).toBeNull();
    expect(inRow(func.coalesce(c.size, 5), { size: null })).toBe(5);
    expect(inRow(func.coalesce(c.size, 5))).toBe(UNKNOWN);
    expect(inRow(func.nullif(c.size, 5), { size: 5 })).toBeNull();
    expect(inRow(func.nullif(c.size, 5), { size: 6 })).toBe(6);
    expect(inRow(func.abs(c.size), { size: -5 })).toBe(5);
    expect(inRow(func.length(c.name), { name: "abc" })).toBe(3);
  });

  it("takes the first branch that is true", () => {
    const kind = caseWhen(
      [
        [c.size.gt(10), "big"],
        [c.size.gt(5), "medium"],
      ],
      "small",
    );
    expect([20, 7, 1, null].map((size) => inRow(kind, { size }))).toEqual(["big", "medium", "small", "small"]);
    expect(inRow(kind)).toBe(UNKNOWN);
    expect(inRow(caseWhen([[c.size.gt(10), "big"]]), { size: 1 })).toBeNull();
  });

  it("looks through labels, and conversions that change nothing", () => {
    expect(inRow(c.size.as("x"), { size: 1 })).toBe(1);
    expect(inRow(c.size.cast(integer()), { size: 1 })).toBe(1);
    expect(inRow(c.size.cast(text()), { size: 1 })).toBe(UNKNOWN);
    expect(inRow(c.size.cast(text()), { size: null })).toBeNull();
  });
});

// What is evaluated must be what a database answers, unless it is unknown: random expressions, asked of SQLite.
describe("evaluate, compared with SQLite", () => {
  const database = new Database(":memory:");
  afterAll(() => database.close());

  const NUMBERS = [null, -2, 0, 1, 2, 7];
  const TEXTS = [null, "", "a", "A", "ab", "a%", "b_"];

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("gives the same answer for 400 random conditions (seed %i)", (seed) => {
    const random = randomSource(seed);
    let decided = 0;
    for (let round = 0; round < 400; round++) {
      const row = { size: random.of(NUMBERS), id: random.of(NUMBERS), name: random.of(TEXTS), note: random.of(TEXTS) };
      const condition = randomCondition(random, 3);
      const parameters: unknown[] = [];
      const text = toSql(condition, row, parameters);
      const [expected] = database
        .prepare(`SELECT ${text}`)
        .raw()
        .get(...parameters) as unknown[];
      const actual = inRow(condition, row);
      if (actual === UNKNOWN) continue;
      decided++;
      expect(actual === null ? null : Number(actual), `${text} with ${JSON.stringify(parameters)}`).toBe(expected);
    }
    expect(decided).toBeGreaterThan(200);
  });
});

interface Random {
  below(limit: number): number;
  of<T>(choices: readonly T[]): T;
}

function randomSource(seed: number): Random {
  let state = seed * 0x9e3779b9;
  const below = (limit: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % limit;
  };
  return { below, of: (choices) => choices[below(choices.length)]! };
}

function randomNumber(random: Random, depth: number): SqlExpression<number | null> {
  if (depth === 0 || random.below(3) === 0) return random.of([c.size, c.id, literal(random.below(5) - 2)]);
  const left = randomNumber(random, depth - 1);
  const right = randomNumber(random, depth - 1);
  return random.of([() => left.add(right), () => left.sub(right), () => left.mul(right), () => left.neg()])();
}

function randomCondition(random: Random, depth: number): SqlExpression<boolean> {
  if (depth > 0 && random.below(2) === 0) {
    const left = randomCondition(random, depth - 1);
    const right = randomCondition(random, depth - 1);
    return random.of([() => and(left, right), () => or(left, right), () => not(left)])();
  }
  const [a, b, d] = [randomNumber(random, 1), randomNumber(random, 1), randomNumber(random, 1)];
  const text = random.of([c.name, c.note]);
  const pattern = random.of(["a", "a%", "_", "%", "A_", "%b"]);
  return random.of<() => SqlExpression<boolean>>([
    () => a.eq(b),
    () => a.ne(b),
    () => a.lt(b),
    () => a.ge(b),
    () => a.isNull(),
    () => a.isDistinctFrom(b),
    () => a.isNotDistinctFrom(b),
    () => a.in([b, d]),
    () => a.notIn(random.of([[], [b, d]])),
    () => a.between(b, d),
    () => a.notBetween(b, d),
    () => text.eq(c.note),
    () => text.in(["a", "ab"]),
    () => text.like(pattern),
    () => text.notLike(pattern),
    () => text.contains(random.of(["%", "_", "a", ""])),
  ])();
}

/** The expression as SQLite reads it; only the kinds that are made above. */
function toSql(node: SqlExpression<unknown>, row: Record<string, unknown>, parameters: unknown[]): string {
  const sqlOf = (part: SqlExpression<unknown>): string => toSql(part, row, parameters);
  const bind = (value: unknown): string => {
    // A number that a driver binds is a REAL to SQLite, which changes nothing but how it is written.
    parameters.push(value);
    return "?";
  };
  if (node instanceof ColumnElement) return bind(row[node.name]);
  if (node instanceof BindParameter) return bind(node.value);
  if (node instanceof NullLiteral) return "NULL";
  if (node instanceof BinaryExpression) return `(${sqlOf(node.left)} ${node.operator} ${sqlOf(node.right)})`;
  if (node instanceof UnaryExpression) return `(${node.operator} ${sqlOf(node.operand)})`;
  if (node instanceof BooleanList) return `(${node.operands.map(sqlOf).join(` ${node.operator} `)})`;
  const negation = (negated: boolean): string => (negated ? "NOT " : "");
  if (node instanceof InExpression) {
    const element = sqlOf(node.element);
    return `(${element} ${negation(node.negated)}IN (${(node.list ?? []).map(sqlOf).join(", ")}))`;
  }
  if (node instanceof BetweenExpression) {
    return `(${sqlOf(node.element)} ${negation(node.negated)}BETWEEN ${sqlOf(node.low)} AND ${sqlOf(node.high)})`;
  }
  if (node instanceof LikeExpression) {
    const like = `${sqlOf(node.element)} ${node.operator} ${sqlOf(node.pattern)}`;
    return `(${like}${node.escape === null ? "" : ` ESCAPE '${node.escape}'`})`;
  }
  throw new Error(`No SQL for ${node.kind}.`);
}
