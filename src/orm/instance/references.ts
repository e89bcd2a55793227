import { isSameText } from "../../schema/same-texts.ts";
import type { ColumnProperty, Mapper, RelationshipProperty } from "../mapping/index.ts";
import { hasRow } from "./changes.ts";
import type { Entity } from "./entity.ts";
import { type IdentityKey, identityKeyFrom } from "./identity.ts";
import { readRaw } from "./raw.ts";

// A foreign key and its many-to-one relationship are two views of one value. The object, where the relationship holds
// one, is the authority; otherwise the columns are. This module reads that value, `links.ts` changes it.

/** The foreign key columns of a many-to-one relationship, as attributes of both classes. */
export interface ReferenceColumns {
  /** The foreign key. */
  readonly locals: readonly ColumnProperty[];
  /** What it refers to, in the same order. */
  readonly remotes: readonly ColumnProperty[];
  /** Which of them become null when the reference goes. */
  readonly cleared: readonly ColumnProperty[];
  /** For each part of the target's primary key its place among `remotes`; null if the reference is to something else. */
  readonly identity: readonly number[] | null;
}

const known = new WeakMap<RelationshipProperty, ReferenceColumns>();

export function referenceColumns(property: RelationshipProperty): ReferenceColumns {
  let columns = known.get(property);
  if (columns === undefined) {
    columns = findColumns(property);
    known.set(property, columns);
  }
  return columns;
}

function findColumns(property: RelationshipProperty): ReferenceColumns {
  const { mapper, target, pairs } = property;
  const locals: ColumnProperty[] = [];
  const remotes: ColumnProperty[] = [];
  for (const { local, remote } of pairs) {
    const own = mapper.findColumnProperty(local);
    const referred = target.findColumnProperty(remote);
    if (own === null || referred === null) continue;
    locals.push(own);
    remotes.push(referred);
  }
  const identity = target.primaryKey.map((part) => remotes.findIndex(({ slot }) => slot === part.slot));
  return {
    locals,
    remotes,
    cleared: clearedColumns(property, locals),
    identity: locals.length === identity.length && !identity.includes(-1) ? identity : null,
  };
}

/**
 * One column that is null makes a foreign key refer to nothing. Of a composite key, those go that nothing else needs:
 * no part of the primary key, nothing that must not be null, nothing that another relationship shares, if there is a
 * choice.
 */
function clearedColumns(property: RelationshipProperty, locals: readonly ColumnProperty[]): readonly ColumnProperty[] {
  const preferences: ((column: ColumnProperty) => boolean)[] = [
    ({ column }) => !column.primaryKey,
    ({ column }) => column.nullable,
    ({ references }) => references.every((other) => other === property || sharesAll(other, property)),
  ];
  let cleared = locals;
  for (const preferred of preferences) {
    const rest = cleared.filter(preferred);
    if (rest.length > 0) cleared = rest;
  }
  return cleared;
}

/** Do both relationships have the same foreign key to the same class? */
export function isTwin(a: RelationshipProperty, b: RelationshipProperty): boolean {
  return a.target.root === b.target.root && sharesAll(a, b);
}

function sharesAll(a: RelationshipProperty, b: RelationshipProperty): boolean {
  return (
    a.pairs.length === b.pairs.length &&
    a.pairs.every(({ local, remote }) => b.pairs.some((pair) => pair.local === local && pair.remote === remote))
  );
}

/**
 * The key that the foreign key columns hold.
 * @returns null: they refer to nothing; undefined: they are not loaded, or do not refer to a primary key
 */
function referredKey(entity: Entity, property: RelationshipProperty): IdentityKey | null | undefined {
  const { locals, identity } = referenceColumns(property);
  if (locals.length === 1) {
    const value = readRaw(entity, locals[0] as ColumnProperty); // that is the one
    if (value === null) return null;
    if (value === undefined || identity === null) return undefined;
    return identityKeyFrom(property.target, [value]); // by the type of the key, which may be another one than the column's
  }
  let unknown = locals.length === 0;
  for (const local of locals) {
    const value = readRaw(entity, local);
    if (value === null) return null;
    if (value === undefined) unknown = true;
  }
  if (unknown || identity === null) return undefined;
  return identityKeyFrom(
    property.target,
    identity.map((position) => readRaw(entity, locals[position] as ColumnProperty)), // positions in `locals`
  );
}

