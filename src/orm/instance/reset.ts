import { ArgumentError } from "../../errors/index.ts";
import { mapperOf, type Property, type RelationshipProperty } from "../mapping/index.ts";
import { forgetChange, hasRow } from "./changes.ts";
import { describe } from "./describe.ts";
import type { Entity } from "./entity.ts";
import { changeReference, queueOf, receive, release } from "./links.ts";
import { resetValue, resetValues, syncValues } from "./mutable-values.ts";
import { extraOf, readRaw, writeRaw } from "./raw.ts";
import {
  currentTarget,
  memberRefersTo,
  ownerInMemory,
  referenceColumns,
  refersTo,
  storedRefersTo,
} from "./references.ts";
import { RelationArray } from "./relation-array.ts";

/** What an object has now is what is committed: its changes are forgotten, and with them what waits for collections. */
export function resetChanges(entity: Entity): void {
  const { $changes: changes, $extra: extra } = entity;
  entity.$changes = null;
  if (changes !== null) {
    for (let i = 0, { size } = changes; i < size; i++) {
      const property = changes.propertyAt(i);
      if (property.kind === "column") resetValue(entity, property);
      if (property.kind !== "relationship" || !property.many) continue;
      const array = readRaw(entity, property);
      if (array instanceof RelationArray) array.removeRepeats();
    }
  }
  if (extra === null) return;
  extra.queues = null;
  if (extra.watched !== null) resetValues(entity);
}

/**
 * Takes back everything that changed in an object since it was committed: values, related objects, collections with
 * their order, and what the other sides of its relationships had of that. Objects without a row have nothing to go back
 * to.
 */
export function revertChanges(entity: Entity): void {
  if (!hasRow(entity)) return;
  discardUnseen(entity);
  syncValues(entity);
  const changes = entity.$changes;
  if (changes === null) return;
  const references: RelationshipProperty[] = [];
  const collections: RelationshipProperty[] = [];
  const columns: Property[] = [];
  for (const property of changes.properties()) {
    if (property.kind === "column") columns.push(property);
    else if (property.many) collections.push(property);
    else references.push(property);
  }
  revertReferences(entity, references, columns);
  for (const property of collections) revertCollection(entity, property);
  entity.$changes = null;
}

/** What was written to indexes and not found yet has had no effect: it goes, also where it makes no sense. */
function discardUnseen(entity: Entity): void {
  for (const property of mapperOf(entity).relationships) {
    const value = property.many ? readRaw(entity, property) : undefined;
    if (value instanceof RelationArray) value.discardUnseen();
  }
}

/** To-one relationships and the columns under them go back together. */
function revertReferences(
  entity: Entity,
  references: readonly RelationshipProperty[],
  columns: readonly Property[],
): void {
  const before = references.map((property) => targetOf(entity, property));
  let keyChanged = false;
  for (const property of columns) {
    writeRaw(entity, property, entity.$changes?.get(property));
    forgetChange(entity, property);
    keyChanged ||= property.kind === "column" && property.column.primaryKey;
  }
  for (const property of references) {
    writeRaw(entity, property, entity.$changes?.get(property));
    forgetChange(entity, property);
  }
  if (keyChanged) entity.$session?.onKeyChanged(entity);
  for (const [i, property] of references.entries()) {
    if (property.direction === "manyToOne") moveBack(entity, property, before[i]);
    else revertPartner(entity, property, before[i]);
  }
}

function targetOf(entity: Entity, property: RelationshipProperty): Entity | null | undefined {
  if (property.direction === "manyToOne") return currentTarget(entity, property);
  return readRaw(entity, property) as Entity | null | undefined; // a to-one slot holds an object
}

/** The other sides of a many-to-one relationship that is as committed again. */
function moveBack(entity: Entity, property: RelationshipProperty, before: Entity | null | undefined): void {
  const { inverse } = property;
  const target = currentTarget(entity, property);
  if (inverse === null || before === target) return;
  if (before) {
    release(before, inverse, entity);
    restoreOrder(before, inverse);
  }
  if (target) {
    receive(target, inverse, entity, false);
    restoreOrder(target, inverse);
  }
}

/** The end of a one-to-one relationship without foreign key is as committed again; the objects at the other end follow. */
function revertPartner(entity: Entity, property: RelationshipProperty, before: Entity | null | undefined): void {
  const { inverse } = property;
  const partner = readRaw(entity, property) as Entity | null | undefined; // a to-one slot
  if (inverse === null || partner === before) return;
  if (before) giveBack(entity, property, before);
  if (partner) takeBack(entity, inverse, partner);
  writeRaw(entity, property, partner);
  forgetChange(entity, property);
}

