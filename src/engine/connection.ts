import type { Compiled } from "../compiler/compiled.ts";
import type { StatementCache } from "../compiler/statement-cache.ts";
import { type AlkahestError, InvalidStateError } from "../errors/index.ts";
import type { DdlOptions, DdlTarget, MetaData } from "../schema/metadata.ts";
import type { Dialect, IsolationLevel } from "./dialect.ts";
import type { DriverResult, ExecuteOptions } from "./driver.ts";
import type { Echo } from "./echo.ts";
import type { EventRegistry } from "./events.ts";
import { type Executable, type RowOf, selectionOfStatement } from "./executable.ts";
import type { Inspector } from "./inspector.ts";
import { andThen, isPromise, type MaybePromise } from "./maybe-promise.ts";
import type { ConnectionPool, Holder, PooledConnection } from "./pool.ts";
import { Result } from "./result.ts";
import { rowShaper } from "./row-shaper.ts";
import type { Savepoint } from "./savepoint.ts";
import { SchemaRunner } from "./schema-runner.ts";
import { StatementPlan } from "./statement-plan.ts";
import { TransactionControl, type TransactionHost } from "./transaction-control.ts";

/** What all connections of one engine share. */
export interface EngineCore {
  readonly url: string;
  readonly dialect: Dialect;
  readonly events: EventRegistry;
  readonly pool: ConnectionPool;
  readonly statements: StatementCache;
  readonly plans: WeakMap<Compiled, StatementPlan>;
  /** Null while `echo` is off. */
  readonly echo: Echo | null;
}

/** The rows of a statement as the driver gave them; `plan` decodes them. */
export interface RawResult {
  readonly rows: unknown[][];
  readonly rowCount: number;
  readonly lastInsertId: number | bigint | null;
  readonly compiled: Compiled;
  readonly plan: StatementPlan;
  /** Names of the columns; asks the driver when only the database knows them. */
  columnNames(): readonly string[];
}

/**
 * A connection of the engine's pool, for one user at a time. The first statement begins a transaction, `commit()` or
 * `rollback()` ends it, and the next statement begins another one. `close()` rolls back what is open and gives the
 * connection back.
 *
 * @example
 * import { createEngine, text } from "alkahest";
 *
 * const engine = createEngine("sqlite::memory:");
 * const connection = await engine.connect();
 * await connection.execute(text("CREATE TABLE note (body TEXT)"));
 * await connection.execute(text("INSERT INTO note VALUES (:body)", { body: "hello" }));
 * await connection.commit();
 * await connection.close();
 * await engine.dispose();
 */
export class Connection implements DdlTarget, AsyncDisposable, Holder {
  readonly #core: EngineCore;
  readonly #transaction: TransactionControl;
  readonly #since = performance.now();
  #pooled: PooledConnection | null = null;
  /** Why the connection can do nothing any more. */
  #unusable: string | null = null;
  #lastSql: string | null = null;

  /** Made by `engine.connect()`. */
  constructor(core: EngineCore) {
    this.#core = core;
    this.#transaction = new TransactionControl(this.#transactionHost());
  }

