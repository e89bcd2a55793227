import type { StatementCache } from "../compiler/statement-cache.ts";
import { AbortError, type AlkahestError, DatabaseError, InvalidStateError, TimeoutError } from "../errors/index.ts";
import type { Dialect } from "./dialect.ts";
import type { DriverResult, DriverStatement, ExecuteOptions, PipelineResult } from "./driver.ts";
import type { Echo } from "./echo.ts";
import type { EventRegistry } from "./events.ts";
import { type LeakHost, LeakWatch } from "./leak-watch.ts";
import { andThen, isPromise, type MaybePromise } from "./maybe-promise.ts";
import type { ConnectionPool, Holder, PooledConnection } from "./pool.ts";
import { StatementGuard, type StatementOptions } from "./statement-guard.ts";
import type { StatementPlans } from "./statement-plan.ts";
import type { Opening, TransactionHost } from "./transaction-control.ts";

/** What all connections of one engine share. */
export interface EngineCore extends LeakHost {
  readonly url: string;
  readonly dialect: Dialect;
  readonly events: EventRegistry;
  readonly pool: ConnectionPool;
  readonly statements: StatementCache;
  readonly plans: StatementPlans;
  /** Null while `echo` is off. */
  readonly echo: Echo | null;
  /** Milliseconds from which on a statement is written to `slowLog`. */
  readonly slowStatement: number;
  readonly slowLog: Echo;
  readonly hideParameters: boolean;
  /** Milliseconds after which a connection is to be back; Infinity: nobody watches. */
  readonly leakAfter: number;
  /** Milliseconds that each statement may take. */
  readonly statementTimeout: number | undefined;
}

/**
 * A connection's way to its driver: each statement is written to the log, timed and announced to listeners, and its
 * error is translated. It knows nothing of transactions; what opens and ends them comes through {@link control}.
 */
export class Channel implements TransactionHost {
  readonly #core: EngineCore;
  readonly #onError: (error: AlkahestError, isLost: boolean) => void;
  #pooled: PooledConnection | null = null;
  /** Why nothing can be sent any more. */
  #closedBecause = "it was not opened";
  #lastSql: string | null = null;
  readonly #guard = new StatementGuard();
  readonly #leakWatch: LeakWatch | null;

  /** @param onError is told of every translated error before its caller is */
  constructor(core: EngineCore, onError: (error: AlkahestError, isLost: boolean) => void) {
    this.#core = core;
    this.#onError = onError;
    if (core.statementTimeout !== undefined) this.limit({ statementTimeout: core.statementTimeout });
    this.#leakWatch = core.leakAfter === Number.POSITIVE_INFINITY ? null : new LeakWatch(core, core.leakAfter);
  }

  get dialect(): Dialect {
    return this.#core.dialect;
  }

  get isOpen(): boolean {
    return this.#pooled !== null;
  }

  /** The number of the connection in events; 0 when it is closed. */
  get id(): number {
    return this.#pooled?.id ?? 0;
  }

  /** Where the connection was taken, if leaks are looked for: the lines of a stack trace. */
  get takenAt(): string | null {
    return this.#leakWatch?.stack ?? null;
  }

  /** What was sent last; null before the first statement. */
  get lastSql(): string | null {
    return this.#lastSql;
  }

  /** Has the options hold for every statement, until the function that is returned is called. */
  limit(options: StatementOptions): () => void {
    return this.#guard.add(options);
  }

