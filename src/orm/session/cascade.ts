import { collectionChanges, type Entity, RelationArray, readRaw, setValue } from "../instance/index.ts";
import { type CascadeOptions, mapperOf, type RelationshipProperty } from "../mapping/index.ts";

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
 * Everything that is reachable from `start` along the relationships with the given cascade, `start` first, each object once,
 * owners before what they own.
 *
 * @param seen objects that were reached before, with all that is reachable from them
 * @param isHome is what is reachable from an object known? Nothing is looked for beyond it, unless it is `start`
 * @throws ArgumentError if something is in a collection that cannot be
 */
export function reachableFrom(
  start: Entity,
  cascade: keyof CascadeOptions,
  seen?: Set<Entity>,
  isHome: ((entity: Entity) => boolean) | null = null,
): Entity[] {
  if (seen?.has(start) === true) return [];
  seen?.add(start);
  const reached = new ReachedList(start, seen ?? null);
  const { entities } = reached;
  // The list grows while it is read.
  for (let i = 0; i < entities.length; i++) {
    const owner = entities[i] as Entity; // `i` counts them
    if (i > 0 && isHome?.(owner) === true) continue;
    const { relationships } = mapperOf(owner);
    for (let j = 0; j < relationships.length; j++) {
      const property = relationships[j] as RelationshipProperty; // `j` counts them
      if (!isFollowed(property, cascade)) continue;
      if (!property.many) {
        const target = readRaw(owner, property) as Entity | null | undefined; // a to-one slot holds mapped objects
        if (target) reached.add(target);
        continue;
      }
      const members = membersInMemory(owner, property);
      for (let k = 0; k < members.length; k++) reached.add(members[k] as Entity); // `k` counts them
    }
  }
  return entities;
}

function isFollowed({ cascade: cascades, viewOnly }: RelationshipProperty, cascade: keyof CascadeOptions): boolean {
  return cascades[cascade] && !viewOnly;
}

/** By which relationship of which object the cascade came to one of those that {@link reachableFrom} found; null for the first. */
export function wayTo(
  entity: Entity,
  found: readonly Entity[],
  cascade: keyof CascadeOptions,
): { readonly owner: Entity; readonly property: RelationshipProperty } | null {
  if (entity === found[0]) return null;
  for (const owner of found) {
    for (const property of mapperOf(owner).relationships) {
      if (isFollowed(property, cascade) && membersInMemory(owner, property).includes(entity))
        return { owner, property };
    }
  }
  return null;
}

/** As many objects are compared one by one, which is less work than a table for them. */
const FEW = 8;

/** The objects that a walk has reached, each once. */
class ReachedList {
  readonly entities: Entity[];
  #seen: Set<Entity> | null;

  /** @param seen null if that is only those in the list */
  constructor(start: Entity, seen: Set<Entity> | null) {
    this.entities = [start];
    this.#seen = seen;
  }

  add(entity: Entity): void {
    const { entities } = this;
    if (this.#seen === null) {
      if (entities.length < FEW) {
        if (!entities.includes(entity)) entities.push(entity);
        return;
      }
      this.#seen = new Set(entities);
    }
    if (this.#seen.has(entity)) return;
    this.#seen.add(entity);
    entities.push(entity);
  }
}

/**
 * Empties all relationships of an object that goes.
 * @returns what it owned, and what is to go with it
 */
export function partFromAll(entity: Entity): readonly Entity[] {
  const { relationships, hiddenRelationships } = mapperOf(entity);
  const owned: Entity[] = [];
  for (const property of [...relationships, ...hiddenRelationships]) {
    if (property.viewOnly) continue;
    const members = [...membersInMemory(entity, property)];
    if (members.length > 0) setValue(entity, property, property.many ? [] : null);
    if (property.cascade.delete) owned.push(...members);
  }
  return owned;
}
