import { describe, expect, it } from "vitest";
import { betterSqlite3 } from "../../src/dialects/sqlite/better-sqlite3.ts";
import type { SqliteDriverFactory } from "../../src/dialects/sqlite/driver-factory.ts";
import type { DriverConnection } from "../../src/engine/driver.ts";
import {
  CommitOutcomeUnknown,
  ConnectionLostError,
  InvalidStateError,
  UniqueViolation,
} from "../../src/errors/index.ts";
import { integer, MetaData, Table } from "../../src/schema/index.ts";
import { insert } from "../../src/statement/insert.ts";
import { fileEngine, loggedEngine, memoryEngine } from "./support.ts";

/** The driver for SQLite, but every answer takes a while; `fail` may make one fail instead. */
function slowDriver(fail: (sql: string) => Error | null = () => null): SqliteDriverFactory {
  return (target) => {
    const driver = betterSqlite3()(target);
    return { name: "slow", connect: async () => slow(await driver.connect(), fail) };
  };
}

function slow(connection: DriverConnection, fail: (sql: string) => Error | null): DriverConnection {
  return {
    async execute(sql, parameters, options) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const error = fail(sql);
      if (error !== null) throw error;
      return connection.execute(sql, parameters, options);
    },
    stream: (sql, parameters, options) => connection.stream(sql, parameters, options),
    close: () => connection.close(),
  };
}

describe("an asynchronous driver", () => {
  it("begins one transaction for statements that are sent together", async () => {
    const { engine, lines } = loggedEngine({ driver: slowDriver() });
    await using connection = await engine.connect();
    const results = await Promise.all([1, 2, 3].map((n) => connection.run("SELECT ?", [n])));
    expect(results.map(({ rows }) => rows)).toEqual([[[1]], [[2]], [[3]]]);
    await connection.commit();
    expect(lines.filter((line) => line === "BEGIN (implicit)")).toHaveLength(1);
  });

  it("has its errors translated, and constraints named", async () => {
    const engine = memoryEngine({ driver: slowDriver() });
    const table = new Table("t", new MetaData(), { id: integer().primaryKey() });
    await table.metadata.createAll(engine);
    await using connection = await engine.connect();
    await connection.execute(insert(table).values({ id: 1 }));
    await expect(connection.execute(insert(table).values({ id: 1 }))).rejects.toThrow(UniqueViolation);
  });

  it("times its statements", async () => {
    const engine = memoryEngine({ driver: slowDriver() });
    const durations: number[] = [];
    engine.on("statement", ({ durationMs }) => durations.push(durationMs));
    await engine.begin((connection) => connection.run("SELECT 1", []));
    expect(durations).toHaveLength(1);
    expect(durations[0]).toBeGreaterThan(0.5);
  });
});

describe("a connection that is lost", () => {
  const lost = new ConnectionLostError("the server is gone");

  it("is thrown away, and the next user gets another one", async () => {
    let isDown = false;
    const engine = fileEngine({ driver: slowDriver(() => (isDown ? lost : null)), pool: { size: 1 } });
    const seen: string[] = [];
    engine.on("connect", ({ connectionId }) => seen.push(`connect ${connectionId}`));
    engine.on("invalidate", ({ connectionId, error }) => seen.push(`invalidate ${connectionId} ${error.message}`));
    const connection = await engine.connect();
    await connection.run("SELECT 1", []);
    isDown = true;
    await expect(connection.run("SELECT 2", [])).rejects.toBe(lost);
    isDown = false;
    expect(connection.inTransaction).toBe(false);
    expect(() => connection.run("SELECT 3", [])).toThrow(InvalidStateError);
    expect(() => connection.run("SELECT 3", [])).toThrow("it was lost (the server is gone)");
    await connection.close();
    await engine.begin((other) => other.run("SELECT 4", []));
    expect(seen).toEqual(["connect 1", "invalidate 1 the server is gone", "connect 2"]);
  });

  it("during COMMIT leaves the outcome unknown", async () => {
    const engine = fileEngine({ driver: slowDriver((sql) => (sql === "COMMIT" ? lost : null)) });
    const error = await engine.begin((connection) => connection.run("SELECT 1", [])).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(CommitOutcomeUnknown);
    expect(error).toHaveProperty("cause", lost);
  });

  it("does not hide the error of the work when the rollback fails too", async () => {
    const engine = fileEngine({ driver: slowDriver((sql) => (sql === "ROLLBACK" ? new Error("no") : null)) });
    const failure = new Error("the work failed");
    const work = engine.begin(async (connection) => {
      await connection.run("SELECT 1", []);
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
  });
});
