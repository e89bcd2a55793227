import { InvalidStateError } from "../../errors/index.ts";
import { describe, type Entity } from "../instance/index.ts";

/** What a flush has taken to write. Until objects show what became of it, nothing can be taken away from it. */
export interface UnderWay {
  /** The new objects that it inserts. */
  readonly pending: readonly Entity[];
  /** The stored objects that somebody asked to delete. */
  readonly deleted: readonly Entity[];
}

/** Is the row of a new object being inserted? */
export function isBeingInserted(underWay: UnderWay | null, entity: Entity): boolean {
  return underWay?.pending.includes(entity) === true;
}

/** @throws InvalidStateError for an object whose row is being deleted: that cannot be taken back any more */
export function assertNotBeingDeleted(underWay: UnderWay | null, entity: Entity): void {
  if (underWay?.deleted.includes(entity) !== true) return;
  throw new InvalidStateError(
    `${describe(entity)} cannot be added again: a flush that is under way deletes it. ` +
      "Wait for the flush, and roll back or add a new object with the same values.",
  );
}

/** @throws InvalidStateError while a flush writes objects, which it has to tell of their rows */
export function assertNothingUnderWay(underWay: UnderWay | null, what: string): void {
  if (underWay === null) return;
  throw new InvalidStateError(
    `${what} cannot be called while a flush is under way, which writes objects of the session and tells them what became of ` +
      "their rows. Wait for the flush before (await session.flush()); an object whose row is to go can be deleted meanwhile.",
  );
}
