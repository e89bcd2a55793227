import type { Connection, Engine, Executable, Result, StatementOptions } from "../../engine/index.ts";
import { asPromise } from "../../engine/maybe-promise.ts";
import type { Query } from "../../expression/index.ts";
import type { FlushPlan } from "../flush/index.ts";
import { entityOf, isModified } from "../instance/index.ts";
import type { PrimaryKeyOf, ShapedModel } from "../mapping/index.ts";
import { assertEngine, assertFunction, listOf } from "./arguments.ts";
import { executeStatement, type SessionRowOf } from "./execute.ts";
import { expire, refresh } from "./expire.ts";
import { findByNumber, findPresent, getByKey, identify } from "./get.ts";
import { type MergeOptions, merge } from "./merge/merge.ts";
import { assertMergeOptions, assertSessionOptions, assertStatementOptions } from "./option-checks.ts";
import { selectAll, selectFirst, selectOne, selectOneOrNull, streamAll } from "./queries.ts";
import { runInSavepoint, runTransaction, type TransactionOptions } from "./run-transaction.ts";
import type { SessionEventName, SessionListener } from "./session-events.ts";
import { SessionSavepoint } from "./session-transaction.ts";
import { type SessionOptions, SessionWork } from "./session-work.ts";
import { inTurn, inTurnFlushed } from "./turn.ts";
import { UnitOfWork } from "./unit-of-work.ts";

/**
 * A unit of work: the objects that a program works with, one for each row, and the transaction in which they are read
 * and written. Changes are written by `flush()`, which `commit()` and queries call by themselves.
 *
 * Operations that are called at once run one after the other. Objects are not loaded by being read: what is not there
 * throws `NotLoadedError`.
 *
 * @example
 * ```ts
 * import { createEngine, declarativeBase, integer, select, Session, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class User extends Base("users", { id: integer().primaryKey(), name: varchar(50) }) {}
 *
 * const engine = createEngine("sqlite::memory:");
 * await Base.metadata.createAll(engine);
 *
 * await using session = new Session(engine);
 * session.add(new User({ name: "ed" }));
 * await session.commit();
 *
 * const ed = await session.one(select(User).where(User.c.name.eq("ed")));
 * ed.name = "Ed";
 * await session.commit();
 * ```
 */
export class Session implements AsyncDisposable {
  readonly #work: SessionWork;

  /**
   * @param engine the database; nothing is opened before the first statement
   * @throws ArgumentError for what is no engine, and for an option that does not exist or has no such value
   */
  constructor(engine: Engine, options: SessionOptions = {}) {
    assertEngine(engine);
    assertSessionOptions("new Session()", options);
    this.#work = new SessionWork(this, engine, options);
  }

  /** The engine that the session works on. */
  get engine(): Engine {
    return this.#work.engine;
  }

  /** Is a transaction open in the database? */
  get inTransaction(): boolean {
    return this.#work.transaction.isOpen;
  }

  // ── objects ────────────────────────────────────────────────────────────────

  /**
   * Takes an object in, with everything that is reachable from it (cascade `save-update`); the next flush inserts what
   * is new. An object that is in the session already stays as it is, one that was marked for deletion is kept after all.
   *
   * @throws ArgumentError for what is no object of a mapped class
   * @throws InvalidStateError for an object of another session, or of a row that another object stands for
   */
  add(object: object): void {
    this.#work.assertUsable();
    this.#work.objects.add(object);
  }

  /** Takes several objects in, as {@link add} does. */
  addAll(objects: Iterable<object>): void {
    this.#work.objects.addAll(listOf("addAll()", objects));
  }

  /**
   * Marks a stored object for deletion by the next flush, which also deletes what its relationships cascade to. A new
   * object that was not flushed yet is let go of; one that a flush is just inserting is deleted by the next one.
   *
   * @throws InvalidStateError for an object that is not stored, or of another session
   */
  delete(object: object): void {
    this.#work.assertUsable();
    this.#work.objects.delete(object);
  }

  /**
   * Lets an object go, with what its relationships cascade to: changes that were not flushed are not written any more.
   *
   * @throws InvalidStateError for an object that is not in this session, and while a flush is under way
   */
  expunge(object: object): void {
    this.#work.objects.expunge(object);
  }

  /**
   * Lets every object go. The transaction stays open.
   *
   * @throws InvalidStateError while a flush is under way
   */
  clear(): void {
    this.#work.objects.clear();
  }

