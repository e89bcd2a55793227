import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, type DriverResult, type Engine, type EngineOptions } from "alkahest";
import { betterSqlite3 } from "alkahest/sqlite";
import { describe, onTestFinished } from "vitest";
import { driverAround } from "./driver-around.ts";
import { mariadb } from "./mariadb.ts";
import { postgresql } from "./postgresql.ts";

/** What a database can do, as far as tests depend on it. */
export interface TestCapabilities {
  /** Foreign keys can be switched off for an engine. */
  readonly foreignKeysOff: boolean;
  /** The check of every foreign key can be put off to the end of the transaction. */
  readonly deferForeignKeys: boolean;
  /** Keys can change under an enforced foreign key without ON UPDATE CASCADE, without suspending its check. */
  readonly keysFollow: boolean;
  /** Constraints can be declared DEFERRABLE, and put off to the end of the transaction. */
  readonly deferrable: boolean;
  /** Sequences give keys before their rows are inserted. */
  readonly drawsKeys: boolean;
  /** One statement can write several tables. */
  readonly sharesStatement: boolean;
  /** Foreign keys are checked at the end of a statement, not after each row: a ring of rows is one statement. */
  readonly checksAtStatementEnd: boolean;
  /** Unique keys may take NULL for equal to NULL. */
  readonly nullsNotDistinct: boolean;
  /** Transactions can be read-only. */
  readonly readOnlyTransactions: boolean;
  /** Several transactions can write at once. */
  readonly concurrentWriters: boolean;
  /** Indexes over a part of the rows. */
  readonly partialIndexes: boolean;
  /** Collations without case for any text, also under a unique key. */
  readonly comparesWithoutCase: boolean;
  /** Tables and columns can have comments. */
  readonly comments: boolean;
  /** INSERT and DELETE can return rows. */
  readonly returning: boolean;
  /** UPDATE can return rows. */
  readonly updateReturning: boolean;
  /** `openShared` gives several connections; where there is one, sessions take turns. */
  readonly severalConnections: boolean;
}

/** Stands between the engine and the driver: may fail, or change what comes back. */
export type Around = (sql: string, execute: () => Promise<DriverResult>) => Promise<DriverResult>;

export interface OpenOptions {
  readonly foreignKeys?: boolean;
  readonly around?: Around;
  /** Other options of the engine. */
  readonly engine?: Omit<EngineOptions, "foreignKeys" | "driver">;
}

/** What tests ask of a server, or do to it. Values that go into the SQL are numbers and words. */
export interface TestServer {
  /** A statement that takes a minute and carries a mark. */
  slow(mark: string): string;
  /** Counts the statements with the mark that the server is executing. */
  running(mark: string): string;
  /** The server's number of the connection that asks. */
  readonly ownId: string;
  /** Ends another connection. */
  kill(id: number): string;
  /** Counts the connections of that number. */
  connected(id: number): string;
  readonly url: string;
  readonly port: number;
  /** Opens an empty database on the server by way of another port. */
  openAt(port: number, options?: OpenOptions): Engine;
}

/** A database that behaviour tests run on. */
export interface TestDatabase {
  readonly name: string;
  readonly capabilities: TestCapabilities;
  /** Opens an empty database. */
  open(options?: OpenOptions): Engine;
  /** Opens an empty database that several connections share. */
  openShared(options?: OpenOptions): Engine;
  /** Null for what runs inside the process. */
  readonly server: TestServer | null;
}

const sqlite: TestDatabase = {
  name: "SQLite",
  capabilities: {
    foreignKeysOff: true,
    deferForeignKeys: true,
    keysFollow: true,
    sharesStatement: false,
    drawsKeys: false,
    nullsNotDistinct: false,
    deferrable: false,
    checksAtStatementEnd: true,
    readOnlyTransactions: false,
    concurrentWriters: false,
    partialIndexes: true,
    comparesWithoutCase: true,
    comments: false,
    returning: true,
    updateReturning: true,
    severalConnections: true,
  },
  open: ({ foreignKeys = true, around, engine } = {}) =>
    createEngine("sqlite::memory:", {
      ...engine,
      foreignKeys,
      ...(around !== undefined && { driver: driverAround(betterSqlite3(), around) as never }), // each dialect has driver factories of its own
    }),
  openShared: openFile,
  server: null,
};

function openFile({ foreignKeys = true, around, engine: options }: OpenOptions = {}): Engine {
  const folder = mkdtempSync(join(tmpdir(), "alkahest-"));
  const engine = createEngine(`sqlite:///${join(folder, "app.db")}`, {
    ...options,
    foreignKeys,
    ...(around !== undefined && { driver: driverAround(betterSqlite3(), around) as never }), // each dialect has driver factories of its own
  });
  // With one file for the changes, readers and a writer do not hinder each other.
  engine.on("connect", async ({ connection }) => void (await connection.execute("PRAGMA journal_mode = WAL", [])));
  onTestFinished(async () => {
    await engine.dispose();
    rmSync(folder, { recursive: true });
  });
  return engine;
}

/** Every database that is wired into the tests. */
export const databases: readonly TestDatabase[] = [sqlite, postgresql, ...(mariadb === null ? [] : [mariadb])];

/** Declares the same tests for every database that is a server. */
export function onEveryServer(title: string, tests: (database: TestDatabase, server: TestServer) => void): void {
  for (const database of databases) {
    const { server } = database;
    if (server !== null) describe(`${title} [${database.name}]`, () => tests(database, server));
  }
}

/** Declares the same tests for every database. */
export function onEveryDatabase(title: string, tests: (database: TestDatabase) => void): void {
  for (const database of databases) describe(`${title} [${database.name}]`, () => tests(database));
}

/** Declares the same tests for every database that several connections can share. */
export function onSharedDatabases(title: string, tests: (database: TestDatabase) => void): void {
  for (const database of databases.filter(({ capabilities }) => capabilities.severalConnections)) {
    describe(`${title} [${database.name}]`, () => tests(database));
  }
}
