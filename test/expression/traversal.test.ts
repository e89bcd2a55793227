import { describe, expect, it } from "vitest";
import {
  and,
  BetweenExpression,
  BindParameter,
  ColumnElement,
  cacheKey,
  caseWhen,
  collectBinds,
  declareFields,
  ExistsExpression,
  equals,
  FromClause,
  func,
  literal,
  Node,
  not,
  over,
  QueryNode,
  ScalarSubquery,
  type SqlExpression,
  type SqlType,
  sql,
  transform,
  tuple,
  visit,
} from "../../src/expression/index.ts";
import { columnOf, integer, MetaData, Table, text } from "../../src/schema/index.ts";
import { c, things } from "./example.ts";

/** A query as small as can be: what a Select is for the tree. */
class Query extends QueryNode<number> {
  readonly kind = "query";
  readonly columnTypes = [integer().sqlType];
  readonly what: SqlExpression<unknown>;

  constructor(what: SqlExpression<unknown>) {
    super();
    this.what = what;
  }

  static {
    declareFields(Query, { what: "node" });
  }
}

class Alias extends FromClause {
  readonly kind = "alias";
  readonly columns: readonly AliasColumn[];
  readonly source = things;

  constructor() {
    super();
    this.columns = things.columns.map((column) => new AliasColumn(this, column));
  }

  static {
    declareFields(Alias, { source: "reference" });
  }
}

class AliasColumn extends ColumnElement<unknown> {
  readonly kind = "column";
  readonly name: string;
  readonly sqlType: SqlType<unknown>;
  readonly table: Alias;
  readonly origin: ColumnElement<unknown>;

  constructor(table: Alias, origin: ColumnElement<unknown>) {
    super();
    this.name = origin.name;
    this.sqlType = origin.sqlType;
    this.table = table;
    this.origin = origin;
  }
}

/** One expression of every kind; `value` makes those that are bound. */
function everyKind(value: number): SqlExpression<unknown>[] {
  return [
    c.size.eq(value),
    c.size.isNull(),
    c.size.neg(),
    not(c.active),
    and(c.size.gt(value), c.size.lt(value + 1)),
    and(),
    c.size.in([value, value + 1]),
    c.size.in(new Query(c.id.eq(value))),
    c.name.like(`${value}%`),
    c.name.notLike(`${value}%`),
    c.name.ilike(`${value}%`),
    c.size.between(value, value + 1),
    c.size.notBetween(value, value + 1),
    c.size.desc(),
    c.size.asc(),
    c.size.desc().nullsLast(),
    c.size.as("label"),
    c.size.cast(text()),
    c.name.collate("NOCASE"),
    c.name.collate("BINARY"),
    func.count(),
    func.count(c.size.distinct()),
    func.lower(c.name),
    caseWhen([[c.size.eq(value), value]], value + 2),
    caseWhen([[c.size.eq(value), value]]),
    tuple(c.size, c.id),
    sql`${c.size} = ${value}`,
    sql`${c.size} <> ${value}`,
    over(func.sum(c.size), { partitionBy: [c.name], orderBy: [c.id] }),
    over(func.sum(c.size), { partitionBy: [c.name], frame: { unit: "rows", from: null, to: 0 } }),
    new ExistsExpression(new Query(c.id.eq(value))),
    new ScalarSubquery(new Query(c.id.eq(value)), integer().sqlType),
    literal(value),
    c.size,
    c.id,
  ];
}

describe("cacheKey", () => {
  it("is the same for trees that differ in bound values only", () => {
    const other = everyKind(100);
    for (const [index, expression] of everyKind(1).entries()) {
      expect(cacheKey(expression)).toBe(cacheKey(other[index] as Node));
    }
  });

  it("is different for any two different structures", () => {
    const keys = everyKind(1).map(cacheKey);
    const seen = new Map<string, number>();
    for (const [index, key] of keys.entries()) {
      expect(seen.get(key), `expressions ${seen.get(key)} and ${index} have one key`).toBeUndefined();
      seen.set(key, index);
    }
  });

  it("depends on how many values a list has", () => {
    expect(cacheKey(c.size.in([1]))).not.toBe(cacheKey(c.size.in([1, 2])));
  });

  it("depends on the type of a bound value, which decides how it is bound", () => {
    expect(cacheKey(literal("5"))).not.toBe(cacheKey(literal(5)));
    expect(cacheKey(c.name.eq("a"))).not.toBe(cacheKey(c.name.eq(literal("a"))));
  });

  it("tells tables of the same name in two metadata apart", () => {
    const define = () => new Table("t", new MetaData(), { id: integer() });
    expect(cacheKey(define().c.id)).not.toBe(cacheKey(define().c.id));
  });

  it("cannot be confused by names", () => {
    const [a, b, d] = [c.id.as("a,1'b"), c.id.as("a"), c.id.as("1'b")];
    expect(new Set([tuple(a), tuple(b, d), tuple(b)].map(cacheKey)).size).toBe(3);
  });

  it("takes two aliases for equal that are used equally", () => {
    const use = (): Node => {
      const [one, two] = [new Alias(), new Alias()];
      return and(one.column("id").eq(two.column("id")), one.column("size").eq(1));
    };
    expect(cacheKey(use())).toBe(cacheKey(use()));
  });

  it("tells apart which of two aliases is meant", () => {
    const [one, two] = [new Alias(), new Alias()];
    const start = one.column("id").eq(two.column("id"));
    expect(cacheKey(and(start, one.column("size").eq(1)))).not.toBe(cacheKey(and(start, two.column("size").eq(1))));
    expect(cacheKey(and(start, one.column("size").eq(1)))).not.toBe(cacheKey(and(start, c.size.eq(1))));
  });
});

