import { type AlkahestError, ArgumentError, CommitOutcomeUnknown, InvalidStateError } from "../errors/index.ts";
import { describeValue } from "../expression/sql-type.ts";
import { type BeginOptions, type Dialect, ISOLATION_LEVELS } from "./dialect.ts";
import { andThen, isPromise, type MaybePromise } from "./maybe-promise.ts";
import { Savepoint, type SavepointHost } from "./savepoint.ts";

/** The statement that opens a transaction, sent together with the first ones in it. */
export interface Opening {
  readonly sql: string;
  /** For the log. */
  readonly line: string;
  /** To be called when it has succeeded, before anything else is said of the others. */
  readonly done: () => void;
}

/** What the control of transactions needs of its connection. */
export interface TransactionHost {
  readonly dialect: Dialect;
  /** Executes a statement that opens or ends something: the log gets the line, no `statement` event is sent. */
  control(sql: string, line: string): MaybePromise<void>;
  announce(event: "begin" | "commit" | "rollback"): void;
  announceSavepoint(name: string, action: "create" | "release" | "rollback"): void;
  /** Does the database itself say that a transaction is open? Undefined: it cannot tell. */
  isOpenInDatabase(): boolean | undefined;
}

/**
 * The transaction of one connection. It begins with the first statement or with `begin()`, and ends with `commit()` or
 * `rollback()`; the next statement begins another one.
 */
export class TransactionControl implements SavepointHost {
  readonly #host: TransactionHost;
  #isActive = false;
  #hasBegun = false;
  /** BEGIN or ROLLBACK has failed: nobody knows what the database makes of it. */
  #mayBeOpen = false;
  #beginning: Promise<void> | null = null;
  /** The error on which the database itself has ended the transaction. */
  #endedBy: AlkahestError | null = null;
  #savepoints: Savepoint[] = [];
  #savepointNumber = 0;

  constructor(host: TransactionHost) {
    this.#host = host;
  }

  /** Is there a transaction, or the remains of one that only `rollback()` clears away? */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** Was there ever one? */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** May a statement be sent as things are? Otherwise call {@link ensure}. */
  get isReady(): boolean {
    return this.#isActive && this.#endedBy === null;
  }

  /** Would the next statement begin a transaction? */
  get isIdle(): boolean {
    return !this.#isActive && this.#beginning === null;
  }

  /** Is there nothing that `rollback()` would clear away? */
  get isClear(): boolean {
    return this.isIdle && !this.#mayBeOpen;
  }

