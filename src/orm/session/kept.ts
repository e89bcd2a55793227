import { type Entity, Status } from "../instance/index.ts";
import { mapperOf, type RelationshipProperty } from "../mapping/index.ts";
import { membersInMemory } from "./cascade.ts";

/**
 * An owner takes an object: by save-update that is as if it was added, so that it stays if it was marked for deletion,
 * unless the owner itself goes. What refers to an object does not keep it.
 * @param deleted the objects that are marked
 */
export function keepTaken(
  deleted: Set<Entity>,
  owner: Entity,
  { direction, cascade, viewOnly }: RelationshipProperty,
  child: Entity,
): void {
  if (deleted.size === 0 || direction !== "oneToMany" || !cascade.saveUpdate || viewOnly) return;
  if (!deleted.has(owner)) deleted.delete(child);
}

/** The same for what new objects have: they took it before they were in the session. */
export function keepMembers(deleted: Set<Entity>, taken: readonly Entity[]): void {
  for (const owner of taken) {
    if (owner.$status !== Status.pending) continue;
    for (const property of mapperOf(owner).relationships)
      for (const child of membersInMemory(owner, property)) keepTaken(deleted, owner, property, child);
  }
}
