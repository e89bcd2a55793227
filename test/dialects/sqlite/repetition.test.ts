import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { betterSqlite3 } from "../../../src/dialects/sqlite/better-sqlite3.ts";
import { nodeSqlite } from "../../../src/dialects/sqlite/node-sqlite.ts";
import type { DriverConnection, ExecuteOptions } from "../../../src/engine/driver.ts";

const NAMES = ["a", "b", "c"];
const PLAIN = "INSERT INTO t (body) VALUES (?)";
const RETURNING = `${PLAIN} RETURNING id`;
const OPTIONS: ExecuteOptions = { rows: NAMES.length, withoutReturning: PLAIN };

async function open(path = ":memory:", busyTimeout = 500): Promise<DriverConnection> {
  return betterSqlite3()({ path, readOnly: false, busyTimeout }).connect();
}

async function rowsOf(connection: DriverConnection, sql: string): Promise<unknown[][]> {
  return (await connection.execute(sql, [])).rows;
}

describe("a statement of one row that is executed for many", () => {
  it("writes each row and counts them all", async () => {
    const connection = await open();
    await connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)", []);
    expect((await connection.execute(PLAIN, NAMES, { rows: 3 })).rowCount).toBe(3);
    const updated = await connection.execute("UPDATE t SET body = ? WHERE id = ?", ["x", 1, "y", 3, "z", 9], {
      rows: 3,
    });
    expect(updated.rowCount).toBe(2);
    expect(await rowsOf(connection, "SELECT id, body FROM t")).toEqual([
      [1, "x"],
      [2, "b"],
      [3, "y"],
    ]);
    connection.close();
  });

  it("tells the keys in the order of the rows, also of those after a key that was given", async () => {
    const connection = await open();
    await connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)", []);
    await connection.execute("INSERT INTO t VALUES (7, 'seven')", []);
    expect((await connection.execute(RETURNING, NAMES, OPTIONS)).rows).toEqual([[8], [9], [10]]);
    connection.close();
  });

  it("tells keys exactly that a number cannot hold", async () => {
    const connection = await open();
    await connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)", []);
    await connection.execute("INSERT INTO t VALUES (9007199254740990, 'large')", []);
    const { rows } = await connection.execute(RETURNING, NAMES, { ...OPTIONS, exactIntegers: true });
    expect(rows).toEqual([[9007199254740991], [9007199254740992n], [9007199254740993n]]);
    connection.close();
  });

  it("does not take what SQLite counts up for the key of a table that has another one", async () => {
    const connection = await open();
    await connection.execute("CREATE TABLE t (id INT PRIMARY KEY DEFAULT (abs(random())), body TEXT)", []);
    const { rows } = await connection.execute(RETURNING, NAMES, { ...OPTIONS, exactIntegers: true });
    const stored = await connection.execute("SELECT id FROM t ORDER BY rowid", [], { exactIntegers: true });
    expect(rows).toEqual(stored.rows);
    connection.close();
  });

  it("leaves what was written before a row that fails to the transaction", async () => {
    const connection = await open();
    await connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT UNIQUE)", []);
    await connection.execute("BEGIN", []);
    expect(() => connection.execute(RETURNING, ["a", "b", "a"], OPTIONS)).toThrow(/UNIQUE constraint failed: t.body/);
    expect(connection.inTransaction?.()).toBe(true);
    await connection.execute("ROLLBACK", []);
    expect(await rowsOf(connection, "SELECT * FROM t")).toEqual([]);
    connection.close();
  });

  it("waits for a lock and writes no row twice", async () => {
    const directory = mkdtempSync(join(tmpdir(), "alkahest-"));
    const path = join(directory, "a.db");
    const [holder, waiting] = [await open(path), await open(path, 5_000)];
    await holder.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)", []);
    await holder.execute("BEGIN IMMEDIATE", []);
    const result = waiting.execute(RETURNING, NAMES, OPTIONS);
    await holder.execute("INSERT INTO t VALUES (5, 'first')", []);
    await holder.execute("COMMIT", []);
    expect((await result).rows).toEqual([[6], [7], [8]]);
    expect(await rowsOf(holder, "SELECT body FROM t ORDER BY id")).toEqual([["first"], ["a"], ["b"], ["c"]]);
    holder.close();
    waiting.close();
    rmSync(directory, { recursive: true });
  });

  // node:sqlite is a part of Node 22.16 and newer.
  it.runIf(Number(process.versions.node.split(".")[0]) >= 24)("works with node:sqlite as well", async () => {
    const connection = await nodeSqlite()({ path: ":memory:", readOnly: false, busyTimeout: 0 }).connect();
    await connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)", []);
    expect((await connection.execute(RETURNING, NAMES, OPTIONS)).rows).toEqual([[1], [2], [3]]);
    expect(await rowsOf(connection, "SELECT body FROM t ORDER BY id")).toEqual([["a"], ["b"], ["c"]]);
    connection.close();
  });
});
