import type { StatementOptions } from "../../engine/index.ts";
import { andThen, type MaybePromise } from "../../engine/maybe-promise.ts";
import type { SessionWork } from "./session-work.ts";

/** Runs an operation in the session's turn, if the session is usable then. The options hold for what it sends. */
export function inTurn<T>(
  work: SessionWork,
  operation: () => MaybePromise<T>,
  options?: StatementOptions,
): MaybePromise<T> {
  return work.queue.run(() => {
    work.assertUsable();
    return options === undefined ? operation() : work.transaction.within(options, operation);
  });
}

/** Runs an operation in the session's turn, after an autoflush. */
export function inTurnFlushed<T>(
  work: SessionWork,
  operation: () => MaybePromise<T>,
  options: StatementOptions | undefined,
): MaybePromise<T> {
  return inTurn(work, () => (work.needsAutoflush ? andThen(work.autoflush(), operation) : operation()), options);
}
