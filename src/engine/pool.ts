import { type AlkahestError, InvalidStateError, TimeoutError } from "../errors/index.ts";
import type { DriverConnection } from "./driver.ts";
import { isPromise, type MaybePromise } from "./maybe-promise.ts";

/** How many connections an engine keeps. */
export interface PoolOptions {
  /** Connections that stay open when nobody uses them. */
  readonly size?: number;
  /** The most connections that are open at once; `size` if it is not given. */
  readonly max?: number;
  /** How long a user waits for a connection, in milliseconds. Then: TimeoutError. */
  readonly timeout?: number;
}

/** Who has a connection, in words for an error message: `connection 1, checked out 30.0 s ago, ...`. */
export interface Holder {
  describe(): string;
  /** Is told to let go: the engine is disposed. What is open is to be rolled back. */
  abandon(): MaybePromise<void>;
}

/** A connection of the pool. */
export interface PooledConnection {
  readonly id: number;
  readonly driver: DriverConnection;
  /** Null while nobody uses it. */
  holder: Holder | null;
}

interface Waiter {
  readonly holder: Holder;
  readonly resolve: (connection: PooledConnection) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** What the pool needs of its engine. */
export interface PoolHost {
  /** Opens a connection and makes it ready for use. */
  open(id: number): MaybePromise<DriverConnection>;
  /** The database, for messages. */
  readonly url: string;
}

/**
 * The connections of one engine. Who finds none free waits in a queue, first come first served: a connection that is
 * given back goes to the head of the queue, and nobody overtakes.
 */
export class ConnectionPool {
  readonly size: number;
  readonly max: number;
  readonly timeout: number;
  readonly #host: PoolHost;
  readonly #idle: PooledConnection[] = [];
  readonly #inUse = new Set<PooledConnection>();
  readonly #waiters: Waiter[] = [];
  #opening = 0;
  #lastId = 0;
  #isDisposed = false;
  #onDrained: (() => void) | null = null;

  constructor(host: PoolHost, { size, max, timeout }: Required<PoolOptions>) {
    this.#host = host;
    this.size = size;
    this.max = Math.max(max, size, 1);
    this.timeout = timeout;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /**
   * A connection for the holder: at once if one is idle, else a new one, else the next that comes back.
   *
   * @throws TimeoutError after the pool's timeout, naming who holds the connections
   * @throws InvalidStateError when the engine was disposed
   */
  acquire(holder: Holder): MaybePromise<PooledConnection> {
    this.#assertUsable();
    if (this.#waiters.length === 0) {
      const idle = this.#takeIdle();
      if (idle !== undefined) return this.#give(idle, holder);
      if (this.#openCount < this.max) return this.#open(holder);
    }
    return this.#wait(holder);
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
    const next = this.#waiters.shift();
    if (next !== undefined) {
      clearTimeout(next.timer);
      next.resolve(this.#give(connection, next.holder));
    } else if (this.#openCount < this.size) this.#idle.push(connection);
    else this.#close(connection);
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

  /** The connection that was used last, unless the server has ended it in the meantime. */
  #takeIdle(): PooledConnection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.driver.isLost?.() !== true) return idle;
      this.#close(idle);
    }
    return undefined;
  }

  #give(connection: PooledConnection, holder: Holder): PooledConnection {
    connection.holder = holder;
    this.#inUse.add(connection);
    return connection;
  }

  #open(holder: Holder): MaybePromise<PooledConnection> {
    const id = ++this.#lastId;
    const opened = this.#host.open(id);
    if (!isPromise(opened)) return this.#give({ id, driver: opened, holder: null }, holder);
    this.#opening++;
    return opened.then(
      (driver) => {
        this.#opening--;
        const connection = this.#give({ id, driver, holder: null }, holder);
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

  #wait(holder: Holder): Promise<PooledConnection> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(this.#timeoutError());
      }, this.timeout);
      const waiter: Waiter = { holder, resolve, reject, timer };
      this.#waiters.push(waiter);
    });
  }

  /** After a connection was lost there is room for a new one, for which somebody may be waiting. */
  #openForNextWaiter(): void {
    if (this.#isDisposed || this.#openCount >= this.max) return;
    const next = this.#waiters.shift();
    if (next === undefined) return;
    clearTimeout(next.timer);
    new Promise<PooledConnection>((resolve) => resolve(this.#open(next.holder))).then(next.resolve, next.reject);
  }

  async #close(connection: PooledConnection): Promise<void> {
    try {
      await connection.driver.close();
    } catch {
      // It is thrown away in any case, and nobody waits for it who could do better.
    }
  }

  #checkDrained(): void {
    if (this.#isDisposed && this.#openCount === 0) this.#onDrained?.();
  }

  #timeoutError(): AlkahestError {
    const holders = [...this.#inUse].map(
      (connection) => connection.holder?.describe() ?? `connection ${connection.id}`,
    );
    const all = this.max === 1 ? "The only connection" : `All ${this.max} connections`;
    return new TimeoutError(
      `${all} to ${this.#host.url} stayed in use for ${this.timeout} ms. Held by: ${holders.join("; ")}. ` +
        "Close a session or connection when it has done its work (`await using`), or wait longer with { pool: { timeout } }.",
    );
  }
}

function disposedError(url: string): AlkahestError {
  return new InvalidStateError(`The engine of ${url} was disposed. Make a new one with createEngine().`);
}
