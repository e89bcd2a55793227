import { ArgumentError, InvalidStateError } from "../../errors/index.ts";
import type { ColumnProperty, RelationshipProperty } from "../mapping/index.ts";
import { forgetChange, hasRow, noteChange } from "./changes.ts";
import { CollectionQueue } from "./collection-queue.ts";
import { describe, describeMember } from "./describe.ts";
import { type Entity, Status } from "./entity.ts";
import { extraOf, readRaw, writeRaw } from "./raw.ts";
import {
  columnsMayReferTo,
  isTwin,
  memberRefersTo,
  ownerInMemory,
  referenceColumns,
  refersTo,
  rowRefersTo,
  targetByColumns,
} from "./references.ts";
import { type CollectionObserver, notAMember, RelationArray } from "./relation-array.ts";

// Links between objects, and how both ends of a relationship stay equal. Nothing is ever loaded for it: what concerns a
// collection that is not loaded waits in its queue. The many-to-one end (real or hidden) is where a link between two
// objects is made: the other ends follow.

/**
 * @throws ArgumentError unless the relationship can hold the value, InvalidStateError if owner and value belong to
 *   different sessions, or one of them was deleted
 */
export function checkMember(owner: Entity, property: RelationshipProperty, value: unknown): asserts value is Entity {
  if (value instanceof property.target.mappedClass) {
    const member = value as Entity; // an object of a mapped class
    const { $session: session } = member;
    if (session && owner.$session && session !== owner.$session) throw ofAnotherSession(owner, property, member);
    if (member.$status === Status.deleted) refuseDeleted(owner, property, member, member);
    else if (owner.$status === Status.deleted) refuseDeleted(owner, property, member, owner);
    return;
  }
  if (value === null || value === undefined) {
    throw new ArgumentError(
      `${describe(owner)}: "${property.name}" cannot hold ${String(value)}; it holds objects of class ${property.target.name}.`,
    );
  }
  throw notAMember(describe(owner), property, describeMember(value));
}

function ofAnotherSession(owner: Entity, property: RelationshipProperty, value: object): InvalidStateError {
  return new InvalidStateError(
    `${describe(owner)}: "${property.name}" cannot hold ${describeMember(value)}, which belongs to another session. ` +
      "Take it out there first (other.expunge(object), or close that session), or use a copy: await session.merge(object).",
  );
}

/** What the owner holds already may stay: the program did not put it there. */
function refuseDeleted(owner: Entity, property: RelationshipProperty, member: Entity, deleted: Entity): void {
  const held = readRaw(owner, property);
  if (held === member || property.viewOnly || (held instanceof RelationArray && held.hasSeen(member))) return;
  const advice = property.cascade.deleteOrphan
    ? " What is to move to another owner must get there before the next flush."
    : "";
  throw new InvalidStateError(
    `${describe(owner)}: "${property.name}" cannot hold ${describe(member)}: ${describe(deleted)} was deleted in this transaction. ` +
      `Roll back, or use a new object with the same values.${advice}`,
  );
}

/** A to-many attribute that is loaded, or of an object that has nothing to load; else undefined. */
export function loadedCollection(owner: Entity, property: RelationshipProperty): RelationArray | undefined {
  const value = readRaw(owner, property);
  if (value instanceof RelationArray) return value;
  return hasRow(owner) ? undefined : openCollection(owner, property);
}

/** Gives an object an empty collection. */
export function openCollection(owner: Entity, property: RelationshipProperty): RelationArray {
  const array = new RelationArray(property.viewOnly ? null : owner, property, observer);
  writeRaw(owner, property, array);
  return array;
}

/** What waits for a collection to be loaded, if anything does. */
export function queueOf(owner: Entity, property: RelationshipProperty): CollectionQueue | undefined {
  return owner.$extra?.queues?.get(property);
}

