import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { SqliteDialect } from "../../../src/dialects/sqlite/dialect.ts";

/** https://sqlite.org/lang_keywords.html */
const KEYWORDS = (
  "ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE CASE " +
  "CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME " +
  "CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE " +
  "EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS " +
  "HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN KEY LAST LEFT " +
  "LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS OUTER OVER " +
  "PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE RENAME REPLACE " +
  "RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO TRANSACTION TRIGGER " +
  "UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT"
)
  .toLowerCase()
  .split(" ");

describe("identifiers in SQLite", () => {
  const dialect = new SqliteDialect({ foreignKeys: true });

  it("work in every place, whatever word they are", () => {
    const database = new Database(":memory:");
    for (const word of [...KEYWORDS, "plain", "Upper", "with space", 'quo"te', "1st", "ünïcode", ""]) {
      const name = dialect.quote(word);
      const statements = [
        `CREATE TABLE ${name} (${name} INTEGER PRIMARY KEY, b INTEGER, CONSTRAINT ${name} CHECK (${name}.${name} > 0))`,
        `INSERT INTO ${name} (${name}) VALUES (1) RETURNING ${name}`,
        `SELECT ${name}.${name} AS ${name} FROM ${name} WHERE ${name} = 1 ORDER BY ${name}`,
        `SELECT ${name}.b FROM ${name} AS ${name} JOIN ${name} AS x ON ${name}.b = x.b`,
        `UPDATE ${name} SET ${name} = 2 WHERE ${name}.${name} = 1`,
        `DELETE FROM ${name} WHERE ${name} = 2`,
        `DROP TABLE ${name}`,
      ];
      for (const sql of statements) {
        expect(() => {
          const statement = database.prepare(sql);
          if (statement.reader) statement.all();
          else statement.run();
        }, sql).not.toThrow();
      }
    }
  });

  it("are left as they are where that is safe", () => {
    for (const word of ["user", "name", "user_id", "key", "entry", "widget"]) expect(dialect.quote(word)).toBe(word);
    expect(dialect.quote("order")).toBe('"order"');
    expect(dialect.quote("Order")).toBe('"Order"');
  });
});
