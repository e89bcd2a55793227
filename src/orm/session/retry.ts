import { DeadlockError, SerializationError } from "../../errors/index.ts";

/** The first pause between two attempts, in milliseconds; each further one is twice as long. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 1000;

/** Did the transaction fail only because others ran beside it? The reason may lie behind another error. */
export function isRetryable(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one instanceof DeadlockError || one instanceof SerializationError) return true;
  }
  return false;
}

/** Transactions that hindered each other wait for different times, so that they do not meet again. */
export async function pauseBeforeRetry(failures: number): Promise<void> {
  const longest = Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE);
  await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
}