describe("collectBinds", () => {
  it("lists values in the order in which they stand", () => {
    const condition = and(c.size.between(1, 2), c.name.in(["a", "b"]), sql`${c.size} > ${3}`);
    expect(collectBinds(condition).map(({ value }) => value)).toEqual([1, 2, "a", "b", 3]);
  });

  it("lists a parameter once that is used twice, and the key says so", () => {
    const shared = literal(5);
    const twice = c.size.eq(shared).or(c.id.eq(shared));
    const separate = c.size.eq(literal(5)).or(c.id.eq(literal(5)));
    expect(collectBinds(twice)).toEqual([shared]);
    expect(collectBinds(separate)).toHaveLength(2);
    expect(cacheKey(twice)).not.toBe(cacheKey(separate));
  });
});

describe("equals", () => {
  it("compares structure and values", () => {
    const [ones, again, twos] = [everyKind(1), everyKind(1), everyKind(2)];
    for (const [index, expression] of ones.entries()) {
      expect(equals(expression, again[index] as Node)).toBe(true);
      const hasBinds = collectBinds(expression).length > 0;
      expect(equals(expression, twos[index] as Node)).toBe(!hasBinds);
    }
  });

  it("compares values as their type does", () => {
    expect(equals(c.price.eq("1.50"), c.price.eq("1.5"))).toBe(true);
    expect(equals(c.madeAt.eq(new Date(5)), c.madeAt.eq(new Date(5)))).toBe(true);
    expect(equals(c.madeAt.eq(new Date(5)), c.madeAt.eq(new Date(6)))).toBe(false);
  });
});

describe("visit", () => {
  it("meets every part from the outside in, and no table behind a column", () => {
    const kinds: string[] = [];
    visit(and(c.size.eq(1), c.name.isNull()), (node) => {
      kinds.push(node.kind);
    });
    expect(kinds).toEqual(["booleanList", "binary", "column", "bind", "binary", "column", "null"]);
  });

  it("leaves out the parts of a node when told so", () => {
    const kinds: string[] = [];
    visit(and(c.size.eq(1), c.id.in(new Query(c.id))), (node) => {
      kinds.push(node.kind);
      return !(node instanceof QueryNode);
    });
    expect(kinds.slice(-3)).toEqual(["in", "column", "query"]);
  });
});

describe("transform", () => {
  const same = (): undefined => undefined;

  it("gives back the node itself when nothing is replaced", () => {
    for (const expression of everyKind(1)) expect(transform(expression, same)).toBe(expression);
  });

  it("replaces columns in every kind of node, and changes nothing else", () => {
    const alias = new Alias();
    const toAlias = (node: Node) =>
      node instanceof AliasColumn || !(node instanceof ColumnElement) ? undefined : alias.column(node.name);
    const back = (node: Node) => (node instanceof AliasColumn ? columnOf(node) : undefined);
    for (const expression of everyKind(1)) {
      const copy = transform(expression, toAlias);
      visit(copy, (node) => {
        if (node instanceof ColumnElement) expect(node).toBeInstanceOf(AliasColumn);
      });
      if (!(expression instanceof ColumnElement)) expect(copy.constructor).toBe(expression.constructor);
      expect(equals(transform(copy, back), expression)).toBe(true);
    }
  });

  it("makes nodes that work like others", () => {
    const copy = transform(c.size.between(1, 2), (node) => (node === c.size ? c.id : undefined));
    expect(copy).toBeInstanceOf(BetweenExpression);
    expect(equals(copy.and(c.active), c.id.between(1, 2).and(c.active))).toBe(true);
  });

  it("leaves the original alone, and shares the subtrees without a change", () => {
    const [left, right] = [c.size.eq(1), c.name.eq("a")];
    const original = and(left, right);
    const copy = transform(original, (node) => (node === c.size ? c.id : undefined));
    expect(copy).toMatchObject({ operands: [{ left: c.id }, right] });
    expect(original).toMatchObject({ operands: [left, right] });
    expect((copy as unknown as { operands: Node[] }).operands[1]).toBe(right);
  });

  it("does not look into what it put in", () => {
    const replaced = transform(c.size.eq(1), (node) => (node === c.size ? c.size.add(1) : undefined));
    expect(equals(replaced, c.size.add(1).eq(1))).toBe(true);
  });

  it("replaces values", () => {
    const doubled = transform(c.size.in([1, 2]), (node) =>
      node instanceof BindParameter ? new BindParameter(Number(node.value) * 2, node.sqlType) : undefined,
    );
    expect(collectBinds(doubled).map(({ value }) => value)).toEqual([2, 4]);
  });
});

describe("a class of nodes", () => {
  it("that does not say what its nodes consist of is found out", () => {
    class Silent extends Node {
      readonly kind = "silent";
    }
    expect(() => visit(new Silent(), () => {})).toThrow(/Silent does not say/);
  });
});
