import type { Compiled } from "../compiler/compiled.ts";
import type { AlkahestError } from "../errors/index.ts";
import { assertOptions } from "../expression/check-arguments.ts";
import type { DdlOptions, DdlTarget, MetaData } from "../schema/metadata.ts";
import { DmlStatement } from "../statement/dml-statement.ts";
import type { Insert } from "../statement/insert.ts";
import type { TextParameters } from "../statement/text.ts";
import { Channel, type EngineCore } from "./channel.ts";
import { BEGIN_OPTIONS, type BeginOptions, type Dialect } from "./dialect.ts";
import type { DriverResult, DriverStatement, ExecuteOptions, PipelineResult } from "./driver.ts";
import { type Executable, type RowOf, selectionOfStatement } from "./executable.ts";
import type { Inspector } from "./inspector.ts";
import { andThen, isPromise, type MaybePromise } from "./maybe-promise.ts";
import { nameConstraint } from "./name-constraint.ts";
import type { Holder } from "./pool.ts";
import type { PreparedQuery } from "./prepared-query.ts";
import { readyStatement } from "./ready-statement.ts";
import { Result } from "./result.ts";
import { rowShaper } from "./row-shaper.ts";
import type { Savepoint } from "./savepoint.ts";
import { SchemaRunner } from "./schema-runner.ts";
import { splitInsert } from "./split-insert.ts";
import type { StatementOptions } from "./statement-guard.ts";
import type { StatementPlan } from "./statement-plan.ts";
import { TransactionControl } from "./transaction-control.ts";

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
 * ```ts
 * import { createEngine, sql } from "alkahest";
 *
 * const engine = createEngine("sqlite::memory:");
 * const connection = await engine.connect();
 * await connection.execute(sql`CREATE TABLE note (body TEXT)`);
 * await connection.execute(sql`INSERT INTO note VALUES (${"hello"})`);
 * await connection.commit();
 * await connection.close();
 * await engine.dispose();
 * ```
 */
export class Connection implements DdlTarget, AsyncDisposable, Holder {
  readonly #core: EngineCore;
  readonly #channel: Channel;
  readonly #transaction: TransactionControl;
  readonly #since = performance.now();
  #closing: Promise<void> | null = null;
  #lostBy: AlkahestError | null = null;
  #isSpoilt = false;

