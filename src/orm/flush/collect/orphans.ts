import { collectionChanges, committedValue, type Entity, readRaw } from "../../instance/index.ts";
import { mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { toOne } from "../decompose/to-one.ts";

/**
 * Stored objects that lost their owner under a `delete-orphan` cascade, among the changed objects and what those let go
 * of. An object is an orphan as soon as one such relationship has no owner for it any more.
 */
export function findOrphans(changed: readonly Entity[], deletes: ReadonlySet<Entity>): Entity[] {
  const orphans = new Set<Entity>();
  for (const entity of changed) {
    if (deletes.has(entity)) continue;
    if (lostOwner(entity)) orphans.add(entity);
    for (const property of mapperOf(entity).relationships) {
      if (!property.cascade.deleteOrphan || property.viewOnly) continue;
      for (const target of letGo(entity, property)) {
        if (target.$key !== null && !deletes.has(target) && !isHeld(target, property)) orphans.add(target);
      }
    }
  }
  return [...orphans].filter((orphan) => orphan.$key !== null);
}

/** The object's own foreign key says so: a to-one relationship, set to null, whose other side owns it. */
function lostOwner(entity: Entity): boolean {
  const { $changes: changes } = entity;
  if (changes === null || entity.$key === null) return false;
  return toOne(mapperOf(entity)).some(
    (property) =>
      property.inverse?.cascade.deleteOrphan === true && changes.has(property) && readRaw(entity, property) === null,
  );
}

/** The objects that a relationship held when it was last stored and does not hold now. */
function letGo(owner: Entity, property: RelationshipProperty): readonly Entity[] {
  if (property.many) {
    return property.direction === "manyToMany" ? (collectionChanges(owner, property).removed as Entity[]) : []; // one-to-many: the child's side tells
  }
  if (owner.$changes?.has(property) !== true || property.direction !== "manyToOne") return [];
  const before = committedValue(owner, property);
  return before === null || before === undefined || before === readRaw(owner, property) ? [] : [before as Entity];
}

/** With the inverse mapped, another owner may have taken the object meanwhile. */
function isHeld(target: Entity, property: RelationshipProperty): boolean {
  const { inverse } = property;
  if (inverse === null) return false;
  const value = readRaw(target, inverse);
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined;
}
