import type {
  Driver,
  DriverConnection,
  DriverResult,
  DriverStatement,
  ExecuteOptions,
  PipelineResult,
} from "../../engine/driver.ts";
import { ArgumentError, ConnectionLostError, MissingDriverError, OperationalError } from "../../errors/index.ts";
import { describeValue } from "../../expression/sql-type.ts";
import type { PostgresqlDriverFactory, PostgresqlTarget, SslMode } from "./driver-factory.ts";
import { assertSendable, isOutdatedPlan, isStatementGone, translatePostgresqlError } from "./errors.ts";
import { type PgWire, type PipelinedAnswer, PipelineQuery } from "./pipeline-query.ts";
import { PreparedStatements } from "./prepared-statements.ts";
import { assertCommitted, decodeRows, streamByCursor } from "./text-results.ts";

/** The part of `pg` that is used here; what else has this shape works too. */
export interface PgClient {
  connect(): Promise<unknown>;
  query(query: PgQuery): Promise<PgResult | readonly PgResult[]>;
  query(query: PipelineQuery): unknown;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  /** `I`: no transaction, `T`: in one, `E`: in one that has failed. Older versions cannot tell. */
  getTransactionStatus?(): string | null;
  /** The server's process for this connection, as it told when it was opened. */
  readonly processID?: number | null;
  /**
   * Sends single messages, which a pipeline is made of; `pg-native` has none. It also keeps the texts of named
   * statements: those of names that are not used again would stay for ever.
   */
  readonly connection?: Partial<PgWire>;
  /** It sends queries without waiting for the answers of others, and takes none that are made elsewhere. */
  readonly pipeline?: boolean;
}

export interface PgQuery {
  readonly text: string;
  /** The name of the prepared statement; without it, the text is prepared for this one execution. */
  readonly name?: string;
  readonly values?: unknown[];
  readonly rowMode: "array";
}

