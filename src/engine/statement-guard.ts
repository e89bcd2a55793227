import { AbortError, type AlkahestError, ArgumentError, TimeoutError } from "../errors/index.ts";
import { describeValue } from "../expression/sql-type.ts";
import type { DriverConnection } from "./driver.ts";
import { isPromise, type MaybePromise } from "./maybe-promise.ts";

/** When a statement is given up. */
export interface StatementOptions {
  /**
   * Gives up the statement that runs when the signal is aborted, on the server too, and lets none begin any more:
   * AbortError. Where a running statement cannot be stopped (SQLite), it is only the latter.
   */
  readonly signal?: AbortSignal;
  /** Milliseconds that each statement may take; then it is stopped on the server: TimeoutError. Not on SQLite. */
  readonly statementTimeout?: number;
}

/** How long a statement that was stopped may still take; then its connection is broken off. */
const GRACE = 5000;

/**
 * Watches the statements of one connection: stops those that take too long or are not wanted any more. A statement that
 * may be stopped runs alone, since the server is told the connection and not the statement.
 */
export class StatementGuard {
  readonly #limits = new Set<StatementOptions>();
  /** Settles with the statement that was sent last. */
  #last: Promise<void> | null = null;
  #isAlone = false;

  /** Must statements be sent by {@link run}? */
  get isNeeded(): boolean {
    return this.#limits.size > 0 || this.#isAlone;
  }

  get #signals(): readonly AbortSignal[] {
    return [...this.#limits].flatMap(({ signal }) => (signal === undefined ? [] : [signal]));
  }

  /** Has the options hold until the function that is returned is called. */
  add(options: StatementOptions): () => void {
    assertStatementOptions(options);
    const { signal, statementTimeout } = options;
    if (signal === undefined && statementTimeout === undefined) return () => {};
    // An object of its own: the same options may hold twice.
    const limit = { ...options };
    this.#limits.add(limit);
    return () => void this.#limits.delete(limit);
  }

  /** Is told of a statement that was sent without {@link run}. */
  note(answer: Promise<unknown>): void {
    this.#last = settled(answer);
  }

  /** @throws AbortError when a signal is aborted */
  assertNotAborted(): void {
    for (const signal of this.#signals) if (signal.aborted) throw aborted(signal);
  }

  /**
   * Sends a statement when those before it are through, and stops it when it is to be given up.
   *
   * @param isLimited false for what must be brought to its end: COMMIT, ROLLBACK
   */
  run<T>(driver: DriverConnection, send: () => MaybePromise<T>, isLimited: boolean): MaybePromise<T> {
    if (isLimited) this.assertNotAborted();
    const before = this.#last;
    const answer =
      before === null
        ? this.#start(driver, send, isLimited)
        : before.then(() => {
            if (isLimited) this.assertNotAborted();
            return this.#start(driver, send, isLimited);
          });
    if (!isPromise(answer)) return answer;
    this.#isAlone = true;
    const last = settled(answer).then(() => {
      if (this.#last !== last) return;
      // Nobody waits behind it.
      this.#last = null;
      this.#isAlone = false;
    });
    this.#last = last;
    return answer;
  }

  #start<T>(driver: DriverConnection, send: () => MaybePromise<T>, isLimited: boolean): MaybePromise<T> {
    const answer = send();
    const isWatched = isLimited && driver.cancel !== undefined && this.#limits.size > 0;
    return isPromise(answer) && isWatched ? this.#watch(driver, answer) : answer;
  }

  /** The answer, unless the statement is given up before it comes. */
  async #watch<T>(driver: DriverConnection, answer: Promise<T>): Promise<T> {
    let reason: AlkahestError | null = null;
    let stopping: Promise<void> = Promise.resolve();
    const timers: ReturnType<typeof setTimeout>[] = [];
    const stop = (error: AlkahestError): void => {
      if (reason !== null) return;
      reason = error;
      // A server that cannot be told loses the connection instead.
      const breakOff = async () => {
        await Promise.resolve(driver.close()).catch(() => {});
      };
      const order = Promise.resolve(driver.cancel?.()).catch(breakOff);
      const patience = new Promise<void>((resolve) => {
        timers.push(setTimeout(() => void breakOff().then(resolve), GRACE));
      });
      stopping = Promise.race([order, patience]);
    };
    const listeners = this.#signals.map((signal) => ({ signal, listener: () => stop(aborted(signal)) }));
    for (const { signal, listener } of listeners) signal.addEventListener("abort", listener);
    for (const { statementTimeout: limit } of this.#limits) {
      if (limit !== undefined) timers.push(setTimeout(() => stop(tookTooLong(limit)), limit));
    }
    try {
      const value = await answer;
      // It came to its end while it was being stopped; what it did is a part of a transaction that is not wanted.
      if (reason !== null) throw reason;
      return value;
    } catch (error) {
      throw reason ?? error;
    } finally {
      for (const { signal, listener } of listeners) signal.removeEventListener("abort", listener);
      // The order to stop must not hit the next statement.
      await stopping;
      for (const timer of timers) clearTimeout(timer);
    }
  }
}

/** @throws ArgumentError for what is no signal, or no number of milliseconds */
export function assertStatementOptions({ signal, statementTimeout }: StatementOptions): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ArgumentError(`signal is an AbortSignal, not ${describeValue(signal)}.`);
  }
  assertMilliseconds("statementTimeout", statementTimeout);
}

/** @throws ArgumentError for what is no number of milliseconds; undefined: it was left out */
export function assertMilliseconds(name: string, value: unknown): void {
  if (value === undefined || (typeof value === "number" && value >= 0)) return;
  throw new ArgumentError(`${name} is a number of milliseconds, not ${describeValue(value)}.`);
}

/** What those get who wait for something that the signal has ended. */
export function aborted(signal: AbortSignal): AbortError {
  return new AbortError("The work was given up: its signal was aborted.", { cause: signal.reason });
}

function tookTooLong(milliseconds: number): TimeoutError {
  return new TimeoutError(
    `The statement was stopped, since it took longer than ${milliseconds} ms (statementTimeout).`,
  );
}

function settled(answer: Promise<unknown>): Promise<void> {
  return answer.then(
    () => {},
    () => {},
  );
}
