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
 * Visits everything that is reachable from `start` along the relationships with the given cascade, `start` first, each
 * object once, owners before what they own; an object before one looks at what it owns.
 *
 * @param seen objects that were visited before, with all that is reachable from them
 */
export function forEachReachable(
  start: Entity,
  cascade: keyof CascadeOptions,
  visit: (reached: Reached) => void,
  seen?: Set<Entity>,
): void {
  if (seen?.has(start) === true) return;
  seen?.add(start);
  const waiting: Reached[] = [{ entity: start, owner: null, property: null }];
  const met = new Met(waiting, seen ?? null);
  // The list grows while it is read.
  for (let i = 0; i < waiting.length; i++) {
    const reached = waiting[i] as Reached; // `i` counts them
    visit(reached);
    const { entity: owner } = reached;
    const { relationships } = mapperOf(owner);
    for (let j = 0; j < relationships.length; j++) {
      const property = relationships[j] as RelationshipProperty; // `j` counts them
      if (!property.cascade[cascade] || property.viewOnly) continue;
      const members = membersInMemory(owner, property);
      for (let k = 0; k < members.length; k++) {
        const entity = members[k] as Entity; // `k` counts them
        if (met.isNew(entity)) waiting.push({ entity, owner, property });
      }
    }
  }
}

/** As many objects are compared one by one, which is less work than a table for them. */
const FEW = 8;

/** The objects that a walk has met. */
class Met {
  readonly #all: readonly Reached[];
  #seen: Set<Entity> | null;

  /** @param seen null if that is only those in the list */
  constructor(all: readonly Reached[], seen: Set<Entity> | null) {
    this.#all = all;
    this.#seen = seen;
  }

  /** The object is met now. False if it was before; else the caller adds it to the list. */
  isNew(entity: Entity): boolean {
    const all = this.#all;
    if (this.#seen === null) {
      if (all.length < FEW) {
        for (let i = 0; i < all.length; i++) if ((all[i] as Reached).entity === entity) return false; // `i` counts them
        return true;
      }
      this.#seen = new Set();
      for (let i = 0; i < all.length; i++) this.#seen.add((all[i] as Reached).entity); // as above
    }
    if (this.#seen.has(entity)) return false;
    this.#seen.add(entity);
    return true;
  }
}
