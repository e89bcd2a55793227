import { type AlkahestError, ConnectionLostError, InvalidStateError, TimeoutError } from "../errors/index.ts";
import type { DriverConnection } from "./driver.ts";
import { isPromise, type MaybePromise } from "./maybe-promise.ts";
import type { PoolSettings } from "./pool-options.ts";
import { aborted } from "./statement-guard.ts";

/** Who has a connection, in words for an error message: `connection 1, checked out 30.0 s ago, ...`. */
export interface Holder {
  describe(): string;
  /** Where it was taken, if that is noted: the lines of a stack trace. */
  readonly takenAt: string | null;
  /** Is told to let go: the engine is disposed. What is open is to be rolled back. */
  abandon(): MaybePromise<void>;
}

/** A connection of the pool. */
export interface PooledConnection {
  readonly id: number;
  readonly driver: DriverConnection;
  /** The pool's generation when it was opened. */
  readonly generation: number;
  /** When it was opened, by `performance.now()`. */
  readonly openedAt: number;
  /** Null while nobody uses it. */
  holder: Holder | null;
}

interface Waiter {
  readonly holder: Holder;
  readonly resolve: (connection: PooledConnection) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** How many connections a pool has at the moment; see `engine.poolStatus()`. */
export interface PoolStatus {
  /** Connections that stay open when nobody uses them. */
  readonly size: number;
  /** The most connections that may be open at once. */
  readonly max: number;
  readonly idle: number;
  readonly inUse: number;
  /** Connections that are being opened for somebody. */
  readonly opening: number;
  /** Users that wait for a connection. */
  readonly waiting: number;
}

/** What the pool needs of its engine. */
export interface PoolHost {
  /** Opens a connection and makes it ready for use. */
  open(id: number): MaybePromise<DriverConnection>;
  /** Asks the server for a sign of life; throws if there is none. */
  ping(connection: DriverConnection): MaybePromise<unknown>;
  /** Is told of each connection that is thrown away because it is lost, or may be. */
  invalidated(id: number, error: AlkahestError): void;
  /** The database, for messages. */
  readonly url: string;
}

/** A server that does not answer may not answer the farewell either: nobody waits for it longer than that. */
const LONGEST_CLOSE = 2000;

/**
 * The connections of one engine. Who finds none free waits in a queue, first come first served: a connection that is
 * given back goes to the head of the queue, and nobody overtakes.
 *
 * A connection that breaks seldom breaks alone: the server was restarted, or the network is down. Connections have
 * generations, and a loss ends the current one: what was opened before is closed, at once if it is idle, else when it
 * comes back.
 */
export class ConnectionPool {
  readonly #host: PoolHost;
  readonly #settings: PoolSettings;
  readonly #idle: PooledConnection[] = [];
  readonly #inUse = new Set<PooledConnection>();
  readonly #waiters: Waiter[] = [];
  #opening = 0;
  #lastId = 0;
  #generation = 0;
  /** What ended the generation before the current one. */
  #lastLoss: AlkahestError | null = null;
  #isDisposed = false;
  #onDrained: (() => void) | null = null;

