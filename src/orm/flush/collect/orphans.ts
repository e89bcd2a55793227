import { collectionChanges, committedValue, type Entity, readRaw } from "../../instance/index.ts";
import type { RelationshipProperty } from "../../mapping/index.ts";
import { classFactsOf } from "./class-facts.ts";
import type { SingleParents } from "./single-parent.ts";

/** A stored object without an owner. */
export interface Orphan {
  readonly entity: Entity;
  /** The owner that let it go; null if that is not loaded. */
  readonly owner: Entity | null;
  /** The relationship by which it was owned, on the owner's side. */
  readonly property: RelationshipProperty;
}

/**
 * Stored objects that lost their owner under a `delete-orphan` cascade, among the changed objects and what those let go
 * of. An object is an orphan as soon as one such relationship has no owner for it any more.
 */
export function findOrphans(
  changed: readonly (readonly Entity[])[],
  deletes: ReadonlySet<Entity>,
  parents: SingleParents,
): readonly Orphan[] {
  const orphans = new Map<Entity, Orphan>();
  const note = (orphan: Orphan): void => {
    if (orphan.entity.$key !== null && !orphans.has(orphan.entity)) orphans.set(orphan.entity, orphan);
  };
  const look = (entity: Entity): void => {
    const { owned, owning } = classFactsOf(entity);
    if ((owned.length === 0 && owning.length === 0) || deletes.has(entity)) return;
    const lost = lostOwner(entity, owned);
    if (lost !== null) note(lost);
    for (const property of owning) {
      for (const target of letGo(entity, property)) {
        const isSettled = deletes.has(target) || isHeld(target, property) || parents.isTaken(target, property, deletes);
        if (!isSettled) note({ entity: target, owner: entity, property });
      }
    }
  };
  for (const entities of changed) entities.forEach(look);
  return orphans.size === 0 ? NONE : [...orphans.values()];
}

const NONE: readonly Orphan[] = [];

/** Did the stored object lose an owner by its own foreign key? */
export function isOrphan(entity: Entity): boolean {
  return lostOwner(entity, classFactsOf(entity).owned) !== null;
}

/** Does a relationship that owns its objects hold fewer of them than are stored? */
export function letsGoOfOwned(owner: Entity, property: RelationshipProperty): boolean {
  return owner.$key !== null && (letGo(owner, property).length > 0 || letsGoOfUnknown(owner, property));
}

/** Was a to-one relationship that owns what it refers to changed without being loaded? */
export function letsGoOfUnknown({ $changes: changes }: Entity, property: RelationshipProperty): boolean {
  if (changes === null || property.direction !== "manyToOne") return false;
  return changes.has(property) && changes.get(property) === undefined;
}

/** The object's own foreign key says so: a to-one relationship, set to null, whose other side owns it. */
function lostOwner(entity: Entity, owned: readonly RelationshipProperty[]): Orphan | null {
  const { $changes: changes } = entity;
  if (changes === null || entity.$key === null) return null;
  for (const property of owned) {
    const { inverse } = property;
    if (inverse === null || !changes.has(property) || readRaw(entity, property) !== null) continue;
    const owner = committedValue(entity, property) as Entity | null | undefined; // a to-one slot holds an object
    return { entity, owner: owner ?? null, property: inverse };
  }
  return null;
}

/** The objects that a relationship held when it was last stored and does not hold now. */
function letGo(owner: Entity, property: RelationshipProperty): readonly Entity[] {
  if (property.direction === "manyToMany") return collectionChanges(owner, property).removed;
  if (owner.$changes?.has(property) !== true) return [];
  const before = committedValue(owner, property);
  return before === null || before === undefined || before === readRaw(owner, property) ? [] : [before as Entity]; // a to-one slot held an object
}

/** With the inverse mapped, another owner may have taken the object meanwhile. */
function isHeld(target: Entity, property: RelationshipProperty): boolean {
  const { inverse } = property;
  if (inverse === null) return false;
  const value = readRaw(target, inverse);
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined;
}
