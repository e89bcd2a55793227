import { describe, expect, it } from "vitest";
import { StatementCache } from "../../src/compiler/statement-cache.ts";
import type { Node } from "../../src/expression/node.ts";
import { and } from "../../src/expression/sql-expression.ts";
import { integer, MetaData, Table } from "../../src/schema/index.ts";
import { alias, insert, select, text, update } from "../../src/statement/index.ts";
import { TestDialect } from "./dialect.ts";
import { addresses, users } from "./tables.ts";

const { id, name, age } = users.c;

function cacheWithLog(capacity?: number): { cache: StatementCache; compilations: Node[] } {
  const { statements } = new TestDialect();
  const compilations: Node[] = [];
  const compile = statements.compile.bind(statements);
  statements.compile = (statement, ...rest) => {
    compilations.push(statement);
    return compile(statement, ...rest);
  };
  return { cache: new StatementCache(statements, capacity), compilations };
}

describe("the statement cache", () => {
  it("compiles statements of equal structure once and takes the values from each", () => {
    const { cache, compilations } = cacheWithLog();
    const query = (limit: number, from: number, word: string) =>
      select(id).where(age.gt(from)).limit(limit).where(name.eq(word));
    const first = cache.prepare(query(10, 1, "a"));
    const second = cache.prepare(query(20, 2, "b"));
    expect(second.compiled).toBe(first.compiled);
    expect(compilations).toHaveLength(1);
    expect([first.values, second.values]).toEqual([
      [1, "a", 10],
      [2, "b", 20],
    ]);
  });

  it("knows statements apart that differ in anything but values", () => {
    const { cache } = cacheWithLog();
    const variants = [
      select(id),
      select(id, age),
      select({ id }),
      select({ key: id }),
      select(id).distinct(),
      select(id).where(age.gt(1)),
      select(id).where(age.ge(1)),
      select(id).where(name.eq("x")),
      select(id).where(age.in([1])),
      select(id).where(age.in([1, 2])),
      select(id).where(age.eq(null)),
      select(id).limit(1),
      select(id).offset(1),
      select(id).orderBy(id),
      select(id).orderBy(id.desc()),
      select(id).groupBy(id),
      select(id).having(id.eq(1)),
      select(id).join(addresses),
      select(id).leftJoin(addresses),
      select(alias(users).c.id),
      select(alias(users, "u").c.id),
      select(id).forUpdate(),
      select(id).union(select(age)),
      select(id).unionAll(select(age)),
      select(id.as("x")),
      select(select(id).subquery().column("id")),
      select(select(id).subquery("s").column("id")),
      select(select(id).cte("s").column("id")),
    ];
    const texts = variants.map((variant) => cache.prepare(variant).compiled);
    expect(new Set(texts).size).toBe(variants.length);
  });

  it("knows tables of equal names apart", () => {
    const { cache } = cacheWithLog();
    const make = () => new Table("t", new MetaData(), { id: integer().primaryKey() });
    const [one, other] = [make(), make()];
    expect(cache.prepare(select(one.c.id)).compiled).not.toBe(cache.prepare(select(other.c.id)).compiled);
  });

  it("takes each use of a literal from where it stands", () => {
    const { cache } = cacheWithLog();
    const next = age.add(1);
    const shared = cache.prepare(select(next).groupBy(next));
    const separate = cache.prepare(select(age.add(5)).groupBy(age.add(6)));
    expect([shared.values, separate.values]).toEqual([
      [1, 1],
      [5, 6],
    ]);
  });

  it("takes values from subqueries and common table expressions, in the order of the text", () => {
    const { cache, compilations } = cacheWithLog();
    const query = (a: number, b: number, c: number) => {
      const old = select({ id }).where(age.gt(a)).cte("old");
      const owners = select(addresses.c.userId).where(addresses.c.id.eq(b));
      return select(old.c.id).where(and(old.c.id.in(owners), old.c.id.lt(c)));
    };
    expect(cache.prepare(query(1, 2, 3)).values).toEqual([1, 2, 3]);
    expect(cache.prepare(query(4, 5, 6)).values).toEqual([4, 5, 6]);
    expect(compilations).toHaveLength(1);
  });

  it("treats statements with aliases of their own as equal", () => {
    const { cache, compilations } = cacheWithLog();
    const query = (value: number) => {
      const boss = alias(users);
      return select(name).join(boss, boss.c.id.eq(users.c.bossId)).where(boss.c.age.gt(value));
    };
    expect(cache.prepare(query(1)).compiled).toBe(cache.prepare(query(2)).compiled);
    expect(compilations).toHaveLength(1);
  });

  it("evaluates defaults at each execution", () => {
    let calls = 0;
    const log = new Table("log", new MetaData(), {
      id: integer().primaryKey(),
      call: integer().default(() => ++calls),
    });
    const { cache } = cacheWithLog();
    const statement = insert(log).values([{ id: 1 }, { id: 2 }]);
    expect(cache.prepare(statement).values).toEqual([1, 1, 2, 2]);
    expect(cache.prepare(statement).values).toEqual([1, 3, 2, 4]);
  });

  it("forgets what was used least recently", () => {
    const { cache, compilations } = cacheWithLog(2);
    const [first, second, third] = [select(id), select(age), select(name)];
    cache.prepare(first);
    cache.prepare(second);
    cache.prepare(first);
    cache.prepare(third);
    expect(cache.size).toBe(2);
    cache.prepare(first);
    expect(compilations).toHaveLength(3);
    cache.prepare(second);
    expect(compilations).toHaveLength(4);
  });

  it("says which columns come back", () => {
    const { cache } = cacheWithLog();
    const columnsOf = (statement: Node) => cache.prepare(statement).compiled.columns?.map((column) => column.name);
    expect(columnsOf(select({ key: id, name }))).toEqual(["key", "name"]);
    expect(columnsOf(update(users).set({ name: "x" }))).toBeUndefined();
    expect(columnsOf(update(users).set({ name: "x" }).returning(id))).toEqual(["id"]);
    expect(columnsOf(text("select 1"))).toBeUndefined();
    const { compiled } = cache.prepare(select(id, name));
    expect(compiled.columns?.map(({ sqlType }) => sqlType.describe())).toEqual(["integer", "varchar(50)"]);
    expect(compiled.kind).toBe("select");
  });
});

describe("named parameters", () => {
  it("get their values when the statement is executed", () => {
    const { cache } = cacheWithLog();
    const statement = text("select :a, :b, :a", { b: 2 });
    const { compiled, values } = cache.prepare(statement, { a: 1 });
    expect([compiled.sql, values]).toEqual(["select ?, ?, ?", [1, 2, 1]]);
  });

  it("must all have one, and no other", () => {
    const { cache } = cacheWithLog();
    expect(() => cache.prepare(text("select :a"))).toThrow(/:a has no value: give it as \{ a: \.\.\. \}/);
    expect(() => cache.prepare(text("select :a"), { a: 1, b: 2 })).toThrow(/no parameter :b/);
  });
});

it("says what to write for a statement of one word", () => {
  const { cache } = cacheWithLog();
  // Types know it for a column definition.
  expect(() => cache.prepare(text("VACUUM") as never)).toThrow(/write text\("\.\.\.", \{\}\)/);
  expect(cache.prepare(text("VACUUM", {})).compiled.sql).toBe("VACUUM");
});