  /**
   * Begins a transaction together with its first statements; call it if {@link isIdle}.
   *
   * @param send sends both, and fails only if the opening does
   */
  async beginWith<T>(send: (opening: Opening) => Promise<T>): Promise<T> {
    const sql = this.#host.dialect.begin({});
    const answer = send({ sql, line: "BEGIN (implicit)", done: () => this.#begun() });
    this.#beginning = answer.then(
      () => {},
      (error) => this.#beginFailed(error),
    );
    await this.#beginning;
    return answer;
  }

  /** Makes sure that a transaction is open. */
  ensure(): MaybePromise<void> {
    if (this.#endedBy !== null) throw this.#endedError(this.#endedBy);
    if (this.#isActive) return;
    return this.#beginning ?? this.#begin({});
  }

  /** @throws ArgumentError for options that do not exist, or not in this database */
  begin(options: BeginOptions): MaybePromise<void> {
    assertPossible(options, this.#host.dialect);
    if (this.#isActive || this.#beginning !== null) {
      throw new InvalidStateError(
        "This connection is in a transaction already: the first statement begins one. Call begin() before it, or commit() or rollback() first.",
      );
    }
    return this.#begin(options);
  }

  commit(): MaybePromise<void> {
    if (!this.#isActive) return;
    if (this.#endedBy !== null) throw this.#endedError(this.#endedBy);
    const { dialect } = this.#host;
    const explain = (error: AlkahestError): never => {
      // The answer to COMMIT is lost: nobody can say whether the database did it.
      if (!dialect.isConnectionLost(error)) throw error;
      throw new CommitOutcomeUnknown(
        "The connection was lost during COMMIT: whether the transaction was committed is unknown. Look at the data before running it again.",
        { cause: error, sql: "COMMIT" },
      );
    };
    const done = () => {
      this.#end();
      this.#host.announce("commit");
    };
    return this.#settle("COMMIT", done, explain);
  }

  rollback(): MaybePromise<void> {
    const wasActive = this.#isActive;
    if (!wasActive && !this.#mayBeOpen) return;
    const isGone = this.#endedBy !== null || this.#host.isOpenInDatabase() === false;
    this.#end();
    const done = () => {
      if (wasActive) this.#host.announce("rollback");
    };
    if (isGone) return done();
    const explain = (error: AlkahestError): void => {
      this.#mayBeOpen = !this.#host.dialect.isConnectionLost(error);
      if (this.#mayBeOpen) throw error;
      // With the connection went what was to be rolled back.
      done();
    };
    return this.#settle("ROLLBACK", done, explain);
  }

  /** Sends what ends the transaction. What a listener throws in `done` is not an error of the statement. */
  #settle(sql: string, done: () => void, failed: (error: AlkahestError) => void): MaybePromise<void> {
    let sent: MaybePromise<void>;
    try {
      sent = this.#host.control(sql, sql);
    } catch (error) {
      // control() throws nothing but translated errors.
      return failed(error as AlkahestError);
    }
    return isPromise(sent) ? sent.then(done, failed) : done();
  }

  savepoint(name: string | undefined): MaybePromise<Savepoint> {
    return andThen(this.ensure(), () => {
      const savepoint = new Savepoint(name ?? `sp_${++this.#savepointNumber}`, this);
      const sql = this.#host.dialect.savepoint(savepoint.name);
      return andThen(this.#host.control(sql, sql), () => {
        this.#savepoints.push(savepoint);
        this.#host.announceSavepoint(savepoint.name, "create");
        return savepoint;
      });
    });
  }

  async releaseSavepoint(savepoint: Savepoint): Promise<void> {
    this.#assertInSavepoint(savepoint);
    const sql = this.#host.dialect.releaseSavepoint(savepoint.name);
    await this.#host.control(sql, sql);
    this.#endSavepoint(savepoint);
    this.#host.announceSavepoint(savepoint.name, "release");
  }

  async rollbackToSavepoint(savepoint: Savepoint): Promise<void> {
    this.#assertInSavepoint(savepoint);
    const sql = this.#host.dialect.rollbackToSavepoint(savepoint.name);
    await this.#host.control(sql, sql);
    this.#endSavepoint(savepoint);
    this.#host.announceSavepoint(savepoint.name, "rollback");
  }

  /** Looks, after an error, whether the database has ended the transaction with it. */
  noticeError(error: AlkahestError): void {
    if (this.#isActive && this.#host.isOpenInDatabase() === false) this.#endedBy ??= error;
  }

  /** The connection is gone, and with it whatever was open. */
  abandon(): void {
    this.#end();
  }

  #begin(options: BeginOptions): MaybePromise<void> {
    let sent: MaybePromise<void>;
    try {
      sent = this.#host.control(this.#host.dialect.begin(options), "BEGIN (implicit)");
    } catch (error) {
      // control() throws nothing but translated errors.
      return this.#beginFailed(error as AlkahestError);
    }
    if (!isPromise(sent)) return this.#begun();
    this.#beginning = sent.then(
      () => this.#begun(),
      (error) => this.#beginFailed(error),
    );
    return this.#beginning;
  }

  #begun(): void {
    this.#beginning = null;
    this.#mayBeOpen = false;
    this.#isActive = true;
    this.#hasBegun = true;
    this.#host.announce("begin");
  }

  #beginFailed(error: AlkahestError): never {
    this.#beginning = null;
    this.#mayBeOpen = !this.#host.dialect.isConnectionLost(error);
    throw error;
  }

  #end(): void {
    this.#isActive = false;
    this.#mayBeOpen = false;
    this.#endedBy = null;
    this.#savepointNumber = 0;
    for (const savepoint of this.#savepoints) savepoint.end();
    this.#savepoints = [];
  }

  /** The savepoint is over, and all that were set after it. */
  #endSavepoint(savepoint: Savepoint): void {
    for (const ended of this.#savepoints.splice(this.#savepoints.indexOf(savepoint))) ended.end();
  }

  #assertInSavepoint(savepoint: Savepoint): void {
    if (this.#endedBy !== null) throw this.#endedError(this.#endedBy);
    if (!savepoint.isActive) {
      throw new InvalidStateError(
        `The savepoint "${savepoint.name}" is over: it was released or rolled back, or its transaction ended.`,
      );
    }
  }

  #endedError(cause: AlkahestError): AlkahestError {
    return new InvalidStateError("The database has ended this transaction after an error. Call rollback() to go on.", {
      cause,
    });
  }
}

/** An isolation level becomes part of the SQL; what a database does not have must not be left out in silence. */
function assertPossible({ isolation, readOnly, deferrable }: BeginOptions, { name, capabilities }: Dialect): void {
  if (isolation !== undefined && !ISOLATION_LEVELS.includes(isolation)) {
    throw new ArgumentError(
      `There is no isolation level ${describeValue(isolation)}; there are ${ISOLATION_LEVELS.map((one) => `"${one}"`).join(", ")}.`,
    );
  }
  if (readOnly && !capabilities.readOnlyTransactions) {
    throw new ArgumentError(`A transaction of ${name} cannot be read-only: leave out readOnly.`);
  }
  if (deferrable && !capabilities.deferrableTransactions) {
    throw new ArgumentError(`A transaction of ${name} cannot be deferrable: leave out deferrable.`);
  }
}
