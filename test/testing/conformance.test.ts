import { createEngine, type Engine, type EngineOptions } from "alkahest";
import { mysql2 } from "alkahest/mysql";
import { nodePostgres } from "alkahest/postgresql";
import { betterSqlite3, hasNodeSqlite, nodeSqlite } from "alkahest/sqlite";
import { driverConformance } from "alkahest/testing";
import { describe, expect, it } from "vitest";
import { mariadb, openMariadb, openMysql2 } from "../support/mariadb.ts";
import { openPGlite } from "../support/pglite.ts";
import { openPostgresql, postgresql } from "../support/postgresql.ts";

const runner = { describe, it };
/** An engine's options take the driver of every dialect. */
const memory = (driver: unknown): Engine => createEngine("sqlite::memory:", { driver } as EngineOptions);

driverConformance(runner, { name: "better-sqlite3", open: () => memory(betterSqlite3()) });
if (hasNodeSqlite()) driverConformance(runner, { name: "node:sqlite", open: () => memory(nodeSqlite()) });
driverConformance(runner, { name: "PGlite", open: () => openPGlite() });
if (postgresql.name === "PostgreSQL") {
  driverConformance(runner, { name: "pg", open: () => openPostgresql() });
  const preparingNone = () => openPostgresql({ driver: nodePostgres({ preparedStatements: 0 }) });
  driverConformance(runner, { name: "pg, preparing no statements", open: preparingNone });
}
if (mariadb !== null) {
  driverConformance(runner, { name: "mariadb", open: () => openMariadb() });
  driverConformance(runner, { name: "mysql2", open: () => openMysql2({ driver: mysql2() }) });
}

/** Runs the tests of the suite whose titles match, without a test runner. */
async function failuresWith(driver: unknown, titles: RegExp): Promise<string[]> {
  const failures: string[] = [];
  const running: Promise<void>[] = [];
  const run = (title: string, test: () => Promise<void>) => {
    if (!titles.test(title)) return;
    running.push(
      test().catch((error: unknown) => {
        failures.push(`${title}: ${String(error)}`);
      }),
    );
  };
  const declare = { describe: (_: string, tests: () => void) => tests(), it: run };
  driverConformance(declare, { name: "broken", open: () => memory(driver) });
  await Promise.all(running);
  return failures;
}

describe("the conformance suite", () => {
  it("finds a driver that loses count", async () => {
    const driver = (target: Parameters<ReturnType<typeof betterSqlite3>>[0]) => {
      const whole = betterSqlite3()(target);
      return {
        name: "broken",
        connect: async () => {
          const connection = await whole.connect();
          return {
            execute: async (sql: string, parameters: readonly unknown[]) => ({
              ...(await connection.execute(sql, parameters)),
              rowCount: 0,
            }),
            stream: connection.stream.bind(connection),
            close: () => connection.close(),
          };
        },
      };
    };
    expect(await failuresWith(driver, /^count the rows/)).toEqual([expect.stringContaining("0 !== 3")]);
    expect(await failuresWith(betterSqlite3(), /^count the rows/)).toEqual([]);
  });
});
