import { beforeEach, describe, expect, it } from "vitest";
import type { Connection, Engine } from "../../src/engine/index.ts";
import { InvalidStateError, OperationalError, SerializationError, UniqueViolation } from "../../src/errors/index.ts";
import { text } from "../../src/statement/text.ts";
import { fileEngine, memoryEngine } from "./support.ts";

const INSERT = "INSERT INTO t VALUES (?)";

async function ids(connection: Connection): Promise<unknown[]> {
  return (await connection.run("SELECT id FROM t ORDER BY id", [])).rows.map(([id]) => id);
}

async function committedIds(engine: Engine): Promise<unknown[]> {
  await using connection = await engine.connect();
  return ids(connection);
}

describe("a connection's transaction", () => {
  let engine: Engine;

  beforeEach(async () => {
    engine = memoryEngine();
    await engine.begin((connection) => connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)")));
  });

  it("begins with the first statement and ends with commit", async () => {
    await using connection = await engine.connect();
    expect(connection.inTransaction).toBe(false);
    await connection.run(INSERT, [1]);
    expect(connection.inTransaction).toBe(true);
    await connection.commit();
    expect(connection.inTransaction).toBe(false);
    await connection.run(INSERT, [2]);
    expect(connection.inTransaction).toBe(true);
    await connection.rollback();
    expect(await ids(connection)).toEqual([1]);
  });

  it("is rolled back when the connection is closed", async () => {
    const connection = await engine.connect();
    await connection.run(INSERT, [1]);
    await connection.close();
    expect(await committedIds(engine)).toEqual([]);
  });

  it("cannot begin twice", async () => {
    await using connection = await engine.connect();
    await connection.begin();
    await expect(connection.begin()).rejects.toThrow(InvalidStateError);
    await connection.rollback();
    await connection.run("SELECT 1", []);
    await expect(connection.begin()).rejects.toThrow("the first statement begins one");
  });

  it("can be committed and rolled back when there is none", async () => {
    await using connection = await engine.connect();
    await connection.commit();
    await connection.rollback();
    expect(connection.inTransaction).toBe(false);
  });

  it("goes on after a statement that failed", async () => {
    await using connection = await engine.connect();
    await connection.run(INSERT, [1]);
    expect(() => connection.run(INSERT, [1])).toThrow(UniqueViolation);
    await connection.run(INSERT, [2]);
    await connection.commit();
    expect(await ids(connection)).toEqual([1, 2]);
  });

  it("refuses work when the database has ended it, until rollback", async () => {
    await using connection = await engine.connect();
    await connection.run(INSERT, [1]);
    expect(() => connection.run("INSERT OR ROLLBACK INTO t VALUES (1)", [])).toThrow(UniqueViolation);
    const error = await connection.execute(text("SELECT 1 AS one")).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(InvalidStateError);
    expect(error).toHaveProperty("cause", expect.any(UniqueViolation));
    await expect(connection.commit()).rejects.toThrow(InvalidStateError);
    await connection.rollback();
    expect(await ids(connection)).toEqual([]);
  });

  it("stays open when COMMIT fails", async () => {
    await using connection = await engine.connect();
    await connection.run("CREATE TABLE child (t_id INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)", []);
    await connection.run("INSERT INTO child VALUES (7)", []);
    await expect(connection.commit()).rejects.toMatchObject({ code: "ALK_FOREIGN_KEY_VIOLATION", sql: "COMMIT" });
    expect(connection.inTransaction).toBe(true);
    await connection.run(INSERT, [7]);
    await connection.commit();
    expect(await ids(connection)).toEqual([7]);
  });

  it("can put off the check of foreign keys to its end", async () => {
    await using connection = await engine.connect();
    await connection.run("CREATE TABLE child (t_id INTEGER NOT NULL REFERENCES t (id))", []);
    await connection.commit();
    await connection.run(connection.dialect.deferForeignKeysSql, []);
    await connection.run("INSERT INTO child VALUES (7)", []);
    await connection.run(INSERT, [7]);
    await connection.commit();
    expect(() => connection.run("DELETE FROM t", [])).not.toThrow(InvalidStateError);
  });
});

