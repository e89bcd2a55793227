import type { BatchCompiler } from "../compiler/batch-compiler.ts";
import type { CompiledColumn } from "../compiler/compiled.ts";
import type { CompilerDialect } from "../compiler/compiler-dialect.ts";
import type { DdlCompiler } from "../compiler/ddl-compiler.ts";
import type { StatementCompiler } from "../compiler/statement-compiler.ts";
import type { AlkahestError } from "../errors/index.ts";
import type { OptionNames } from "../expression/check-arguments.ts";
import type { SqlType } from "../expression/sql-type.ts";
import type { ForeignKeyConstraint } from "../schema/foreign-key.ts";
import type { Capabilities } from "./capabilities.ts";
import type { DriverConnection, ExecuteOptions } from "./driver.ts";
import type { InspectionSource, Inspector } from "./inspector.ts";
import type { MaybePromise } from "./maybe-promise.ts";

/** Converts one value; never called with null. */
export type Processor = (value: unknown) => unknown;

/**
 * Says why the database cannot hold a value that its type allows, to be put behind the name of the column; null if it
 * can. Never called with null.
 */
export type ValueLimit = (value: unknown) => string | null;

export const ISOLATION_LEVELS = ["read uncommitted", "read committed", "repeatable read", "serializable"] as const;

/** How strictly a transaction is kept apart from others, in the words of standard SQL. */
export type IsolationLevel = (typeof ISOLATION_LEVELS)[number];

/** How a transaction begins. */
export interface BeginOptions {
  /** How strictly it is kept apart from others. Default: what the database does by itself. */
  readonly isolation?: IsolationLevel;
  /** It writes nothing; the database refuses it if it tries. */
  readonly readOnly?: boolean;
  /**
   * PostgreSQL: a serializable, read-only transaction waits at its start until it can run without ever failing for
   * others: for long reports.
   */
  readonly deferrable?: boolean;
}

export const BEGIN_OPTIONS: OptionNames<BeginOptions> = { isolation: true, readOnly: true, deferrable: true };

/** A foreign key as the database has it, seen from the table that it refers to. */
export interface ReferringForeignKey {
  readonly name: string;
  readonly schema: string | null;
  readonly table: string;
  readonly columns: readonly string[];
  readonly referredColumns: readonly string[];
}

/** The switch for the checks of foreign keys on a connection; ON UPDATE and ON DELETE go off with them. */
export interface ForeignKeySuspension {
  readonly suspendSql: string;
  readonly resumeSql: string;
  /**
   * Gives rows that have certain values in the columns other ones, all at once: as many changes as `count`; parameters: of
   * each change the values of before, then those of after.
   */
  moveSql(table: string, schema: string | null, columns: readonly string[], count: number): string;
  /** Every foreign key of the database that refers to a table, whether or not the metadata know it. */
  referring(source: InspectionSource, table: string, schema: string | null): Promise<readonly ReferringForeignKey[]>;
}

/**
 * Everything that the toolkit knows about one kind of database: capabilities as data, compilers, the conversion of
 * values, the meaning of its errors.
 */
export interface Dialect extends CompilerDialect {
  readonly capabilities: Capabilities;
  readonly statements: StatementCompiler;
  readonly ddl: DdlCompiler;
  readonly batches: BatchCompiler;

  /** What makes a value of the type bindable, or null when the driver takes it as it is. The same one for every call. */
  bindProcessor(type: SqlType<unknown>): Processor | null;
  /** What makes the driver's answer a value of the type, or null when it is one. The same one for every call. */
  resultProcessor(type: SqlType<unknown>): Processor | null;
  /** What the database cannot hold of what the type allows; null: it holds everything. */
  valueLimit(type: SqlType<unknown>): ValueLimit | null;
  /**
   * How a column of the type can be compared with any number of values in one parameter: an array, `= any($1)`, or JSON,
   * `IN (SELECT value FROM json_each(?))`; null: in neither way.
   */
  listParameter(type: SqlType<unknown>): "array" | "json" | null;
  /** How a statement with these result columns is to be executed; null: columns that only the database knows. */
  executeOptions(columns: readonly Pick<CompiledColumn, "sqlType">[] | null): ExecuteOptions | undefined;

  /** Turns a driver's error into one of ours, with what the database says about constraint, table and columns. */
  translateError(error: unknown, sql: string, parameters: readonly unknown[]): AlkahestError;
  /** Is the connection of no use after this error? */
  isConnectionLost(error: AlkahestError): boolean;
  /** Prepares a connection that was just opened. */
  onConnect(connection: DriverConnection): MaybePromise<void>;

  /** The statement that opens a transaction. Asks only for what `capabilities` has. */
  begin(options: BeginOptions): string;
  savepoint(name: string): string;
  releaseSavepoint(name: string): string;
  rollbackToSavepoint(name: string): string;
  /**
   * The statement that puts off the check of all foreign keys to the end of the transaction; empty where there is none
   * (`capabilities.transactionDeferredForeignKeys`). There is no way back before that: SQLite forgets the violations
   * that it has counted when it is told to check at once again.
   */
  readonly deferForeignKeysSql: string;

  /** Does the database check this foreign key, where it checks foreign keys? Tables of some of MySQL's engines have none. */
  enforcesForeignKey(foreignKey: ForeignKeyConstraint): boolean;

  /** How the checks of foreign keys are switched off and on again; null where they cannot be. */
  readonly suspension: ForeignKeySuspension | null;

  inspector(source: InspectionSource): Inspector;
}
