import { createEngine, MissingDriverError } from "alkahest";
import { hasNodeSqlite, nodeSqlite } from "alkahest/sqlite";
import { describe, expect, it } from "vitest";
import { installedDriver } from "../../../src/dialects/sqlite/installed-driver.ts";
import { sqliteCode } from "../../../src/dialects/sqlite/result-codes.ts";
import type { DriverConnection, DriverResult } from "../../../src/engine/driver.ts";
import { UniqueViolation } from "../../../src/errors/index.ts";

const memory = { path: ":memory:", readOnly: false, busyTimeout: 500 };

describe("SQLite's result codes", () => {
  it.each([
    [1, "SQLITE_ERROR"],
    [5, "SQLITE_BUSY"],
    [517, "SQLITE_BUSY_SNAPSHOT"],
    [2067, "SQLITE_CONSTRAINT_UNIQUE"],
    [787, "SQLITE_CONSTRAINT_FOREIGNKEY"],
    [1555, "SQLITE_CONSTRAINT_PRIMARYKEY"],
    [25, "SQLITE_RANGE"],
    [26, "SQLITE_NOTADB"],
    [10 | (3 << 8), "SQLITE_IOERR"],
  ])("%i is %s", (code, name) => {
    expect(sqliteCode(code)).toBe(name);
  });
});

describe("the driver of SQLite that is used by itself", () => {
  const absent = () => Promise.reject(new Error("Cannot find package 'better-sqlite3'"));

  it("is better-sqlite3 where that is installed", async () => {
    const driver = installedDriver()(memory);
    const connection = await driver.connect();
    expect(driver.name).toBe("better-sqlite3");
    await connection.close();
  });

  it.runIf(hasNodeSqlite())("is Node's own where better-sqlite3 is absent", async () => {
    const driver = installedDriver(absent)(memory);
    const connection = await driver.connect();
    expect(driver.name).toBe("node:sqlite");
    await connection.close();
  });

  it.skipIf(hasNodeSqlite())("says what to install where there is none", async () => {
    const driver = installedDriver(absent)(memory);
    await expect(async () => driver.connect()).rejects.toThrow("npm install better-sqlite3");
    const engine = createEngine("sqlite::memory:", { driver: nodeSqlite() as never });
    await expect(engine.connect()).rejects.toThrow(MissingDriverError);
    await expect(engine.connect()).rejects.toThrow("part of Node 22.16");
    await engine.dispose();
  });
});

// Node has it from 22.16 on; continuous integration runs these on Node 24.
describe.runIf(hasNodeSqlite())("the node:sqlite driver", () => {
  const open = async (): Promise<DriverConnection> => {
    const connection = await nodeSqlite()(memory).connect();
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT UNIQUE)", []);
    return connection;
  };
  /** It answers at once. */
  const now = (connection: DriverConnection, sql: string, parameters: readonly unknown[] = []) =>
    connection.execute(sql, parameters) as DriverResult;

  it("answers as better-sqlite3 does", async () => {
    const connection = await open();
    const inserted = now(connection, "INSERT INTO t VALUES (?, ?), (?, ?)", [1n, "a", 2n, null]);
    expect(inserted).toMatchObject({ rowCount: 2, lastInsertId: 2, rows: [] });
    const result = now(connection, "SELECT id, body AS id FROM t ORDER BY 1");
    expect(result.rows.map((row) => [...row])).toEqual([
      [1, "a"],
      [2, null],
    ]);
    expect(result.columns).toEqual(["id", "id"]);
    expect(() => now(connection, "SELECT 1; SELECT 2")).toThrow("more than one statement");
    expect(now(connection, "SELECT 1; -- ; SELECT 2").rows).toEqual([[1]]);
    expect(now(connection, "INSERT INTO t (body) VALUES ('c') RETURNING id").rows).toEqual([[3]]);
    expect(now(connection, "INSERT INTO t VALUES (9007199254740993, 'z')").lastInsertId).toBe(9007199254740993n);
    await connection.close();
  });

  it("gives large integers exactly when asked to, and else visibly rounded", async () => {
    const connection = await open();
    const sql = "SELECT 9007199254740993, 5, 1.5, 'x', NULL";
    const { rows } = connection.execute(sql, [], { exactIntegers: true }) as DriverResult;
    expect(rows).toEqual([[9007199254740993n, 5, 1.5, "x", null]]);
    expect(Number.isSafeInteger(now(connection, sql).rows[0]![0])).toBe(false);
    expect(now(connection, sql).rows[0]![1]).toBe(5);
    await connection.close();
  });

  it("streams rows while other statements run", async () => {
    const connection = await open();
    now(connection, "INSERT INTO t (body) VALUES ('a'), ('b'), ('c')");
    const seen: unknown[] = [];
    for await (const [id] of connection.stream("SELECT id FROM t ORDER BY id", [])) {
      now(connection, "UPDATE t SET body = body || '!' WHERE id = ?", [id]);
      seen.push(id);
      if (id === 2) break;
    }
    expect(seen).toEqual([1, 2]);
    const rows = connection.stream("SELECT id FROM t", [])[Symbol.asyncIterator]();
    await rows.next();
    await connection.close();
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  it("knows transactions, and has its errors wrapped", async () => {
    const engine = createEngine("sqlite::memory:", { driver: nodeSqlite() as never });
    await using connection = await engine.connect();
    await connection.run("CREATE TABLE t (v TEXT UNIQUE)", []);
    await connection.run("INSERT INTO t VALUES (?)", ["a"]);
    const error = await (async () => connection.run("INSERT INTO t VALUES (?)", ["a"]))().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UniqueViolation);
    expect(error).toMatchObject({ table: "t", columns: ["v"] });
    await connection.rollback();
    await expect((async () => connection.run("SELECT * FROM t", []))()).rejects.toThrow("no such table");
    await expect((async () => connection.run("SELECT ?, ?", [1, {}]))()).rejects.toThrow("SQLite cannot store");
    await connection.close();
    await engine.dispose();
  });
});