/** Notes a change of a collection that is not loaded. */
export function changeQueue(
  owner: Entity,
  property: RelationshipProperty,
  change: (queue: CollectionQueue) => void,
): void {
  const extra = extraOf(owner);
  extra.queues ??= new Map();
  let queue = extra.queues.get(property);
  if (queue === undefined) {
    queue = new CollectionQueue();
    extra.queues.set(property, queue);
  }
  owner.$session?.meanwhile?.noteQueued(owner, property, change);
  change(queue);
  if (!queue.isEmpty) {
    noteChange(owner, property, undefined);
    return;
  }
  extra.queues.delete(property);
  forgetChange(owner, property);
}

/** How a to-one attribute is changed. */
interface ReferenceChange {
  /** What it referred to, if the caller knows better than the object by now. */
  readonly before?: Entity | null | undefined;
  /** The object whose end is up to date already. */
  readonly from?: Entity;
  /** The foreign key columns are up to date already. */
  readonly keepColumns?: boolean;
}

const PLAIN: ReferenceChange = {};

/**
 * Lets a many-to-one relationship refer to another object, to nothing (null), or to what is not loaded (undefined). The
 * foreign key, the other ends and the session follow.
 */
export function changeReference(
  entity: Entity,
  property: RelationshipProperty,
  next: Entity | null | undefined,
  change: ReferenceChange = PLAIN,
): void {
  const held = readRaw(entity, property);
  if (held === undefined && next && isStored(entity, property, next)) {
    writeRaw(entity, property, next); // the row says so already
    return;
  }
  const before = "before" in change ? change.before : ownerInMemory(entity, property);
  if (held !== next || held === undefined) {
    entity.$session?.meanwhile?.note(entity, property, held, next);
    noteChange(entity, property, held);
    writeRaw(entity, property, next);
    if (next !== undefined && entity.$changes?.get(property) === next) forgetChange(entity, property);
  }
  const changed = change.keepColumns === true ? NO_COLUMNS : writeColumns(entity, property, next ?? null);
  if (before && before !== next) leave(before, property, entity, change.from);
  // Columns that were set before the object had a session may refer to `next` without its knowing.
  if (next && (before !== next || held === undefined)) join(next, property, entity, change.from, held !== undefined);
  if (change.keepColumns !== true) followColumns(entity, property, next ?? null, changed);
}

/** Does the object refer to this one already, as its row does? */
function isStored(entity: Entity, property: RelationshipProperty, target: Entity): boolean {
  return hasRow(entity) && entity.$changes?.has(property) !== true && rowRefersTo(entity, property, target);
}

/** The object that a reference now points to hears of it. */
function join(
  target: Entity,
  reference: RelationshipProperty,
  entity: Entity,
  from: Entity | undefined,
  certain: boolean,
): void {
  const { inverse } = reference;
  if (inverse !== null) {
    if (target !== from) receive(target, inverse, entity, certain);
    target.$session?.onAttached(target, inverse, entity);
  }
  entity.$session?.onAttached(entity, reference, target);
}

function leave(target: Entity, reference: RelationshipProperty, entity: Entity, from: Entity | undefined): void {
  const { inverse } = reference;
  if (inverse !== null) {
    if (target !== from) release(target, inverse, entity);
    target.$session?.onDetached(target, inverse, entity);
  }
  entity.$session?.onDetached(entity, reference, target);
}

/**
 * `owner` gets `member`, whose end says so already.
 * @param certain it was not a member before
 */
export function receive(owner: Entity, property: RelationshipProperty, member: Entity, certain: boolean): void {
  if (!property.many) {
    receivePartner(owner, property, member);
    return;
  }
  const array = loadedCollection(owner, property);
  if (array === undefined) changeQueue(owner, property, (queue) => queue.add(member));
  else if (certain || !array.hasSeen(member)) array.accept(member);
}

/** The end of a one-to-one relationship without foreign key: an old partner is let go. */
function receivePartner(owner: Entity, property: RelationshipProperty, member: Entity): void {
  const partner = readRaw(owner, property) as Entity | null | undefined; // a to-one slot holds an object
  if (partner === member) return;
  writePartner(owner, property, member);
  if (partner && property.inverse !== null) changeReference(partner, property.inverse, null, { from: owner });
}

