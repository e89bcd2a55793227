import type { CompiledColumn } from "../../compiler/compiled.ts";
import { identifierQuoter } from "../../compiler/identifiers.ts";
import type { BeginOptions, Dialect, Processor, ValueLimit } from "../../engine/dialect.ts";
import type { DriverConnection, ExecuteOptions } from "../../engine/driver.ts";
import type { InspectionSource, Inspector } from "../../engine/inspector.ts";
import { andThen, type MaybePromise } from "../../engine/maybe-promise.ts";
import { type AlkahestError, ConnectionLostError } from "../../errors/index.ts";
import type { SqlType } from "../../expression/sql-type.ts";
import { IntegerType } from "../../expression/types/numbers.ts";
import { SqliteBatchCompiler } from "./batch-compiler.ts";
import { SQLITE_CAPABILITIES } from "./capabilities.ts";
import { SqliteDdlCompiler } from "./ddl-compiler.ts";
import { translateSqliteError } from "./errors.ts";
import { SqliteInspector } from "./inspector.ts";
import { SqliteStatementCompiler } from "./statement-compiler.ts";
import { types } from "./types.ts";

/** Words that SQLite does not take as a bare name everywhere. Most of its keywords it does take: `user`, `key`, `action`. */
const RESERVED_WORDS = (
  "add all alter and as autoincrement between case cast check collate commit constraint create cross current_date " +
  "current_time current_timestamp default deferrable delete distinct drop else escape except exists false filter foreign " +
  "from full glob group having if in index indexed inner insert intersect into is isnull join left like limit match natural " +
  "not nothing notnull null offset on or order outer over primary raise recursive references regexp returning right select " +
  "set table then to transaction true union unique update using values when where window with"
).split(" ");

const quote = identifierQuoter(RESERVED_WORDS);

const EXACT: ExecuteOptions = { exactIntegers: true };

/** Types of columns whose integers may not fit into a number. */
const MAY_BE_LARGE = new Set(["bigint", "unknown", "custom"]);

/** SQLite. */
export class SqliteDialect implements Dialect {
  readonly name = "sqlite";
  readonly capabilities = SQLITE_CAPABILITIES;
  readonly statements = new SqliteStatementCompiler(this);
  readonly ddl = new SqliteDdlCompiler(this);
  readonly batches = new SqliteBatchCompiler(this);
  readonly deferForeignKeysSql = "PRAGMA defer_foreign_keys = ON";
  readonly #foreignKeys: boolean;
  #repeatsWrites = false;
  readonly suspension = null;

  /** @param foreignKeys are foreign keys checked? SQLite has that for each connection, and by itself does not. */
  constructor({ foreignKeys }: { readonly foreignKeys: boolean }) {
    this.#foreignKeys = foreignKeys;
  }

  /** Connections execute a statement of one row for many rows. */
  get repeatsWrites(): boolean {
    return this.#repeatsWrites;
  }

  quote(identifier: string): string {
    return quote(identifier);
  }

  placeholder(): string {
    return "?";
  }

  typeDdl(type: SqlType<unknown>): string {
    return types.ddl(type);
  }

  bindProcessor(type: SqlType<unknown>): Processor | null {
    return types.bind(type);
  }

  resultProcessor(type: SqlType<unknown>): Processor | null {
    return types.result(type);
  }

  /** JSON holds whole numbers as SQLite does; not so all texts. */
  listParameter(type: SqlType<unknown>): "json" | null {
    return type instanceof IntegerType ? "json" : null;
  }

  valueLimit(type: SqlType<unknown>): ValueLimit | null {
    return types.limit(type);
  }

  executeOptions(columns: readonly Pick<CompiledColumn, "sqlType">[] | null): ExecuteOptions | undefined {
    return columns === null || columns.some(({ sqlType }) => MAY_BE_LARGE.has(sqlType.name)) ? EXACT : undefined;
  }

  enforcesForeignKey(): boolean {
    return true;
  }

  translateError(error: unknown, sql: string, parameters: readonly unknown[]): AlkahestError {
    return translateSqliteError(error, sql, parameters);
  }

  isConnectionLost(error: AlkahestError): boolean {
    return error instanceof ConnectionLostError;
  }

  onConnect(connection: DriverConnection): MaybePromise<void> {
    this.#repeatsWrites = connection.repeats === "inserts and updates";
    return andThen(connection.execute(`PRAGMA foreign_keys = ${this.#foreignKeys ? "ON" : "OFF"}`, []), () => {});
  }

  /**
   * A transaction takes its locks when it reads or writes first. One that has read and then writes fails if another has
   * written in between; `serializable` takes the lock for writing at once and so never fails late.
   */
  begin({ isolation }: BeginOptions): string {
    return isolation === "serializable" ? "BEGIN IMMEDIATE" : "BEGIN";
  }

  savepoint(name: string): string {
    return `SAVEPOINT ${quote(name)}`;
  }

  releaseSavepoint(name: string): string {
    return `RELEASE SAVEPOINT ${quote(name)}`;
  }

  rollbackToSavepoint(name: string): string {
    return `ROLLBACK TO SAVEPOINT ${quote(name)}`;
  }

  inspector(source: InspectionSource): Inspector {
    return new SqliteInspector(source, quote);
  }
}
