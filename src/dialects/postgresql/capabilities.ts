import type { Capabilities } from "../../engine/capabilities.ts";

/** PostgreSQL 15 or newer. */
export const POSTGRESQL_CAPABILITIES: Capabilities = {
  returning: true,
  multiRowInsert: true,
  updateFrom: true,
  derivedColumnNames: true,
  defaultKeyword: true,
  rowValues: true,
  partialIndexes: true,
  expressionIndexes: true,
  indexMethods: true,
  coveringIndexes: true,
  identityColumns: true,
  nullsNotDistinct: true,
  deferrableForeignKeyDdl: true,
  deferrableUniqueDdl: true,
  alterAddForeignKey: true,
  // The protocol counts them in 16 bits.
  maxParameters: 65_535,
  foreignKeyChecks: "statement",
  foreignKeyActions: "statement",
  deferrableForeignKeys: true,
  transactionDeferredForeignKeys: false,
  suspendableForeignKeys: false,
  miscountsOwnReferences: false,
  cascadesInCircles: true,
  dataModifyingCte: true,
  textsFold: false,
  deferrableUnique: true,
  generatedKeysAscend: true,
  assignsInTurn: false,
  conflictTarget: true,
  sequences: true,
  savepoints: true,
  readOnlyTransactions: true,
  deferrableTransactions: true,
  transactionalDdl: true,
  selectForUpdate: true,
};

/** What older versions lack. */
export const POSTGRESQL_14_CAPABILITIES: Capabilities = { ...POSTGRESQL_CAPABILITIES, nullsNotDistinct: false };