function writePartner(owner: Entity, property: RelationshipProperty, partner: Entity | null): void {
  const before = readRaw(owner, property);
  owner.$session?.meanwhile?.note(owner, property, before, partner);
  noteChange(owner, property, before);
  writeRaw(owner, property, partner);
  if (owner.$changes?.get(property) === partner) forgetChange(owner, property);
}

/** `owner` loses `member`, whose end says so already. */
export function release(owner: Entity, property: RelationshipProperty, member: Entity): void {
  const value = readRaw(owner, property);
  if (!property.many) {
    if (value === member) writePartner(owner, property, null);
  } else if (value instanceof RelationArray) value.drop(member);
  else if (hasRow(owner)) changeQueue(owner, property, (queue) => queue.remove(member));
}

/** Sets a one-to-one relationship from the end without foreign key, which is loaded. */
export function changePartner(owner: Entity, property: RelationshipProperty, next: Entity | null): void {
  const partner = readRaw(owner, property) as Entity | null | undefined; // a to-one slot holds an object
  const { inverse } = property;
  if (inverse === null) writeRaw(owner, property, next);
  else if (next !== null) {
    changeReference(next, inverse, owner);
    if (readRaw(owner, property) !== next) receivePartner(owner, property, next); // it referred here already
  } else if (partner) changeReference(partner, inverse, null);
  else writeRaw(owner, property, null);
}

/** Copies the key of the object that is referred to. Returns the columns whose values changed. */
function writeColumns(
  entity: Entity,
  property: RelationshipProperty,
  target: Entity | null,
): readonly ColumnProperty[] {
  const { locals, remotes, cleared } = referenceColumns(property);
  let changed: readonly ColumnProperty[] = NO_COLUMNS;
  for (let i = 0; i < locals.length; i++) {
    const local = locals[i] as ColumnProperty; // `i` counts them
    const remote = remotes[i];
    const key = target === null || remote === undefined ? null : (readRaw(target, remote) ?? null);
    // A key that is not known yet comes with the flush; a part of the own primary key waits for it as it is.
    const written = key !== null || (target === null ? cleared.includes(local) : !local.column.primaryKey);
    if (!written || !writeColumn(entity, local, key)) continue;
    changed = locals.length === 1 ? locals : [...changed, local]; // the only one needs no list of its own
  }
  return changed;
}

const NO_COLUMNS: readonly ColumnProperty[] = [];

/**
 * Writes a column with its history, but without what depends on it.
 * @returns true if the value is another one now
 */
export function writeColumn(entity: Entity, property: ColumnProperty, value: unknown): boolean {
  const old = readRaw(entity, property);
  if (old === value) return false;
  const same = isEqual(property, old, value);
  if (!same) {
    entity.$session?.meanwhile?.note(entity, property, old, value);
    const committed = entity.$changes?.get(property);
    if (committed !== undefined && isEqual(property, committed, value)) forgetChange(entity, property);
    else noteChange(entity, property, old);
  }
  writeRaw(entity, property, value);
  if (same) return false;
  if (property.column.primaryKey) entity.$session?.onKeyChanged(entity);
  return true;
}

/** Do both values mean the same to the database? Unknown values equal nothing. */
export function isEqual(property: ColumnProperty, a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || a === undefined || b === undefined) return false;
  return property.column.sqlType.equals(a, b);
}

/** Other relationships over the same columns follow a reference that was set. */
function followColumns(
  entity: Entity,
  property: RelationshipProperty,
  target: Entity | null,
  changed: readonly ColumnProperty[],
): void {
  const { locals } = referenceColumns(property);
  if (!locals.some(({ references }) => references.length > 1)) return;
  const followed = new Set<RelationshipProperty>([property]);
  for (const column of locals) {
    for (const other of column.references) {
      if (followed.has(other)) continue;
      followed.add(other);
      if (isTwin(property, other) && (target === null || target instanceof other.target.mappedClass)) {
        changeReference(entity, other, target, { keepColumns: true });
      } else if (changed.includes(column)) followReference(entity, other, undefined);
    }
  }
}

