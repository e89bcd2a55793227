import { identifierQuoter, STANDARD_RESERVED_WORDS } from "../../compiler/identifiers.ts";
import type { Capabilities } from "../../engine/capabilities.ts";
import type { BeginOptions, Dialect, Processor, ValueLimit } from "../../engine/dialect.ts";
import type { DriverConnection, ExecuteOptions } from "../../engine/driver.ts";
import type { InspectionSource, Inspector } from "../../engine/inspector.ts";
import { type AlkahestError, ConnectionLostError } from "../../errors/index.ts";
import type { SqlType } from "../../expression/sql-type.ts";
import type { ForeignKeyConstraint } from "../../schema/foreign-key.ts";
import { MysqlBatchCompiler } from "./batch-compiler.ts";
import { MARIADB_CAPABILITIES, MYSQL_CAPABILITIES, MYSQL_CLUSTER_CAPABILITIES } from "./capabilities.ts";
import { MysqlDdlCompiler } from "./ddl-compiler.ts";
import { translateMysqlError } from "./errors.ts";
import { MysqlInspector } from "./inspector.ts";
import { RESERVED_WORDS } from "./reserved-words.ts";
import { MysqlStatementCompiler } from "./statement-compiler.ts";
import { mysqlSuspension } from "./suspension.ts";
import { types } from "./types.ts";

/** Their names have characters of up to three bytes. */
function beyondPlane(name: string): string | null {
  const character = /[\u{10000}-\u{10FFFF}]/u.exec(name)?.[0];
  return character === undefined ? null : `MariaDB and MySQL have no "${character}" in names`;
}

const quote = identifierQuoter([...STANDARD_RESERVED_WORDS, ...RESERVED_WORDS], "`", beyondPlane);

const DECODE_ALL: ExecuteOptions = { decode: "all" };

/**
 * What values do not fit is an error, never a warning; `"` marks strings and `\` escapes, as the drivers expect when they
 * write values into the text; the key 0 is one like others.
 */
const SQL_MODE =
  "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO";

/** MariaDB and MySQL, which differ by capabilities. Which of them the server is, it says itself. */
export class MysqlDialect implements Dialect {
  readonly name = "mysql";
  readonly statements: MysqlStatementCompiler;
  readonly ddl: MysqlDdlCompiler;
  readonly batches: MysqlBatchCompiler;
  readonly deferForeignKeysSql = "";
  readonly suspension = mysqlSuspension(quote);
  readonly #settings: string;
  #capabilities: Capabilities;
  #repeatsInserts = false;

  /**
   * @param server what the server is taken for until a connection has told
   * @param foreignKeysEnforced whether connections have their foreign keys checked
   */
  constructor(server: "mariadb" | "mysql" = "mariadb", foreignKeysEnforced = true) {
    this.#capabilities = server === "mariadb" ? MARIADB_CAPABILITIES : MYSQL_CAPABILITIES;
    this.statements = new MysqlStatementCompiler(this);
    this.ddl = new MysqlDdlCompiler(this);
    this.batches = new MysqlBatchCompiler(this);
    // Without autocommit the transaction goes on behind DDL, which commits what was before.
    this.#settings = `SET autocommit = 0, time_zone = '+00:00', sql_mode = '${SQL_MODE}', foreign_key_checks = ${foreignKeysEnforced ? 1 : 0}`;
  }

  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  /** What MariaDB has and MySQL has not, or the other way round, where no capability says it. */
  get isMariaDb(): boolean {
    return this.#capabilities === MARIADB_CAPABILITIES;
  }

  /** Connections execute an INSERT for many rows, and the server takes them together: MySQL does not. */
  get repeatsInserts(): boolean {
    return this.#repeatsInserts && this.isMariaDb;
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

  listParameter(): null {
    return null;
  }

  valueLimit(type: SqlType<unknown>): ValueLimit | null {
    return types.limit(type);
  }

  executeOptions(columns: readonly unknown[] | null): ExecuteOptions | undefined {
    return columns === null ? DECODE_ALL : undefined;
  }

  /** Aria and MyISAM read FOREIGN KEY and forget it. */
  enforcesForeignKey({ table, referredTable }: ForeignKeyConstraint): boolean {
    return [table, referredTable].every(({ options }) => /^innodb$/i.test(String(options.mysqlEngine ?? "InnoDB")));
  }

  translateError(error: unknown, sql: string, parameters: readonly unknown[]): AlkahestError {
    return translateMysqlError(error, sql, parameters);
  }

  isConnectionLost(error: AlkahestError): boolean {
    return error instanceof ConnectionLostError;
  }

  async onConnect(connection: DriverConnection): Promise<void> {
    await connection.execute("SET NAMES utf8mb4", []);
    await connection.execute(this.#settings, []);
    const { rows } = await connection.execute("SELECT VERSION(), @@auto_increment_increment", []);
    const [version, step] = rows[0] ?? [];
    this.#repeatsInserts = connection.repeats !== undefined;
    if (/mariadb/i.test(String(version))) this.#capabilities = MARIADB_CAPABILITIES;
    // In a cluster, keys may count up in steps: those of several rows cannot be told from the first one's.
    else this.#capabilities = Number(step) === 1 ? MYSQL_CAPABILITIES : MYSQL_CLUSTER_CAPABILITIES;
  }

  /** Without autocommit the next statement begins a transaction, of the level that was set for it. */
  begin({ isolation, readOnly }: BeginOptions): string {
    if (isolation === undefined) return readOnly ? "START TRANSACTION READ ONLY" : "START TRANSACTION";
    return `SET TRANSACTION ISOLATION LEVEL ${isolation.toUpperCase()}${readOnly ? ", READ ONLY" : ""}`;
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
    return new MysqlInspector(source);
  }
}
