import { collectionChanges, type Entity, RelationArray, readRaw } from "../instance/index.ts";
import { type CascadeOptions, mapperOf, type RelationshipProperty } from "../mapping/index.ts";

/** An object that a cascade reaches, and how. */
export interface Reached {
  readonly entity: Entity;
  /** Null for the object that the cascade began with. */
  readonly owner: Entity | null;
  readonly property: RelationshipProperty | null;
}

const NONE: readonly Entity[] = [];

/**
 * The objects in a relationship, as far as they are in memory: nothing is loaded. For a collection that is not loaded
 * these are the additions that wait for it.
 *
 * @throws ArgumentError if something is in a collection that cannot be
 */
export function membersInMemory(owner: Entity, property: RelationshipProperty): readonly Entity[] {
  const value = readRaw(owner, property);
  if (!property.many) return value === null || value === undefined ? NONE : [value as Entity]; // a to-one slot holds mapped objects
  if (value instanceof RelationArray) {
    value.sync(); // something may have been written to its indexes
    return value;
  }
  return owner.$extra === null ? NONE : collectionChanges(owner, property).added;
}

/**
 * Everything that is reachable from `start` along the relationships with the given cascade, `start` first, each object
 * once, owners before what they own.
 *
 * @param follow whether to go on from an object; all are reported, also those that are not followed
 */
export function* reachable(
  start: Entity,
  cascade: keyof CascadeOptions,
  follow: (entity: Entity) => boolean = () => true,
): Generator<Reached> {
  const seen = new Set<Entity>([start]);
  const waiting: Reached[] = [{ entity: start, owner: null, property: null }];
  // The list grows while it is read.
  for (const reached of waiting) {
    yield reached;
    const { entity: owner } = reached;
    if (!follow(owner)) continue;
    for (const property of mapperOf(owner).relationships) {
      if (!property.cascade[cascade] || property.viewOnly) continue;
      for (const entity of membersInMemory(owner, property)) {
        if (seen.has(entity)) continue;
        seen.add(entity);
        waiting.push({ entity, owner, property });
      }
    }
  }
}
