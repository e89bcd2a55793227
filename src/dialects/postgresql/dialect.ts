import type { CompiledColumn } from "../../compiler/compiled.ts";
import { identifierQuoter, STANDARD_RESERVED_WORDS } from "../../compiler/identifiers.ts";
import type { Capabilities } from "../../engine/capabilities.ts";
import type { BeginOptions, Dialect, Processor, ValueLimit } from "../../engine/dialect.ts";
import type { DriverConnection, ExecuteOptions } from "../../engine/driver.ts";
import type { InspectionSource, Inspector } from "../../engine/inspector.ts";
import { type AlkahestError, ConnectionLostError } from "../../errors/index.ts";
import type { SqlType } from "../../expression/sql-type.ts";
import { arrayTypeOf, PostgresqlBatchCompiler } from "./batch-compiler.ts";
import { POSTGRESQL_14_CAPABILITIES, POSTGRESQL_CAPABILITIES } from "./capabilities.ts";
import { PostgresqlDdlCompiler } from "./ddl-compiler.ts";
import { translatePostgresqlError } from "./errors.ts";
import { PostgresqlInspector } from "./inspector.ts";
import { PostgresqlStatementCompiler } from "./statement-compiler.ts";
import { isDescribedByDatabase, types } from "./types.ts";

/** The bytes of a name. What is longer PostgreSQL cuts off, and two names may become one. */
const MAX_NAME = 63;

function tooLong(name: string): string | null {
  const bytes = Buffer.byteLength(name);
  return bytes <= MAX_NAME
    ? null
    : `it has ${bytes} bytes, and PostgreSQL cuts names off after ${MAX_NAME}; give it a shorter one`;
}

const quote = identifierQuoter([...STANDARD_RESERVED_WORDS, "binary", "concurrently"], '"', tooLong);

const DECODE_ALL: ExecuteOptions = { decode: "all" };

/**
 * How the server writes values, set once for each connection whatever its configuration says; the zone makes what the
 * server computes of instants (`date_trunc`, a cast to `date`) the same everywhere.
 */
const SETTINGS =
  "SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, MDY', false), " +
  "set_config('IntervalStyle', 'postgres', false), set_config('bytea_output', 'hex', false), " +
  "set_config('extra_float_digits', '1', false), set_config('standard_conforming_strings', 'on', false), " +
  "current_setting('server_version_num')";

/** PostgreSQL. */
export class PostgresqlDialect implements Dialect {
  readonly name = "postgresql";
  readonly statements = new PostgresqlStatementCompiler(this);
  readonly ddl = new PostgresqlDdlCompiler(this);
  readonly batches = new PostgresqlBatchCompiler(this);
  readonly deferForeignKeysSql = "";
  readonly suspension = null;
  #capabilities: Capabilities = POSTGRESQL_CAPABILITIES;

  /** Those of version 15 until a connection has told which version the server has. */
  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  quote(identifier: string): string {
    return quote(identifier);
  }

  placeholder(number: number): string {
    return `$${number}`;
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

  listParameter(type: SqlType<unknown>): "array" | null {
    return arrayTypeOf(type) === null ? null : "array";
  }

  valueLimit(type: SqlType<unknown>): ValueLimit | null {
    return types.limit(type);
  }

  executeOptions(columns: readonly Pick<CompiledColumn, "sqlType">[] | null): ExecuteOptions | undefined {
    if (columns === null) return DECODE_ALL;
    const decode = [...columns.keys()].filter((index) => isDescribedByDatabase(columns[index]!.sqlType));
    return decode.length === 0 ? undefined : { decode };
  }

  enforcesForeignKey(): boolean {
    return true;
  }

  translateError(error: unknown, sql: string, parameters: readonly unknown[]): AlkahestError {
    return translatePostgresqlError(error, sql, parameters);
  }

  isConnectionLost(error: AlkahestError): boolean {
    return error instanceof ConnectionLostError;
  }

  async onConnect(connection: DriverConnection): Promise<void> {
    const { rows } = await connection.execute(SETTINGS, []);
    const version = Number(rows[0]?.at(-1));
    this.#capabilities = version < 150_000 ? POSTGRESQL_14_CAPABILITIES : POSTGRESQL_CAPABILITIES;
  }

  begin({ isolation, readOnly, deferrable }: BeginOptions): string {
    const level = isolation === undefined ? "" : ` ISOLATION LEVEL ${isolation.toUpperCase()}`;
    return `BEGIN${level}${readOnly ? " READ ONLY" : ""}${deferrable ? " DEFERRABLE" : ""}`;
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
    return new PostgresqlInspector(source);
  }
}
