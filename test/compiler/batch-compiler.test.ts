import { describe, expect, it } from "vitest";
import { integer, MetaData, Table, varchar } from "../../src/schema/index.ts";
import { TestDialect } from "./dialect.ts";

const { batches } = new TestDialect();
const pairs = new Table("pair", new MetaData(), {
  a: integer().primaryKey(),
  b: integer().primaryKey(),
  name: varchar(50),
  parent: integer("parent_id"),
});
const { a, b, name, parent } = pairs.c;

describe("batches of the flush", () => {
  it("insert rows, and return what the database made", () => {
    expect(batches.insert(pairs, [a, name], 1)).toEqual({
      sql: "INSERT INTO pair (a, name) VALUES (?, ?)",
      order: "rows",
      parameterCount: 2,
    });
    expect(batches.insert(pairs, [name], 2, [a, b])).toEqual({
      sql: "INSERT INTO pair (name) VALUES (?), (?) RETURNING a, b",
      order: "rows",
      parameterCount: 2,
    });
  });

  it("insert rows of defaults one by one", () => {
    expect(batches.insert(pairs, [], 1, [a])).toEqual({
      sql: "INSERT INTO pair DEFAULT VALUES RETURNING a",
      order: "rows",
      parameterCount: 0,
    });
    expect(() => batches.insert(pairs, [], 3)).toThrow(/3 rows of "pair" without any column need 3 statements/);
  });

  it("insert or change, insert or leave", () => {
    expect(batches.insert(pairs, [a, name], 1, [b], { target: [a, b], set: [name] }).sql).toBe(
      "INSERT INTO pair (a, name) VALUES (?, ?) ON CONFLICT (a, b) DO UPDATE SET name = excluded.name RETURNING b",
    );
    expect(batches.insert(pairs, [a, name], 1, [], { target: [a], set: [] }).sql).toBe(
      "INSERT INTO pair (a, name) VALUES (?, ?) ON CONFLICT (a) DO NOTHING",
    );
    expect(batches.insert(pairs, [a], 2, [], { target: [a], set: [], increment: [b], assign: [name] })).toEqual({
      sql: "INSERT INTO pair (a) VALUES (?), (?) ON CONFLICT (a) DO UPDATE SET b = pair.b + 1, name = ?",
      order: "rows",
      parameterCount: 3,
    });
  });

  it("update one row plainly, many from a list of values", () => {
    expect(batches.update(pairs, [a, b], [name, parent], 1)).toEqual({
      sql: "UPDATE pair SET name = ?, parent_id = ? WHERE a = ? AND b = ?",
      order: "setFirst",
      parameterCount: 4,
    });
    expect(batches.update(pairs, [a], [name, parent], 2, [a])).toEqual({
      sql:
        "WITH v(k0, s0, s1) AS (VALUES (?, ?, ?), (?, ?, ?)) UPDATE pair SET name = v.s0, parent_id = v.s1 FROM v " +
        "WHERE pair.a = v.k0 RETURNING a",
      order: "rows",
      parameterCount: 6,
    });
    const without = new TestDialect({ updateFrom: false });
    expect(() => without.batches.update(pairs, [a], [name], 2)).toThrow(/no UPDATE \.\.\. FROM.*one by one/);
  });

  it("give the same values to rows found by their keys", () => {
    expect(batches.updateConstant(pairs, [parent], [a], 3)).toEqual({
      sql: "UPDATE pair SET parent_id = ? WHERE a IN (?, ?, ?)",
      order: "setFirst",
      parameterCount: 4,
    });
    expect(batches.updateConstant(pairs, [parent, name], [a, b], 2).sql).toBe(
      "UPDATE pair SET parent_id = ?, name = ? WHERE (a, b) IN (VALUES (?, ?), (?, ?))",
    );
    expect(new TestDialect({ rowValues: false }).batches.updateConstant(pairs, [parent], [a, b], 2).sql).toBe(
      "UPDATE pair SET parent_id = ? WHERE (a = ? AND b = ?) OR (a = ? AND b = ?)",
    );
  });

  it("delete rows by their keys", () => {
    expect(batches.delete(pairs, [a], 1).sql).toBe("DELETE FROM pair WHERE a = ?");
    expect(batches.delete(pairs, [a], 2)).toEqual({
      sql: "DELETE FROM pair WHERE a IN (?, ?)",
      order: "rows",
      parameterCount: 2,
    });
    expect(batches.delete(pairs, [a, b], 1).sql).toBe("DELETE FROM pair WHERE a = ? AND b = ?");
    expect(batches.delete(pairs, [a, b], 2).sql).toBe("DELETE FROM pair WHERE (a, b) IN (VALUES (?, ?), (?, ?))");
    expect(() => batches.delete(pairs, [], 1)).toThrow(/needs a key column/);
  });

  it("follow changed keys", () => {
    expect(batches.propagate(pairs, [parent, b])).toEqual({
      sql: "UPDATE pair SET parent_id = ?, b = ? WHERE parent_id = ? AND b = ?",
      order: "setFirst",
      parameterCount: 4,
    });
  });

  it("number parameters where the database does", () => {
    const numbered = new TestDialect({}, true).batches;
    expect(numbered.update(pairs, [a], [name], 2).sql).toMatch(/VALUES \(\$1, \$2\), \(\$3, \$4\)/);
    expect(numbered.update(pairs, [a], [name], 1).sql).toBe("UPDATE pair SET name = $1 WHERE a = $2");
  });

  it("are written once for each shape", () => {
    expect(batches.insert(pairs, [a, name], 2)).toBe(batches.insert(pairs, [a, name], 2));
    const shapes = [
      batches.insert(pairs, [a], 1),
      batches.insert(pairs, [b], 1),
      batches.insert(pairs, [a], 2),
      batches.insert(pairs, [a], 1, [b]),
      batches.insert(pairs, [a], 1, [], { target: [a], set: [] }),
      batches.insert(pairs, [a], 1, [], { target: [a], set: [b] }),
      batches.update(pairs, [a], [b], 1),
      batches.update(pairs, [b], [a], 1),
      batches.updateConstant(pairs, [a], [b], 1),
      batches.delete(pairs, [a], 1),
      batches.propagate(pairs, [a]),
    ];
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});
