import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BatchStatement } from "../../../src/compiler/batch-statement.ts";
import { SqliteDialect } from "../../../src/dialects/sqlite/dialect.ts";
import { integer, MetaData, Table } from "../../../src/schema/index.ts";

// What SQLite counts while checks are put off, where rows refer to their own table (docs/decisions/0017).

const dialect = new SqliteDialect({ foreignKeys: true });
const { batches } = dialect;

function makeTable(options: { readonly onUpdate?: "cascade" | "no action" }): Table {
  return new Table("t", new MetaData(), {
    n: integer().primaryKey(),
    k: integer().unique(),
    r: integer().references("t.k", options),
    q: integer().references("t.k", options),
  });
}

/** The kind of a statement, the row that it is about, and values. */
type Step = readonly [kind: number, row: number, value: number | null, other: number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.nat(7),
  fc.integer({ min: 1, max: 4 }),
  fc.constantFrom(null, 1, 2, 3, 4, 5),
  fc.integer({ min: 1, max: 5 }),
);

/** A statement as the flush sends it, and its parameters. */
function write(table: Table, [kind, row, value, other]: Step): [BatchStatement, readonly unknown[]] {
  const [n, k, r, q] = table.columns as unknown as [Column, Column, Column, Column]; // so it is declared
  switch (kind) {
    case 0:
    case 1:
      return [batches.insert(table, [n, k, r], 1), [row, other, value]];
    case 2:
      return [batches.update(table, [n], [k], 1), [other, row]];
    case 3:
      return [batches.update(table, [n], [k], 2), [row, other, (row % 4) + 1, value]];
    case 4:
      return [batches.update(table, [n], [k, r], 1), [other, value, row]];
    case 5:
      return [batches.insert(table, [n, k, q], 1, [], { target: [n], set: [k] }), [row, other, value]];
    case 6:
      return [batches.propagate(table, [row % 2 === 0 ? r : q]), [value, other]];
    default:
      return [batches.delete(table, [n], 1), [row]];
  }
}

type Column = Table["columns"][number];

/** Runs the statements; after each, COMMIT has to succeed if and only if no reference is broken. */
function run(table: Table, isIndexed: boolean, steps: readonly Step[]): void {
  const database = new Database(":memory:");
  try {
    database.exec(dialect.ddl.createTable(table));
    if (isIndexed) database.exec("CREATE INDEX i ON t (r)");
    database.pragma("foreign_keys = ON");
    for (const one of steps) {
      if (!database.inTransaction) database.exec(`BEGIN; ${dialect.deferForeignKeysSql}`);
      const [{ sql }, parameters] = write(table, one);
      failsBy("UNIQUE", () => database.prepare(sql).run(...parameters));
      const broken = database.pragma("foreign_key_check") as readonly unknown[]; // rows
      expect(failsBy("FOREIGN KEY", () => database.exec("COMMIT"))).toBe(broken.length > 0);
    }
  } finally {
    database.close();
  }
}

function failsBy(constraint: string, act: () => void): boolean {
  try {
    act();
    return false;
  } catch (error) {
    expect(String(error)).toContain(`${constraint} constraint failed`);
    return true;
  }
}

describe("references to rows of their own table are counted right", () => {
  for (const options of [{}, { onUpdate: "no action" }, { onUpdate: "cascade" }] as const) {
    for (const isIndexed of [false, true]) {
      it(`by what the flush writes (${options.onUpdate ?? "no ON UPDATE"}${isIndexed ? ", indexed" : ""})`, () => {
        const table = makeTable(options);
        const programs = fc.array(step, { minLength: 4, maxLength: 16 });
        fc.assert(
          fc.property(programs, (steps) => run(table, isIndexed, steps)),
          { numRuns: 300, seed: 15 },
        );
      });
    }
  }

  it("by writing the reference beside a key, where ON UPDATE does not", () => {
    const plain = makeTable({});
    const [n, k, r] = plain.columns as unknown as [Column, Column, Column]; // so it is declared
    expect(batches.update(plain, [n], [k], 1).sql).toBe("UPDATE t SET k = ?, r = t.r WHERE n = ?");
    expect(batches.update(plain, [n], [k, r], 1).sql).toBe("UPDATE t SET k = ?, r = ? WHERE n = ?");
    expect(batches.update(plain, [n], [r], 1).sql).toBe("UPDATE t SET r = ? WHERE n = ?");
    const followed = makeTable({ onUpdate: "cascade" });
    const [id, key] = followed.columns as unknown as [Column, Column]; // so it is declared
    expect(batches.update(followed, [id], [key], 1).sql).toBe("UPDATE t SET k = ? WHERE n = ?");
  });
});
