import type { Driver, DriverConnection, DriverResult, ExecuteOptions } from "../../engine/driver.ts";
import { ConnectionLostError, MissingDriverError, OperationalError } from "../../errors/index.ts";
import type { PostgresqlDriverFactory, PostgresqlTarget, SslMode } from "./driver-factory.ts";
import { translatePostgresqlError } from "./errors.ts";
import { assertCommitted, decodeRows, streamByCursor } from "./text-results.ts";

/** The part of `pg` that is used here; what else has this shape works too. */
export interface PgClient {
  connect(): Promise<unknown>;
  query(query: PgQuery): Promise<PgResult | readonly PgResult[]>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  /** `I`: no transaction, `T`: in one, `E`: in one that has failed. Older versions cannot tell. */
  getTransactionStatus?(): string | null;
  /** The server's process for this connection, as it told when it was opened. */
  readonly processID?: number | null;
}

export interface PgQuery {
  readonly text: string;
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
}

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
 * const driver = nodePostgres({ config: { ssl: { rejectUnauthorized: true } } });
 * const engine = createEngine("postgresql://app@db.example.com/app", { driver });
 * await engine.dispose();
 * ```
 */
export function nodePostgres({ load = importModule, config = {} }: NodePostgresOptions = {}): PostgresqlDriverFactory {
  return (target) => new NodePostgresDriver({ ...clientConfig(target), ...config, types: TEXT_ONLY }, load);
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

  constructor(config: PgConfig, load: () => Promise<PgModule>) {
    this.#config = config;
    this.#load = load;
  }

  async connect(): Promise<DriverConnection> {
    const { Client } = await this.#import();
    const client = new Client(this.#config);
    const connection = new NodePostgresConnection(client, () => new Client(this.#config));
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
  /** The statement that was sent last; the next one waits for its answer. */
  #last: Promise<unknown> | null = null;
  #lostBecause: Error | null = null;
  #isClosed = false;
  #cursorCount = 0;

  constructor(client: PgClient, another: () => PgClient) {
    this.#client = client;
    this.#another = another;
    // Without a listener, a connection that the server ends would end the process.
    client.on("error", (error) => {
      this.#lostBecause ??= error;
    });
    client.on("end", () => {
      this.#lostBecause ??= new Error("Connection terminated by the server");
    });
  }

  async execute(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): Promise<DriverResult> {
    const result = await this.#query(sql, parameters);
    assertCommitted(sql, result.command);
    const { rows, fields, rowCount } = result;
    if (options?.decode !== undefined) decodeRows(result, options.decode);
    return {
      rows,
      get columns() {
        return fields.map(({ name }) => name);
      },
      rowCount: rowCount ?? 0,
    };
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

  async #query(sql: string, parameters: readonly unknown[]): Promise<PgResult> {
    const before = this.#last;
    const answer = before === null ? this.#send(sql, parameters) : before.then(() => this.#send(sql, parameters));
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
    const result = await this.#client.query(
      parameters.length === 0
        ? { text: sql, rowMode: "array" }
        : // A copy: the driver converts the values in place.
          { text: sql, values: [...parameters], rowMode: "array" },
    );
    // Several statements in one text have several results; the last one counts. The one of an empty text has no fields.
    return (Array.isArray(result) ? result.at(-1) : result) as PgResult;
  }
}
