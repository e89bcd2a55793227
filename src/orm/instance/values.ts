import { ArgumentError } from "../../errors/index.ts";
import type { ColumnProperty, Property, RelationshipProperty } from "../mapping/index.ts";
import { hasRow } from "./changes.ts";
import { collectionView, viewedMembers } from "./collection-view.ts";
import { describe, describeMember } from "./describe.ts";
import type { Entity } from "./entity.ts";
import {
  changeForeignKey,
  changePartner,
  changeReference,
  checkMember,
  loadedCollection,
  openCollection,
  writeColumn,
} from "./links.ts";
import { syncValues, watchAssigned } from "./mutable-values.ts";
import { notLoaded, notReplaceable } from "./not-loaded.ts";
import { readRaw, writeRaw } from "./raw.ts";
import { referenceColumns, targetByColumns } from "./references.ts";
import type { RelationArray } from "./relation-array.ts";
import { standIn, standsFor } from "./unloaded-collection.ts";

/**
 * Sets an attribute as an assignment does: with its history, and the other side of a relationship.
 * @throws ArgumentError for undefined and for objects that the relationship cannot hold; NotLoadedError when it would
 *   replace related objects that are not loaded
 */
export function setValue(entity: Entity, property: Property, value: unknown): void {
  if (property.kind === "column") setColumn(entity, property, value);
  else if (property.many) setCollection(entity, property, value);
  else setReference(entity, property, value);
}

export function setColumn(entity: Entity, property: ColumnProperty, value: unknown): void {
  if (value === undefined) throw cannotBeUndefined(entity, property);
  syncValues(entity); // the old value may have been changed in place
  if (property.references.length === 0) writeColumn(entity, property, value);
  else changeForeignKey(entity, property, value);
  watchAssigned(entity, property, value);
}

export function setReference(entity: Entity, property: RelationshipProperty, value: unknown): void {
  if (value === undefined) throw cannotBeUndefined(entity, property);
  if (value !== null) checkMember(entity, property, value);
  if (property.viewOnly) writeRaw(entity, property, value);
  else if (property.direction === "manyToOne") changeReference(entity, property, value);
  else {
    if (readRaw(entity, property) === undefined && hasRow(entity)) throw notReplaceable(entity, property);
    changePartner(entity, property, value);
  }
}

export function setCollection(entity: Entity, property: RelationshipProperty, value: unknown): void {
  if (property.collection !== null) {
    if (value === collectionView(entity, property)) return; // a.b = a.b
    setMembers(entity, property, viewedMembers(entity, property, value));
    return;
  }
  if (!Array.isArray(value)) {
    throw new ArgumentError(
      `${describe(entity)}: "${property.name}" is a collection: assign an array, not ${describeMember(value)}. Assign [] to empty it.`,
    );
  }
  const stand = standsFor(value);
  if (stand?.owner === entity && stand.property === property) return; // a.b = a.b
  setMembers(entity, property, value);
}

/** @param value an array, perhaps of anything */
function setMembers(entity: Entity, property: RelationshipProperty, value: readonly unknown[]): void {
  const current = loadedCollection(entity, property);
  if (current === undefined) throw notReplaceable(entity, property);
  if (current === value) {
    current.sync();
    return;
  }
  for (const member of value) checkMember(entity, property, member);
  const members = [...(value as Entity[])]; // checked above; taking them changes another owner's collection
  replaceCollection(entity, property, current, members);
}

/** The old array keeps its members and is a plain list from now on. */
function replaceCollection(
  entity: Entity,
  property: RelationshipProperty,
  current: RelationArray,
  members: readonly Entity[],
): void {
  const next = openCollection(entity, property);
  next.replaceMembers(current.track()); // what was written to its indexes since does not matter any more
  next.track();
  current.release();
  next.noteAssigned();
  for (const [i, member] of members.entries()) next[i] = member;
  next.length = members.length;
  next.sync();
}

function cannotBeUndefined(entity: Entity, property: Property): ArgumentError {
  return new ArgumentError(`${describe(entity)}: "${property.name}" cannot be undefined: assign null to empty it.`);
}

/** What reading a column gives that has no value. */
export function unsetColumn(entity: Entity, property: ColumnProperty): unknown {
  if (hasRow(entity)) throw notLoaded(entity, property);
  return null;
}

/** What reading a to-one relationship gives that has no value. */
export function unsetReference(entity: Entity, property: RelationshipProperty): unknown {
  if (property.direction === "manyToOne") {
    if (referenceColumns(property).locals.some((local) => readRaw(entity, local) === null)) return null;
    if (!hasRow(entity)) return targetByColumns(entity, property) ?? null;
  }
  if (hasRow(entity)) throw notLoaded(entity, property);
  return null;
}

/** What reading a collection gives: itself, what stands in for it, or the Set or Map that shows it. */
export function readCollection(entity: Entity, property: RelationshipProperty): object {
  if (property.collection !== null) return collectionView(entity, property);
  const array = loadedCollection(entity, property);
  if (array === undefined) return standIn(entity, property);
  if (array.owner === null) return array; // for viewing only
  array.track();
  entity.$session?.onCollectionRead(array);
  return array;
}