  constructor(host: PoolHost, settings: PoolSettings) {
    this.#host = host;
    this.#settings = settings;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** How many connections there are, and how many wait for one. */
  status(): PoolStatus {
    const { size, max } = this.#settings;
    return {
      size,
      max,
      idle: this.#idle.length,
      inUse: this.#inUse.size,
      opening: this.#opening,
      waiting: this.#waiters.length,
    };
  }

  /**
   * A connection for the holder: at once if one is idle, else a new one, else the next that comes back.
   *
   * @param signal ends the wait: AbortError
   * @throws TimeoutError after the pool's timeout, naming who holds the connections
   * @throws InvalidStateError when the engine was disposed
   */
  acquire(holder: Holder, signal?: AbortSignal): MaybePromise<PooledConnection> {
    this.#assertUsable();
    if (signal?.aborted) throw aborted(signal);
    if (this.#waiters.length === 0) {
      const idle = this.#takeIdle();
      if (idle !== undefined)
        return this.#settings.prePing ? this.#giveIfAlive(idle, holder) : this.#give(idle, holder);
      if (this.#openCount < this.#settings.max) return this.#open(holder);
    }
    return this.#wait(holder, signal);
  }

  /** Takes a connection back that is ready for its next user. */
  release(connection: PooledConnection): void {
    if (!this.#inUse.delete(connection)) return;
    connection.holder = null;
    if (this.#isDisposed) {
      this.#close(connection);
      this.#checkDrained();
      return;
    }
    if (this.#isTooOld(connection)) {
      try {
        this.#retire(connection);
      } finally {
        this.#openForNextWaiter();
      }
      return;
    }
    const next = this.#waiters.shift();
    if (next !== undefined) {
      clearTimeout(next.timer);
      next.resolve(this.#give(connection, next.holder));
    } else if (this.#openCount < this.#settings.size) this.#idle.push(connection);
    else this.#close(connection);
  }

  /** Throws away a connection that is lost, and with it those that were opened before the loss. */
  invalidate(connection: PooledConnection, error: AlkahestError): void {
    try {
      this.#host.invalidated(connection.id, error);
    } finally {
      void this.discard(connection);
      this.#noteLoss(connection, error);
    }
  }

  #noteLoss({ generation }: PooledConnection, error: AlkahestError): void {
    // One of before is no news.
    if (generation < this.#generation) return;
    this.#generation++;
    this.#lastLoss = error;
    // Where a listener fails, those that are left are found too old when somebody asks for one.
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) this.#retire(idle);
  }

  /** Throws away a connection that is of no use any more. */
  async discard(connection: PooledConnection): Promise<void> {
    if (!this.#inUse.delete(connection)) return;
    connection.holder = null;
    const closed = this.#close(connection);
    this.#checkDrained();
    this.#openForNextWaiter();
    await closed;
  }

  /**
   * Refuses new users and turns away those that wait; closes idle connections, then those in use.
   *
   * @param drainMs how long to wait for connections in use to come back by themselves
   */
  async dispose(drainMs: number): Promise<void> {
    this.#isDisposed = true;
    for (const waiter of this.#waiters.splice(0)) {
      clearTimeout(waiter.timer);
      waiter.reject(disposedError(this.#host.url));
    }
    for (const connection of this.#idle.splice(0)) await this.#close(connection);
    if (drainMs > 0 && this.#openCount > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, drainMs);
        this.#onDrained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const connection of [...this.#inUse]) {
      await connection.holder?.abandon();
      await this.discard(connection);
    }
  }

  get #openCount(): number {
    return this.#inUse.size + this.#idle.length + this.#opening;
  }

  #assertUsable(): void {
    if (this.#isDisposed) throw disposedError(this.#host.url);
  }

  /** The connection that was used last, unless the server has ended it in the meantime, or its time is over. */
  #takeIdle(): PooledConnection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.driver.isLost?.() === true) {
        this.#closeLost(idle, new ConnectionLostError("The server ended the connection while it was idle."));
      } else if (this.#isTooOld(idle)) this.#retire(idle);
      else return idle;
    }
    return undefined;
  }

  #isTooOld({ generation, openedAt }: PooledConnection): boolean {
    return generation < this.#generation || performance.now() - openedAt >= this.#settings.recycle;
  }

  /** Closes a connection that nobody uses and that is too old. */
  #retire(connection: PooledConnection): void {
    const isOfBefore = connection.generation < this.#generation;
    if (isOfBefore && this.#lastLoss !== null) this.#closeLost(connection, this.#lastLoss);
    else this.#close(connection);
  }

  #closeLost(connection: PooledConnection, error: AlkahestError): void {
    try {
      this.#host.invalidated(connection.id, error);
    } finally {
      this.#close(connection);
    }
  }

  /** Asks an idle connection for a sign of life, and opens another one in its place if there is none. */
  async #giveIfAlive(connection: PooledConnection, holder: Holder): Promise<PooledConnection> {
    this.#give(connection, holder);
    try {
      await within(this.#settings.timeout, this.#host.ping(connection.driver));
    } catch (cause) {
      if (this.#isDisposed) throw disposedError(this.#host.url);
      const error = new ConnectionLostError("The server does not answer on a connection that was idle.", { cause });
      // The place stays taken, for the one that is opened now.
      this.#opening++;
      this.invalidate(connection, error);
      this.#opening--;
      return this.#open(holder);
    }
    // Disposed of in the meantime, the connection was closed with the others.
    this.#assertUsable();
    return connection;
  }

  #give(connection: PooledConnection, holder: Holder): PooledConnection {
    connection.holder = holder;
    this.#inUse.add(connection);
    return connection;
  }

  #open(holder: Holder): MaybePromise<PooledConnection> {
    const id = ++this.#lastId;
    const known = { id, generation: this.#generation, openedAt: performance.now(), holder: null };
    const opened = this.#host.open(id);
    if (!isPromise(opened)) return this.#give({ ...known, driver: opened }, holder);
    this.#opening++;
    return opened.then(
      (driver) => {
        this.#opening--;
        const connection = this.#give({ ...known, driver }, holder);
        if (!this.#isDisposed) return connection;
        this.discard(connection);
        throw disposedError(this.#host.url);
      },
      (error: unknown) => {
        this.#opening--;
        this.#checkDrained();
        this.#openForNextWaiter();
        throw error;
      },
    );
  }

  #wait(holder: Holder, signal: AbortSignal | undefined): Promise<PooledConnection> {
    const { promise, resolve, reject } = withResolvers<PooledConnection>();
    const leave = (error: AlkahestError): void => {
      const place = this.#waiters.indexOf(waiter);
      if (place < 0) return;
      this.#waiters.splice(place, 1);
      clearTimeout(waiter.timer);
      reject(error);
    };
    const timer = setTimeout(() => leave(this.#timeoutError()), this.#settings.timeout);
    const waiter: Waiter = { holder, resolve, reject, timer };
    this.#waiters.push(waiter);
    if (signal === undefined) return promise;
    const listener = () => leave(aborted(signal));
    signal.addEventListener("abort", listener);
    return promise.finally(() => signal.removeEventListener("abort", listener));
  }

  /** After a connection was lost there is room for a new one, for which somebody may be waiting. */
  #openForNextWaiter(): void {
    if (this.#isDisposed || this.#openCount >= this.#settings.max) return;
    const next = this.#waiters.shift();
    if (next === undefined) return;
    clearTimeout(next.timer);
    new Promise<PooledConnection>((resolve) => resolve(this.#open(next.holder))).then(next.resolve, next.reject);
  }

  async #close(connection: PooledConnection): Promise<void> {
    try {
      await within(LONGEST_CLOSE, connection.driver.close());
    } catch {
      // It is thrown away in any case, and nobody waits for it who could do better.
    }
  }

  #checkDrained(): void {
    if (this.#isDisposed && this.#openCount === 0) this.#onDrained?.();
  }

  #timeoutError(): AlkahestError {
    const holders = [...this.#inUse].map(({ holder, id }) => {
      if (holder === null) return `connection ${id}`;
      return holder.takenAt === null ? holder.describe() : `${holder.describe()}, taken\n${holder.takenAt}\n`;
    });
    const { max, timeout } = this.#settings;
    const all = max === 1 ? "The only connection" : `All ${max} connections`;
    return new TimeoutError(
      `${all} to ${this.#host.url} stayed in use for ${timeout} ms. Held by: ${holders.join("; ")}. ` +
        "Close a session or connection when it has done its work (`await using`), or wait longer with { pool: { timeout } }.",
    );
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>(): Pick<Waiter, "reject"> & { promise: Promise<T>; resolve: (value: T) => void } {
  let [resolve, reject]: [(value: T) => void, (error: unknown) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((onValue, onError) => {
    [resolve, reject] = [onValue, onError];
  });
  return { promise, resolve, reject };
}

/** The answer, unless it takes longer. */
function within<T>(milliseconds: number, answer: MaybePromise<T>): MaybePromise<T> {
  if (!isPromise(answer)) return answer;
  let timer: ReturnType<typeof setTimeout>;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`There was no answer within ${milliseconds} ms.`)), milliseconds);
  });
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

function disposedError(url: string): AlkahestError {
  return new InvalidStateError(`The engine of ${url} was disposed. Make a new one with createEngine().`);
}
