import { CommitOutcomeUnknown, InvalidStateError } from "../../errors/index.ts";
import type { TransactionMark } from "./session-transaction.ts";

/** Why the session refuses work, and how far it has to go back. */
export interface Failure {
  readonly error: unknown;
  /** The savepoint that is lost; null: the whole transaction is. */
  readonly mark: TransactionMark | null;
}

/** Says why the session refuses work, and what to do. */
export function refusal({ error, mark }: Failure): InvalidStateError {
  const reason = error instanceof Error ? error.message : String(error);
  const [part, call] =
    mark === null ? ["transaction", "session.rollback()"] : ["savepoint", "rollback() of the savepoint"];
  const what =
    error instanceof CommitOutcomeUnknown
      ? "A commit failed, and nobody knows whether it happened"
      : `Something failed, and what this ${part} did is undone in the database`;
  return new InvalidStateError(`${what}; call ${call} to go on. The error was: ${reason}`, { cause: error });
}
