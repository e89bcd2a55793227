import { DuplicateIdentityError } from "../../../errors/index.ts";
import { comparedTypes } from "../../../schema/same-texts.ts";
import { committedValue, describe, type Entity, type IdentityMap, readRaw } from "../../instance/index.ts";
import { type Mapper, mapperOf } from "../../mapping/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import type { Decomposition } from "../decompose/decompose.ts";
import { readTuple, type TupleKey } from "../decompose/tuple.ts";
import { describeCell } from "../describe.ts";
import type { KeyChanges } from "../edges/key-changes.ts";
import { finalReader } from "../edges/unique-slots.ts";
import { getOrAdd } from "../get-or-add.ts";
import { type NewKey, StoredKeys } from "./stored-keys.ts";

/**
 * Refuses two objects that would have one primary key when the flush is done: new ones, or stored ones that get another
 * key, and each of them with a stored one of the session that keeps its key, or gets that key as it follows another row.
 * That is before any statement: the database could only say that some row exists already, not which objects are meant.
 * `merge` is how equal objects become one.
 * @throws DuplicateIdentityError naming both objects and how each was reached
 */
export function refuseDuplicates(
  changes: NetChanges,
  decomposition: Decomposition,
  keyChanges: KeyChanges,
  identityMap: IdentityMap,
  dialectName: string,
): void {
  const { keyed, rekeyed } = decomposition;
  if (keyed.length === 0 && rekeyed.length === 0) return;
  const seen = new Map<Mapper, Map<TupleKey, Entity>>();
  const stored = new StoredKeys(changes, decomposition, keyChanges, identityMap, dialectName);
  const check = (entity: Entity): void => {
    const mapper = mapperOf(entity);
    const key = keyOf(entity, mapper, decomposition, keyChanges, dialectName);
    if (key === null) return;
    const keys = getOrAdd(seen, mapper.root, () => new Map());
    const same = keys.get(key.text) ?? stored.keeping(entity, key) ?? stored.following(entity, key);
    if (same !== undefined) throw duplicate(entity, same, key, changes);
    keys.set(key.text, entity);
  };
  keyed.forEach(check);
  rekeyed.forEach(check);
}

function keyOf(
  entity: Entity,
  mapper: Mapper,
  { byEntity }: Decomposition,
  keyChanges: KeyChanges,
  dialectName: string,
): NewKey | null {
  const root = byEntity.at(entity, 0);
  if (root === undefined) return null;
  const { table } = mapper.root;
  // A row that is there may get its key, or a part of it, as it follows another one.
  const read = finalReader(root, (...row) => keyChanges.moved(...row));
  const tuple = readTuple(table.primaryKey, comparedTypes(table.primaryKey, dialectName, table.primaryKey), read);
  if (tuple.kind !== "key" && tuple.kind !== "generated") return null;
  return {
    values: table.primaryKey.map(read),
    text: tuple.key,
    isKnown: tuple.kind === "key",
    isOpen: root.conflict !== null,
  };
}

function duplicate(entity: Entity, other: Entity, { values }: NewKey, changes: NetChanges): DuplicateIdentityError {
  const name = mapperOf(entity).name;
  const list = values.map(describeCell).join(", ");
  const shown = values.length === 1 ? list : `(${list})`;
  const areStored = entity.$key !== null && other.$key !== null;
  const advice = areStored
    ? "Give one of them another key, or delete it."
    : "Use one object in both places, or session.merge(...), which unites objects of equal key.";
  return new DuplicateIdentityError(
    `Two different objects are to be stored as ${name} with the primary key ${shown}: ${reached(other, changes)} and ` +
      `${reached(entity, changes)}. ${advice}`,
  );
}

/** The object and the way by which the session came to know it. */
function reached(entity: Entity, changes: NetChanges): string {
  if (entity.$key !== null) {
    const key = mapperOf(entity).primaryKey.map((property) => describeCell(committedValue(entity, property)));
    return `${describe(entity)} (stored as ${key.join(", ")})`;
  }
  for (const owner of [...changes.inserts, ...changes.updates]) {
    for (const property of mapperOf(owner).relationships) {
      const value = readRaw(owner, property);
      if (value === entity) return `${describe(entity)} (reached by ${describe(owner)}.${property.name})`;
      if (Array.isArray(value)) {
        const position = value.indexOf(entity);
        if (position >= 0) return `${describe(entity)} (reached by ${describe(owner)}.${property.name}[${position}])`;
      }
    }
  }
  return `${describe(entity)} (added to the session itself)`;
}