  /** Takes a connection of the pool. */
  open(holder: Holder, signal: AbortSignal | undefined): MaybePromise<void> {
    return andThen(this.#core.pool.acquire(holder, signal), (pooled) => {
      this.#pooled = pooled;
      this.#leakWatch?.start({ id: pooled.id, describe: () => holder.describe() });
      try {
        this.#announce("checkout");
      } catch (error) {
        return this.#refuse(error);
      }
    });
  }

  /** @throws InvalidStateError when nothing can be sent */
  assertOpen(): PooledConnection {
    if (this.#pooled !== null) return this.#pooled;
    throw new InvalidStateError(
      `This connection cannot be used: ${this.#closedBecause}. Take another one with engine.connect().`,
    );
  }

  /** Sends a statement of the user. */
  send(sql: string, parameters: readonly unknown[], options: ExecuteOptions | undefined): MaybePromise<DriverResult> {
    const { echo, events, slowStatement } = this.#core;
    echo?.statement(sql, parameters);
    this.#lastSql = sql;
    if (!events.has("statement") && slowStatement === Number.POSITIVE_INFINITY)
      return this.#call(sql, parameters, options);
    const start = performance.now();
    return andThen(this.#call(sql, parameters, options), (result) => {
      this.#announceStatement(sql, parameters, start, result.rowCount);
      return result;
    });
  }

  /** Can statements be sent together? Not while one of them may have to be stopped apart from the others. */
  get canPipeline(): boolean {
    return this.#pooled?.driver.pipeline !== undefined && !this.#guard.isNeeded;
  }

  /**
   * Sends statements of the user together; call it if {@link canPipeline}.
   *
   * @param opening what opens the transaction before them
   * @returns `error` is translated
   * @throws what `opening` has failed with
   */
  async sendTogether(statements: readonly DriverStatement[], opening?: Opening): Promise<PipelineResult> {
    const { driver } = this.assertOpen();
    const { echo } = this.#core;
    const first = opening === undefined ? [] : [{ sql: opening.sql, parameters: [] }];
    if (opening !== undefined) echo?.line(opening.line);
    for (const { sql, parameters } of statements) echo?.statement(sql, parameters);
    this.#lastSql = statements.at(-1)?.sql ?? this.#lastSql;
    const start = performance.now();
    const answer = driver.pipeline!([...first, ...statements]); // the caller has seen that there is one
    this.#guard.note(answer);
    const sent = await answer.catch((error: unknown): PipelineResult => ({ results: [], error }));
    if (opening !== undefined) {
      if (sent.results.length === 0) throw this.#failed(sent.error, opening.sql, []);
      opening.done();
    }
    const results = sent.results.slice(first.length);
    for (const [index, { sql, parameters }] of statements.entries()) {
      const result = results[index];
      if (result === undefined) return { results, error: this.#failed(sent.error, sql, parameters) };
      this.#announceStatement(sql, parameters, start, result.rowCount);
    }
    return { results };
  }

  /** Sends a statement of the user and gives its rows one by one. */
  async *stream(
    sql: string,
    parameters: readonly unknown[],
    options: ExecuteOptions | undefined,
  ): AsyncIterable<unknown[]> {
    const { driver } = this.assertOpen();
    this.#core.echo?.statement(sql, parameters);
    this.#lastSql = sql;
    const start = performance.now();
    let rowCount = 0;
    let hasFailed = false;
    const rows = driver.stream(sql, parameters, options)[Symbol.asyncIterator]();
    const next = async () => {
      try {
        return await (this.#guard.isNeeded ? this.#guard.run(driver, () => rows.next(), true) : rows.next());
      } catch (error) {
        hasFailed = true;
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
      // Of what has failed, the error was told.
      if (!hasFailed) this.#announceStatement(sql, parameters, start, rowCount);
    }
  }

  control(sql: string, line: string): MaybePromise<void> {
    this.#core.echo?.line(line);
    return andThen(this.#call(sql, [], undefined, false), () => {});
  }

  /** @throws AbortError when a signal is aborted that holds for the connection */
  assertNotAborted(): void {
    this.#guard.assertNotAborted();
  }

  announce(event: "begin" | "commit" | "rollback"): void {
    this.#announce(event);
  }

  announceSavepoint(name: string, action: "create" | "release" | "rollback"): void {
    const { events } = this.#core;
    if (events.has("savepoint")) events.emit("savepoint", { connectionId: this.id, name, action });
  }

  isOpenInDatabase(): boolean | undefined {
    return this.#pooled?.driver.inTransaction?.();
  }

  /** A listener does not let the connection be used. */
  #refuse(error: unknown): MaybePromise<never> {
    const refused = (): never => {
      throw error;
    };
    return andThen(this.release("a listener of its checkout failed"), refused);
  }

  /** Gives the connection back to the pool. A listener that fails does not keep it from going. */
  release(reason: string): MaybePromise<void> {
    return this.#give(reason, (pooled) => this.#release(pooled));
  }

  #release(pooled: PooledConnection): MaybePromise<void> {
    const { pool } = this.#core;
    const failed = async (error: unknown): Promise<never> => {
      await pool.discard(pooled);
      throw this.dialect.translateError(error, "", []);
    };
    try {
      const reset = pooled.driver.reset?.();
      if (isPromise(reset)) return reset.then(() => pool.release(pooled), failed);
    } catch (error) {
      return failed(error);
    }
    pool.release(pooled);
  }

  /** Gives the connection back as one that is of no use any more. */
  async discard(reason: string): Promise<void> {
    await this.#give(reason, (pooled) => this.#core.pool.discard(pooled));
  }

  /** Lets go of a connection that the pool takes care of itself. */
  letGo(reason: string): void {
    this.#pooled = null;
    this.#closedBecause = reason;
    this.#leakWatch?.stop();
  }

  #give(reason: string, give: (pooled: PooledConnection) => MaybePromise<void>): MaybePromise<void> {
    const pooled = this.#pooled;
    if (pooled === null) return;
    let failure: { readonly error: unknown } | null = null;
    try {
      this.#announce("checkin");
    } catch (error) {
      failure = { error };
    }
    this.letGo(reason);
    return andThen(give(pooled), () => {
      if (failure !== null) throw failure.error;
    });
  }

  #call(
    sql: string,
    parameters: readonly unknown[],
    options: ExecuteOptions | undefined,
    isLimited = true,
  ): MaybePromise<DriverResult> {
    const { driver } = this.assertOpen();
    let answer: MaybePromise<DriverResult>;
    try {
      if (this.#guard.isNeeded) {
        answer = this.#guard.run(driver, () => driver.execute(sql, parameters, options), isLimited);
      } else {
        answer = driver.execute(sql, parameters, options);
        if (isPromise(answer)) this.#guard.note(answer);
      }
    } catch (error) {
      throw this.#failed(error, sql, parameters);
    }
    if (!isPromise(answer)) return answer;
    return answer.catch((error: unknown) => {
      throw this.#failed(error, sql, parameters);
    });
  }

  #failed(cause: unknown, sql: string, parameters: readonly unknown[]): AlkahestError {
    const { dialect, events, pool, hideParameters } = this.#core;
    const connectionId = this.id;
    const error = dialect.translateError(cause, sql, parameters);
    if (error instanceof AbortError || error instanceof TimeoutError) nameStatement(error, sql, parameters);
    if (hideParameters && error instanceof DatabaseError) error.hideParameters();
    // A statement that could not be stopped in any other way has cost its connection.
    const isLost = dialect.isConnectionLost(error) || this.#pooled?.driver.isLost?.() === true;
    // Listeners that fail keep nobody from knowing it.
    try {
      if (events.has("error")) events.emit("error", { connectionId, error, sql, parameters });
    } finally {
      const lost = isLost ? this.#pooled : null;
      if (lost !== null) this.letGo(`it was lost (${error.message})`);
      this.#onError(error, isLost);
      if (lost !== null) pool.invalidate(lost, error);
    }
    return error;
  }

  #announce(event: "begin" | "commit" | "rollback" | "checkout" | "checkin"): void {
    const { events } = this.#core;
    if (events.has(event)) events.emit(event, { connectionId: this.id });
  }

  #announceStatement(sql: string, parameters: readonly unknown[], start: number, rowCount: number): void {
    const durationMs = performance.now() - start;
    const { events, slowStatement, slowLog } = this.#core;
    if (durationMs >= slowStatement) slowLog.slow(sql, parameters, durationMs);
    if (events.has("statement")) {
      events.emit("statement", { connectionId: this.id, sql, parameters, durationMs, rowCount });
    }
  }
}

/** Who stopped the statement did not know it. */
function nameStatement(error: DatabaseError, sql: string, parameters: readonly unknown[]): void {
  if (error.sql !== null) return;
  error.sql = sql;
  error.parameters = parameters;
}
