import { createEngine, type Engine } from "alkahest";
import { describe } from "vitest";

/** What a database can do, as far as tests depend on it. */
export interface TestCapabilities {
  /** Foreign keys can be switched off for an engine. */
  readonly foreignKeysOff: boolean;
  /** Keys can change under an enforced foreign key without ON UPDATE CASCADE. */
  readonly deferForeignKeys: boolean;
}

/** A database that behaviour tests run on. */
export interface TestDatabase {
  readonly name: string;
  readonly capabilities: TestCapabilities;
  /** Opens an empty database. */
  open(options?: { readonly foreignKeys?: boolean }): Engine;
}

const sqlite: TestDatabase = {
  name: "SQLite",
  capabilities: { foreignKeysOff: true, deferForeignKeys: true },
  open: (options = {}) => createEngine("sqlite::memory:", options),
};

/** Every database that is wired into the tests. */
export const databases: readonly TestDatabase[] = [sqlite];

/** Declares the same tests for every database. */
export function onEveryDatabase(title: string, tests: (database: TestDatabase) => void): void {
  for (const database of databases) describe(`${title} [${database.name}]`, () => tests(database));
}
