import type { CompilerCapabilities } from "../compiler/compiler-dialect.ts";

/**
 * What a database can do, as data. Code outside `dialects/` asks these flags and never for the name of the database;
 * a test that needs one says so by its name.
 */
export interface Capabilities extends CompilerCapabilities {
  /** The most placeholders that one statement may have. */
  readonly maxParameters: number;
  /** When plain foreign keys are checked: after each row, or at the end of each statement. */
  readonly foreignKeyChecks: "statement" | "row";
  /** When ON DELETE does its work, or RESTRICT refuses: after each row, or at the end of each statement. */
  readonly foreignKeyActions: "statement" | "row";
  /** `SET CONSTRAINTS ... DEFERRED` works for constraints declared deferrable. */
  readonly deferrableForeignKeys: boolean;
  /** All foreign keys can be checked at the end of the transaction, however declared (`Dialect.deferForeignKeys`). */
  readonly transactionDeferredForeignKeys: boolean;
  /** The checks of foreign keys can be switched off for a while, ON UPDATE and ON DELETE with them (`Dialect.foreignKeyChecksSql`). */
  readonly suspendableForeignKeys: boolean;
  /**
   * Of rows that get another key by ON UPDATE, and refer to the key that they get, references are counted wrong: SQLite's
   * `docs/decisions/0017`.
   */
  readonly miscountsOwnReferences: boolean;
  /** ON UPDATE and ON DELETE may come back to a table that they have changed already. */
  readonly cascadesInCircles: boolean;
  /** Unique constraints can be deferrable. */
  readonly deferrableUnique: boolean;
  /**
   * Texts are equal to unique keys if they differ only in case, accents or spaces at the end, unless a column's collation
   * says otherwise.
   */
  readonly textsFold: boolean;
  /** Generated keys of one multi-row INSERT ascend in the order of its VALUES; without RETURNING: one by one. */
  readonly generatedKeysAscend: boolean;
  /** A value that UPDATE sets may see what the same statement has set another column to. */
  readonly assignsInTurn: boolean;
  /** An upsert names the unique key that decides; without it, any unique key does. */
  readonly conflictTarget: boolean;
  /** `CREATE SEQUENCE`, and values drawn ahead of the INSERT. */
  readonly sequences: boolean;
  readonly savepoints: boolean;
  /** Transactions can be read-only. */
  readonly readOnlyTransactions: boolean;
  /** Read-only transactions can wait at their start for a state in which nothing will hinder them. */
  readonly deferrableTransactions: boolean;
  /** CREATE and DROP take part in transactions. */
  readonly transactionalDdl: boolean;
}
