import { DuplicateIdentityError } from "../../../errors/index.ts";
import type { Column } from "../../../schema/index.ts";
import {
  committedValue,
  describe,
  type Entity,
  type IdentityMap,
  identityKeyFrom,
  readRaw,
} from "../../instance/index.ts";
import { type Mapper, mapperOf } from "../../mapping/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import type { Decomposition } from "../decompose/decompose.ts";
import { origin } from "../decompose/operation.ts";
import { imageOf } from "../decompose/table-writes.ts";
import { readTuple, type TupleKey } from "../decompose/tuple.ts";
import { describeCell } from "../describe.ts";
import type { KeyChanges } from "../edges/key-changes.ts";
import { takesAlong } from "../edges/referential-action.ts";
import { getOrAdd } from "../get-or-add.ts";

/**
 * Refuses two objects that would have one primary key when the flush is done: new ones, or stored ones that get another
 * key, and each of them with a stored one of the session that keeps its key. That is before any statement: the database
 * could only say that some row exists already, not which objects are meant. `merge` is how equal objects become one.
 * @throws DuplicateIdentityError naming both objects and how each was reached
 */
export function refuseDuplicates(
  changes: NetChanges,
  decomposition: Decomposition,
  keyChanges: KeyChanges,
  identityMap: IdentityMap,
): void {
  const { keyed, rekeyed } = decomposition;
  if (keyed.length === 0 && rekeyed.length === 0) return;
  const seen = new Map<Mapper, Map<TupleKey, Entity>>();
  const deleted = new Set(changes.deletes);
  const keeps = (stored: Entity, { $key }: Entity): boolean => {
    if (deleted.has(stored) || movesAway(stored, decomposition, keyChanges)) return false;
    return $key === null || deleted.size === 0 || !mayBeTakenAlong(stored);
  };
  const check = (entity: Entity): void => {
    const mapper = mapperOf(entity);
    const key = keyOf(entity, mapper, decomposition, keyChanges);
    if (key === null) return;
    const keys = getOrAdd(seen, mapper.root, () => new Map());
    const same = keys.get(key.text);
    if (same !== undefined) throw duplicate(entity, same, key, changes);
    const stored = storedWith(identityMap, mapper, key);
    if (stored !== undefined && stored !== entity && keeps(stored, entity)) {
      throw duplicate(entity, stored, key, changes);
    }
    keys.set(key.text, entity);
  };
  keyed.forEach(check);
  rekeyed.forEach(check);
}

/** The primary key that a row gets, as far as it can be told. */
interface NewKey {
  readonly values: readonly unknown[];
  /** Equal for rows of equal key, also where a part of it is the key of another row that the database has yet to make. */
  readonly text: TupleKey;
  readonly isKnown: boolean;
}

function keyOf(entity: Entity, mapper: Mapper, { byEntity }: Decomposition, keyChanges: KeyChanges): NewKey | null {
  const root = byEntity.at(entity, 0);
  if (root === undefined) return null;
  const { table } = mapper.root;
  // A row that is there may get its key, or a part of it, as it follows another one.
  const moved = root.kind === "update" ? keyChanges.moved(table, root.before) : null;
  const read = (column: Column<unknown>): unknown =>
    moved === null || root.after[column.index] !== undefined ? root.current(column) : moved[column.index];
  const tuple = readTuple(table.primaryKey, table.primaryKey, read);
  if (tuple.kind !== "key" && tuple.kind !== "generated") return null;
  return { values: table.primaryKey.map(read), text: tuple.key, isKnown: tuple.kind === "key" };
}

function storedWith(identityMap: IdentityMap, mapper: Mapper, { values, isKnown }: NewKey): Entity | undefined {
  const key = isKnown ? identityKeyFrom(mapper, values.map(origin)) : null;
  return key === null ? undefined : identityMap.get(mapper, key);
}

/** A stored object whose key changes in this flush, by itself or with a key that it refers to, leaves its old key to others. */
function movesAway(entity: Entity, { byEntity }: Decomposition, keyChanges: KeyChanges): boolean {
  const { root } = mapperOf(entity);
  const own = byEntity.at(entity, 0);
  if (own?.kind === "update" && own.changes(root.table.primaryKey)) return true; // also to the key of a new parent
  const row = imageOf(entity, root.table);
  const moved = keyChanges.moved(root.table, row);
  return moved !== null && root.table.primaryKey.some(({ index }) => moved[index] !== row[index]);
}

/** May ON DELETE take the row along, which nothing in the session tells (`passiveDeletes`)? Then its key is free. */
function mayBeTakenAlong(stored: Entity): boolean {
  return mapperOf(stored).root.table.foreignKeys.some(({ onDelete }) => takesAlong(onDelete));
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
