import { setTimeout } from "node:timers/promises";
import { AbortError, CommitOutcomeUnknown, DatabaseError } from "../../errors/index.ts";

/** The longest first pause between two attempts, in milliseconds; each further one may be twice as long. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 2000;

/**
 * Was the transaction undone by what happened beside it? The reason may lie behind another error.
 *
 * @param evenUnknown also when nobody knows whether it was undone
 */
export function isRetryable(error: unknown, evenUnknown: boolean): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    // What lies behind it is a connection that was lost, which by itself would be reason enough.
    if (one instanceof CommitOutcomeUnknown) return evenUnknown;
    if (one instanceof DatabaseError && one.retryable) return true;
  }
  return false;
}

/** Any time up to the longest one ("full jitter"): transactions that hindered each other do not meet again. */
export async function pauseBeforeRetry(failures: number, signal: AbortSignal | undefined): Promise<void> {
  const longest = Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE);
  try {
    await setTimeout(longest * Math.random(), undefined, signal === undefined ? {} : { signal });
  } catch (cause) {
    throw new AbortError("The transaction is not run again: its signal was aborted.", { cause });
  }
}
