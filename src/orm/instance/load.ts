import type { Property, RelationshipProperty } from "../mapping/index.ts";
import { ByMapper } from "../mapping/index.ts";
import { forgetChange, hasRow, noteChange } from "./changes.ts";
import type { CollectionQueue } from "./collection-queue.ts";
import type { Entity } from "./entity.ts";
import { changeQueue, changeReference, isEqual, openCollection, queueOf } from "./links.ts";
import { readRaw, writeRaw } from "./raw.ts";
import { memberRefersTo, referenceColumns, refersTo, targetByColumns } from "./references.ts";
import { RelationArray } from "./relation-array.ts";
import { takeBackRemoval } from "./reset.ts";

// Values that come from the database. None of this fires events or makes an object modified.

/**
 * Puts a value from the database into an object; undefined means not loaded. An attribute that the program changed
 * meanwhile keeps its value: what was loaded is then what it is compared with. Of a to-many attribute, the members.
 */
export function loadValue(entity: Entity, property: Property, value: unknown): void {
  if (property.kind === "relationship" && property.many) {
    loadMembers(entity, property, value as readonly Entity[] | undefined); // collections have mapped objects only
    return;
  }
  const changes = entity.$changes;
  if (changes?.has(property) !== true) {
    writeRaw(entity, property, value);
    return;
  }
  changes.set(property, value);
  const current = readRaw(entity, property);
  if (property.kind === "column" ? isEqual(property, current, value) : current === value)
    forgetChange(entity, property);
}

function loadMembers(entity: Entity, property: RelationshipProperty, members: readonly Entity[] | undefined): void {
  const current = readRaw(entity, property);
  if (members === undefined) {
    if (current instanceof RelationArray) current.release();
    writeRaw(entity, property, undefined);
  } else if (members !== current) {
    (current instanceof RelationArray ? current : openCollection(entity, property)).replaceMembers(members);
  }
}

/**
 * Puts the members that the database has into a collection, and the owner into the other side of those. What the
 * program added and removed meanwhile, on either side, stays added and removed.
 */
export function loadCollection(entity: Entity, property: RelationshipProperty, members: readonly Entity[]): void {
  const { inverse } = property;
  const reference = inverse !== null && !inverse.many ? inverse : null;
  const queue = queueOf(entity, property);
  let areChanged = false;
  if (reference !== null) {
    for (let i = 0; i < members.length; i++) {
      const member = members[i] as Entity; // `i` counts them
      loadOtherSide(member, reference, entity);
      if (member.$changes !== null) areChanged = true;
    }
  }
  const hasLeft = (member: Entity): boolean =>
    reference === null ? queue?.removed.has(member) === true : hasMoved(member, reference, entity);
  if (queue === undefined && !(areChanged && members.some(hasLeft))) {
    loadMembers(entity, property, members); // mostly all of them are there
    forgetChange(entity, property);
    return;
  }
  const current = members.filter((member) => !hasLeft(member));
  if (queue !== undefined) {
    const there = new Set(members);
    for (const member of queue.added) {
      if (there.has(member)) settlePair(member, inverse, (other) => other.added.has(entity) && other.remove(entity));
      else if (reference === null || refersTo(member, reference, entity)) current.push(member);
    }
    for (const member of queue.removed) {
      if (there.has(member)) continue;
      if (reference !== null) takeBackRemoval(entity, reference, member);
      else settlePair(member, inverse, (other) => other.removed.has(entity) && other.add(entity));
    }
    entity.$extra?.queues?.delete(property);
  }
  loadMembers(entity, property, current);
  if (current.length === members.length && current.every((member, i) => member === members[i])) {
    forgetChange(entity, property);
  } else if (entity.$changes?.has(property) === true) entity.$changes.set(property, [...members]);
  else noteChange(entity, property, [...members]);
}

/** A pair that was added is stored already, or one that was removed is not: nothing has to be done about it. */
function settlePair(
  member: Entity,
  inverse: RelationshipProperty | null,
  change: (queue: CollectionQueue) => unknown,
): void {
  if (inverse?.many === true && queueOf(member, inverse) !== undefined) changeQueue(member, inverse, change);
}

