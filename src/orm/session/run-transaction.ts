import type { BeginOptions, StatementOptions } from "../../engine/index.ts";
import { asPromise, isPromise, type MaybePromise } from "../../engine/maybe-promise.ts";
import { ArgumentError, InvalidStateError } from "../../errors/index.ts";
import { assertOptions, type OptionNames } from "../../expression/check-arguments.ts";
import { describeValue } from "../../expression/sql-type.ts";
import { assertSwitches } from "./option-checks.ts";
import { isRetryable, pauseBeforeRetry } from "./retry.ts";
import type { SessionWork } from "./session-work.ts";

/** How `session.transaction` works. */
export interface TransactionOptions extends BeginOptions, StatementOptions {
  /**
   * How often the function is run again when the transaction was undone by what happens beside it: a deadlock, a
   * conflict with others, a lock that was not to be had, a lost connection. Default: 0.
   */
  readonly retries?: number;
  /**
   * Runs the function again also when the connection was lost during COMMIT, and nobody knows whether the transaction was
   * committed: for work that may be done twice. Default: false.
   */
  readonly retryUnknownOutcome?: boolean;
}

const OPTIONS: OptionNames<TransactionOptions> = {
  retries: true,
  retryUnknownOutcome: true,
  isolation: true,
  readOnly: true,
  deferrable: true,
  signal: true,
  statementTimeout: true,
};

/** The engine checks what it begins the transaction with. */
function assertTransactionOptions(options: TransactionOptions): void {
  assertOptions("transaction()", options, OPTIONS);
  assertSwitches("transaction()", options, ["retryUnknownOutcome", "readOnly", "deferrable"]);
  const { retries } = options;
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0)) {
    throw new ArgumentError(`transaction(): retries is a whole number of 0 or more, not ${describeValue(retries)}.`);
  }
}

/** Runs the function and commits, or rolls back. Everything that it calls on the session is within its turn. */
export function runTransaction<T>(
  work: SessionWork,
  action: () => Promise<T>,
  options: TransactionOptions,
): MaybePromise<T> {
  assertTransactionOptions(options);
  work.assertNotFlushing("transaction()");
  if (work.queue.isInside("transaction")) {
    throw new InvalidStateError("A transaction is under way already. Inside it, use savepoint().");
  }
  const { retries = 0, retryUnknownOutcome = false, isolation, readOnly, deferrable } = options;
  const transaction = async (): Promise<T> => {
    work.assertUsable();
    const hasWishes = isolation !== undefined || readOnly === true || deferrable === true;
    if (hasWishes || retries > 0) await startAfresh(work, retries > 0);
    const { commits } = work.transaction;
    for (let failures = 0; ; failures++) {
      try {
        work.transaction.request(options);
        return await attempt(work, action);
      } catch (error) {
        const mayRepeat = failures < retries && !work.isClosed && work.transaction.commits === commits;
        if (!mayRepeat || !isRetryable(error, retryUnknownOutcome)) throw error;
        await pauseBeforeRetry(failures, options.signal);
        // What was read is of a transaction that did not hold: the function is to read what is there now.
        work.expireAll();
      }
    }
  };
  return work.queue.run(() => work.transaction.within(options, transaction), { activity: "transaction" });
}

/** Runs the function within a savepoint, which is kept if it returns, and rolled back if it throws. */
export function runInSavepoint<T>(work: SessionWork, action: () => Promise<T>): MaybePromise<T> {
  work.assertNotFlushing("savepoint()");
  return work.queue.run(async () => {
    work.assertUsable();
    const mark = await work.setSavepoint();
    // The function may have ended the transaction, and the savepoint with it. Its end waits for the calls that the
    // function did not wait for.
    const end = (ending: () => Promise<void>) =>
      asPromise(() => work.queue.run(() => (work.transaction.has(mark) ? ending() : undefined)));
    try {
      const result = await action();
      await end(() => work.releaseSavepoint(mark));
      return result;
    } catch (error) {
      // If the connection is gone, so is the savepoint: the first error is the one to tell.
      await end(() => work.rollbackToSavepoint(mark)).catch(() => {});
      throw error;
    }
  });
}

async function attempt<T>(work: SessionWork, action: () => Promise<T>): Promise<T> {
  try {
    const result = await action();
    // In the line of the calls that the function did not wait for.
    const committed = work.queue.run(() => {
      work.assertUsable();
      work.transaction.assertNotAborted();
      return work.commit();
    });
    if (isPromise(committed)) await committed;
    return result;
  } catch (error) {
    // If the connection is gone, so is the transaction: the first error is the one to tell.
    if (!work.isClosed) await asPromise(() => work.queue.run(() => work.rollback())).catch(() => {});
    throw error;
  }
}

/** A transaction with wishes of its own cannot go on with one that is open, unless that has only read. */
async function startAfresh(work: SessionWork, forRetries: boolean): Promise<void> {
  const { transaction, objects } = work;
  if (forRetries && !objects.isClean) {
    throw new InvalidStateError(
      "A transaction with retries must begin without pending changes, which a retry could not repeat. " +
        "Make the changes inside the function, or commit them before.",
    );
  }
  if (!transaction.isOpen) return;
  if (transaction.reads.writes !== "nothing") {
    throw new InvalidStateError(
      "The session is in a transaction that has written already: commit() or rollback() before asking for " +
        `${forRetries ? "retries" : "an isolation level, readOnly or deferrable"}.`,
    );
  }
  await transaction.rollback();
}
