import type { Property } from "../mapping/index.ts";
import { ChangeLog } from "./change-log.ts";
import { type Entity, Status } from "./entity.ts";

// The log of an object: what was committed, for each attribute that changed since. Objects without a row keep none.

/** Is there a row that the object's values can differ from? */
export function hasRow(entity: Entity): boolean {
  return entity.$status >= Status.persistent;
}

/**
 * Notes the value that an attribute is about to lose, if it is the committed one.
 * @returns true if it was noted now: `committed` then belongs to the log
 */
export function noteChange(entity: Entity, property: Property, committed: unknown): boolean {
  if (!hasRow(entity)) return false;
  const changes = entity.$changes;
  if (changes === null) {
    entity.$changes = new ChangeLog(property, committed);
    entity.$session?.onModified(entity);
    return true;
  }
  if (changes.has(property)) return false;
  changes.set(property, committed);
  return true;
}

/** Removes an attribute from the log: it is as committed again. */
export function forgetChange(entity: Entity, property: Property): void {
  const changes = entity.$changes;
  if (changes?.delete(property) === true && changes.size === 0) entity.$changes = null;
}
