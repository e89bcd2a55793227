import { StatementCache } from "../compiler/statement-cache.ts";
import { assertFunction, assertOptions, type OptionNames } from "../expression/check-arguments.ts";
import type { Node } from "../expression/node.ts";
import type { BindParameter } from "../expression/sql-expression.ts";
import { assertDdlOptions, type DdlOptions, type DdlTarget, type MetaData } from "../schema/metadata.ts";
import type { TextParameters } from "../statement/text.ts";
import type { EngineCore } from "./channel.ts";
import { Connection } from "./connection.ts";
import { BEGIN_OPTIONS, type BeginOptions, type Dialect } from "./dialect.ts";
import type { Driver, DriverConnection } from "./driver.ts";
import { Echo, type Logger } from "./echo.ts";
import { type EngineEventName, type EngineEvents, type EngineListener, EventRegistry } from "./events.ts";
import type { Executable } from "./executable.ts";
import type { Inspector } from "./inspector.ts";
import type { MaybePromise } from "./maybe-promise.ts";
import { ConnectionPool, type PoolHost, type PoolStatus } from "./pool.ts";
import type { PoolSettings } from "./pool-options.ts";
import { PreparedQuery } from "./prepared-query.ts";
import { readyStatement } from "./ready-statement.ts";
import { assertStatementOptions, type StatementOptions } from "./statement-guard.ts";
import { StatementPlans } from "./statement-plan.ts";

/** What a dialect makes of a URL and the options of `createEngine`. */
export interface EngineSetup {
  /** The URL for messages, without a password. */
  readonly url: string;
  readonly dialect: Dialect;
  readonly driver: Driver;
  readonly pool: PoolSettings;
  /** Does the database check foreign keys on this engine's connections? */
  readonly foreignKeysEnforced: boolean;
}

/** How an engine logs. */
export interface EngineLog {
  readonly echo: boolean;
  readonly hideParameters: boolean;
  /** Milliseconds from which on a statement is logged as slow. */
  readonly slowStatement: number;
  readonly logger: Logger;
}

/** What holds for every statement of an engine. */
export interface EngineDefaults {
  /** Milliseconds that each statement may take; undefined: any time. */
  readonly statementTimeout: number | undefined;
}

type ConnectOptions = Pick<StatementOptions, "signal">;

const CONNECT_OPTIONS: OptionNames<ConnectOptions> = { signal: true };
const OPTIONS_OF_BEGIN: OptionNames<BeginOptions & StatementOptions> = {
  ...BEGIN_OPTIONS,
  signal: true,
  statementTimeout: true,
};

/** A statement as the driver gets it. */
export interface CompiledStatement {
  readonly sql: string;
  /** As the driver binds them, one for each placeholder. */
  readonly parameters: readonly unknown[];
}

/**
 * A database: where it is, how to talk to it, and the pool of connections to it. One for each database of a program,
 * made by `createEngine`. Nothing is opened before the first use.
 */
export class Engine implements DdlTarget, AsyncDisposable {
  readonly url: string;
  readonly dialect: Dialect;
  /** Does the database check foreign keys on this engine's connections? */
  readonly foreignKeysEnforced: boolean;
  readonly #core: EngineCore & { echo: Echo | null };
  readonly #log: EngineLog;
  #disposed: Promise<void> | null = null;

