import { describe, expect, it } from "vitest";
import { sql } from "../../src/expression/index.ts";
import { alias, insert, select, text, update } from "../../src/statement/index.ts";
import { sqlOf } from "../compiler/dialect.ts";
import { users } from "../compiler/tables.ts";

const { id, name } = users.c;

describe("statements", () => {
  it("do not change: each method makes a new one", () => {
    const query = select(id);
    const before = sqlOf(query);
    query.where(id.eq(1)).orderBy(id).limit(1).join(alias(users), id.eq(1)).groupBy(id).distinct();
    expect(sqlOf(query)).toBe(before);
  });

  it("say what cannot be selected", () => {
    class Plain {}
    expect(() => select()).toThrow("select() needs something to select");
    expect(() => select({})).toThrow(/the object is empty/);
    expect(() => select("id")).toThrow(/cannot select the string "id" \(literal\(\.\.\.\) makes a value of it/);
    expect(() => select(Plain)).toThrow(/the class Plain, which is not mapped/);
    expect(() => select(id, undefined)).toThrow(/cannot select undefined/);
    expect(() => select({ a: 5 })).toThrow('select() at "a" cannot select the number 5');
    expect(() => select([id])).toThrow(/cannot select an array/);
  });

  it("say what is no condition", () => {
    // What plain JavaScript makes of `users.c.id === 5`.
    const comparison: unknown = Object.is(id, 5);
    expect(() => select(id).where(comparison as never)).toThrow(
      "where() needs SQL expressions, not the boolean false; compare with .eq()",
    );
    expect(() => select(id).orderBy("id" as never)).toThrow('orderBy() needs SQL expressions, not the string "id"');
  });

  it("say what is no number of rows", () => {
    expect(() => select(id).limit(-1)).toThrow("limit() needs a whole number of rows, not -1");
    expect(() => select(id).offset(1.5)).toThrow(/offset\(\) needs a whole number/);
    expect(() => select(id).limit("5" as never)).toThrow(/limit\(\) needs a whole number/);
    expect(sqlOf(select(id).limit(5).limit(null))).toBe(sqlOf(select(id)));
  });

  it("say what cannot be joined or aliased", () => {
    expect(() => select(id).join("users" as never)).toThrow(/join\(\) needs a table, .* not the string "users"/);
    expect(() => alias(5 as never)).toThrow(/alias\(\) needs a table or a mapped class/);
    expect(() => select(name).forUpdate({ nowait: true, skipLocked: true })).toThrow(/nowait or skipLocked/);
  });

  it("say what are no values by column", () => {
    for (const nothing of [null, undefined, 5, "name"]) {
      expect(() => update(users).set(nothing as never)).toThrow(/^set\(\) takes an object of values by column, not /);
      expect(() => insert(users).values(nothing as never)).toThrow(/^values\(\) takes an object of values by column/);
      expect(() => insert(users).values([nothing] as never)).toThrow(/^values\(\) takes an object of values by column/);
    }
  });

  it("say what is no value", () => {
    class Plain {}
    expect(() => id.eq(users as never)).toThrow("A table is no value: select from it, and use its columns.");
    expect(() => sql`select * from ${users}`).toThrow(/A table is no value/);
    expect(() => id.eq(Plain as never)).toThrow("The function or class Plain is no SQL value.");
  });

  it("say what is no SQL text", () => {
    expect(() => text({} as never)).toThrow("text() takes SQL as a string, not a plain object.");
    expect(() => text(null as never)).toThrow(/text\(\) takes SQL as a string, not null/);
  });
});
