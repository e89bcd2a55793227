import type { Capabilities } from "../../engine/capabilities.ts";

/** MariaDB 10.6 or newer. */
export const MARIADB_CAPABILITIES: Capabilities = {
  // Of INSERT and DELETE; the compilers refuse it for UPDATE.
  returning: true,
  multiRowInsert: true,
  updateFrom: true,
  derivedColumnNames: false,
  defaultKeyword: true,
  rowValues: true,
  partialIndexes: false,
  expressionIndexes: false,
  indexMethods: false,
  coveringIndexes: false,
  // Spelled AUTO_INCREMENT.
  identityColumns: true,
  nullsNotDistinct: false,
  deferrableForeignKeyDdl: false,
  deferrableUniqueDdl: false,
  alterAddForeignKey: true,
  maxParameters: 65_535,
  foreignKeyChecks: "row",
  foreignKeyActions: "row",
  deferrableForeignKeys: false,
  transactionDeferredForeignKeys: false,
  suspendableForeignKeys: true,
  miscountsOwnReferences: false,
  cascadesInCircles: false,
  dataModifyingCte: false,
  textsFold: true,
  deferrableUnique: false,
  // The number of rows is known beforehand, so that InnoDB reserves consecutive keys.
  generatedKeysAscend: true,
  assignsInTurn: true,
  conflictTarget: false,
  sequences: false,
  savepoints: true,
  readOnlyTransactions: true,
  deferrableTransactions: false,
  transactionalDdl: false,
  selectForUpdate: true,
};

/** MySQL 8. */
export const MYSQL_CAPABILITIES: Capabilities = { ...MARIADB_CAPABILITIES, returning: false, expressionIndexes: true };

/** MySQL 8 where keys count up in steps. */
export const MYSQL_CLUSTER_CAPABILITIES: Capabilities = { ...MYSQL_CAPABILITIES, generatedKeysAscend: false };