  /** Use `createEngine`. */
  constructor(setup: EngineSetup, log: EngineLog, { statementTimeout }: EngineDefaults) {
    const { url, dialect, driver, pool } = setup;
    this.url = url;
    this.dialect = dialect;
    this.foreignKeysEnforced = setup.foreignKeysEnforced;
    this.#log = log;
    const events = new EventRegistry();
    this.#core = {
      url,
      dialect,
      events,
      pool: new ConnectionPool(poolHost(url, driver, dialect, events), pool),
      statements: new StatementCache(dialect.statements),
      plans: new StatementPlans(dialect, log.hideParameters),
      echo: null,
      statementTimeout,
      slowStatement: log.slowStatement,
      slowLog: new Echo(log.logger, log.hideParameters),
      hideParameters: log.hideParameters,
      leakAfter: pool.leakAfter,
      leaked: (leak) => reportLeak(leak, events, log.logger),
    };
    this.echo = log.echo;
  }

  /** Is what the engine does written to its log? Can be set at any time. */
  get echo(): boolean {
    return this.#core.echo !== null;
  }

  set echo(on: boolean) {
    this.#core.echo = on ? new Echo(this.#log.logger, this.#log.hideParameters) : null;
  }

  /**
   * Makes a query ready for values that differ each time it runs, by `connection.runPrepared()`. What the ORM loads with.
   *
   * @param parameters the parameters in the statement that stand for these values
   * @returns null if the statement has other values that are made anew each time
   */
  prepareQuery(statement: Node, parameters: readonly BindParameter<unknown>[]): PreparedQuery | null {
    const { statements, plans } = this.#core;
    const repeatable = statements.repeatable(statement, parameters);
    return repeatable === null ? null : new PreparedQuery(repeatable, plans.of(repeatable.compiled));
  }

  /**
   * The SQL of a statement and its parameters, as they would be sent to this database; nothing is executed, and no
   * connection is opened. A mapped class stands for its columns, as it does for a connection.
   *
   * @param parameters values for named parameters of `text()` that have none yet
   * @throws CompileError for what the database cannot do
   * @throws DataError for a value that its column cannot hold
   *
   * @example
   * ```ts
   * import { createEngine, integer, MetaData, select, Table } from "alkahest";
   *
   * const engine = createEngine("sqlite::memory:");
   * const users = new Table("users", new MetaData(), { id: integer().primaryKey() });
   * engine.compile(select(users).where(users.c.id.gt(5))); // { sql: "SELECT ... WHERE users.id > ?", parameters: [5] }
   * ```
   */
  compile(statement: Executable, parameters?: TextParameters): CompiledStatement {
    const { compiled, bound } = readyStatement(this.#core, statement, parameters);
    return { sql: compiled.sql, parameters: bound };
  }

  /**
   * Takes a connection of the pool; give it back with `close()` or `await using`.
   *
   * @param options `signal` ends the wait for a connection: AbortError
   * @throws TimeoutError when none became free in time; the message names who holds them
   * @throws MissingDriverError when the driver's package is not installed
   * @throws InvalidStateError when the engine was disposed
   */
  async connect(options: ConnectOptions = {}): Promise<Connection> {
    assertOptions("connect()", options, CONNECT_OPTIONS);
    assertStatementOptions(options);
    return this.open(options);
  }

  /** The same, at once where the driver is synchronous and a connection is free. */
  open({ signal }: ConnectOptions): MaybePromise<Connection> {
    return new Connection(this.#core).open(signal);
  }

  /**
   * Runs the function in a transaction on a connection of its own: committed when the function returns, rolled back
   * when it throws.
   *
   * @returns what the function returns
   * @throws ArgumentError for options that do not exist, or not in this database
   */
  async begin<T>(
    work: (connection: Connection) => Promise<T> | T,
    options: BeginOptions & StatementOptions = {},
  ): Promise<T> {
    assertFunction("begin()", work, "begin(async (connection) => { ... })");
    assertOptions("begin()", options, OPTIONS_OF_BEGIN);
    assertStatementOptions(options);
    const connection = await this.open(options);
    let value: T;
    try {
      connection.limit(options);
      await connection.beginNow(options);
      value = await work(connection);
      connection.assertNotAborted();
      await connection.commit();
    } catch (error) {
      // Closing rolls back. If that fails too, the connection is thrown away, and the first error says why.
      await connection.close().catch(() => {});
      throw error;
    }
    await connection.close();
    return value;
  }

  /** How many connections are open, idle and in use at this moment, and how many users wait for one. */
  poolStatus(): PoolStatus {
    return this.#core.pool.status();
  }

  /** Calls the listener at every event of the name; see `EngineEvents`. */
  on<Name extends EngineEventName>(name: Name, listener: EngineListener<Name>): this {
    this.#core.events.on(name, listener);
    return this;
  }

  /** Ends what `on` began. */
  off<Name extends EngineEventName>(name: Name, listener: EngineListener<Name>): this {
    this.#core.events.off(name, listener);
    return this;
  }

  /** The schema as the database has it. Each question takes a connection of the pool for its answer. */
  inspect(): Inspector {
    return this.dialect.inspector({
      rows: async (sql, parameters) => {
        const connection = await this.connect();
        try {
          return (await connection.run(sql, parameters)).rows;
        } finally {
          await connection.close();
        }
      },
    });
  }

  /** Creates tables, indexes and constraints in one transaction; see `MetaData.createAll`. */
  async createAll(metadata: MetaData, options: DdlOptions = {}): Promise<void> {
    assertDdlOptions("createAll()", options);
    return this.begin((connection) => connection.createAll(metadata, options));
  }

  /** Drops tables in one transaction; see `MetaData.dropAll`. */
  async dropAll(metadata: MetaData, options: DdlOptions = {}): Promise<void> {
    assertDdlOptions("dropAll()", options);
    return this.begin((connection) => connection.dropAll(metadata, options));
  }

  /**
   * Closes all connections; open transactions are rolled back. The engine cannot be used afterwards. Disposing of it
   * again does nothing.
   *
   * @param options `drain`: milliseconds to wait for connections in use to come back by themselves
   */
  dispose({ drain = 0 }: { readonly drain?: number } = {}): Promise<void> {
    this.#disposed ??= this.#core.pool.dispose(drain);
    return this.#disposed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

function reportLeak(leak: EngineEvents["leak"], events: EventRegistry, logger: Logger): void {
  if (events.has("leak")) events.emit("leak", leak);
  else logger(`Never given back? ${leak.description}, taken\n${leak.stack}`);
}

function poolHost(url: string, driver: Driver, dialect: Dialect, events: EventRegistry): PoolHost {
  return {
    url,
    open: (id) => openConnection(id, driver, dialect, events),
    ping: (connection) => connection.execute("SELECT 1", []),
    invalidated: (connectionId, error) => {
      if (events.has("invalidate")) events.emit("invalidate", { connectionId, error });
    },
  };
}

async function openConnection(
  connectionId: number,
  driver: Driver,
  dialect: Dialect,
  events: EventRegistry,
): Promise<DriverConnection> {
  const connection = await driver.connect();
  try {
    await prepare(connection, dialect);
    await events.emitAndWait("connect", { connectionId, connection });
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function prepare(connection: DriverConnection, dialect: Dialect): Promise<void> {
  try {
    await dialect.onConnect(connection);
  } catch (error) {
    throw dialect.translateError(error, "", []);
  }
}