  /** Made by `engine.connect()`. */
  constructor(core: EngineCore) {
    this.#core = core;
    this.#channel = new Channel(core, (error, isLost) => {
      if (isLost) {
        this.#lostBy = error;
        this.#transaction.abandon();
      } else this.#transaction.noticeError(error);
    });
    this.#transaction = new TransactionControl(this.#channel);
  }

  /**
   * Has the options hold for every statement of this connection, until the function that is returned is called. Options
   * that are added later hold besides.
   *
   * @throws ArgumentError for what is no signal, or no number of milliseconds
   */
  limit(options: StatementOptions): () => void {
    return this.#channel.limit(options);
  }

  /** @throws AbortError when a signal of the options that hold is aborted */
  assertNotAborted(): void {
    this.#channel.assertNotAborted();
  }

  /** Takes a connection of the pool. Called once, by the engine. */
  open(signal?: AbortSignal): MaybePromise<this> {
    return andThen(this.#channel.open(this, signal), () => this);
  }

  get dialect(): Dialect {
    return this.#core.dialect;
  }

  /** Is a transaction open? */
  get inTransaction(): boolean {
    return this.#transaction.isActive;
  }

  /** Has there been a transaction at all? */
  get hasBegun(): boolean {
    return this.#transaction.hasBegun;
  }

  get isClosed(): boolean {
    return !this.#channel.isOpen;
  }

  /** The error by which the connection to the database was lost, with what its transaction did; null while it stands. */
  get lostBy(): AlkahestError | null {
    return this.#lostBy;
  }

  /**
   * Executes a statement and decodes its rows. An INSERT of more rows than one statement has room for becomes several,
   * in a savepoint: all of them succeed, or none leaves a row.
   *
   * @param statement a select, insert, update, delete, or raw SQL made by `text()` or `sql`
   * @param parameters values for named parameters of `text()` that have none yet
   * @throws DatabaseError of the kind that the database's answer tells, with `sql` and `parameters`
   * @throws InvalidStateError when the connection is closed
   */
  async execute<S extends Executable>(statement: S, parameters?: TextParameters): Promise<Result<RowOf<S>>> {
    const raw = await this.query(statement, parameters);
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
  query(statement: Executable, parameters?: TextParameters): MaybePromise<RawResult> {
    const parts = splitInsert(statement, this.dialect.capabilities.maxParameters);
    if (parts !== null) return this.#queryAll(parts);
    const { compiled, plan, bound } = readyStatement(this.#core, statement, parameters);
    const answer =
      statement instanceof DmlStatement
        ? this.#change(statement, compiled, bound, plan)
        : this.run(compiled.sql, bound, plan.options);
    return andThen(answer, (result) => ({
      rows: result.rows,
      rowCount: result.rowCount,
      lastInsertId: result.lastInsertId ?? null,
      compiled,
      plan,
      columnNames: () => compiled.columns?.map((column) => column.name) ?? result.columns,
    }));
  }

  /** Executes a prepared query and leaves its rows as the driver gave them. */
  runPrepared(query: PreparedQuery, values: readonly unknown[]): MaybePromise<DriverResult> {
    return this.run(query.sql, query.bind(values), query.options);
  }

  /**
   * Executes SQL text as it is: the shortest way to the database, which the flush takes.
   *
   * @param parameters values as the driver binds them (`dialect.bindProcessor`), one for each placeholder
   * @param options for statements that return rows: `dialect.executeOptions` of their columns
   * @returns at once where the driver is synchronous; values are the driver's own
   * @throws DatabaseError as {@link execute} does
   */
  run(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): MaybePromise<DriverResult> {
    if (this.#transaction.isReady) return this.#channel.send(sql, parameters, options);
    this.#channel.assertOpen();
    // A text without parameters may be several statements, which are no part of a pipeline.
    if (parameters.length > 0 && this.#transaction.isIdle && this.canPipeline) {
      return this.runTogether([{ sql, parameters, options }]).then(onlyAnswer);
    }
    return andThen(this.#transaction.ensure(), () => this.#channel.send(sql, parameters, options));
  }

  /** Can {@link runTogether} be called now? */
  get canPipeline(): boolean {
    return this.#channel.canPipeline;
  }

  /**
   * Sends statements together, with one wait for all their answers. The first one that fails is the last one that is
   * executed.
   *
   * @returns the answers of those before it, and its error: a DatabaseError as {@link execute} throws it
   */
  async runTogether(statements: readonly DriverStatement[]): Promise<PipelineResult> {
    this.#channel.assertOpen();
    if (this.#transaction.isIdle) {
      return this.#transaction.beginWith((opening) => this.#channel.sendTogether(statements, opening));
    }
    await this.#transaction.ensure();
    return this.#channel.sendTogether(statements);
  }

  /**
   * Executes a statement that sets the connection back to what its next user is to find. No signal and no timeout keeps
   * it from being sent, nor a transaction that the database has ended. If it fails, the connection is thrown away when it
   * is closed.
   */
  async restore(sql: string): Promise<void> {
    try {
      await this.#channel.control(sql, sql);
    } catch {
      // The error that led here is the one to tell.
      this.#isSpoilt = true;
    }
  }

  /** Rows one by one, decoded, for results that do not fit into memory. Leaving the loop ends the query. */
  async *stream<S extends Executable>(statement: S, parameters?: TextParameters): AsyncIterable<RowOf<S>> {
    const { compiled, plan, bound } = readyStatement(this.#core, statement, parameters);
    const shape = shaperOf(statement);
    this.#channel.assertOpen();
    await this.#transaction.ensure();
    for await (const row of this.#channel.stream(compiled.sql, bound, plan.options)) yield shape(plan.decode(row));
  }

  /** Rows one by one, as the driver gives them. What the ORM streams with. */
  async *streamRaw(statement: Executable): AsyncIterable<unknown[]> {
    const { compiled, plan, bound } = readyStatement(this.#core, statement, undefined);
    this.#channel.assertOpen();
    await this.#transaction.ensure();
    yield* this.#channel.stream(compiled.sql, bound, plan.options);
  }

  /**
   * Begins a transaction, which otherwise the first statement does.
   *
   * @throws InvalidStateError when one is open
   * @throws ArgumentError for options that do not exist, or not in this database
   */
  async begin(options: BeginOptions = {}): Promise<void> {
    assertOptions("begin()", options, BEGIN_OPTIONS);
    await this.beginNow(options);
  }

  /** The same, at once where the driver is synchronous. */
  beginNow(options: BeginOptions): MaybePromise<void> {
    this.#channel.assertOpen();
    return this.#transaction.begin(options);
  }

  /**
   * Ends the transaction and keeps what it did; does nothing without one. If it fails, the transaction stays open:
   * roll it back, or try again.
   *
   * @throws CommitOutcomeUnknown when the connection broke before the answer came
   */
  async commit(): Promise<void> {
    await this.commitNow();
  }

  /** The same, at once where the driver is synchronous. */
  commitNow(): MaybePromise<void> {
    this.#channel.assertOpen();
    return this.#transaction.commit();
  }

  /** Ends the transaction and undoes what it did; does nothing without one, nor when it is gone with its connection. */
  async rollback(): Promise<void> {
    if (this.#lostBy !== null) return;
    this.#channel.assertOpen();
    await this.#transaction.rollback();
  }

  /** Sets a mark to which the transaction can go back; begins one if none is open. */
  async savepoint(name?: string): Promise<Savepoint> {
    this.#channel.assertOpen();
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
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same, at once if no transaction is open and the driver is synchronous. */
  closeNow(): MaybePromise<void> {
    if (this.isClosed || this.#closing !== null || this.#isSpoilt || !this.#transaction.isClear) return this.close();
    return this.#channel.release("it was closed");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get takenAt(): string | null {
    return this.#channel.takenAt;
  }

  /** For the pool's message to those who wait in vain. */
  describe(): string {
    const seconds = ((performance.now() - this.#since) / 1000).toFixed(1);
    const state = this.inTransaction ? "in a transaction" : "idle";
    const { id, lastSql } = this.#channel;
    const last = lastSql === null ? "" : `, last statement: ${lastSql.slice(0, 120)}`;
    return `connection ${id} (open for ${seconds} s, ${state}${last})`;
  }

  /** The engine is disposed while the connection is in use. */
  async abandon(): Promise<void> {
    try {
      await this.#transaction.rollback();
    } catch {
      // The connection is thrown away; what it had open ends with it.
      this.#transaction.abandon();
    }
    this.#channel.letGo("its engine was disposed");
  }

  async #close(): Promise<void> {
    if (this.isClosed) return;
    try {
      await this.#transaction.rollback();
    } finally {
      // Where only a listener has failed, nothing is open any more.
      const isOfUse = !this.#isSpoilt && this.#transaction.isClear;
      await (isOfUse ? this.#channel.release("it was closed") : this.#channel.discard("it was closed"));
    }
  }

  /** Runs the parts of one statement. The rows that they return have no promised order, as those of one have none. */
  async #queryAll(parts: readonly Insert<any, any, any>[]): Promise<RawResult> {
    const savepoint = await this.savepoint();
    const results: RawResult[] = [];
    try {
      for (const part of parts) results.push(await this.query(part));
    } catch (error) {
      // Where the connection or the transaction is gone, so is all that was done in it.
      await savepoint.rollback().catch(() => {});
      throw error;
    }
    await savepoint.release();
    const last = results.at(-1)!; // there are several parts
    return {
      ...last,
      rows: results.flatMap(({ rows }) => rows),
      rowCount: results.reduce((sum, { rowCount }) => sum + rowCount, 0),
    };
  }

  /** Runs a statement whose table is known, so that an error can name the constraint. */
  #change(
    { table }: DmlStatement<unknown, unknown>,
    { sql }: Compiled,
    bound: readonly unknown[],
    { options }: StatementPlan,
  ): MaybePromise<DriverResult> {
    const explain = (error: unknown): never => {
      nameConstraint(error, table);
      throw error;
    };
    try {
      const answer = this.run(sql, bound, options);
      return isPromise(answer) ? answer.catch(explain) : answer;
    } catch (error) {
      return explain(error);
    }
  }
}

function onlyAnswer({ results: [result], error }: PipelineResult): DriverResult {
  if (result === undefined) throw error;
  return result;
}

function shaperOf<S extends Executable>(statement: S): (values: readonly unknown[]) => RowOf<S> {
  // RowOf reads the type of a row from the selection by which the shaper forms it.
  return rowShaper(selectionOfStatement(statement)) as (values: readonly unknown[]) => RowOf<S>;
}
