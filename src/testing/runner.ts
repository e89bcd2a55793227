import type { Engine } from "../engine/index.ts";

/** The two functions of a test runner: those of vitest, jest, mocha and `node:test` all fit. */
export interface TestRunner {
  describe(title: string, tests: () => void): unknown;
  it(title: string, test: () => Promise<void>): unknown;
}

/** What is to be tested. */
export interface DriverUnderTest {
  /** For the titles of the tests. */
  readonly name: string;
  /**
   * Makes an engine with the driver on a database where the tests may create and drop tables whose names begin with
   * `alkahest_`. Called once for each test, which disposes of the engine.
   */
  open(): Engine | Promise<Engine>;
}

/** Declares one test on an engine of its own, which begins with empty tables and leaves none behind. */
export type DeclareTest = (title: string, test: (engine: Engine) => Promise<void>) => void;