/** A relationship follows its foreign key columns, which were written. */
function followReference(entity: Entity, property: RelationshipProperty, before: Entity | null | undefined): void {
  const held = readRaw(entity, property) as Entity | null | undefined; // a to-one slot holds an object
  if (held && columnsMayReferTo(entity, property, held)) return;
  changeReference(entity, property, targetByColumns(entity, property), { before: held ?? before, keepColumns: true });
}

/** Sets a column that is a foreign key: the relationships over it move along. */
export function changeForeignKey(entity: Entity, property: ColumnProperty, value: unknown): void {
  const { references } = property;
  const before = references.map((reference) => ownerInMemory(entity, reference));
  const held = references.some((reference) => readRaw(entity, reference));
  if (!writeColumn(entity, property, value) && !held) return;
  for (const [i, reference] of references.entries()) {
    if (!reference.viewOnly) followReference(entity, reference, before[i]);
  }
}

/** An object joined a collection, which has it already. */
function joined(owner: Entity, property: RelationshipProperty, member: Entity): void {
  const { inverse } = property;
  if (inverse !== null && !inverse.many) {
    changeReference(member, inverse, owner, { from: owner });
    return;
  }
  if (inverse !== null) {
    receive(member, inverse, owner, false);
    member.$session?.onAttached(member, inverse, owner);
  }
  owner.$session?.onAttached(owner, property, member);
}

/** An object left a collection, which does not have it any more. */
function left(owner: Entity, property: RelationshipProperty, member: Entity): void {
  const { inverse } = property;
  if (inverse !== null && !inverse.many) {
    // It may refer to another object by now, which is why it left.
    if (memberRefersTo(member, inverse, owner)) changeReference(member, inverse, null, { before: owner, from: owner });
    return;
  }
  if (inverse !== null) {
    release(member, inverse, owner);
    member.$session?.onDetached(member, inverse, owner);
  }
  owner.$session?.onDetached(owner, property, member);
}

/** Adds to a collection that is not loaded. */
export function addUnloaded(owner: Entity, property: RelationshipProperty, member: Entity): void {
  const { inverse } = property;
  if (inverse !== null && !inverse.many && refersTo(member, inverse, owner)) return; // it is a member: the row says so
  if (inverse?.many === true && hasMember(member, inverse, owner) === true) return; // its own collection says so
  changeQueue(owner, property, (queue) => queue.add(member));
  joined(owner, property, member);
}

/**
 * Removes from a collection that is not loaded. Where nobody knows whether the object is a member, because its foreign key
 * is not loaded, the program is believed until that is known: see `takeBackRemoval`.
 * @returns true if it was one, as far as anybody knows
 */
export function removeUnloaded(owner: Entity, property: RelationshipProperty, member: Entity): boolean {
  const { inverse } = property;
  if (inverse !== null && !inverse.many && !mayBeMember(owner, inverse, member)) return false;
  if (inverse?.many === true && hasMember(member, inverse, owner) === false) return false;
  changeQueue(owner, property, (queue) => queue.remove(member));
  left(owner, property, member);
  return true;
}

/** Does it refer to the owner, or may its row do so? */
function mayBeMember(owner: Entity, reference: RelationshipProperty, member: Entity): boolean {
  const other = ownerInMemory(member, reference);
  return other === undefined ? memberRefersTo(member, reference, owner) : other === owner;
}

/** Is an object in a collection? Undefined if that is not loaded. */
function hasMember(owner: Entity, property: RelationshipProperty, member: Entity): boolean | undefined {
  const members = readRaw(owner, property);
  if (members instanceof RelationArray) return members.hasSeen(member);
  return hasRow(owner) ? undefined : false;
}

/** What collections report, they report to here. */
const observer: CollectionObserver = {
  check: checkMember,
  changing(owner, property, members) {
    owner.$session?.meanwhile?.noteMembers(owner, property, members);
    return noteChange(owner, property, members);
  },
  has(owner, property, member) {
    const { inverse } = property;
    if (inverse === null) return undefined;
    return inverse.many ? hasMember(member, inverse, owner) : readRaw(member, inverse) === owner;
  },
  joined,
  left,
};