/** What the foreign key columns refer to: an object of the session, null for nothing, undefined if it is not there. */
export function targetByColumns(entity: Entity, property: RelationshipProperty): Entity | null | undefined {
  const key = referredKey(entity, property);
  if (key === null || key === undefined) return key;
  const found = entity.$session?.find(property.target, key) as Entity | undefined; // sessions hold mapped objects only
  return found !== undefined && found instanceof property.target.mappedClass ? found : undefined;
}

/** What a many-to-one relationship refers to: its object, else what its columns refer to. */
export function currentTarget(entity: Entity, property: RelationshipProperty): Entity | null | undefined {
  const held = readRaw(entity, property) as Entity | null | undefined; // a to-one slot holds an object
  return held === undefined ? targetByColumns(entity, property) : held;
}

/** Do the foreign key columns hold the key of this object? */
export function columnsReferTo(entity: Entity, property: RelationshipProperty, target: Entity): boolean {
  const { locals, remotes } = referenceColumns(property);
  for (let i = 0; i < locals.length; i++) {
    const local = locals[i] as ColumnProperty; // `i` counts them
    const own = readRaw(entity, local);
    const key = readRaw(target, remotes[i] as ColumnProperty); // as many as locals
    if (own === null || own === undefined || key === null || key === undefined) return false;
    if (!isEqualKey(entity, local, remotes[i] as ColumnProperty, own, key)) return false; // as many as locals
  }
  return locals.length > 0;
}

/** Are the values of a foreign key and of what it refers to one to the database? */
function isEqualKey(
  { $session: session }: Entity,
  { column }: ColumnProperty,
  remote: ColumnProperty,
  own: unknown,
  key: unknown,
): boolean {
  if (own === key || column.sqlType.equals(own, key)) return true;
  return session !== null && isSameText(remote.column, own, key, session.dialectName);
}

/**
 * Do the foreign key columns hold what may be the key of this object: as it is, as it was committed, or as it will be when
 * that follows what the object itself refers to? Keys that change reach the objects that refer to them with the flush.
 */
export function columnsMayReferTo(entity: Entity, property: RelationshipProperty, target: Entity): boolean {
  const { locals, remotes } = referenceColumns(property);
  return (
    locals.length > 0 &&
    locals.every((local, i) => {
      const own = readRaw(entity, local);
      const remote = remotes[i] as ColumnProperty; // as many as locals
      const isOwn = (key: unknown): boolean => isKnown(key) && isEqualKey(entity, local, remote, own, key);
      return isKnown(own) && mayHave(target, remote, isOwn, new Set());
    })
  );
}

const isKnown = (value: unknown): boolean => value !== null && value !== undefined;

function mayHave(
  entity: Entity,
  column: ColumnProperty,
  isMeant: (key: unknown) => boolean,
  following: Set<Entity>,
): boolean {
  if (following.has(entity)) return false; // objects may refer to each other by their keys
  if (isMeant(readRaw(entity, column)) || (hasRow(entity) && isMeant(storedValue(entity, column)))) return true;
  following.add(entity);
  return column.references.some((reference) => {
    const target = currentTarget(entity, reference);
    const { locals, remotes } = referenceColumns(reference);
    const remote = remotes[locals.findIndex(({ slot }) => slot === column.slot)];
    return (
      target !== null && target !== undefined && remote !== undefined && mayHave(target, remote, isMeant, following)
    );
  });
}

/**
 * Does the row, as it was committed, refer to that of `target`? An object that is new, or whose key changes, may take the key
 * of another one, to whose row the columns refer.
 */
