import {
  ArgumentError,
  array,
  DataError,
  integer,
  literal,
  MetaData,
  type SqlExpression,
  select,
  Table,
  text,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

type Values = Readonly<Record<string, unknown>>;

onEveryDatabase("values of raw SQL that are given when it is executed", (database) => {
  const isMissingNaN = database.name === "SQLite" || database.name === "MariaDB"; // arrays, too
  const run = async (statement: string, before: Values | null, late?: Values) => {
    await using engine = database.open();
    const made = before === null ? text(statement) : text(statement, before);
    return await engine.begin(async (connection) => (await connection.execute(made, late)).all());
  };

  it.each([
    ["a whole number", "select :a as a", { a: 1 }],
    ["numbers", "select :a + :b as a", { a: 1, b: 2.5 }],
    ["more than 32 bits", "select :a as a", { a: 2 ** 40 }],
    ["a bigint", "select :a as a", { a: 9007199254740993n }],
    ["a string", "select :a as a", { a: "x" }],
    ["a boolean", "select :a as a", { a: true }],
    ["null", "select :a as a", { a: null }],
    ["a Date", "select :a as a", { a: new Date(0) }],
    ["bytes", "select :a as a", { a: new Uint8Array([1, 2]) }],
    ["a document", "select :a as a", { a: { b: [1] } }],
    ["an expression", "select :a as a", { a: literal(5).add(1) }],
    ["one that is used twice", "select :a as a, :a + 1 as b", { a: 1 }],
  ])("are those that were given before: %s", async (_, statement, values) => {
    const expected = await run(statement, values);
    expect(expected).toHaveLength(1);
    expect(await run(statement, null, values)).toEqual(expected);
  });

  it("may differ in type from one execution to the next", async () => {
    await using engine = database.open();
    const statement = text("select :a as a");
    const results: unknown[] = [];
    await engine.begin(async (connection) => {
      for (const a of [1, "x", null, 2]) results.push((await connection.execute(statement, { a })).scalar());
    });
    expect(results.map((value) => (value === null ? null : String(value)))).toEqual(["1", "x", null, "2"]);
  });

  it("can be inside a query", async () => {
    await using engine = database.open();
    const t = new Table("t", new MetaData(), { id: integer().primaryKey() });
    await t.metadata.createAll(engine);
    await engine.begin(async (connection) => {
      await connection.execute(text("INSERT INTO t VALUES (:a), (:b)"), { a: 1, b: 2 });
      const inner = select({ id: t.c.id })
        .where(t.c.id.eq(text("(:id)", {}) as SqlExpression<number>))
        .subquery();
      const query = select(inner.c.id).where(inner.c.id.lt(5));
      expect((await connection.execute(query, { id: 2 })).all()).toEqual([[2]]);
      expect((await connection.execute(query, { id: 1 })).all()).toEqual([[1]]);
    });
  });

  it.each([
    ["undefined", { a: undefined }, /parameter :a is undefined, which is no SQL value: write null/],
    ["a function", { a: () => 1 }, /is no SQL value/],
    ["a symbol", { a: Symbol("x") }, /is no SQL value/],
    ["a query", { a: select(literal(1)) }, /A query is no value/],
  ])("are refused: %s", async (_, values, message) => {
    await expect(run("select :a as a", null, values)).rejects.toThrow(ArgumentError);
    await expect(run("select :a as a", null, values)).rejects.toThrow(message);
    await expect(run("select :a as a", values)).rejects.toThrow(message);
  });

  it("are refused: an integer of more than 64 bits", async () => {
    await expect(run("select :a as a", null, { a: 2n ** 70n })).rejects.toThrow(DataError);
  });

  it.runIf(isMissingNaN)("are refused: NaN", async () => {
    await expect(run("select :a as a", null, { a: Number.NaN })).rejects.toThrow(DataError);
  });

  it.runIf(!isMissingNaN)("can be an array, with its type and without", async () => {
    for (const ids of [literal([1, 3], array(integer())), [1, 3]])
      expect(await run("select 3 = any(:ids), 2 = any(:ids)", null, { ids })).toEqual([[true, false]]);
    const names = ["a", "c"];
    expect(await run("select 'c' = any(:names)", null, { names })).toEqual([[true]]);
  });

  it("are an object, and each of them is in the statement", async () => {
    // Callers without types.
    for (const wrong of [null, [1], new Map([["a", 1]])] as never[]) {
      await expect(run("select :a as a", null, wrong)).rejects.toThrow(/as an object, such as \{ a: 1 \}, not /);
    }
    await expect(run("select :a as a", null, { a: 1, b: 2 })).rejects.toThrow("no parameter :b");
    await expect(run("select :a as a", { a: 1 }, { a: 2 })).rejects.toThrow("no parameter :a without a value");
  });
});
