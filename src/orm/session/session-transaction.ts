import type { BeginOptions, Connection, Engine, Savepoint, StatementOptions } from "../../engine/index.ts";
import { andThen, isPromise, type MaybePromise } from "../../engine/maybe-promise.ts";
import { assertStatementOptions } from "../../engine/statement-guard.ts";
import { type AlkahestError, InvalidStateError } from "../../errors/index.ts";
import { UndoLog } from "../flush/index.ts";
import { UncommittedReads } from "./uncommitted-reads.ts";

/** What a listener threw that was told of something which cannot be taken back. */
export interface Told {
  readonly error: unknown;
}

/** A mark to which the transaction can go back, in the database and in the undo log. */
export interface TransactionMark {
  readonly savepoint: Savepoint;
  readonly undoMark: number;
  readonly readMark: number;
}

/**
 * The transaction of a session in the database: begun with the first statement, on a connection that it takes from the
 * engine then and gives back at the end. Between transactions a session holds no connection.
 */
export class SessionTransaction {
  /** What flushes did to objects since the transaction began. */
  readonly undo = new UndoLog();
  /** What was loaded since it has written. */
  readonly reads = new UncommittedReads(this.undo);
  readonly #engine: Engine;
  #connection: Connection | null = null;
  #opening: Promise<Connection> | null = null;
  #options: BeginOptions = {};
  /** What holds for the statements of now; with what ends each on the open connection. */
  readonly #limits = new Map<StatementOptions, (() => void) | null>();
  #number = 0;
  #commits = 0;
  readonly #marks: TransactionMark[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get isOpen(): boolean {
    return this.#held !== null;
  }

  /** Counts the transactions of the session: tells whether one of before is still the current one. */
  get number(): number {
    return this.#number;
  }

  /** Counts those that were committed. */
  get commits(): number {
    return this.#commits;
  }

  /** The error by which the connection was lost, and with it the transaction; null otherwise. */
  get lostBy(): AlkahestError | null {
    return this.#held?.lostBy ?? null;
  }

  /** Not a connection that was lost before the transaction began: it took nothing along, and is replaced. */
  get #held(): Connection | null {
    const connection = this.#connection;
    return connection === null || connection.lostBy === null || connection.hasBegun ? connection : null;
  }

  /** The innermost savepoint. */
  get innermost(): TransactionMark | null {
    return this.#marks.at(-1) ?? null;
  }

  /** What the next transaction begins with. */
  request(options: BeginOptions): void {
    this.#options = options;
  }

  /** Runs the operation; the options hold for every statement that is sent until it is through. */
  within<T>(options: StatementOptions, operation: () => T | Promise<T>): T | Promise<T> {
    const { signal, statementTimeout } = options;
    return signal === undefined && statementTimeout === undefined ? operation() : this.#limited(options, operation);
  }

  async #limited<T>(options: StatementOptions, operation: () => T | Promise<T>): Promise<T> {
    assertStatementOptions(options);
    const limit = { ...options };
    this.#limits.set(limit, this.#connection?.limit(limit) ?? null);
    try {
      return await operation();
    } finally {
      this.#limits.get(limit)?.();
      this.#limits.delete(limit);
    }
  }

  /** @throws AbortError when a signal of the options that hold is aborted */
  assertNotAborted(): void {
    this.#connection?.assertNotAborted();
  }

  /** The connection with the open transaction; opens both when there is none. */
  connection(): MaybePromise<Connection> {
    const present = this.#held ?? this.#opening;
    if (present !== null) return present;
    const opened = this.#open();
    if (!isPromise(opened)) return opened;
    this.#opening = opened.finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** Marks the point to come back to. */
  async mark(): Promise<TransactionMark> {
    const connection = await this.connection();
    const mark = { savepoint: await connection.savepoint(), undoMark: this.undo.mark(), readMark: this.reads.mark() };
    this.#marks.push(mark);
    return mark;
  }

  /** Is it a mark of the open transaction, neither released nor rolled back? */
  has(mark: TransactionMark): boolean {
    return this.#marks.includes(mark);
  }

  /** Forgets a mark and those that were made after it; what was written since stays a part of the transaction. */
  async release(mark: TransactionMark): Promise<void> {
    await mark.savepoint.release();
    this.#forget(mark);
  }

  /** Undoes in the database what was written since the mark. The mark stays until {@link forget}. */
  async rollbackTo(mark: TransactionMark): Promise<void> {
    if (mark.savepoint.isActive) await mark.savepoint.rollback();
  }

  /** The mark is over, and those that were made after it. */
  forget(mark: TransactionMark): void {
    this.#forget(mark);
  }

  /**
   * Makes it final.
   * @returns what a listener of the engine threw when it was told of that: it is committed all the same
   * @throws whatever the database throws; the transaction is then still open, and good for nothing but a rollback
   */
  commit(): MaybePromise<Told | undefined> {
    const connection = this.#connection;
    if (connection === null) return;
    const ended = (told?: Told): MaybePromise<Told | undefined> => {
      this.#commits++;
      return andThen(this.#end(), () => told);
    };
    const failed = (error: unknown): MaybePromise<Told | undefined> => {
      if (connection.inTransaction || connection.lostBy !== null) throw error;
      return ended({ error });
    };
    try {
      const committed = connection.commitNow();
      return isPromise(committed) ? committed.then(() => ended(), failed) : ended();
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * Undoes everything in the database, and gives the connection back. It does not fail: a connection that cannot roll
   * back is thrown away, which undoes its transaction as well.
   */
  rollback(): MaybePromise<void> {
    try {
      const ended = this.#end();
      return isPromise(ended) ? ended.catch(() => {}) : undefined;
    } catch {
      // See above.
    }
  }

  #open(): MaybePromise<Connection> {
    return andThen(this.#engine.open(this.#waitingOptions()), (connection) => this.#begin(connection));
  }

  #begin(connection: Connection): MaybePromise<Connection> {
    for (const limit of this.#limits.keys()) this.#limits.set(limit, connection.limit(limit));
    const begun = (): Connection => {
      this.#options = {};
      this.#connection = connection;
      return connection;
    };
    const failed = async (error: unknown): Promise<never> => {
      await connection.close();
      throw error;
    };
    // It travels with the first statement if it can.
    if (connection.canPipeline && Object.keys(this.#options).length === 0) return begun();
    try {
      const beginning = connection.beginNow(this.#options);
      return isPromise(beginning) ? beginning.then(begun, failed) : begun();
    } catch (error) {
      return failed(error);
    }
  }

  /** Of several signals, the one that is aborted first ends the wait for a connection. */
  #waitingOptions(): StatementOptions {
    const signals = [...this.#limits.keys()].flatMap(({ signal }) => (signal === undefined ? [] : [signal]));
    const [first] = signals;
    if (first === undefined) return {};
    return { signal: signals.length === 1 ? first : AbortSignal.any(signals) };
  }

  /** Closing the connection rolls back what is open on it. */
  #end(): MaybePromise<void> {
    const connection = this.#connection;
    this.#connection = null;
    this.#options = {};
    this.#marks.length = 0;
    this.#number++;
    return connection?.closeNow();
  }

  #forget(mark: TransactionMark): void {
    const position = this.#marks.indexOf(mark);
    if (position >= 0) this.#marks.length = position;
  }
}

/** What a savepoint handle needs of its session. */
export interface SavepointOwner {
  releaseSavepoint(mark: TransactionMark): Promise<void>;
  rollbackToSavepoint(mark: TransactionMark): Promise<void>;
  hasSavepoint(mark: TransactionMark): boolean;
}

/**
 * A savepoint of a session, from `session.beginNested()`: `release()` keeps what was done since, `rollback()` undoes it
 * in the database and in the objects. With `await using` it is rolled back unless it was released.
 */
export class SessionSavepoint implements AsyncDisposable {
  readonly #owner: SavepointOwner;
  readonly #mark: TransactionMark;

  constructor(owner: SavepointOwner, mark: TransactionMark) {
    this.#owner = owner;
    this.#mark = mark;
  }

  /** Can it still be released or rolled back? */
  get isActive(): boolean {
    return this.#owner.hasSavepoint(this.#mark);
  }

  /**
   * Flushes, and keeps what was done since as a part of the transaction.
   * @throws InvalidStateError if the savepoint is over, by itself or with its transaction
   */
  async release(): Promise<void> {
    this.#assertActive();
    await this.#owner.releaseSavepoint(this.#mark);
  }

  /**
   * Undoes what was done since; objects are as they were when the savepoint was made.
   * @throws InvalidStateError if the savepoint is over, by itself or with its transaction
   */
  async rollback(): Promise<void> {
    this.#assertActive();
    await this.#owner.rollbackToSavepoint(this.#mark);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isActive) await this.#owner.rollbackToSavepoint(this.#mark);
  }

  #assertActive(): void {
    if (this.isActive) return;
    throw new InvalidStateError(
      "This savepoint is over: it was released or rolled back, or its transaction ended. Begin another one.",
    );
  }
}
