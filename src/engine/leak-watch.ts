import type { EngineEvents } from "./events.ts";

/** More than V8's ten: what called the library stands below what the library called. */
const STACK_DEPTH = 50;

/** What a watch needs of its engine. */
export interface LeakHost {
  /** Is told of a connection that was not given back in time. */
  leaked(leak: EngineEvents["leak"]): void;
}

/** What a watch needs of the connection. */
export interface Watched {
  readonly id: number;
  describe(): string;
}

/**
 * Notes where a connection was taken, and reports it when it is not given back in time. A stack costs microseconds for
 * each use of a connection, so there is a watch only where it is asked for.
 */
export class LeakWatch {
  readonly #host: LeakHost;
  readonly #after: number;
  readonly #stack = callersStack();
  #timer: ReturnType<typeof setTimeout> | null = null;

  /**
   * Made where the connection is taken.
   *
   * @param after milliseconds until the connection is to be back
   */
  constructor(host: LeakHost, after: number) {
    this.#host = host;
    this.#after = after;
  }

  /** Where the connection was taken: the lines of a stack trace. */
  get stack(): string {
    return this.#stack;
  }

  /** The connection was handed out. */
  start(connection: Watched): void {
    const start = performance.now();
    this.#timer = setTimeout(() => {
      const heldMs = performance.now() - start;
      this.#host.leaked({
        connectionId: connection.id,
        heldMs,
        description: connection.describe(),
        stack: this.#stack,
      });
    }, this.#after);
    // It shall not keep a program alive that is done.
    this.#timer.unref();
  }

  /** The connection is back. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}

function callersStack(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = STACK_DEPTH;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = stackTraceLimit;
  return stack.split("\n").slice(1).join("\n");
}
