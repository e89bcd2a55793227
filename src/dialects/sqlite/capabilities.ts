import type { Capabilities } from "../../engine/capabilities.ts";

/** SQLite 3.35 (2021) or newer; `better-sqlite3` brings its own, which is. */
export const SQLITE_CAPABILITIES: Capabilities = {
  returning: true,
  multiRowInsert: true,
  updateFrom: true,
  derivedColumnNames: false,
  defaultKeyword: false,
  rowValues: true,
  partialIndexes: true,
  expressionIndexes: true,
  nullsNotDistinct: false,
  deferrableForeignKeyDdl: true,
  deferrableUniqueDdl: false,
  alterAddForeignKey: false,
  maxParameters: 32_766,
  foreignKeyChecks: "statement",
  deferrableForeignKeys: false,
  transactionDeferredForeignKeys: true,
  deferrableUnique: false,
  generatedKeysAscend: true,
  sequences: false,
  savepoints: true,
  transactionalDdl: true,
  selectForUpdate: false,
};