  /**
   * Forgets loaded values, unflushed changes included: all of an object, or the named attributes. Reading them throws
   * `NotLoadedError` until they are loaded again, by `refresh`, by `get` or by a query.
   *
   * @throws InvalidStateError for an object that is not stored, or not in this session
   */
  expire(object: object, names?: readonly string[]): void {
    this.#work.assertUsable();
    expire(this.#work, object, names);
  }

  /**
   * Reads an object's row again, and the relationships and deferred columns that were loaded: all of the object, or the
   * named attributes. What is named is loaded even if it was not: `await session.refresh(user, ["addresses"])`.
   *
   * @throws InvalidStateError if the object is not stored in this session, or its row is gone
   */
  refresh(object: object, names?: readonly string[]): Promise<void> {
    return asPromise(() => inTurn(this.#work, () => refresh(this.#work, object, names)));
  }

  /** The objects that the next flush inserts. */
  get new(): ReadonlySet<object> {
    this.#work.objects.takeStock();
    return new Set(this.#work.objects.pending);
  }

  /** The stored objects with changes that the next flush writes. */
  get dirty(): ReadonlySet<object> {
    return new Set(this.#work.objects.modified());
  }

  /** The objects that were marked for deletion. What goes with them is found out by the flush. */
  get deleted(): ReadonlySet<object> {
    return new Set(this.#work.objects.deleted);
  }

  /** Is the object in this session? */
  has(object: object): boolean {
    return this.#work.objects.has(entityOf(object));
  }

  /** Does the object differ from what was last flushed or loaded? A value that was set and set back does not count. */
  isModified(object: object): boolean {
    return isModified(entityOf(object));
  }

  // ── reading ────────────────────────────────────────────────────────────────

  /**
   * The object with this primary key: from the session if it is there, new ones included, else from the database.
   *
   * @param key the value of the key; for several key columns an object with all of them
   * @param options when to give the statement up
   * @returns null if there is no such row
   * @throws ArgumentError for a key that is incomplete or of the wrong type
   */
  get<C extends ShapedModel>(
    mappedClass: C,
    key: PrimaryKeyOf<C>,
    options?: StatementOptions,
  ): Promise<InstanceType<C> | null> {
    const work = this.#work;
    const known = options === undefined ? findByNumber(work, mappedClass, key) : undefined;
    if (known !== undefined) {
      work.queue.noteAnswer();
      return Promise.resolve(known) as Promise<InstanceType<C>>; // as below
    }
    return asPromise(() => {
      assertStatementOptions("get()", options);
      work.assertUsable();
      const wanted = identify(mappedClass, key);
      const found = work.queue.isFree ? findPresent(work, wanted) : undefined;
      return found === undefined ? inTurn(work, () => getByKey(work, wanted), options) : found;
    }) as Promise<InstanceType<C> | null>; // the mapper found by the class makes objects of the class
  }

  /**
   * Everything that the statement selects, or returns: `insert(User).values(...).returning(User)`. One entity or one
   * column comes unwrapped, several come as tuples.
   *
   * @param options when to give the statement up, and those that load what belongs to its objects; so for all queries
   */
  all<R>(statement: Query<R>, options?: StatementOptions): Promise<R[]> {
    return asPromise(() => selectAll(this.#work, "all()", statement, options));
  }

  /** The first of what the statement selects, or null. */
  first<R>(statement: Query<R>, options?: StatementOptions): Promise<R | null> {
    return asPromise(() => selectFirst(this.#work, statement, options));
  }

  /**
   * The only one that the statement selects.
   *
   * @throws NoResultFound, MultipleResultsFound
   */
  one<R>(statement: Query<R>, options?: StatementOptions): Promise<R> {
    return asPromise(() => selectOne(this.#work, statement, options));
  }

  /**
   * The only one that the statement selects, or null if there is none.
   *
   * @throws MultipleResultsFound
   */
  oneOrNull<R>(statement: Query<R>, options?: StatementOptions): Promise<R | null> {
    return asPromise(() => selectOneOrNull(this.#work, statement, options));
  }

  /**
   * What the statement selects, one after the other, for results that do not fit into memory. The session can be used in
   * the body of the loop.
   *
   * @throws InvalidStateError when the transaction ends before the last row was read
   */
  stream<R>(statement: Query<R>, options?: StatementOptions): AsyncGenerator<R, void, undefined> {
    return streamAll(this.#work, statement, options);
  }

  /**
   * Executes any statement in the session's transaction. Objects in memory follow `update(User)` and
   * `deleteFrom(User)`, also back by a rollback. A class in `returning(...)` gives objects of the session.
   *
   * @param options when to give it up
   */
  execute<S extends Executable>(statement: S, options?: StatementOptions): Promise<Result<SessionRowOf<S>>> {
    return asPromise(() => {
      assertStatementOptions("execute()", options);
      return inTurnFlushed(this.#work, () => executeStatement(this.#work, statement), options);
    });
  }

  /** The connection of the open transaction, for what goes past the session. */
  connection(): Promise<Connection> {
    return asPromise(() => inTurn(this.#work, () => this.#work.connection()));
  }

  // ── writing ────────────────────────────────────────────────────────────────

  /**
   * Writes what is new, changed and deleted, in an order that keeps all constraints. If it fails, the transaction is
   * undone and the session waits for `rollback()`.
   */
  flush(): Promise<void> {
    const work = this.#work;
    if (work.isIdle && work.objects.isClean) return Promise.resolve();
    return asPromise(() => {
      work.assertNotFlushing("flush()");
      return inTurn(work, () => work.flush());
    });
  }

  /** Flushes and makes it final. */
  commit(): Promise<void> {
    return asPromise(() => {
      this.#work.assertNotFlushing("commit()");
      return inTurn(this.#work, () => this.#work.commit());
    });
  }

  /**
   * Undoes what was done since the last commit: new objects are transient again and keep their values, changed ones are
   * as last committed, deleted ones are persistent. After a failed flush, this makes the session usable.
   */
  async rollback(): Promise<void> {
    this.#work.assertNotFlushing("rollback()");
    await this.#work.queue.run(() => this.#work.rollback());
  }

  /**
   * What a flush would do now, as data: `plan.toString()`, `plan.toMermaid()`. It reads what it has to know, writes nothing
   * and calls no listeners; what these would change is not in it.
   */
  plan(): Promise<FlushPlan> {
    return asPromise(() => inTurn(this.#work, () => this.#work.plan()));
  }

  /**
   * Copies an object, and what is reachable from it by the cascade `merge`, onto the objects of this session, which are
   * loaded or made as needed; the object itself stays as it is. Attributes that are not set are not copied, null is. New
   * objects of equal primary key become one. It never flushes.
   *
   * @returns the object of this session
   */
  async merge<T extends object>(object: T, options: MergeOptions = {}): Promise<T> {
    assertMergeOptions("merge()", options);
    const [merged] = await this.mergeAll([object], options);
    // One goes in, one comes out.
    return merged as T;
  }

  /** Merges several objects as one graph, see {@link merge}. */
  mergeAll<T extends object>(objects: readonly T[], options: MergeOptions = {}): Promise<T[]> {
    return asPromise(() => {
      assertMergeOptions("mergeAll()", options);
      return inTurn(this.#work, () => merge(this.#work, listOf("mergeAll()", objects), options));
    }) as Promise<T[]>; // what comes back is of the class of what went in
  }

  // ── transactions ───────────────────────────────────────────────────────────

  /**
   * Runs the function and commits; rolls back if it throws. What it calls on the session runs within the transaction,
   * other operations wait.
   *
   * @returns what the function returns
   * @throws InvalidStateError inside another transaction, or if `isolation` or `retries` come too late
   */
  transaction<T>(action: (session: this) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return asPromise(() => {
      assertFunction("transaction()", action);
      return runTransaction(this.#work, () => action(this), options);
    });
  }

  /**
   * Runs the function within a savepoint: if it throws, what it did is undone, in the database and in the objects, and
   * the transaction goes on.
   *
   * @returns what the function returns
   */
  async savepoint<T>(action: (session: this) => Promise<T>): Promise<T> {
    assertFunction("savepoint()", action);
    return runInSavepoint(this.#work, () => action(this));
  }

  /** Sets a savepoint, to be released or rolled back by what is returned. */
  async beginNested(): Promise<SessionSavepoint> {
    const work = this.#work;
    work.assertNotFlushing("beginNested()");
    const mark = await inTurn(work, () => work.setSavepoint());
    return new SessionSavepoint(
      {
        hasSavepoint: (one) => work.transaction.has(one),
        releaseSavepoint: async (one) => inTurn(work, () => work.releaseSavepoint(one)),
        rollbackToSavepoint: async (one) => work.queue.run(() => work.rollbackToSavepoint(one)),
      },
      mark,
    );
  }

  /** Runs the function; queries inside it do not flush first. */
  async noAutoflush<T>(action: (session: this) => Promise<T>): Promise<T> {
    assertFunction("noAutoflush()", action);
    this.#work.assertUsable();
    return this.#work.queue.run(() => action(this), { autoflush: false });
  }

  // ── the session itself ─────────────────────────────────────────────────────

  /**
   * Has `listener` called at a moment of this session's work. It is waited for, and may use the session. `listen` is for
   * the objects of a class, in all sessions.
   */
  on(name: SessionEventName, listener: SessionListener): void {
    this.#work.events.on(name, listener);
  }

  /** Ends what {@link on} began. */
  off(name: SessionEventName, listener: SessionListener): void {
    this.#work.events.off(name, listener);
  }

  /** Rolls back what is open, lets all objects go and gives the connection back. A closed session stays closed. */
  close(): Promise<void> {
    return asPromise(() => {
      this.#work.assertNotFlushing("close()");
      return this.#work.queue.run(() => this.#work.close());
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The session that objects mean by their `$session`. */
export function sessionOf(hooks: object | null): Session | null {
  return hooks instanceof UnitOfWork ? hooks.session : null;
}
