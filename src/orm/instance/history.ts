import type { Property, RelationshipProperty } from "../mapping/index.ts";
import { ByMapper } from "../mapping/index.ts";
import { hasRow } from "./changes.ts";
import type { Entity } from "./entity.ts";
import { isEqual, queueOf } from "./links.ts";
import { syncValues } from "./mutable-values.ts";
import { readRaw } from "./raw.ts";
import { referenceColumns, rowRefersTo } from "./references.ts";
import { RelationArray } from "./relation-array.ts";

/** What changed in an attribute since it was committed. For a column or a to-one relationship, at most one value each. */
export interface History {
  readonly added: readonly unknown[];
  readonly unchanged: readonly unknown[];
  /** Without the old value if that was not loaded. */
  readonly deleted: readonly unknown[];
}

/** What joined and left a collection, each object once. */
export interface CollectionChanges {
  /** False: what is known is what waits for the collection to be loaded. */
  readonly loaded: boolean;
  readonly added: readonly Entity[];
  readonly removed: readonly Entity[];
  readonly unchanged: readonly Entity[];
}

const NOTHING: readonly Entity[] = [];

/** Is the attribute there, so that reading it gives a value? */
export function isLoaded(entity: Entity, property: Property): boolean {
  return readRaw(entity, property) !== undefined;
}

/**
 * The value that an attribute has in the database, as far as the object knows; of a collection, the members.
 * @returns undefined if it is not known, and for objects without a row
 */
export function committedValue(entity: Entity, property: Property): unknown {
  if (!hasRow(entity)) return undefined;
  const value = readRaw(entity, property);
  if (property.kind === "relationship" && value instanceof RelationArray) value.sync();
  else if (entity.$extra !== null) syncValues(entity);
  const changes = entity.$changes;
  return changes === null ? value : changes.committed(property, value);
}

/**
 * What joined and left a to-many attribute since it was committed; finds what was written to indexes, too. All members
 * of an object without a row are new.
 */
export function collectionChanges(entity: Entity, property: RelationshipProperty): CollectionChanges {
  const array = readRaw(entity, property);
  if (!(array instanceof RelationArray)) {
    const queue = queueOf(entity, property);
    return {
      loaded: false,
      added: queue === undefined ? NOTHING : [...queue.added],
      removed: queue === undefined ? NOTHING : [...queue.removed],
      unchanged: NOTHING,
    };
  }
  array.sync();
  const committed = committedMembers(entity, property);
  if (committed === array) return { loaded: true, added: NOTHING, removed: NOTHING, unchanged: array };
  const before = new Set(committed);
  const members = new Set<Entity>(array);
  return {
    loaded: true,
    added: [...members].filter((member) => !before.has(member)),
    removed: [...before].filter((member) => !members.has(member)),
    unchanged: [...members].filter((member) => before.has(member)),
  };
}

/** The committed members; the collection itself if it is unchanged. */
function committedMembers(entity: Entity, property: RelationshipProperty): readonly Entity[] {
  const current = readRaw(entity, property) as readonly Entity[]; // the callers found a collection
  if (!hasRow(entity)) return NOTHING;
  // The log of a collection has its members; undefined if it was not loaded then.
  return entity.$changes?.has(property) === true
    ? ((entity.$changes.get(property) as Entity[] | undefined) ?? NOTHING)
    : current;
}

/** What changed in an attribute since it was committed. */
export function history(entity: Entity, property: Property): History {
  if (property.kind === "relationship" && property.many) return collectionHistory(entity, property);
  const value = readRaw(entity, property);
  const current = value === undefined ? [] : [value];
  if (!hasRow(entity)) return { added: current, unchanged: [], deleted: [] };
  syncValues(entity);
  if (entity.$changes?.has(property) !== true) return { added: [], unchanged: current, deleted: [] };
  const committed = entity.$changes.get(property);
  if (isSame(entity, property, value, committed)) return { added: [], unchanged: current, deleted: [] };
  return { added: current, unchanged: [], deleted: committed === undefined ? [] : [committed] };
}

/** An object that is a member several times is listed as often as it is now one, or was. */
function collectionHistory(entity: Entity, property: RelationshipProperty): History {
  const { loaded, added, removed } = collectionChanges(entity, property);
  if (!loaded) return { added, unchanged: [], deleted: removed };
  const current = readRaw(entity, property) as readonly Entity[]; // it is loaded
  const isNew = new Set(added);
  const isGone = new Set(removed);
  return {
    added: current.filter((member) => isNew.has(member)),
    unchanged: current.filter((member) => !isNew.has(member)),
    deleted: committedMembers(entity, property).filter((member) => isGone.has(member)),
  };
}

/**
 * Does the object differ from its row? Values that were changed and changed back do not count, nor does the order of a
 * collection. Objects without a row do.
 */
export function isModified(entity: Entity): boolean {
  if (!hasRow(entity)) return true;
  syncCollections(entity);
  if (entity.$extra !== null) syncValues(entity);
  const changes = entity.$changes;
  if (changes === null) return false;
  for (let i = 0, { size } = changes; i < size; i++) {
    if (isPropertyModified(entity, changes.propertyAt(i), changes.valueAt(i))) return true;
  }
  return false;
}

/** Does the row of a stored object differ from the object, whatever became of its collections? */
export function hasOwnChanges(entity: Entity): boolean {
  syncValues(entity);
  const changes = entity.$changes;
  if (changes === null) return false;
  for (let i = 0, { size } = changes; i < size; i++) {
    const property = changes.propertyAt(i);
    const isOwn = property.kind === "column" || property.direction === "manyToOne";
    if (isOwn && isPropertyModified(entity, property, changes.valueAt(i))) return true;
  }
  return false;
}

function isPropertyModified(entity: Entity, property: Property, committed: unknown): boolean {
  if (property.kind === "column") return !isEqual(property, readRaw(entity, property), committed);
  if (property.many) {
    const { added, removed } = collectionChanges(entity, property);
    return added.length > 0 || removed.length > 0;
  }
  return !isSame(entity, property, readRaw(entity, property), committed);
}

/** Finds what was written to indexes and lengths of the collections of an object. */
export function syncCollections(entity: Entity): void {
  const properties = collections.ofObject(entity);
  for (let i = 0; i < properties.length; i++) {
    const array = readRaw(entity, properties[i] as RelationshipProperty); // `i` counts them
    if (array instanceof RelationArray) array.sync();
  }
}

const collections = new ByMapper(({ relationships }) => relationships.filter(({ many }) => many));

function isSame(entity: Entity, property: Property, value: unknown, committed: unknown): boolean {
  if (property.kind === "column") return isEqual(property, value, committed);
  if (committed !== undefined || property.direction !== "manyToOne") return value === committed;
  // It was not loaded: the foreign key tells.
  if (value === undefined || value === null)
    return !referenceColumns(property).locals.some((local) => entity.$changes?.has(local));
  return rowRefersTo(entity, property, value as Entity); // a to-one slot holds an object
}
