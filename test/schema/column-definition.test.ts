import { describe, expect, expectTypeOf, it } from "vitest";
import { ArgumentError } from "../../src/errors/index.ts";
import { BindParameter, sql } from "../../src/expression/index.ts";
import {
  bigint,
  type ColumnDefinition,
  integer,
  json,
  MetaData,
  Table,
  text,
  varchar,
} from "../../src/schema/index.ts";

const users = new Table("users", new MetaData(), { id: integer().primaryKey(), login: varchar(50), age: integer() });

describe("a column definition", () => {
  it("is never changed: every modifier makes another one", () => {
    const plain = integer();
    const before = { ...plain.settings };
    const modified = [
      plain.primaryKey(),
      plain.notNull(),
      plain.unique(),
      plain.index(),
      plain.default(1),
      plain.onUpdate(1),
      plain.serverDefault(1),
      plain.serverOnUpdate(),
      plain.references(users.c.id),
      plain.autoincrement(),
      plain.identity(),
      plain.computed(sql`1`),
      plain.comment("x"),
      plain.deferred(),
      plain.parkValue(() => 1),
      plain.collate("x"),
    ];
    expect(plain.settings).toEqual(before);
    expect(plain.nullable).toBe(true);
    expect(plain.pk).toBe(false);
    expect(new Set([plain, ...modified]).size).toBe(modified.length + 1);
    expect(Object.isFrozen(plain) && Object.isFrozen(plain.settings)).toBe(true);
  });

  it("keeps what was said before, in any order", () => {
    const definition = varchar(5, "n").comment("c").notNull().unique({ name: "u" }).primaryKey().deferred();
    expect(definition.settings).toMatchObject({ name: "n", comment: "c", unique: { name: "u" }, deferred: true });
    expect([definition.nullable, definition.pk]).toEqual([false, true]);
  });

  it("can be used by several tables, each of which makes its own column", () => {
    const id = integer().primaryKey();
    const metadata = new MetaData();
    const [a, b] = [new Table("a", metadata, { id }), new Table("b", metadata, { id })];
    expect(a.c.id).not.toBe(b.c.id);
    expect(a.c.id.table).toBe(a);
  });

  it("takes values and functions as defaults, and checks values at once", () => {
    expect(integer().default(5).settings.default).toEqual({ kind: "value", value: 5 });
    const make = () => 5;
    expect(integer().default(make).settings.default).toEqual({ kind: "function", make });
    // @ts-expect-error: the column holds numbers
    const wrong = () => integer().default("x");
    expect(wrong).toThrow(new ArgumentError('default() of a integer column: expected a number, got the string "x".'));
    // @ts-expect-error: an expression is the database's to compute
    const expression = () => integer().default(sql`1`);
    expect(expression).toThrow(/serverDefault/);
  });

  it("takes values and expressions as defaults of the database", () => {
    expect(text().serverDefault("x").settings.serverDefault).toBeInstanceOf(BindParameter);
    const now = sql`CURRENT_TIMESTAMP`;
    expect(text().serverDefault(now).settings.serverDefault).toBe(now);
  });

  it("refuses to refer to what is no column", () => {
    // @ts-expect-error: a definition is no column
    expect(() => integer().references(integer())).toThrow(ArgumentError);
  });

  it("refuses a length where there is none", () => {
    // @ts-expect-error: integer() takes a name
    expect(() => integer(11)).toThrow(/takes its name in the table, a text, and not the number 11/);
  });
});

describe("types of column definitions", () => {
  it("say what the values are, whether they can be NULL, and whether they are the key", () => {
    expectTypeOf(integer()).toEqualTypeOf<ColumnDefinition<number, true, false>>();
    expectTypeOf(integer().notNull().unique()).toEqualTypeOf<ColumnDefinition<number, false, false>>();
    expectTypeOf(varchar(5).primaryKey()).toEqualTypeOf<ColumnDefinition<string, false, true>>();
    expectTypeOf(bigint().primaryKey().notNull()).toEqualTypeOf<ColumnDefinition<bigint, false, true>>();
    expectTypeOf(json<{ a: 1 }>()).toEqualTypeOf<ColumnDefinition<{ a: 1 }, true, false>>();
  });

  it("let a foreign key refer to columns of its own type only", () => {
    integer().references(users.c.id);
    integer().notNull().references(users.c.age);
    integer().references("users.id");
    // @ts-expect-error: the column holds strings
    integer().references(users.c.login);
    // @ts-expect-error: the column holds numbers
    varchar(50).references(users.c.id);
  });
});
