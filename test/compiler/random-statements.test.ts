import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { StatementCache } from "../../src/compiler/statement-cache.ts";
import { fingerprint } from "../../src/expression/fingerprint.ts";
import { caseWhen, func, type SqlExpression } from "../../src/expression/index.ts";
import type { Node } from "../../src/expression/node.ts";
import { and, or } from "../../src/expression/sql-expression.ts";
import type { Column } from "../../src/schema/index.ts";
import { alias, deleteFrom, insert, type Select, select, update } from "../../src/statement/index.ts";
import { TestDialect } from "./dialect.ts";
import { addresses, notes, users } from "./tables.ts";

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Makes statements. Those of one structure seed have one structure; the values follow from another seed. */
class Generator {
  readonly #structure: () => number;
  readonly #values: () => number;

  constructor(structureSeed: number, valueSeed: number) {
    this.#structure = random(structureSeed);
    this.#values = random(valueSeed);
  }

  statement(): Node {
    const kind = this.#below(8);
    if (kind === 0) return insert(users).values(this.#times(1, 3, () => ({ id: this.#number(), name: this.#word() })));
    if (kind === 1)
      return update(users)
        .set({ age: this.#value(users.c.age, 2) })
        .where(this.#condition(users.c.id, 3));
    if (kind === 2) return deleteFrom(users).where(this.#condition(users.c.age, 3));
    return this.#select(3);
  }

  #select(depth: number): Select<unknown> {
    const boss = this.#below(2) === 0 ? alias(users) : alias(users, "boss");
    const column = this.#one<SqlExpression<number | null>>([users.c.id, users.c.age, boss.c.id]);
    let query: Select<unknown> = select(column, this.#value(users.c.age, depth));
    if (this.#below(2) === 0) query = query.join(addresses, addresses.c.userId.eq(users.c.id));
    if (this.#below(2) === 0) query = query.joinFrom(users, boss, boss.c.id.eq(users.c.bossId), "left");
    if (depth > 0 && this.#below(3) === 0) {
      const inner = select({ key: notes.c.id }).where(this.#condition(notes.c.id, depth - 1));
      const from = this.#below(2) === 0 ? inner.subquery() : inner.cte();
      query = query.joinFrom(users, from, from.c.key.eq(users.c.id));
    }
    for (const _ of this.#times(0, 3, () => null)) query = query.where(this.#condition(users.c.id, depth));
    if (this.#below(3) === 0) query = query.orderBy(column.desc(), users.c.name);
    if (this.#below(3) === 0) query = query.limit(this.#number());
    if (this.#below(4) === 0) query = query.distinct();
    return query;
  }

  #condition(column: SqlExpression<number> | SqlExpression<number | null>, depth: number): SqlExpression<boolean> {
    const typed: SqlExpression<number | null> = column;
    const next = depth - 1;
    switch (this.#below(depth > 0 ? 9 : 5)) {
      case 0:
        return typed.in(this.#times(0, 3, () => this.#number()));
      case 1:
        return typed.between(this.#number(), this.#number());
      case 2:
        return typed.isNull();
      case 3:
        return users.c.name.contains(this.#word());
      case 4:
        return typed.eq(this.#number());
      case 5:
        return and(...this.#times(1, 3, () => this.#condition(column, next)));
      case 6:
        return or(...this.#times(2, 3, () => this.#condition(column, next)));
      case 7:
        return this.#condition(column, next).not();
      default:
        return typed.in(select(addresses.c.userId).where(addresses.c.id.gt(this.#number())));
    }
  }

  #value(column: Column<number | null>, depth: number): SqlExpression<number | null> {
    if (depth === 0) return column;
    const operand = this.#value(column, depth - 1);
    switch (this.#below(5)) {
      case 0:
        return operand.add(this.#number());
      case 1:
        return operand.mul(this.#value(column, depth - 1));
      case 2:
        return func.coalesce(operand, this.#number());
      case 3:
        return caseWhen([[this.#condition(column, 0), operand]], operand.neg());
      default:
        return operand;
    }
  }

  #times<T>(from: number, to: number, make: () => T): T[] {
    return Array.from({ length: from + this.#below(to - from + 1) }, make);
  }

  #one<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)]!;
  }

  #below(count: number): number {
    return Math.floor(this.#structure() * count);
  }

  #number(): number {
    return Math.floor(this.#values() * 1000);
  }

  #word(): string {
    return "abc%_/'\"".slice(0, 1 + Math.floor(this.#values() * 8));
  }
}

const SEEDS = Array.from({ length: 400 }, (_, index) => index + 1);

describe("random statements", () => {
  const dialect = new TestDialect({
    derivedColumnNames: false,
    defaultKeyword: false,
    identityColumns: false,
    selectForUpdate: false,
  });

  it("of equal keys have equal SQL, and each its own values", () => {
    const texts = new Map<string, string>();
    for (const seed of SEEDS) {
      for (const values of [1, 2]) {
        const statement = new Generator(seed, values).statement();
        const { key } = fingerprint(statement);
        // Compiled afresh, so that nothing comes from a cache.
        const { sql } = dialect.statements.compile(statement);
        expect(texts.get(key) ?? sql, `structure ${seed}, values ${values}`).toBe(sql);
        texts.set(key, sql);
      }
    }
    expect(texts.size).toBeGreaterThan(200);
  });

  it("of different SQL have different keys", () => {
    const keys = new Map<string, string>();
    for (const seed of SEEDS) {
      const statement = new Generator(seed, 1).statement();
      const { sql } = dialect.statements.compile(statement);
      const { key } = fingerprint(statement);
      for (const [other, text] of keys) if (other === key) expect(text).toBe(sql);
      keys.set(key, sql);
    }
  });

  it("get the same values from the cache as without it", () => {
    const shared = new StatementCache(dialect.statements);
    for (const seed of SEEDS) {
      for (const values of [1, 2, 3]) {
        const cached = shared.prepare(new Generator(seed, values).statement());
        const fresh = new StatementCache(dialect.statements).prepare(new Generator(seed, values).statement());
        expect(cached.values, `structure ${seed}, values ${values}`).toEqual(fresh.values);
        expect(cached.compiled.sql).toBe(fresh.compiled.sql);
      }
    }
  });

  it("are SQL that a database takes, with as many values as placeholders", () => {
    const database = new Database(":memory:");
    for (const table of [users, addresses, notes]) database.exec(dialect.ddl.createTable(table));
    const cache = new StatementCache(dialect.statements);
    for (const seed of SEEDS) {
      const { compiled, values } = cache.prepare(new Generator(seed, 1).statement());
      const statement = database.prepare(compiled.sql);
      // An INSERT may meet its own keys, which is not what this is about.
      if (compiled.kind === "insert") continue;
      if (statement.reader) statement.all(...values);
      else statement.run(...values);
    }
    database.close();
  });
});
