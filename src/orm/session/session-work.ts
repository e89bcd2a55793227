import type { Connection, Engine } from "../../engine/index.ts";
import { andThen, asPromise, inSteps, type MaybePromise, type Steps } from "../../engine/maybe-promise.ts";
import { CommitOutcomeUnknown, InvalidStateError } from "../../errors/index.ts";
import type { OptionNames } from "../../expression/check-arguments.ts";
import {
  collect,
  type FlushContext,
  type FlushPlan,
  flush,
  followDeletes,
  type NetChanges,
  plan,
  undecidedFamilies,
} from "../flush/index.ts";
import { type ChangesMeanwhile, type Entity, expireAttributes, Status, takeBackChanges } from "../instance/index.ts";
import { mapperOf } from "../mapping/index.ts";
import type { LoaderContext } from "../query/index.ts";
import { hasClassListeners } from "./class-listeners.ts";
import { type Failure, refusal } from "./failure.ts";
import { FlushHooks } from "./flush-hooks.ts";
import { isChangedAgain, leave } from "./flushed-lists.ts";
import { forgetUpserted } from "./forget-upserted.ts";
import { OperationQueue } from "./operation-queue.ts";
import type { Session } from "./session.ts";
import { SessionEvents } from "./session-events.ts";
import { SessionLoader } from "./session-loader.ts";
import { SessionTransaction, type Told, type TransactionMark } from "./session-transaction.ts";
import { findSuccessors, settleSuccessors, stayOut } from "./successors.ts";
import { UnitOfWork, type UnitOfWorkHost } from "./unit-of-work.ts";

/** How a session works; what its constructor takes. */
export interface SessionOptions {
  /** Flush before queries, so that they see what was changed. Default: true. */
  readonly autoflush?: boolean;
  /** Forget all loaded values at each commit, so that what others write is seen. Default: false. */
  readonly expireOnCommit?: boolean;
  /**
   * Where a changed key, or rows that refer to each other, can be written in no other way (MariaDB and MySQL, which check
   * foreign keys row by row and put nothing off): lets a flush switch the checks off for these statements. It carries
   * changed keys along every foreign key that the database has, and checks them all itself before it goes on. Default:
   * false, then such a flush is refused.
   */
  readonly suspendForeignKeyChecks?: boolean;
}

export const SESSION_OPTIONS: OptionNames<SessionOptions> = {
  autoflush: true,
  expireOnCommit: true,
  suspendForeignKeyChecks: true,
};

/** Which new and changed objects a flush is to write; null: all. */
type IsMeant = ((entity: Entity) => boolean) | null;

/** What a flush is going to write, of the objects that there were then. */
interface Collection {
  readonly context: FlushContext;
  readonly changes: NetChanges;
}

const FLUSH = { activity: "flush" } as const;

/** Listeners may change objects after a flush, which a commit flushes again; but not forever. */
const MAX_FLUSHES_PER_COMMIT = 100;

/**
 * The work behind a session's operations: it flushes, commits and rolls back, and keeps database and objects in step.
 * Whoever calls has the session's turn.
 */
export class SessionWork implements UnitOfWorkHost {
  readonly queue = new OperationQueue();
  readonly objects: UnitOfWork;
  readonly events = new SessionEvents();
  readonly transaction: SessionTransaction;
  readonly loader: LoaderContext;
  readonly engine: Engine;
  readonly #session: Session;
  readonly #autoflush: boolean;
  readonly #expireOnCommit: boolean;
  readonly #suspendForeignKeyChecks: boolean;
  #failure: Failure | null = null;
  /** What was set while the flush that is under way was written. */
  #changes: ChangesMeanwhile | null = null;
  #isClosed = false;

  constructor(session: Session, engine: Engine, options: SessionOptions) {
    this.#session = session;
    this.engine = engine;
    this.objects = new UnitOfWork(this, engine.dialect.name);
    this.transaction = new SessionTransaction(engine);
    this.#autoflush = options.autoflush ?? true;
    this.#expireOnCommit = options.expireOnCommit ?? false;
    this.#suspendForeignKeyChecks = options.suspendForeignKeyChecks ?? false;
    this.loader = new SessionLoader(engine, this.objects, this.transaction);
  }