/** A collection has its committed members in their order again; the objects that joined and left follow. */
function revertCollection(entity: Entity, property: RelationshipProperty): void {
  const committed = entity.$changes?.get(property) as readonly Entity[] | undefined; // the log of a collection has its members
  const array = readRaw(entity, property);
  const queue = queueOf(entity, property);
  // A collection that was loaded since then says nothing about who joined it: its members go back by themselves.
  const loadedSince = array instanceof RelationArray && committed === undefined;
  const was = new Set(loadedSince ? [] : (committed ?? queue?.removed));
  const is = new Set(loadedSince ? [] : array instanceof RelationArray ? [...array] : queue?.added);
  for (const member of is) if (!was.has(member)) giveBack(entity, property, member);
  for (const member of was) if (!is.has(member)) takeBackMember(entity, property, member);
  entity.$extra?.queues?.delete(property);
  if (array instanceof RelationArray) {
    if (committed !== undefined) array.replaceMembers(committed);
    else {
      array.release();
      writeRaw(entity, property, undefined);
    }
  }
  forgetChange(entity, property);
}

/** An object that joined goes back to where it was, or to nowhere. */
function giveBack(owner: Entity, property: RelationshipProperty, member: Entity): void {
  const { inverse } = property;
  if (inverse === null) return;
  if (inverse.many) {
    release(member, inverse, owner);
    restoreOrder(member, inverse);
    return;
  }
  if (!refersTo(member, inverse, owner)) return;
  revertReference(member, inverse);
  if (refersTo(member, inverse, owner)) changeReference(member, inverse, null);
}

/** An object that left comes back. */
function takeBackMember(owner: Entity, property: RelationshipProperty, member: Entity): void {
  const { inverse } = property;
  if (inverse === null) return;
  if (inverse.many) {
    receive(member, inverse, owner, false);
    restoreOrder(member, inverse);
  } else takeBack(owner, inverse, member);
}

function takeBack(owner: Entity, reference: RelationshipProperty, member: Entity): void {
  revertReference(member, reference);
  const isKnown = refersTo(member, reference, owner);
  if (isKnown ? reference.hidden || readRaw(member, reference) === owner : memberRefersTo(member, reference, owner))
    return;
  changeReference(member, reference, owner);
}

/**
 * An object was removed from a collection that is not loaded, when nobody knew whether it was a member. Its foreign key is
 * loaded by now, or the collection is: if it was none, it still refers to what its row refers to.
 */
export function takeBackRemoval(owner: Entity, reference: RelationshipProperty, member: Entity): void {
  const isAsRemoved = member.$changes?.has(reference) === true && readRaw(member, reference) === null;
  if (isAsRemoved && storedRefersTo(member, reference, owner) !== true) revertReference(member, reference);
}

/** Only this relationship of an object goes back, with its columns and what else is mapped to them. */
function revertReference(entity: Entity, property: RelationshipProperty): void {
  const { $changes: changes } = entity;
  if (changes === null) return;
  const columns = referenceColumns(property).locals.filter((local) => changes.has(local));
  const references = new Set([property, ...columns.flatMap((column) => column.references)]);
  revertReferences(
    entity,
    [...references].filter((reference) => changes.has(reference)),
    columns,
  );
}

/** A collection that has its committed members again has their order again, too. */
function restoreOrder(owner: Entity, property: RelationshipProperty): void {
  const array = readRaw(owner, property);
  const committed = owner.$changes?.get(property) as readonly Entity[] | undefined; // the log of a collection has its members
  if (!(array instanceof RelationArray) || committed === undefined || array.length !== committed.length) return;
  const members = new Set<Entity>(array);
  if (!committed.every((member) => members.has(member))) return;
  array.replaceMembers(committed);
  forgetChange(owner, property);
}

/**
 * Makes attributes not loaded, all of them or those with the given names. Changes of them are lost; the other sides of
 * relationships stay as they are. The primary key stays, since it says which row the object stands for.
 * @throws ArgumentError for objects that have no row to load from
 */
export function expireAttributes(entity: Entity, names?: readonly string[]): void {
  if (!hasRow(entity)) {
    throw new ArgumentError(
      `${describe(entity)} has no row yet, so there is nothing to load its attributes from again.`,
    );
  }
  const mapper = mapperOf(entity);
  const properties =
    names === undefined
      ? [...mapper.properties, ...mapper.hiddenRelationships]
      : names.map((name) => mapper.property(name));
  for (const property of properties) if (property.kind === "relationship") rememberOwner(entity, property);
  for (const property of properties) {
    if (property.kind === "relationship") {
      const value = readRaw(entity, property);
      if (value instanceof RelationArray) value.release();
      entity.$extra?.queues?.delete(property);
      writeRaw(entity, property, undefined);
    } else if (!mapper.primaryKey.includes(property)) writeRaw(entity, property, undefined);
    else if (entity.$changes?.has(property) === true) writeRaw(entity, property, entity.$changes.get(property));
    forgetChange(entity, property);
  }
}

/** A loaded collection keeps a member that expires; one that is to leave it must be found by what it referred to. */
function rememberOwner(entity: Entity, property: RelationshipProperty): void {
  const { inverse } = property;
  if (property.direction !== "manyToOne" || property.viewOnly || inverse === null) return;
  const owner = ownerInMemory(entity, property);
  if (!owner || readRaw(owner, inverse) === undefined) return;
  const extra = extraOf(entity);
  extra.expired ??= new Map();
  extra.expired.set(property, owner);
}