export function rowRefersTo(entity: Entity, property: RelationshipProperty, target: Entity): boolean {
  if (!hasRow(target) || !columnsReferTo(entity, property, target)) return false;
  const { locals, remotes } = referenceColumns(property);
  return (
    !locals.some((local) => entity.$changes?.has(local) === true) &&
    !remotes.some((remote) => target.$changes?.has(remote) === true)
  );
}

/** Does a many-to-one relationship refer to this object, as far as one can tell? */
export function refersTo(entity: Entity, property: RelationshipProperty, target: Entity): boolean {
  const held = readRaw(entity, property);
  return held === undefined ? columnsReferTo(entity, property, target) : held === target;
}

/**
 * Does a member of a loaded collection refer to the owner, as far as anybody knows? Its foreign key may be deferred or
 * expired, and the key of the owner may have changed since.
 */
export function memberRefersTo(member: Entity, property: RelationshipProperty, owner: Entity): boolean {
  if (refersTo(member, property, owner)) return true;
  const { $changes: changes } = member;
  if (!hasRow(member) || readRaw(member, property) !== undefined || changes?.has(property) === true) return false;
  if (referenceColumns(property).locals.some((local) => changes?.has(local) === true)) return false;
  return storedRefersTo(member, property, owner) !== false;
}

/** Does a row refer to that of `owner`, both as they were committed? Undefined if one of the keys is not loaded. */
export function storedRefersTo(member: Entity, property: RelationshipProperty, owner: Entity): boolean | undefined {
  const { locals, remotes } = referenceColumns(property);
  let known = true;
  for (let i = 0; i < locals.length; i++) {
    const local = locals[i] as ColumnProperty; // `i` counts them
    const own = storedValue(member, local);
    const remote = remotes[i] as ColumnProperty; // as many as locals
    const key = storedValue(owner, remote);
    if (own === null || key === null) return false;
    if (own === undefined || key === undefined) known = false;
    else if (!isEqualKey(member, local, remote, own, key)) return false;
  }
  return known ? true : undefined;
}

function storedValue(entity: Entity, property: ColumnProperty): unknown {
  const current = readRaw(entity, property);
  return entity.$changes === null ? current : entity.$changes.committed(property, current);
}

/**
 * What a many-to-one relationship refers to; where it and its foreign key are not loaded, the owner that has the object in a
 * loaded collection, or in the other end of a one-to-one relationship.
 */
export function ownerInMemory(entity: Entity, property: RelationshipProperty): Entity | null | undefined {
  const target = currentTarget(entity, property);
  const { inverse } = property;
  if (target !== undefined || inverse === null) return target;
  const owner = entity.$extra?.expired?.get(property);
  if (owner === undefined || owner.$session !== entity.$session || !memberRefersTo(entity, property, owner)) return;
  return readRaw(owner, inverse) === undefined ? undefined : owner;
}

/**
 * The values of the primary key, also those that the object has only through a relationship whose foreign key is a part
 * of it.
 */
function currentKeyValues(entity: Entity, mapper: Mapper, following: Set<Entity>): unknown[] {
  following.add(entity);
  const values = mapper.primaryKey.map((part) => {
    for (const property of part.references) {
      const held = readRaw(entity, property) as Entity | null | undefined; // a to-one slot holds an object
      const { locals, remotes } = referenceColumns(property);
      const remote = remotes[locals.findIndex(({ slot }) => slot === part.slot)];
      if (held === null || held === undefined || remote === undefined || following.has(held)) continue;
      const position = property.target.primaryKey.findIndex(({ slot }) => slot === remote.slot);
      // What the column holds is out of date if the object has no key yet.
      return position < 0 ? readRaw(held, remote) : currentKeyValues(held, property.target, following)[position];
    }
    return readRaw(entity, part);
  });
  following.delete(entity);
  return values;
}

/** The identity that the values of an object give it now, whatever its row has; null if a part is missing. */
export function currentKeyOf(entity: Entity, mapper: Mapper): IdentityKey | null {
  return identityKeyFrom(mapper, currentKeyValues(entity, mapper, new Set()));
}
