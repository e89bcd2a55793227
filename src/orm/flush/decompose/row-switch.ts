import type { Column } from "../../../schema/index.ts";
import {
  committedValue,
  type Entity,
  type IdentityKey,
  identityKeyOf,
  keyInAttributes,
  readRaw,
} from "../../instance/index.ts";
import { currentTarget } from "../../instance/references.ts";
import { type Mapper, mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import { getOrAdd } from "../get-or-add.ts";
import { toOneOver } from "./to-one.ts";
import { isKnown, type TupleKey, tupleKey } from "./tuple.ts";

/** The value that the object's row will have in a column. */
type ValueAfter = (entity: Entity, column: Column<unknown>) => unknown;

/** New objects that take over the rows of deleted ones. */
export interface RowSwitches {
  readonly switches: ReadonlyMap<Entity, Entity>;
  /** Those whose rows get the key as they follow other ones. */
  readonly following: ReadonlySet<Entity>;
}

/**
 * New objects whose key is that of an object deleted in the same flush, with that object: both are one UPDATE. The deleted
 * one may get that key by following the row that both refer to.
 * Objects of different classes of one family share the rows of those tables that both have; the others are deleted and
 * inserted.
 */
export function findRowSwitches(changes: NetChanges, valueAfter: ValueAfter): RowSwitches {
  const { inserts, deletes } = changes;
  const switches = new Map<Entity, Entity>();
  if (inserts.length === 0 || deletes.length === 0) return { switches, following: NOBODY };
  const leaving = new Map<Mapper, Map<IdentityKey, Entity>>();
  for (const entity of deletes) {
    if (entity.$key === null) continue;
    const keys = getOrAdd(leaving, mapperOf(entity).root, () => new Map());
    keys.set(entity.$key, entity);
  }
  const moved = changes.updates.length === 0 ? null : findFollowing(changes, leaving, valueAfter);
  for (const [entity, old] of moved ?? []) switches.set(entity, old);
  const following = moved === null ? NOBODY : new Set(moved.keys());
  const taken = new Set(moved?.values());
  for (const entity of inserts) {
    const keys = leaving.get(mapperOf(entity).root);
    if (keys === undefined || switches.has(entity)) continue;
    const key = identityKeyOf(entity);
    const old = key === null ? undefined : keys.get(key);
    if (old !== undefined && !taken.has(old) && !leavesServerDefault(entity, old)) switches.set(entity, old);
  }
  leaveOut(switches, deletes);
  return { switches, following };
}

/**
 * A row cannot stay whose key refers to a row that goes, also if another one takes that key: it goes before and comes back
 * after. Were it to stay, the database would refuse, or do what ON DELETE says.
 */
function leaveOut(switches: Map<Entity, Entity>, deletes: readonly Entity[]): void {
  const going = switches.size === 0 ? NOBODY : new Set(deletes);
  for (let before = -1; before !== switches.size; ) {
    before = switches.size; // others may refer to those that are left out
    for (const [entity, old] of switches) {
      const isLeft = keyReferences(entity).some((property) => {
        if (!mapperOf(old).isA(property.mapper)) return false; // what the row referred to by it is not known
        const [target, left] = [currentTarget(entity, property), currentTarget(old, property)];
        return target && left && target !== left && !switches.has(target) && going.has(left);
      });
      if (isLeft) switches.delete(entity);
    }
  }
}

/** The relationships whose foreign keys are in the primary key as a whole; of others, the rest is written anew. */
function keyReferences(entity: Entity): readonly RelationshipProperty[] {
  const mapper = mapperOf(entity);
  const { primaryKey } = mapper.root.table;
  return primaryKey
    .filter(({ foreignKeys }) => foreignKeys.length > 0)
    .flatMap((column) => toOneOver(mapper, column))
    .filter(({ pairs }) => pairs.every(({ local }) => primaryKey.includes(local)));
}

const NOBODY: ReadonlySet<Entity> = new Set();

/** The deleted objects whose keys are going to change because those of what they refer to do, by new ones of that key. */
function findFollowing(
  { inserts, updates }: NetChanges,
  leaving: ReadonlyMap<Mapper, ReadonlyMap<IdentityKey, Entity>>,
  valueAfter: ValueAfter,
): ReadonlyMap<Entity, Entity> {
  const switches = new Map<Entity, Entity>();
  const updated = new Set(updates);
  for (const [root, keys] of leaving) {
    const { primaryKey } = root.table;
    if (!primaryKey.some(({ foreignKeys }) => foreignKeys.length > 0)) continue;
    const keyOf = (entity: Entity): TupleKey | null => {
      const values = primaryKey.map((column) => valueAfter(entity, column));
      return isKnown(values) ? tupleKey(primaryKey, values) : null;
    };
    const byKey = new Map<TupleKey, Entity>();
    for (const entity of keys.values()) {
      const mapper = mapperOf(entity);
      const isSame = keyInAttributes(entity, mapper) === entity.$key;
      const key =
        isSame && primaryKey.every((column) => refersAsBefore(entity, mapper, column, updated)) ? keyOf(entity) : null;
      if (key !== null) byKey.set(key, entity);
    }
    for (const entity of inserts) {
      if (mapperOf(entity).root !== root) continue;
      const key = keyOf(entity);
      const old = key === null ? undefined : byKey.get(key);
      if (old === undefined || identityKeyOf(entity) === old.$key || !hasSameTables(entity, old)) continue;
      if (!leavesServerDefault(entity, old)) switches.set(entity, old);
    }
  }
  return switches;
}

/** Is what the object refers to by the column the row that had this key when it was stored, and stays? */
function refersAsBefore(
  entity: Entity,
  mapper: Mapper,
  column: Column<unknown>,
  updated: ReadonlySet<Entity>,
): boolean {
  const own = mapper.findColumnProperty(column);
  return toOneOver(mapper, column).every((property) => {
    const target = currentTarget(entity, property);
    if (!target || (target.$changes !== null && !updated.has(target))) return false;
    const remote = property.pairs.find(({ local }) => local === column)?.remote;
    const referred = remote === undefined ? null : mapperOf(target).findColumnProperty(remote);
    if (own === null || referred === null) return false;
    const [key, stored] = [readRaw(entity, own), committedValue(target, referred)];
    return (
      key !== undefined && key !== null && stored !== undefined && stored !== null && column.sqlType.equals(key, stored)
    );
  });
}

/** A row that is inserted beside one that follows another key would have to wait for that. */
function hasSameTables(entity: Entity, old: Entity): boolean {
  const [{ tables }, { tables: left }] = [mapperOf(entity), mapperOf(old)];
  return tables.length === left.length && tables.every((table) => left.includes(table));
}

/** An UPDATE cannot ask for a server default everywhere; then the old row goes and the new one is inserted. */
function leavesServerDefault(entity: Entity, old: Entity): boolean {
  const [mapper, left] = [mapperOf(entity), mapperOf(old)];
  const isLeft = mapper.columns.some(
    (property) =>
      property.column.serverDefault !== null &&
      readRaw(entity, property) === undefined &&
      left.tables.includes(property.column.table),
  );
  if (isLeft || mapper === left) return isLeft;
  return left.columns.some(
    ({ column }) =>
      column.serverDefault !== null &&
      mapper.tables.includes(column.table) &&
      mapper.findColumnProperty(column) === null,
  );
}