  /** Takes a connection of the pool. Called once, by the engine. */
  open(): MaybePromise<this> {
    return andThen(this.#core.pool.acquire(this), (pooled) => {
      this.#pooled = pooled;
      const { events } = this.#core;
      if (events.has("checkout")) events.emit("checkout", { connectionId: pooled.id });
      return this;
    });
  }

  get dialect(): Dialect {
    return this.#core.dialect;
  }

  /** Is a transaction open? */
  get inTransaction(): boolean {
    return this.#transaction.isActive;
  }

  get isClosed(): boolean {
    return this.#pooled === null;
  }

  /**
   * Executes a statement and decodes its rows.
   *
   * @param statement a select, insert, update, delete, or raw SQL made by `text()` or `sql`
   * @throws DatabaseError of the kind that the database's answer tells, with `sql` and `parameters`
   * @throws InvalidStateError when the connection is closed
   */
  async execute<S extends Executable>(statement: S): Promise<Result<RowOf<S>>> {
    const raw = await this.query(statement);
    for (const row of raw.rows) raw.plan.decode(row);
    return new Result({
      values: raw.rows,
      rowCount: raw.rowCount,
      lastInsertId: raw.lastInsertId,
      shape: shaperOf(statement),
      columnNames: raw.columnNames,
    });
  }

  /** Executes a statement and leaves its rows as the driver gave them. What the ORM loads with. */
  query(statement: Executable): MaybePromise<RawResult> {
    const { compiled, values } = this.#core.statements.prepare(statement);
    const plan = this.#planOf(compiled);
    return andThen(this.run(compiled.sql, plan.bind(values), plan.options), (result) => ({
      rows: result.rows,
      rowCount: result.rowCount,
      lastInsertId: result.lastInsertId ?? null,
      compiled,
      plan,
      columnNames: () => compiled.columns?.map((column) => column.name) ?? result.columns,
    }));
  }

  /**
   * Executes SQL text as it is: the shortest way to the database, which the flush takes.
   *
   * @param parameters values as the driver binds them (`dialect.bindProcessor`), one for each placeholder
   * @returns at once where the driver is synchronous; values are the driver's own
   * @throws DatabaseError as {@link execute} does
   */
  run(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): MaybePromise<DriverResult> {
    if (this.#transaction.isReady) return this.#send(sql, parameters, options);
    this.#usable();
    return andThen(this.#transaction.ensure(), () => this.#send(sql, parameters, options));
  }

  /**
   * Rows one by one, decoded, for results that do not fit into memory. Leaving the loop ends the query.
   */
  async *stream<S extends Executable>(statement: S): AsyncIterable<RowOf<S>> {
    const { compiled, values } = this.#core.statements.prepare(statement);
    const plan = this.#planOf(compiled);
    const shape = shaperOf(statement);
    for await (const row of this.#streamRows(compiled.sql, plan.bind(values), plan.options)) {
      yield shape(plan.decode(row));
    }
  }

  /** Rows one by one, as the driver gives them. What the ORM streams with. */
  async *streamRaw(statement: Executable): AsyncIterable<unknown[]> {
    const { compiled, values } = this.#core.statements.prepare(statement);
    const plan = this.#planOf(compiled);
    yield* this.#streamRows(compiled.sql, plan.bind(values), plan.options);
  }

  /**
   * Begins a transaction, which otherwise the first statement does.
   *
   * @throws InvalidStateError when one is open
   */
  async begin(options: { readonly isolation?: IsolationLevel } = {}): Promise<void> {
    this.#usable();
    await this.#transaction.begin(options.isolation);
  }

  /**
   * Ends the transaction and keeps what it did; does nothing without one. If it fails, the transaction stays open:
   * roll it back, or try again.
   *
   * @throws CommitOutcomeUnknown when the connection broke before the answer came
   */
  async commit(): Promise<void> {
    this.#usable();
    await this.#transaction.commit();
  }

  /** Ends the transaction and undoes what it did; does nothing without one. */
  async rollback(): Promise<void> {
    this.#usable();
    await this.#transaction.rollback();
  }

  /** Sets a mark to which the transaction can go back; begins one if none is open. */
  async savepoint(name?: string): Promise<Savepoint> {
    this.#usable();
    return this.#transaction.savepoint(name);
  }

  /** The schema as the database has it, seen from inside this connection's transaction. */
  inspect(): Inspector {
    return this.dialect.inspector({
      rows: (sql, parameters) => andThen(this.run(sql, parameters), ({ rows }) => rows),
    });
  }

  /** Creates tables, indexes and constraints, in this connection's transaction; see `MetaData.createAll`. */
  createAll(metadata: MetaData, options?: DdlOptions): Promise<void> {
    return new SchemaRunner(this).createAll(metadata, options);
  }

  /** Drops tables, in this connection's transaction; see `MetaData.dropAll`. */
  dropAll(metadata: MetaData, options?: DdlOptions): Promise<void> {
    return new SchemaRunner(this).dropAll(metadata, options);
  }

  /** Rolls back what is open and gives the connection back. Once closed, it stays closed; closing again does nothing. */
  async close(): Promise<void> {
    const pooled = this.#pooled;
    if (pooled === null) return;
    const { pool, events } = this.#core;
    let isClean = false;
    try {
      await this.#transaction.rollback();
      await pooled.driver.reset?.();
      isClean = true;
    } finally {
      // Two calls of close() at once: only one may give the connection back.
      if (this.#pooled !== null) {
        this.#pooled = null;
        this.#unusable ??= "it was closed";
        if (events.has("checkin")) events.emit("checkin", { connectionId: pooled.id });
        if (isClean) pool.release(pooled);
        else await pool.discard(pooled);
      }
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For the pool's message to those who wait in vain. */
  describe(): string {
    const seconds = ((performance.now() - this.#since) / 1000).toFixed(1);
    const state = this.inTransaction ? "in a transaction" : "idle";
    const last = this.#lastSql === null ? "" : `, last statement: ${this.#lastSql.slice(0, 120)}`;
    return `connection ${this.#pooled?.id ?? "?"} (open for ${seconds} s, ${state}${last})`;
  }

  /** The engine is disposed while the connection is in use. */
  async abandon(): Promise<void> {
    try {
      await this.#transaction.rollback();
    } catch {
      // The connection is thrown away; what it had open ends with it.
      this.#transaction.abandon();
    }
    this.#unusable = "its engine was disposed";
    this.#pooled = null;
  }

  #usable(): PooledConnection {
    if (this.#pooled !== null) return this.#pooled;
    throw new InvalidStateError(
      `This connection cannot be used: ${this.#unusable ?? "it was not opened"}. Take another one with engine.connect().`,
    );
  }

  #planOf(compiled: Compiled): StatementPlan {
    const { plans, dialect } = this.#core;
    let plan = plans.get(compiled);
    if (plan === undefined) {
      plan = new StatementPlan(compiled, dialect);
      plans.set(compiled, plan);
    }
    return plan;
  }

  #send(sql: string, parameters: readonly unknown[], options: ExecuteOptions | undefined): MaybePromise<DriverResult> {
    const { driver } = this.#usable();
    const { echo, events } = this.#core;
    echo?.statement(sql, parameters);
    this.#lastSql = sql;
    const start = events.has("statement") ? performance.now() : 0;
    let answer: MaybePromise<DriverResult>;
    try {
      answer = driver.execute(sql, parameters, options);
    } catch (error) {
      throw this.#failed(error, sql, parameters);
    }
    if (!isPromise(answer)) {
      if (events.has("statement")) this.#announce(sql, parameters, start, answer.rowCount);
      return answer;
    }
    return answer.then(
      (result) => {
        if (events.has("statement")) this.#announce(sql, parameters, start, result.rowCount);
        return result;
      },
      (error: unknown) => {
        throw this.#failed(error, sql, parameters);
      },
    );
  }

  async *#streamRows(
    sql: string,
    parameters: readonly unknown[],
    options: ExecuteOptions | undefined,
  ): AsyncIterable<unknown[]> {
    this.#usable();
    await this.#transaction.ensure();
    const { driver } = this.#usable();
    const { echo, events } = this.#core;
    echo?.statement(sql, parameters);
    this.#lastSql = sql;
    const start = performance.now();
    let rowCount = 0;
    const rows = driver.stream(sql, parameters, options)[Symbol.asyncIterator]();
    const next = async () => {
      try {
        return await rows.next();
      } catch (error) {
        throw this.#failed(error, sql, parameters);
      }
    };
    try {
      for (let step = await next(); !step.done; step = await next()) {
        rowCount++;
        yield step.value;
      }
    } finally {
      await rows.return?.();
      if (events.has("statement")) this.#announce(sql, parameters, start, rowCount);
    }
  }

  #announce(sql: string, parameters: readonly unknown[], start: number, rowCount: number): void {
    const durationMs = performance.now() - start;
    this.#core.events.emit("statement", { connectionId: this.#id, sql, parameters, durationMs, rowCount });
  }

  #failed(cause: unknown, sql: string, parameters: readonly unknown[]): AlkahestError {
    const { dialect, events, pool } = this.#core;
    const error = dialect.translateError(cause, sql, parameters);
    const connectionId = this.#id;
    if (events.has("error")) events.emit("error", { connectionId, error, sql, parameters });
    if (dialect.isConnectionLost(error) && this.#pooled !== null) {
      void pool.discard(this.#pooled);
      this.#pooled = null;
      this.#unusable = `it was lost (${error.message})`;
      this.#transaction.abandon();
      if (events.has("invalidate")) events.emit("invalidate", { connectionId, error });
    } else this.#transaction.noticeError(error);
    return error;
  }

  get #id(): number {
    return this.#pooled?.id ?? 0;
  }

  #transactionHost(): TransactionHost {
    return {
      dialect: this.#core.dialect,
      control: (sql, line) => this.#control(sql, line),
      announce: (event) => {
        const { events } = this.#core;
        if (events.has(event)) events.emit(event, { connectionId: this.#id });
      },
      announceSavepoint: (name, action) => {
        const { events } = this.#core;
        if (events.has("savepoint")) events.emit("savepoint", { connectionId: this.#id, name, action });
      },
      isOpenInDatabase: () => this.#pooled?.driver.inTransaction?.(),
    };
  }

  #control(sql: string, line: string): MaybePromise<void> {
    const { driver } = this.#usable();
    this.#core.echo?.line(line);
    let answer: MaybePromise<DriverResult>;
    try {
      answer = driver.execute(sql, []);
    } catch (error) {
      throw this.#failed(error, sql, []);
    }
    if (!isPromise(answer)) return;
    return answer.then(
      () => {},
      (error: unknown) => {
        throw this.#failed(error, sql, []);
      },
    );
  }
}

function shaperOf<S extends Executable>(statement: S): (values: readonly unknown[]) => RowOf<S> {
  // RowOf reads the type of a row from the selection by which the shaper forms it.
  return rowShaper(selectionOfStatement(statement)) as (values: readonly unknown[]) => RowOf<S>;
}