describe("engine.begin", () => {
  let engine: Engine;

  beforeEach(async () => {
    engine = memoryEngine();
    await engine.begin((connection) => connection.run("CREATE TABLE t (id INTEGER PRIMARY KEY)", []));
  });

  it("commits what the function did, and returns what it returned", async () => {
    expect(await engine.begin(async (connection) => (await connection.run(INSERT, [1])).rowCount)).toBe(1);
    expect(await committedIds(engine)).toEqual([1]);
  });

  it("rolls back when the function throws", async () => {
    const failure = new Error("no");
    await expect(
      engine.begin(async (connection) => {
        await connection.run(INSERT, [1]);
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await committedIds(engine)).toEqual([]);
  });

  it("rolls back when COMMIT fails", async () => {
    await engine.begin((connection) =>
      connection.run("CREATE TABLE child (t_id INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)", []),
    );
    await expect(engine.begin((connection) => connection.run("INSERT INTO child VALUES (7)", []))).rejects.toThrow(
      "FOREIGN KEY",
    );
    await engine.begin(async (connection) => {
      expect((await connection.run("SELECT * FROM child", [])).rows).toEqual([]);
    });
  });
});

describe("savepoints", () => {
  let connection: Connection;

  beforeEach(async () => {
    connection = await memoryEngine().connect();
    await connection.run("CREATE TABLE t (id INTEGER PRIMARY KEY)", []);
    await connection.commit();
  });

  it("begin a transaction when none is open", async () => {
    const savepoint = await connection.savepoint();
    expect(connection.inTransaction).toBe(true);
    await savepoint.release();
    expect(connection.inTransaction).toBe(true);
  });

  it("undo what was done since, and nothing else", async () => {
    await connection.run(INSERT, [1]);
    const savepoint = await connection.savepoint();
    await connection.run(INSERT, [2]);
    await savepoint.rollback();
    await connection.run(INSERT, [3]);
    await connection.commit();
    expect(await ids(connection)).toEqual([1, 3]);
  });

  it("keep what was done since when they are released, unless the transaction is rolled back", async () => {
    const savepoint = await connection.savepoint();
    await connection.run(INSERT, [1]);
    await savepoint.release();
    expect(await ids(connection)).toEqual([1]);
    await connection.rollback();
    expect(await ids(connection)).toEqual([]);
  });

  it("nest, and an outer one ends the inner ones", async () => {
    const outer = await connection.savepoint();
    await connection.run(INSERT, [1]);
    const inner = await connection.savepoint();
    await connection.run(INSERT, [2]);
    expect(inner.name).not.toBe(outer.name);
    await outer.rollback();
    expect([outer.isActive, inner.isActive]).toEqual([false, false]);
    await expect(inner.release()).rejects.toThrow(InvalidStateError);
    expect(await ids(connection)).toEqual([]);
  });

  it("are over when the transaction is", async () => {
    const savepoint = await connection.savepoint();
    await connection.commit();
    expect(savepoint.isActive).toBe(false);
    await expect(savepoint.rollback()).rejects.toThrow("its transaction ended");
  });

  it("can have names, of any kind", async () => {
    const savepoint = await connection.savepoint('before "it"');
    await connection.run(INSERT, [1]);
    await savepoint.rollback();
    expect(await ids(connection)).toEqual([]);
  });
});

describe("transactions side by side on a file", () => {
  async function twoConnections(query = "?timeout=100"): Promise<[Engine, Connection, Connection]> {
    const engine = fileEngine({ query });
    const first = await engine.connect();
    await first.run("CREATE TABLE t (id INTEGER PRIMARY KEY)", []);
    await first.commit();
    return [engine, first, await engine.connect()];
  }

  it("see only what is committed", async () => {
    const [, first, second] = await twoConnections();
    await first.run(INSERT, [1]);
    expect(await ids(second)).toEqual([]);
    await second.rollback();
    await first.commit();
    expect(await ids(second)).toEqual([1]);
  });

  it("wait for each other to write, without blocking the program", async () => {
    const [, first, second] = await twoConnections("?timeout=5000");
    await first.run(INSERT, [1]);
    setTimeout(() => void first.commit(), 20);
    await second.run(INSERT, [2]);
    await second.commit();
    expect(await ids(first)).toEqual([1, 2]);
  });

  it("fail with a TimeoutError that says what to do when the wait is too long", async () => {
    const [, first, second] = await twoConnections();
    await first.run(INSERT, [1]);
    const error = await second.execute(text("INSERT INTO t VALUES (2)")).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(OperationalError);
    expect(error).toMatchObject({ code: "ALK_TIMEOUT" });
    expect(String(error)).toContain("journal_mode = WAL");
    await first.commit();
    await second.run(INSERT, [2]);
  });

  it("with WAL, refuse a write on top of an old read as something to retry", async () => {
    const [engine, first, second] = await twoConnections();
    await first.rollback();
    await engine.begin((connection) => connection.run("SELECT 1", []));
    const wal = fileEngine();
    wal.on("connect", async ({ connection }) => void (await connection.execute("PRAGMA journal_mode = WAL", [])));
    const [reader, writer] = [await wal.connect(), await wal.connect()];
    await writer.run("CREATE TABLE t (id INTEGER PRIMARY KEY)", []);
    await writer.commit();
    expect(await ids(reader)).toEqual([]);
    await writer.run(INSERT, [1]);
    await writer.commit();
    expect(() => reader.run(INSERT, [2])).toThrow(SerializationError);
    await reader.rollback();
    await reader.begin({ isolation: "serializable" });
    await reader.run(INSERT, [2]);
    await reader.commit();
    expect(await ids(writer)).toEqual([1, 2]);
    await second.close();
  });
});