export interface PgResult {
  readonly command: string | null;
  readonly rowCount: number | null;
  readonly rows: unknown[][];
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/** How `pg` is told where to connect. */
export interface PgConfig {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly ssl?: boolean | object;
  readonly application_name?: string;
  readonly connectionTimeoutMillis?: number;
  readonly options?: string;
  readonly keepAlive?: boolean;
  readonly types?: { getTypeParser(): (value: string) => string };
}

/** The module as `import()` gives it. */
export interface PgModule {
  readonly default: { readonly Client: new (config: PgConfig) => PgClient };
}

/** How to get the driver's module, and what a URL cannot say. */
export interface NodePostgresOptions {
  /** Imports the module; by default `import("pg")`. */
  readonly load?: () => Promise<PgModule>;
  /** Settings for `pg`'s client that win over those of the URL: certificates, a password that is a function. */
  readonly config?: PgConfig | Readonly<Record<string, unknown>>;
  /**
   * The most statements that a connection keeps prepared; by default 200. 0 prepares none: for a proxy that gives every
   * transaction another connection of the server, and cannot follow prepared statements.
   */
  readonly preparedStatements?: number;
}

const PREPARED_STATEMENTS = 200;

// The interfaces above are all that is used of the module; its own types would have to be installed by every user.
const importModule = async () => (await import("pg")) as unknown as PgModule;

/**
 * The driver for PostgreSQL that is used unless another one is given. The package `pg` is imported when the first
 * connection is opened.
 *
 * @example
 * ```ts
 * import { createEngine } from "alkahest";
 * import { nodePostgres } from "alkahest/postgresql";
 *
 * const driver = nodePostgres({ config: { ssl: { rejectUnauthorized: true } }, preparedStatements: 50 });
 * const engine = createEngine("postgresql://app@db.example.com/app", { driver });
 * await engine.dispose();
 * ```
 */
export function nodePostgres(options: NodePostgresOptions = {}): PostgresqlDriverFactory {
  const { load = importModule, config = {}, preparedStatements = PREPARED_STATEMENTS } = options;
  if (!(Number.isInteger(preparedStatements) && preparedStatements >= 0)) {
    throw new ArgumentError(`preparedStatements is a whole number from 0, not ${describeValue(preparedStatements)}.`);
  }
  return (target) =>
    new NodePostgresDriver({ ...clientConfig(target), ...config, types: TEXT_ONLY }, load, preparedStatements);
}

/** Values stay text: the dialect's types decode them. */
const TEXT_ONLY: NonNullable<PgConfig["types"]> = { getTypeParser: () => (value) => value };

function clientConfig(target: PostgresqlTarget): PgConfig {
  const { host, port, user, password, database, sslMode, applicationName, connectTimeout, options } = target;
  return {
    ...(host !== null && { host }),
    ...(port !== null && { port }),
    ...(user !== null && { user }),
    ...(password !== null && { password }),
    ...(database !== null && { database }),
    ...(sslMode !== null && { ssl: sslConfig(sslMode) }),
    ...(applicationName !== null && { application_name: applicationName }),
    ...(connectTimeout > 0 && { connectionTimeoutMillis: connectTimeout }),
    ...(options !== null && { options }),
    keepAlive: true,
  };
}

function sslConfig(mode: SslMode): boolean | object {
  switch (mode) {
    case "disable":
      return false;
    case "require":
      return { rejectUnauthorized: false };
    case "verify-ca":
      return { rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case "verify-full":
      return { rejectUnauthorized: true };
  }
}

class NodePostgresDriver implements Driver {
  readonly name = "pg";
  readonly #config: PgConfig;
  readonly #load: () => Promise<PgModule>;
  readonly #preparedStatements: number;

  constructor(config: PgConfig, load: () => Promise<PgModule>, preparedStatements: number) {
    this.#config = config;
    this.#load = load;
    this.#preparedStatements = preparedStatements;
  }

  async connect(): Promise<DriverConnection> {
    const { Client } = await this.#import();
    const client = new Client(this.#config);
    const connection = new NodePostgresConnection(client, () => new Client(this.#config), this.#preparedStatements);
    try {
      await client.connect();
    } catch (cause) {
      const { message } = translatePostgresqlError(cause, "", []);
      throw new OperationalError(`The PostgreSQL server cannot be reached, or refuses the connection: ${message}`, {
        cause,
      });
    }
    return connection;
  }

  async #import(): Promise<PgModule["default"]> {
    try {
      return (await this.#load()).default;
    } catch (cause) {
      throw new MissingDriverError(
        'PostgreSQL needs the package "pg", which could not be imported. Run: npm install pg',
        { cause },
      );
    }
  }
}

class NodePostgresConnection implements DriverConnection {
  readonly #client: PgClient;
  /** Makes another client, for the same server. */
  readonly #another: () => PgClient;
  readonly #prepared: PreparedStatements;
  /** The statement that was sent last; the next one waits for its answer. */
  #last: Promise<unknown> | null = null;
  #lostBecause: Error | null = null;
  #isClosed = false;
  #cursorCount = 0;
  readonly pipeline?: (statements: readonly DriverStatement[]) => Promise<PipelineResult>;

  constructor(client: PgClient, another: () => PgClient, preparedStatements: number) {
    this.#client = client;
    if (client.connection?.sync !== undefined && client.pipeline !== true) {
      this.pipeline = (statements) => this.#inTurn(() => this.#sendTogether(statements));
    }
    this.#another = another;
    this.#prepared = new PreparedStatements(preparedStatements);
    // Without a listener, a connection that the server ends would end the process.
    client.on("error", (error) => {
      this.#lostBecause ??= error;
    });
    client.on("end", () => {
      this.#lostBecause ??= new Error("Connection terminated by the server");
    });
  }

  async execute(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): Promise<DriverResult> {
    const result = await this.#inTurn(() => this.#send(sql, parameters));
    assertCommitted(sql, result.command);
    return driverResult(result, options);
  }

  stream(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): AsyncIterable<unknown[]> {
    return streamByCursor(this, { sql, parameters, options, cursor: `alkahest_cursor_${++this.#cursorCount}` });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#client.end();
  }

  async cancel(): Promise<void> {
    const other = this.#another();
    // Without a listener, its loss would end the process.
    other.on("error", () => {});
    try {
      await other.connect();
      await other.query({
        text: "SELECT pg_cancel_backend($1)",
        values: [this.#client.processID],
        rowMode: "array",
      });
    } finally {
      await other.end();
    }
  }

  inTransaction(): boolean {
    const status = this.#client.getTransactionStatus?.();
    return status !== "I";
  }

  isLost(): boolean {
    return this.#isClosed || this.#lostBecause !== null;
  }

  async #inTurn<T>(send: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const answer = before === null ? send() : before.then(send);
    const settled = answer.then(
      () => {},
      () => {},
    );
    this.#last = settled;
    try {
      return await answer;
    } finally {
      if (this.#last === settled) this.#last = null;
    }
  }

  async #send(sql: string, parameters: readonly unknown[]): Promise<PgResult> {
    this.#assertOpen(sql, parameters);
    assertSendable(sql, parameters);
    return parameters.length === 0 ? this.#sendText(sql) : this.#sendBound(sql, parameters);
  }

  async #sendTogether(statements: readonly DriverStatement[]): Promise<PipelineResult> {
    this.#assertOpen(statements[0]?.sql ?? "", statements[0]?.parameters ?? []);
    for (const { sql, parameters } of statements) assertSendable(sql, parameters);
    const isFailed = this.#client.getTransactionStatus?.() === "E";
    if (!isFailed) await this.#closeUnused();
    const named = statements.map(({ sql, parameters }) => ({
      text: sql,
      name: isFailed || parameters.length === 0 ? null : this.#prepared.nameOf(sql),
      values: parameters,
    }));
    const { error, answers } = await new Promise<{ error: unknown; answers: readonly PipelinedAnswer[] }>((resolve) => {
      this.#client.query(new PipelineQuery(named, (error, answers) => resolve({ error, answers })));
    });
    for (const { text, name, values } of named.slice(0, answers.length)) {
      if (name !== null) this.#prepared.confirm(text, name);
      else if (values.length === 0) this.#prepared.notice(text, this.inTransaction());
    }
    const results = answers.map((answer, index) => driverResult(answer, statements[index]?.options));
    const failed = named[answers.length];
    if (failed === undefined) return { results };
    if (isStatementGone(error)) this.#prepared.forgetAll();
    else if (isOutdatedPlan(error)) this.#prepared.forget(failed.text);
    return { results, error };
  }

  #assertOpen(sql: string, parameters: readonly unknown[]): void {
    if (this.#isClosed) {
      throw new ConnectionLostError("The connection to PostgreSQL is closed: its engine was disposed.", { sql });
    }
    if (this.#lostBecause !== null) {
      throw new ConnectionLostError(`The connection to PostgreSQL was lost: ${this.#lostBecause.message}`, {
        sql,
        parameters,
        cause: this.#lostBecause,
      });
    }
  }

  async #sendText(sql: string): Promise<PgResult> {
    const result = await this.#client.query({ text: sql, rowMode: "array" });
    this.#prepared.notice(sql, this.inTransaction());
    // Several statements in one text have several results; the last one counts. The one of an empty text has no fields.
    return (Array.isArray(result) ? result.at(-1) : result) as PgResult;
  }

  async #sendBound(sql: string, parameters: readonly unknown[]): Promise<PgResult> {
    // In a transaction that has failed, nothing can be prepared or closed.
    const status = this.#client.getTransactionStatus?.();
    const name = status === "E" ? null : this.#prepared.nameOf(sql);
    if (name === null) return this.#sendOnce(sql, parameters);
    await this.#closeUnused();
    try {
      const result = await this.#client.query({ name, ...boundQuery(sql, parameters) });
      this.#prepared.confirm(sql, name);
      // With parameters, it is one statement and one result.
      return result as PgResult;
    } catch (error) {
      if (isStatementGone(error)) this.#prepared.forgetAll();
      else if (isOutdatedPlan(error)) this.#prepared.forget(sql);
      else throw error;
      // Nothing was executed; but a transaction has failed with it.
      if (status !== "I") throw error;
      return this.#sendOnce(sql, parameters);
    }
  }

  async #sendOnce(sql: string, parameters: readonly unknown[]): Promise<PgResult> {
    // With parameters, it is one statement and one result.
    return (await this.#client.query(boundQuery(sql, parameters))) as PgResult;
  }

  async #closeUnused(): Promise<void> {
    const names = this.#prepared.takeClosed();
    if (names.length === 0) return;
    await this.#client.query({ text: names.map((name) => `DEALLOCATE ${name}`).join("; "), rowMode: "array" });
    const texts = this.#client.connection?.parsedStatements;
    if (texts !== undefined) for (const name of names) delete texts[name];
  }
}

function driverResult(
  answer: Pick<PgResult, "rows" | "fields" | "rowCount">,
  options: ExecuteOptions | undefined,
): DriverResult {
  const { rows, fields, rowCount } = answer;
  if (options?.decode !== undefined) decodeRows(answer, options.decode);
  return {
    rows,
    get columns() {
      return fields.map(({ name }) => name);
    },
    rowCount: rowCount ?? 0,
  };
}

function boundQuery(text: string, parameters: readonly unknown[]): PgQuery {
  // A copy: the driver converts the values in place.
  return { text, values: [...parameters], rowMode: "array" };
}
