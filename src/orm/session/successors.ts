import type { UndoLog } from "../flush/index.ts";
import { type Entity, expireAttributes, type IdentityKey, type IdentityMap, Status } from "../instance/index.ts";
import { type Mapper, mapperOf } from "../mapping/index.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/**
 * An object that was loaded for a row which another one had written that left the session since. What it shows is undone
 * by a rollback, and its own log knows nothing of it.
 */
export interface Successor {
  readonly entity: Entity;
  /** Will the row be there after the rollback? */
  readonly isThere: boolean;
}

const NONE: readonly Successor[] = [];

/**
 * The successors of objects that left. To be asked before the undo log goes back.
 * @param left objects that were written and are not in the session any more
 */
export function findSuccessors(
  left: readonly Entity[],
  undo: UndoLog,
  undoMark: number,
  identityMap: IdentityMap,
): readonly Successor[] {
  if (left.length === 0) return NONE;
  const firstKeys = undo.firstKeys(undoMark);
  /** The keys that rows have again after the rollback, because they gave them up. */
  const givenUp = new Map<Mapper, Set<IdentityKey>>();
  for (const [entity, key] of firstKeys) {
    if (key === null || (key === entity.$key && entity.$status !== Status.deleted)) continue;
    const { root } = mapperOf(entity);
    const keys = givenUp.get(root);
    if (keys === undefined) givenUp.set(root, new Set([key]));
    else keys.add(key);
  }
  const successors: Successor[] = [];
  for (const writer of left) {
    const { $key: key } = writer;
    const mapper = mapperOf(writer);
    const entity = key === null ? undefined : identityMap.get(mapper, key);
    if (key === null || entity === undefined || entity === writer || !firstKeys.has(writer)) continue;
    const isThere = firstKeys.get(writer) === key || givenUp.get(mapper.root)?.has(key) === true;
    successors.push({ entity, isThere });
  }
  return successors;
}

/** After the rollback: what they show is forgotten; those without a row, or with another object for it, leave. */
export function settleSuccessors(successors: readonly Successor[], objects: UnitOfWork): void {
  for (const { entity, isThere } of successors) {
    const { $key: key } = entity;
    if (key === null || !objects.has(entity)) continue; // it left with an earlier writer of its row
    const present = objects.identityMap.get(mapperOf(entity), key);
    if (isThere && (present === undefined || present === entity)) {
      objects.identityMap.add(entity, key);
      expireAttributes(entity);
      continue;
    }
    objects.identityMap.delete(entity, key);
    objects.makeTransient(entity);
  }
}

/** What was taken out of the session does not come back by a rollback. */
export function stayOut(entity: Entity, objects: UnitOfWork): void {
  if (entity.$session !== objects) return;
  if (entity.$key === null) objects.makeTransient(entity);
  else {
    objects.identityMap.delete(entity, entity.$key);
    entity.$session = null;
    entity.$status = Status.detached;
  }
}
