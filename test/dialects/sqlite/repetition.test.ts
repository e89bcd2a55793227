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

  describe("in blocks", () => {
    const BLOCK = { sql: "INSERT INTO t (body) VALUES (?), (?)", rows: 2 };
    const IN_BLOCKS: ExecuteOptions = { rows: 6, withoutReturning: PLAIN, block: BLOCK };
    const SIX = ["a", "b", "c", "d", "e", "f"];

    async function openWith(...statements: string[]): Promise<DriverConnection> {
      const connection = await open();
      for (const sql of ["CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT UNIQUE)", ...statements, "BEGIN"]) {
        await connection.execute(sql, []);
      }
      return connection;
    }

    /** Each body and its key as the rows that came back tell it, beside those that are stored. */
    async function expectKeysToBeTrue(connection: DriverConnection, rows: unknown[][]): Promise<void> {
      const stored = await connection.execute(
        `SELECT body, id FROM t WHERE body IN ('${SIX.join("', '")}') ORDER BY body`,
        [],
        { exactIntegers: true },
      );
      expect(SIX.map((body, i) => [body, rows[i]?.[0]])).toEqual(stored.rows);
      connection.close();
    }

    it("tells the key of each row, after what the table holds", async () => {
      const connection = await openWith("INSERT INTO t VALUES (7, 'seven')");
      const { rows, rowCount } = await connection.execute(RETURNING, SIX, IN_BLOCKS);
      expect(rows).toEqual([[8], [9], [10], [11], [12], [13]]);
      expect(rowCount).toBe(6);
      await expectKeysToBeTrue(connection, rows);
    });

    it("counts rows of which nothing comes back, those beyond the last block as well", async () => {
      const connection = await openWith();
      const { rows, rowCount } = await connection.execute(PLAIN, SIX.slice(0, 5), { rows: 5, block: BLOCK });
      expect([rows, rowCount]).toEqual([[], 5]);
      expect(await rowsOf(connection, "SELECT body FROM t ORDER BY id")).toEqual([["a"], ["b"], ["c"], ["d"], ["e"]]);
      connection.close();
    });

    it("tells the keys where a trigger writes into the same table, which it does once a row", async () => {
      const connection = await openWith(
        `CREATE TRIGGER twice AFTER INSERT ON t WHEN new.body IN ('c', 'e') BEGIN
           INSERT INTO t (body) VALUES ('copy of ' || new.body); END`,
      );
      const { rows } = await connection.execute(RETURNING, SIX, IN_BLOCKS);
      expect(await rowsOf(connection, "SELECT count(*) FROM t")).toEqual([[8]]);
      await expectKeysToBeTrue(connection, rows);
    });

    it("tells the keys where a trigger deletes what was inserted, so that a key comes twice", async () => {
      const connection = await openWith(
        `CREATE TRIGGER gone AFTER INSERT ON t WHEN new.body = 'd' BEGIN DELETE FROM t WHERE id = new.id; END`,
      );
      const { rows } = await connection.execute(RETURNING, SIX, IN_BLOCKS);
      expect(rows).toEqual([[1], [2], [3], [4], [4], [5]]);
      expect(await rowsOf(connection, "SELECT body, id FROM t ORDER BY id")).toEqual([
        ["a", 1],
        ["b", 2],
        ["c", 3],
        ["e", 4],
        ["f", 5],
      ]);
      connection.close();
    });

    it("tells no key of a row that a trigger has left out", async () => {
      const connection = await openWith(
        "CREATE TRIGGER not_this BEFORE INSERT ON t WHEN new.body = 'c' BEGIN SELECT raise(IGNORE); END",
      );
      const { rows } = await connection.execute(RETURNING, SIX, IN_BLOCKS);
      expect(rows).toEqual([[1], [2], [3], [4], [5]]);
      expect(await rowsOf(connection, "SELECT body FROM t ORDER BY id")).toEqual([["a"], ["b"], ["d"], ["e"], ["f"]]);
      connection.close();
    });

    it("tells the keys where triggers insert and delete, so that the last key is the one that would have been last", async () => {
      const connection = await openWith(
        `CREATE TRIGGER twice AFTER INSERT ON t WHEN new.body = 'b' BEGIN INSERT INTO t (body) VALUES ('copy'); END`,
        `CREATE TRIGGER gone AFTER INSERT ON t WHEN new.body = 'd' BEGIN DELETE FROM t WHERE id = new.id; END`,
      );
      const wide = { sql: "INSERT INTO t (body) VALUES (?), (?), (?), (?)", rows: 4 };
      const { rows } = await connection.execute(RETURNING, SIX, { ...IN_BLOCKS, block: wide });
      expect(rows).toEqual([[1], [2], [4], [5], [5], [6]]);
      expect(await rowsOf(connection, "SELECT body FROM t ORDER BY id")).toEqual([
        ["a"],
        ["b"],
        ["copy"],
        ["c"],
        ["e"],
        ["f"],
      ]);
      connection.close();
    });

    it("tells the keys where SQLite has come to the last one and looks for others", async () => {
      const connection = await openWith("INSERT INTO t VALUES (9223372036854775804, 'large')");
      const { rows } = await connection.execute(RETURNING, SIX, { ...IN_BLOCKS, exactIntegers: true });
      expect(rows[2]).toEqual([9223372036854775807n]);
      await expectKeysToBeTrue(connection, rows);
    });

    it("tells keys that grow beyond what a number holds", async () => {
      const connection = await openWith("INSERT INTO t VALUES (9007199254740986, 'large')");
      const { rows } = await connection.execute(RETURNING, SIX, { ...IN_BLOCKS, exactIntegers: true });
      expect(rows.at(-1)).toEqual([9007199254740992n]);
      await expectKeysToBeTrue(connection, rows);
    });

    it("leaves a transaction as it was, in which a savepoint can be rolled back, where a row of a block fails", async () => {
      const connection = await openWith("INSERT INTO t VALUES (1, 'e')");
      await connection.execute("SAVEPOINT mine", []);
      expect(() => connection.execute(RETURNING, SIX, IN_BLOCKS)).toThrow(/UNIQUE constraint failed: t.body/);
      expect(connection.inTransaction?.()).toBe(true);
      await connection.execute("ROLLBACK TO mine", []);
      await connection.execute("COMMIT", []);
      expect(await rowsOf(connection, "SELECT id, body FROM t")).toEqual([[1, "e"]]);
      connection.close();
    });

    it("tells why a row failed where that ended the transaction", async () => {
      const connection = await openWith(
        "CREATE TRIGGER enough BEFORE INSERT ON t WHEN new.body = 'e' BEGIN SELECT raise(ROLLBACK, 'enough'); END",
      );
      expect(() => connection.execute(RETURNING, SIX, IN_BLOCKS)).toThrow(/enough/);
      expect(connection.inTransaction?.()).toBe(false);
      expect(await rowsOf(connection, "SELECT * FROM t")).toEqual([]);
      connection.close();
    });
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
