import Database from "better-sqlite3";
import { beforeEach, describe, expect, it } from "vitest";
import { translateSqliteError } from "../../../src/dialects/sqlite/errors.ts";
import {
  type AlkahestError,
  CheckViolation,
  DataError,
  ForeignKeyViolation,
  IntegrityError,
  NoSuchTableError,
  NotNullViolation,
  OperationalError,
  ProgrammingError,
  SerializationError,
  TimeoutError,
  UniqueViolation,
} from "../../../src/errors/index.ts";

describe("errors of SQLite", () => {
  let database: Database.Database;

  beforeEach(() => {
    database = new Database(":memory:");
    database.exec(`
      PRAGMA foreign_keys = ON;
      CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
      CREATE TABLE child (
        id INTEGER PRIMARY KEY,
        parent_id INTEGER REFERENCES parent (id),
        z FLOAT CONSTRAINT z_positive CHECK (z > 0),
        CONSTRAINT child_uk UNIQUE (parent_id, z)
      );
      CREATE UNIQUE INDEX "parent name" ON parent (lower(name));
      CREATE TABLE strict_table (id INTEGER) STRICT;
      CREATE TRIGGER no_delete BEFORE DELETE ON child BEGIN SELECT RAISE(ABORT, 'children stay'); END;
      INSERT INTO parent VALUES (1, 'Ed');
      INSERT INTO child VALUES (1, 1, 2.5);
    `);
  });

  function errorOf(sql: string, parameters: readonly unknown[] = []): AlkahestError {
    try {
      database.prepare(sql).run(parameters);
    } catch (error) {
      return translateSqliteError(error, sql, parameters);
    }
    throw new Error(`No error: ${sql}`);
  }

  it("keep statement, parameters and cause", () => {
    const error = errorOf("INSERT INTO parent VALUES (?, ?)", [1, "x"]);
    expect(error).toMatchObject({ sql: "INSERT INTO parent VALUES (?, ?)", parameters: [1, "x"] });
    expect(error.cause).toBeInstanceOf(Database.SqliteError);
    expect(error.message).toContain("UNIQUE constraint failed: parent.id");
    expect(error.message).toContain("INSERT INTO parent");
  });

  it("name the columns of a unique key", () => {
    const error = errorOf("INSERT INTO child VALUES (2, 1, 2.5)");
    expect(error).toBeInstanceOf(UniqueViolation);
    expect(error).toMatchObject({ table: "child", columns: ["parent_id", "z"], constraint: null });
  });

  it("name the primary key as a unique key", () => {
    expect(errorOf("INSERT INTO parent VALUES (1, 'x')")).toBeInstanceOf(UniqueViolation);
    expect(errorOf("INSERT INTO parent VALUES (1, 'x')")).toMatchObject({ table: "parent", columns: ["id"] });
  });

  it("name the index of an expression", () => {
    const error = errorOf("INSERT INTO parent VALUES (2, 'ED')");
    expect(error).toBeInstanceOf(UniqueViolation);
    expect(error).toMatchObject({ constraint: "parent name" });
  });

  it("name a column that must not be null", () => {
    const error = errorOf("INSERT INTO parent VALUES (2, NULL)");
    expect(error).toBeInstanceOf(NotNullViolation);
    expect(error).toMatchObject({ table: "parent", columns: ["name"] });
  });

  it("name a CHECK constraint", () => {
    const error = errorOf("INSERT INTO child VALUES (2, 1, -1)");
    expect(error).toBeInstanceOf(CheckViolation);
    expect(error).toMatchObject({ constraint: "z_positive" });
  });

  it("tell foreign keys from other constraints", () => {
    expect(errorOf("DELETE FROM parent")).toBeInstanceOf(ForeignKeyViolation);
    expect(errorOf("DELETE FROM parent").message).toContain("still refer");
    const inserted = errorOf("INSERT INTO child VALUES (2, 99, 1)");
    expect(inserted).toBeInstanceOf(ForeignKeyViolation);
    expect(inserted).toMatchObject({ table: "child" });
    expect(inserted.message).toContain('a row of "child" refers to a row that does not exist');
    expect(errorOf("UPDATE parent SET id = 2")).toBeInstanceOf(ForeignKeyViolation);
    database.exec("CREATE TABLE strict_child (parent_id REFERENCES parent (id) ON DELETE RESTRICT)");
    database.exec("INSERT INTO parent VALUES (2, 'Jo'); INSERT INTO strict_child VALUES (2)");
    const restricted = errorOf("DELETE FROM parent WHERE id = 2");
    expect(restricted).toBeInstanceOf(ForeignKeyViolation);
    expect(restricted.cause).toMatchObject({ code: "SQLITE_CONSTRAINT_TRIGGER" });
    expect(errorOf("DELETE FROM child")).not.toBeInstanceOf(ForeignKeyViolation);
  });

  it("explain a foreign key that refers to no unique key", () => {
    database.exec("CREATE TABLE orphan (id INTEGER REFERENCES parent (name))");
    const error = errorOf("INSERT INTO orphan VALUES (1)");
    expect(error).toBeInstanceOf(ProgrammingError);
    expect(error.message).toContain("must be the primary key or have a unique constraint");
  });

  it("take a trigger's refusal as a matter of integrity", () => {
    const error = errorOf("DELETE FROM child");
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error.message).toContain("children stay");
  });

  it("name a table that is missing, and what to do", () => {
    const error = errorOf("SELECT * FROM missing");
    expect(error).toBeInstanceOf(NoSuchTableError);
    expect(error).toMatchObject({ table: "missing" });
    expect(error.message).toContain("createAll");
    expect(errorOf("SELECT * FROM main.missing")).toMatchObject({ table: "missing" });
  });

  it("take what cannot be understood as a mistake of the program", () => {
    expect(errorOf("SELECT nothing")).toBeInstanceOf(ProgrammingError);
    expect(errorOf("SELEKT 1")).toBeInstanceOf(ProgrammingError);
    expect(errorOf("SELECT 1; SELECT 2")).toBeInstanceOf(ProgrammingError);
    expect(errorOf("")).toBeInstanceOf(ProgrammingError);
    expect(errorOf("INSERT INTO parent VALUES (?, ?)", [1])).toBeInstanceOf(ProgrammingError);
  });

  it("say which parameter cannot be stored", () => {
    const error = errorOf("INSERT INTO parent VALUES (?, ?)", [2, new Map()]);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain("Parameter 2");
    expect(error.message).toContain("Map");
    expect(errorOf("INSERT INTO parent VALUES (?, 'a')", [2n ** 70n])).toBeInstanceOf(DataError);
  });

  it("take a value of the wrong type as one", () => {
    expect(errorOf("INSERT INTO parent VALUES ('x', 'y')")).toBeInstanceOf(DataError);
    expect(errorOf("INSERT INTO strict_table VALUES ('x')")).toBeInstanceOf(DataError);
  });

  it("say what to do about too many parameters", () => {
    const many = Array.from({ length: 40_000 }, (_, index) => index);
    const error = errorOf(`SELECT 1 WHERE 1 IN (${many.map(() => "?").join(", ")})`, many);
    expect(error).toBeInstanceOf(ProgrammingError);
    expect(error.message).toContain("the statement has 40000 parameters. Send the rows in several statements");
  });

  it("tell locks and old snapshots apart", () => {
    const locked = translateSqliteError(new Database.SqliteError("database is locked", "SQLITE_BUSY"), "COMMIT", []);
    expect(locked).toBeInstanceOf(TimeoutError);
    const stale = new Database.SqliteError("database is locked", "SQLITE_BUSY_SNAPSHOT");
    expect(translateSqliteError(stale, "UPDATE t", [])).toBeInstanceOf(SerializationError);
    const full = new Database.SqliteError("database or disk is full", "SQLITE_FULL");
    expect(translateSqliteError(full, "UPDATE t", [])).toBeInstanceOf(OperationalError);
  });

  it("leave our own errors alone", () => {
    const error = new DataError("no");
    expect(translateSqliteError(error, "", [])).toBe(error);
  });

  it("shorten a long statement in the message", () => {
    const sql = `SELECT ${"1, ".repeat(1000)}nothing`;
    const error = errorOf(sql);
    expect(error.message.length).toBeLessThan(500);
    expect(error).toMatchObject({ sql });
  });
});
