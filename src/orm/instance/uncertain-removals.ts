import type { RelationshipProperty } from "../mapping/index.ts";
import { hasRow } from "./changes.ts";
import type { Entity } from "./entity.ts";
import { changeQueue } from "./links.ts";
import { storedRefersTo } from "./references.ts";
import { takeBackRemoval } from "./reset.ts";

/** An object that was removed from a one-to-many collection which is not loaded. */
export interface Removal {
  readonly owner: Entity;
  readonly property: RelationshipProperty;
  /** The other side of the collection. */
  readonly reference: RelationshipProperty;
  readonly member: Entity;
}

/** What was removed from collections of an object, where it is not known whether its row is a member. */
export function uncertainRemovals(owner: Entity): readonly Removal[] {
  const queues = owner.$extra?.queues;
  if (queues == null) return NONE;
  const removals: Removal[] = [];
  for (const [property, queue] of queues) {
    const { inverse: reference } = property;
    if (reference === null || reference.many) continue;
    for (const member of queue.removed) {
      if (!hasRow(member) || storedRefersTo(member, reference, owner) === true) continue;
      removals.push({ owner, property, reference, member });
    }
  }
  return removals;
}

const NONE: readonly Removal[] = [];

/** Takes a removal back if the row of the object, which is loaded by now, says that it is no member. */
export function settleRemoval({ owner, property, reference, member }: Removal): void {
  if (storedRefersTo(member, reference, owner) !== false) return;
  takeBackRemoval(owner, reference, member);
  changeQueue(owner, property, (queue) => queue.add(member));
}
