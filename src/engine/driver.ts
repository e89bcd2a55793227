import type { MaybePromise } from "./maybe-promise.ts";

export type { MaybePromise };

/** What one execution may ask of a driver. */
export interface ExecuteOptions {
  /**
   * Integers that a number cannot hold exactly come back as `bigint`. Without it the driver rounds them; what it then
   * returns is beyond `Number.MAX_SAFE_INTEGER` too, so that rounding never goes unnoticed. `Dialect.executeOptions`
   * says which statements need it.
   */
  readonly exactIntegers?: boolean;
  /**
   * The columns, by position, that no type of ours describes: a driver that gives text decodes them by the type that
   * the database says they have. All others come back as they are. Drivers whose values have types leave it aside.
   */
  readonly decode?: "all" | readonly number[];
  /**
   * The statement of one row is executed for each of so many, whose parameters come one after another; it answers for all
   * of them together. Only where {@link DriverConnection.repeats} says so.
   */
  readonly rows?: number;
  /**
   * With `rows`, where what comes back is the key alone that the database makes: the same INSERT without RETURNING, for
   * drivers that are told that key in any case.
   */
  readonly withoutReturning?: string;
  /**
   * With `rows`, for an INSERT of which nothing comes back, or the key alone: the same INSERT of several rows, without
   * RETURNING, for drivers that write these faster and know their keys nonetheless.
   */
  readonly block?: { readonly sql: string; readonly rows: number };
}

/** What a statement brought back. Values are the driver's own; the dialect's result processors decode them. */
export interface DriverResult {
  /** One array a row, in the order of `columns`. Empty for statements without rows. */
  readonly rows: unknown[][];
  readonly columns: readonly string[];
  /** Rows changed; for statements that return rows, the number of these. */
  readonly rowCount: number;
  /**
   * The key that the last INSERT generated, where the driver reports one. For several rows, MySQL's drivers tell the first
   * one, SQLite's the last.
   */
  readonly lastInsertId?: number | bigint;
}

/** One of several statements that are sent together. */
export interface DriverStatement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly options?: ExecuteOptions | undefined;
}

/** What became of statements that were sent together. */
export interface PipelineResult {
  /** What those answered that succeeded, in order: all of them, or those before the one that failed. */
  readonly results: readonly DriverResult[];
  /** Why the next one failed: the driver's own error. The database has done nothing of those behind it. */
  readonly error?: unknown;
}

/**
 * One open connection to a database. It executes one statement after the other and knows nothing of transactions: BEGIN
 * and COMMIT are statements to it.
 */
export interface DriverConnection {
  /**
   * @param parameters values that the driver can bind as they are, one for each placeholder
   * @throws the driver's own errors; the engine translates them (`Dialect.translateError`)
   */
  execute(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): MaybePromise<DriverResult>;
  /**
   * Sends statements together and waits for their answers once. Each text is one statement. They are executed in order;
   * the first one that fails is the last one that is executed, also where it is the BEGIN of the transaction that the
   * others belong in. Drivers that cannot promise this leave it out.
   */
  pipeline?(statements: readonly DriverStatement[]): Promise<PipelineResult>;
  /** Rows one by one. The connection can do nothing else until the last one was read, or the loop was left. */
  stream(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): AsyncIterable<unknown[]>;
  /** Ends it, at once where a statement is still running. */
  close(): MaybePromise<void>;
  /**
   * Has the server stop the statement that is running, by way of another connection; the statement then fails. Resolves
   * when the order can hit no later one. Drivers whose statements cannot be stopped leave this out.
   *
   * @throws whatever hinders it
   */
  cancel?(): Promise<void>;
  /** Makes the connection ready for its next user; called after the rollback of what was left open. */
  reset?(): MaybePromise<void>;
  /**
   * Is a transaction open, as the database sees it? Some errors end it on their own. Drivers that cannot tell leave
   * this out.
   */
  inTransaction?(): boolean;
  /**
   * Which statements of one row, executed for each of many ({@link ExecuteOptions.rows}), are faster than one with a list of
   * rows: only INSERTs, or UPDATEs as well? Drivers that cannot repeat statements leave this out.
   */
  readonly repeats?: "inserts" | "inserts and updates" | undefined;
  /** Is it known to be lost, though nobody used it? The pool then hands out another one. */
  isLost?(): boolean;
}

/** Opens connections to one database. */
export interface Driver {
  /** The package that does the work, for messages: `better-sqlite3`. */
  readonly name: string;
  /**
   * @throws MissingDriverError if the package is not installed
   * @throws OperationalError if the database cannot be reached or opened
   */
  connect(): MaybePromise<DriverConnection>;
}

/** Makes the driver for a database; what describes the database is the dialect's own (SQLite: a path). */
export type DriverFactory<Target = never> = (target: Target) => Driver;
