import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BetterSqlite3Module, betterSqlite3 } from "../../../src/dialects/sqlite/better-sqlite3.ts";
import type { DriverConnection, DriverResult } from "../../../src/engine/driver.ts";
import { isPromise } from "../../../src/engine/maybe-promise.ts";
import { ConnectionLostError, MissingDriverError, OperationalError } from "../../../src/errors/index.ts";

const memory = { path: ":memory:", readOnly: false, busyTimeout: 500 };

/** The answer of a driver that answers at once. */
function now(connection: DriverConnection, sql: string, parameters: readonly unknown[] = []): DriverResult {
  const result = connection.execute(sql, parameters);
  if (isPromise(result)) throw new Error("The driver did not answer at once.");
  return result;
}

describe("the better-sqlite3 driver", () => {
  let connection: DriverConnection;

  beforeEach(async () => {
    connection = await betterSqlite3()(memory).connect();
    now(connection, "CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)");
  });

  afterEach(() => connection.close());

  it("answers at once, with rows as arrays", () => {
    now(connection, "INSERT INTO t VALUES (?, ?), (?, ?)", [1n, "a", 2n, null]);
    const result = now(connection, "SELECT id, body AS text FROM t");
    expect(result.rows).toEqual([
      [1, "a"],
      [2, null],
    ]);
    expect(result.columns).toEqual(["id", "text"]);
    expect(result.rowCount).toBe(2);
  });

  it("counts changed rows and reports the generated key", () => {
    const inserted = now(connection, "INSERT INTO t (body) VALUES ('a'), ('b')");
    expect(inserted.rowCount).toBe(2);
    expect(inserted.lastInsertId).toBe(2);
    expect(now(connection, "UPDATE t SET body = 'c'").rowCount).toBe(2);
    expect(now(connection, "INSERT INTO t (body) VALUES ('d') RETURNING id").rows).toEqual([[3]]);
  });

  it("reports a generated key beyond 2^53 exactly", () => {
    expect(now(connection, "INSERT INTO t VALUES (9007199254740993, 'a')").lastInsertId).toBe(9007199254740993n);
  });

  it("gives large integers as bigint when asked to, and only those", () => {
    const sql = "SELECT 9007199254740993, 5, 1.5, 'x', NULL";
    const { rows } = connection.execute(sql, [], { exactIntegers: true }) as DriverResult;
    expect(rows).toEqual([[9007199254740993n, 5, 1.5, "x", null]]);
    expect(now(connection, sql).rows[0]![1]).toBe(5);
    expect(Number.isSafeInteger(now(connection, sql).rows[0]![0])).toBe(false);
  });

  it("runs a PRAGMA each time it is executed", () => {
    for (const value of ["ON", "OFF", "ON"]) now(connection, `PRAGMA foreign_keys = ${value}`);
    expect(now(connection, "PRAGMA foreign_keys").rows).toEqual([[1]]);
  });

  it("knows when a transaction is open", () => {
    now(connection, "BEGIN");
    expect(connection.inTransaction?.()).toBe(true);
    now(connection, "ROLLBACK");
    expect(connection.inTransaction?.()).toBe(false);
  });

  it("streams rows while other statements run on the same connection", async () => {
    now(connection, "INSERT INTO t (body) VALUES ('a'), ('b'), ('c')");
    const seen: unknown[] = [];
    for await (const [id] of connection.stream("SELECT id FROM t ORDER BY id", [])) {
      now(connection, "UPDATE t SET body = body || '!' WHERE id = ?", [id]);
      seen.push(id);
      if (id === 2) break;
    }
    expect(seen).toEqual([1, 2]);
    expect(now(connection, "SELECT body FROM t").rows).toEqual([["a!"], ["b!"], ["c"]]);
  });

  it("can be closed while rows are being read", async () => {
    now(connection, "INSERT INTO t (body) VALUES ('a'), ('b')");
    const rows = connection.stream("SELECT id FROM t", [])[Symbol.asyncIterator]();
    await rows.next();
    connection.close();
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  it("says that it is closed", () => {
    connection.close();
    connection.close();
    expect(() => now(connection, "SELECT 1")).toThrow(ConnectionLostError);
  });

  it("keeps working when more statements were used than it remembers", () => {
    for (let round = 0; round < 2; round++) {
      for (let number = 0; number < 250; number++) expect(now(connection, `SELECT ${number}`).rows).toEqual([[number]]);
    }
  });
});

describe("a missing or broken driver", () => {
  const connect = (load: () => Promise<BetterSqlite3Module>) => async () => betterSqlite3({ load })(memory).connect();

  it("names the package to install", async () => {
    const cause = Object.assign(new Error("Cannot find package 'better-sqlite3'"), { code: "ERR_MODULE_NOT_FOUND" });
    const error = await connect(() => Promise.reject(cause))().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(MissingDriverError);
    expect(error).toHaveProperty("cause", cause);
    expect(String(error)).toContain("npm install better-sqlite3");
  });

  it("tries again at the next connection", async () => {
    let calls = 0;
    const driver = betterSqlite3({
      load: () => {
        calls++;
        // The module has the shape that the driver uses; its own types say more.
        return calls === 1 ? Promise.reject(new Error("not yet")) : (import("better-sqlite3") as never);
      },
    })(memory);
    await expect(async () => driver.connect()).rejects.toThrow(MissingDriverError);
    const connection = await driver.connect();
    expect(now(connection, "SELECT 1").rows).toEqual([[1]]);
    connection.close();
  });

  it("tells a native part that does not load from a missing package", async () => {
    class Broken {
      constructor() {
        throw Object.assign(new Error("wrong ELF class"), { code: "ERR_DLOPEN_FAILED" });
      }
    }
    const error = await connect(() => Promise.resolve({ default: Broken as never }))().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(MissingDriverError);
    expect(String(error)).toContain("npm rebuild better-sqlite3");
  });

  it("names the file that cannot be opened", async () => {
    const driver = betterSqlite3()({ ...memory, path: "/no/such/folder/app.db" });
    const error = await (async () => driver.connect())().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(OperationalError);
    expect(String(error)).toContain("/no/such/folder/app.db");
  });
});

describe("a file that another connection has locked", () => {
  let folder: string;
  let connections: DriverConnection[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "alkahest-"));
    const driver = betterSqlite3()({ path: join(folder, "app.db"), readOnly: false, busyTimeout: 150 });
    connections = [await driver.connect(), await driver.connect()];
    now(connections[0]!, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
  });

  afterEach(() => {
    for (const connection of connections) connection.close();
    rmSync(folder, { recursive: true });
  });

  it("is waited for without blocking the holder of the lock", async () => {
    const [first, second] = connections as [DriverConnection, DriverConnection];
    now(first, "BEGIN IMMEDIATE");
    setTimeout(() => now(first, "COMMIT"), 30);
    const result = second.execute("INSERT INTO t VALUES (1)", []);
    expect(isPromise(result)).toBe(true);
    expect((await result).rowCount).toBe(1);
  });

  it("fails when the time is over", async () => {
    const [first, second] = connections as [DriverConnection, DriverConnection];
    now(first, "BEGIN IMMEDIATE");
    await expect(second.execute("INSERT INTO t VALUES (1)", [])).rejects.toMatchObject({ code: "SQLITE_BUSY" });
    now(first, "ROLLBACK");
  });
});
