import type { Engine } from "../engine/index.ts";
import type { DeclareTest, DriverUnderTest, TestRunner } from "./runner.ts";
import { metadata } from "./tables.ts";
import { connectionTests } from "./test-connections.ts";
import { pipelineTests } from "./test-pipelines.ts";
import { statementTests } from "./test-statements.ts";
import { transactionTests } from "./test-transactions.ts";
import { valueTests } from "./test-values.ts";

/**
 * Declares the tests that every driver has to pass: values, statements, errors, transactions, streams, connections. They
 * belong to no test runner; an assertion that fails throws an `AssertionError` of Node.
 *
 * @param runner `describe` and `it` of a test runner
 * @param driver a name for the titles, and how to open an engine with the driver
 *
 * @example
 * ```ts no-run
 * import { describe, it } from "node:test";
 * import { createEngine } from "alkahest";
 * import { betterSqlite3 } from "alkahest/sqlite";
 * import { driverConformance } from "alkahest/testing";
 *
 * driverConformance(
 *   { describe, it },
 *   { name: "better-sqlite3", open: () => createEngine("sqlite::memory:", { driver: betterSqlite3() }) },
 * );
 * ```
 */
export function driverConformance({ describe, it }: TestRunner, { name, open }: DriverUnderTest): void {
  const declare: DeclareTest = (title, test) => it(title, async () => onEmptyTables(await open(), test));
  describe(`The driver ${name}`, () => {
    describe("values", () => valueTests(declare));
    describe("statements", () => statementTests(declare));
    describe("transactions", () => transactionTests(declare));
    describe("statements sent together", () => pipelineTests(declare));
    describe("connections", () => connectionTests(declare));
  });
}

async function onEmptyTables(engine: Engine, test: (engine: Engine) => Promise<void>): Promise<void> {
  try {
    await metadata.dropAll(engine);
    await metadata.createAll(engine);
    await test(engine);
    await metadata.dropAll(engine);
  } finally {
    await engine.dispose();
  }
}