  get session(): Session {
    return this.#session;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @throws InvalidStateError if the session is closed, or must be rolled back first */
  assertUsable(): void {
    if (this.#isClosed) throw new InvalidStateError("This session is closed. Open another one: new Session(engine).");
    const { lostBy } = this.transaction;
    if (lostBy !== null && this.#failure?.mark !== null) this.#failure = { error: lostBy, mark: null };
    if (this.#failure !== null) throw refusal(this.#failure);
  }

  /** Is nothing under way, and would everything be welcome? */
  get isIdle(): boolean {
    return this.#failure === null && !this.#isClosed && this.transaction.lostBy === null && this.queue.isIdle;
  }

  /** @throws InvalidStateError inside a flush, whose listeners must leave the transaction alone */
  assertNotFlushing(what: string): void {
    if (!this.queue.isInside("flush")) return;
    throw new InvalidStateError(
      `${what} cannot be called from inside a flush, by a listener of the session or of a class. ` +
        "Change objects there; the flush that is under way, or the next one, writes them.",
    );
  }

  /** Loads within the session's turn, after an autoflush. */
  load<T>(operation: (context: LoaderContext) => Promise<T>): Promise<T> {
    return asPromise(() =>
      this.queue.run(async () => {
        this.assertUsable();
        await this.autoflush();
        return operation(this.loader);
      }),
    );
  }

  /** An object whose row is gone leaves the session, until a rollback brings it back. */
  leaveDeleted(entity: Entity): void {
    const { undo } = this.transaction;
    undo.recordValues(entity, entity.$changes?.flat() ?? []);
    undo.noteDeleted(entity);
    this.objects.leaveDeleted(entity);
  }

  /** The connection of the open transaction. */
  connection(): MaybePromise<Connection> {
    return this.transaction.connection();
  }

  /** Would a query flush first? */
  get needsAutoflush(): boolean {
    return this.#autoflush && !this.objects.isClean && this.queue.allowsAutoflush && !this.queue.isInside("flush");
  }

  /**
   * Flushes before a query, if the session does that and there is anything to flush. What the program has not decided yet
   * it leaves alone: where objects are to be deleted, or keys have changed, that may concern all others, and nothing is
   * written.
   */
  autoflush(): MaybePromise<void> {
    if (!this.needsAutoflush) return;
    const { objects } = this;
    objects.takeStock();
    const undecided = undecidedFamilies(objects);
    if (undecided.size === 0) return this.flush();
    if (objects.deleted.size > 0 || objects.changesKeys) return;
    const isDecided = (entity: Entity): boolean => !undecided.has(mapperOf(entity).root);
    if (![objects.pending, objects.dirty].some((entities) => [...entities].some(isDecided))) return;
    return this.queue.run(() => inSteps(this.#flush(isDecided)), FLUSH);
  }

  /** Writes what is new, changed and deleted. An error undoes the transaction, or its innermost savepoint. */
  flush(): MaybePromise<void> {
    if (this.objects.isClean) return;
    return this.queue.run(() => inSteps(this.#flush(null)), FLUSH);
  }

  async plan(): Promise<FlushPlan> {
    this.objects.takeStock();
    return plan({ ...this.#flushContext(null), beginWriting: () => {} }); // nothing is written
  }

  /** Flushes until nothing is left, and commits. */
  commit(): MaybePromise<void> {
    return inSteps(this.#commit());
  }

  *#commit(): Steps<void> {
    for (let flushes = 0; !this.objects.isClean; flushes++) {
      if (flushes === MAX_FLUSHES_PER_COMMIT) {
        throw new InvalidStateError(
          `There is still something to flush after ${flushes} flushes: an afterFlush listener changes objects each time, or one of a class (afterInsert, afterUpdate, afterDelete).`,
        );
      }
      yield this.flush();
    }
    let told: Told | undefined;
    try {
      if (this.events.has("beforeCommit")) yield this.events.emit("beforeCommit", this.#session);
      if (!this.objects.isClean) yield this.flush();
      yield andThen(this.transaction.commit(), (answer) => {
        told = answer;
      });
    } catch (error) {
      yield this.#fail(error, null);
      throw error;
    }
    const { undo } = this.transaction;
    undo.deleted.forEach((entity) => {
      this.objects.releaseDeleted(entity);
    });
    undo.clear();
    this.transaction.reads.clear();
    if (this.#expireOnCommit) this.expireAll();
    if (this.events.has("afterCommit")) yield this.events.emit("afterCommit", this.#session);
    if (told !== undefined) throw told.error;
  }

  /** Undoes the transaction in the database and in the objects, and what was not flushed yet. */
  async rollback(): Promise<void> {
    const isUnknown = this.#failure?.error instanceof CommitOutcomeUnknown;
    try {
      await this.transaction.rollback();
    } finally {
      this.#failure = null;
      this.#undo(null);
      this.transaction.undo.clear();
      this.transaction.reads.clear();
      // Objects are as before the transaction, rows may be as after it: only reading them again can tell.
      if (isUnknown) this.expireAll();
    }
    if (this.events.has("afterRollback")) await this.events.emit("afterRollback", this.#session);
  }

  /** Forgets what was loaded of every object. */
  expireAll(): void {
    for (const entity of this.objects.identityMap.entities()) expireAttributes(entity);
  }

  /** Flushes, so that what was done before is safe, and sets a savepoint. */
  async setSavepoint(): Promise<TransactionMark> {
    await this.flush();
    return this.transaction.mark();
  }

  async releaseSavepoint(mark: TransactionMark): Promise<void> {
    this.assertUsable();
    await this.flush();
    await this.transaction.release(mark);
  }

  async rollbackToSavepoint(mark: TransactionMark): Promise<void> {
    if (this.#failure !== null && this.#failure.mark === null) return; // all of it is lost: rollback() will undo it
    await this.transaction.rollbackTo(mark);
    this.#failure = null;
    this.transaction.forget(mark);
    this.#undo(mark);
  }

  /** Rolls back what is open and lets every object go. */
  close(): MaybePromise<void> {
    return inSteps(this.#close());
  }

  *#close(): Steps<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      yield this.transaction.rollback();
    } finally {
      const { undo } = this.transaction;
      // Changes that never left the objects stay on them, for a merge into another session.
      if (undo.mark() > 0) this.#undo(null);
      undo.clear();
      this.transaction.reads.clear();
      this.#failure = null;
      this.objects.clear();
    }
  }

  *#flush(isMeant: IsMeant): Steps<void> {
    try {
      if (this.events.has("beforeFlush")) yield this.events.emit("beforeFlush", this.#session);
      const hooks = hasClassListeners() ? new FlushHooks(this.#session, this.objects) : null;
      let collected: NetChanges | null = null;
      let context: FlushContext;
      if (hooks === null) {
        this.objects.takeStock();
        context = this.#flushContext(isMeant);
      } else {
        const collection = yield* this.#collectBefore(hooks, isMeant);
        ({ context, changes: collected } = collection);
      }
      this.objects.underWay = context;
      const { changesKeys } = this.objects; // then other rows may follow by themselves
      yield flush(context, collected);
      if (this.transaction.isOpen) this.transaction.reads.noteWrite(changesKeys ? "anything" : "objects");
      leave(this.objects.pending, context.pending);
      leave(this.objects.dirty, context.dirty, isChangedAgain);
      leave(this.objects.deleted, context.deleted);
      this.objects.endFlush();
      this.#changes?.makeAgain(this.objects, (entity) => context.dirty.includes(entity));
      this.#changes = null;
      if (hooks !== null) yield hooks.after();
      if (this.events.has("afterFlush")) yield this.events.emit("afterFlush", this.#session);
    } catch (error) {
      this.objects.meanwhile = null; // objects have what the program set
      this.objects.underWay = null;
      this.#changes = null;
      yield this.#fail(error, this.transaction.innermost);
      throw error;
    }
  }

  /** The objects that a flush would delete: those that are marked for that, and what goes with them, which is loaded. */
  deletes(): MaybePromise<ReadonlySet<Entity>> {
    return followDeletes(this.#flushContext(null));
  }

  /** Calls the listeners of classes. What is set when they are through is for the next flush. */
  *#collectBefore(hooks: FlushHooks, isMeant: IsMeant): Generator<MaybePromise<unknown>, Collection> {
    const { objects } = this;
    let collection: Collection | null = null;
    const begin = (): MaybePromise<NetChanges> => {
      objects.takeStock();
      const context = this.#flushContext(isMeant);
      objects.underWay = context;
      return andThen(collect(context), (changes) => {
        collection = { context, changes };
        context.beginWriting();
        return changes;
      });
    };
    yield hooks.before(begin, () => {
      objects.meanwhile = null;
      objects.underWay = null;
    });
    if (collection === null) throw new Error("Listeners were called for nothing.");
    return collection;
  }

  /** The flush works on copies of the lists: what is added while it waits for the database is for the next one. */
  #flushContext(isMeant: IsMeant): FlushContext {
    const { objects, transaction } = this;
    const meant = (entities: Iterable<Entity>): Entity[] =>
      isMeant === null ? [...entities] : [...entities].filter(isMeant);
    return {
      identityMap: objects.identityMap,
      loader: this.loader,
      pending: meant(objects.pending),
      dirty: meant(objects.dirty),
      deleted: [...objects.deleted],
      undo: transaction.undo,
      dialect: this.engine.dialect,
      foreignKeysEnforced: this.engine.foreignKeysEnforced,
      suspendForeignKeyChecks: this.#suspendForeignKeyChecks,
      beginWriting: () => {
        objects.beginWriting();
      },
      endWriting: () => {
        this.#changes = objects.meanwhile;
        this.#changes?.end();
        objects.meanwhile = null;
      },
      connection: () => transaction.connection(),
    };
  }

  /** From now on nothing works until a rollback; the database does not wait for it. */
  async #fail(error: unknown, innermost: TransactionMark | null): Promise<void> {
    // With the connection went every savepoint.
    const mark = this.transaction.lostBy === null ? innermost : null;
    this.#failure = { error, mark };
    try {
      if (mark === null) await this.transaction.rollback();
      else await this.transaction.rollbackTo(mark);
    } catch {
      // The connection may be gone. The first error is the one to tell, and nothing of the transaction is left.
      this.#failure = { error, mark: null };
    }
  }

  /** Takes back what was done to objects since the mark, flushed or not. */
  #undo(mark: TransactionMark | null): void {
    const { objects } = this;
    const { undo, reads } = this.transaction;
    objects.withoutCascades(() => {
      const stale = reads.stale(mark?.readMark ?? 0, mark?.undoMark ?? 0);
      const touched = [...new Set(undo.entities)];
      const expunged = touched.filter((entity) => entity.$session !== objects);
      const successors = findSuccessors(expunged, undo, mark?.undoMark ?? 0, objects.identityMap);
      objects.takeStockForRollback();
      for (const entity of objects.dirty) takeBackChanges(entity);
      objects.deleted.clear();
      for (const entity of objects.pending) objects.makeTransient(entity);
      undo.rollback(objects.identityMap, mark?.undoMark);
      for (const entity of expunged) stayOut(entity, objects);
      // Those that were new in what is undone are known to the undo log only.
      const gone = touched.filter((entity) => entity.$status <= Status.pending);
      for (const entity of gone) objects.makeTransient(entity);
      objects.dirty.clear();
      forgetUpserted(objects.identityMap, gone);
      settleSuccessors(successors, objects);
      for (const { entity, names } of stale) if (objects.has(entity)) expireAttributes(entity, names);
    });
  }
}
