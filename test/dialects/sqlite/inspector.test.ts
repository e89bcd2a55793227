import { beforeEach, describe, expect, it } from "vitest";
import { betterSqlite3 } from "../../../src/dialects/sqlite/better-sqlite3.ts";
import { SqliteInspector } from "../../../src/dialects/sqlite/inspector.ts";
import { columnNames, declaredConstraints } from "../../../src/dialects/sqlite/table-source.ts";
import type { Inspector } from "../../../src/engine/inspector.ts";
import { NoSuchTableError } from "../../../src/errors/index.ts";

const TABLES = [
  "CREATE TABLE parent (a INTEGER, b TEXT, PRIMARY KEY (b, a))",
  `CREATE TABLE "odd ""name" (
    id INTEGER PRIMARY KEY, -- CHECK (nothing)
    b TEXT CONSTRAINT nn NOT NULL DEFAULT 'it''s (UNIQUE)',
    parent_a INTEGER, /* UNIQUE (b) */
    parent_b TEXT,
    boss INTEGER REFERENCES "odd ""name" (id) ON DELETE SET NULL,
    twice INTEGER AS (id * 2) STORED,
    CONSTRAINT "the uk" UNIQUE (b, parent_a),
    UNIQUE (boss),
    CONSTRAINT fk_parent FOREIGN KEY (parent_b, parent_a) REFERENCES parent (b, a) ON UPDATE CASCADE,
    CONSTRAINT ck CHECK (length(b) < 5 AND (id > 0)),
    CHECK (id <> 7)
  )`,
  'CREATE INDEX ix_lower ON "odd ""name" (lower(b), id)',
  'CREATE UNIQUE INDEX ix_some ON "odd ""name" (parent_a) WHERE b IS NOT NULL',
  "CREATE VIEW names AS SELECT b FROM parent",
];
const ODD = 'odd "name';

describe("the inspector of SQLite", () => {
  let inspector: Inspector;

  beforeEach(async () => {
    const connection = await betterSqlite3()({ path: ":memory:", readOnly: false, busyTimeout: 0 }).connect();
    for (const sql of TABLES) await connection.execute(sql, []);
    const source = {
      rows: async (sql: string, parameters: readonly unknown[]) => (await connection.execute(sql, parameters)).rows,
    };
    inspector = new SqliteInspector(source, (name) => `"${name}"`);
  });

  it("lists tables and views", async () => {
    expect(await inspector.tableNames()).toEqual([ODD, "parent"]);
    expect(await inspector.viewNames()).toEqual(["names"]);
    expect(await inspector.tableNames("temp")).toEqual([]);
    expect(await inspector.hasTable("parent")).toBe(true);
    expect(await inspector.hasTable("missing")).toBe(false);
  });

  it("describes columns", async () => {
    const columns = await inspector.columns(ODD);
    expect(columns.map(({ name, type, nullable }) => `${name} ${type} ${nullable}`)).toEqual([
      "id INTEGER false",
      "b TEXT false",
      "parent_a INTEGER true",
      "parent_b TEXT true",
      "boss INTEGER true",
      "twice INTEGER true",
    ]);
    expect(columns[1]?.default).toBe("'it''s (UNIQUE)'");
    expect(columns.filter(({ computed }) => computed?.stored).map(({ name }) => name)).toEqual(["twice"]);
  });

  it("gives the primary key in its own order", async () => {
    expect(await inspector.primaryKey("parent")).toEqual(["b", "a"]);
    expect(await inspector.primaryKey(ODD)).toEqual(["id"]);
  });

  it("describes foreign keys in the order of their declaration, with names", async () => {
    expect(await inspector.foreignKeys(ODD)).toEqual([
      {
        name: null,
        columns: ["boss"],
        referredSchema: null,
        referredTable: ODD,
        referredColumns: ["id"],
        onUpdate: "NO ACTION",
        onDelete: "SET NULL",
        deferrable: false,
        initiallyDeferred: false,
      },
      {
        name: "fk_parent",
        columns: ["parent_b", "parent_a"],
        referredSchema: null,
        referredTable: "parent",
        referredColumns: ["b", "a"],
        onUpdate: "CASCADE",
        onDelete: "NO ACTION",
        deferrable: false,
        initiallyDeferred: false,
      },
    ]);
  });

  it("describes unique constraints, indexes and checks", async () => {
    expect(await inspector.uniqueConstraints(ODD)).toMatchObject([
      { name: "the uk", columns: ["b", "parent_a"] },
      { name: null, columns: ["boss"] },
    ]);
    expect(await inspector.indexes(ODD)).toEqual([
      { name: "ix_lower", unique: false, columns: [null, "id"], expressions: ["lower(b)"], where: null },
      { name: "ix_some", unique: true, columns: ["parent_a"], expressions: [], where: "b IS NOT NULL" },
    ]);
    expect(await inspector.checks(ODD)).toEqual([
      { name: "ck", expression: "length(b) < 5 AND (id > 0)" },
      { name: null, expression: "id <> 7" },
    ]);
  });

  it("says that a table is missing", async () => {
    for (const ask of [
      inspector.columns("x"),
      inspector.foreignKeys("x"),
      inspector.indexes("x"),
      inspector.checks("x"),
    ]) {
      await expect(ask).rejects.toThrow(NoSuchTableError);
    }
  });
});

describe("the text of CREATE TABLE", () => {
  it("is read past strings, comments and quoted names", () => {
    const source = `CREATE TABLE t (a TEXT DEFAULT ') CHECK (' CONSTRAINT "c""k" CHECK (a <> ')'), [b c] INT UNIQUE)`;
    expect(declaredConstraints(source)).toEqual([
      { name: 'c"k', kind: "CHECK", body: "a <> ')'" },
      { name: null, kind: "UNIQUE", body: "" },
    ]);
  });

  it("does not give the name of NOT NULL to what follows", () => {
    expect(declaredConstraints("CREATE TABLE t (a INT CONSTRAINT nn NOT NULL CHECK (a > 0))")).toEqual([
      { name: null, kind: "CHECK", body: "a > 0" },
    ]);
  });

  it("has lists of column names", () => {
    expect(columnNames('a, "b c", [d], `e` DESC')).toEqual(["a", "b c", "d", "e"]);
  });
});