/** The row of a member refers to its owner. Of a hidden relationship, the columns say enough. */
function loadOtherSide(member: Entity, reference: RelationshipProperty, owner: Entity): void {
  if (member.$changes?.has(reference) === true) {
    if (member.$changes.get(reference) === undefined) loadValue(member, reference, owner);
  } else if (
    !reference.hidden &&
    readRaw(member, reference) === undefined &&
    memberRefersTo(member, reference, owner)
  ) {
    writeRaw(member, reference, owner);
  }
}

/** Did the program let a stored object refer to something else than its row does? */
function hasMoved(member: Entity, reference: RelationshipProperty, owner: Entity): boolean {
  const { $changes: changes } = member;
  if (changes === null || !hasRow(member) || refersTo(member, reference, owner)) return false;
  return changes.has(reference) || referenceColumns(reference).locals.some((local) => changes.has(local));
}

/** Puts the object that the database has into a to-one attribute, and the owner into the other side if that is one, too. */
export function loadReference(entity: Entity, property: RelationshipProperty, target: Entity | null): void {
  const { inverse } = property;
  if (target !== null && inverse !== null && hasUnknownPartner(entity, property)) {
    loadValue(entity, property, target);
    if (readRaw(entity, property) !== target && memberRefersTo(target, inverse, entity))
      changeReference(target, inverse, null, { before: entity, from: entity }); // another one has taken its place
    return;
  }
  if (target !== null && property.direction === "oneToMany" && inverse !== null && hasMoved(target, inverse, entity)) {
    writeRaw(entity, property, null);
    noteChange(entity, property, target);
    return;
  }
  loadValue(entity, property, target);
  if (target === null || inverse === null || inverse.many || inverse.viewOnly) return;
  if (readRaw(target, inverse) === undefined && readRaw(entity, property) === target)
    loadValue(target, inverse, entity);
}

/** Did an object get a partner from the end with the foreign key, when its own end of the relationship was not loaded? */
export function hasUnknownPartner(entity: Entity, property: RelationshipProperty): boolean {
  const { $changes: changes } = entity;
  if (changes === null || property.many || property.direction !== "oneToMany") return false;
  return hasRow(entity) && changes.has(property) && changes.get(property) === undefined;
}

/**
 * Completes new objects whose rows were just inserted: there can be nothing in collections that were never filled, and
 * related objects that only a foreign key column names are linked, if the session has them. Call it for all objects of a
 * flush together, when all changes are reset.
 * @param upserted those whose rows may have been there before: what refers to them is not known
 */
export function settleInserted(inserted: readonly Entity[], upserted: readonly Entity[] = []): void {
  const maybeStored = upserted.length === 0 ? null : new Set(upserted);
  let refer = false;
  inserted.forEach((entity) => {
    const { fillable, linkable } = settling.ofObject(entity);
    if (linkable.length > 0) refer = true;
    if (maybeStored?.has(entity) === true) return;
    for (let i = 0; i < fillable.length; i++) {
      const property = fillable[i] as RelationshipProperty; // `i` counts them
      if (readRaw(entity, property) !== undefined) continue;
      if (property.many) openCollection(entity, property);
      else writeRaw(entity, property, null);
    }
  });
  if (!refer) return;
  inserted.forEach((entity) => {
    const { linkable } = settling.ofObject(entity);
    for (let i = 0; i < linkable.length; i++) linkByColumns(entity, linkable[i] as RelationshipProperty); // `i` counts them
  });
}

/** What of a class has to be looked at when its rows were inserted. */
const settling = new ByMapper(({ relationships, hiddenRelationships }) => ({
  /** What nothing can be in, unless somebody put it there. */
  fillable: relationships.filter(({ viewOnly, many, direction }) => !viewOnly && (many || direction === "oneToMany")),
  linkable: [...relationships, ...hiddenRelationships].filter(
    ({ viewOnly, direction }) => !viewOnly && direction === "manyToOne",
  ),
}));

function linkByColumns(entity: Entity, property: RelationshipProperty): void {
  if (readRaw(entity, property) !== undefined) return;
  const target = targetByColumns(entity, property);
  if (target === undefined || target === null) return;
  if (!property.hidden) writeRaw(entity, property, target);
  const { inverse } = property;
  if (inverse === null) return;
  const other = readRaw(target, inverse);
  if (other instanceof RelationArray) other.acceptStored(entity);
  else if (!inverse.many && other === null) writeRaw(target, inverse, entity);
}
