import type { Column } from "../../../schema/index.ts";
import { type Entity, type IdentityKey, identityKeyOf, readRaw } from "../../instance/index.ts";
import { type Mapper, mapperOf } from "../../mapping/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import { getOrAdd } from "../get-or-add.ts";
import { isKnown, type TupleKey, tupleKey } from "./tuple.ts";

/** The value that the object's row will have in a column. */
type ValueAfter = (entity: Entity, column: Column<unknown>) => unknown;

/**
 * New objects whose key is that of an object deleted in the same flush, with that object: both are one UPDATE. The deleted
 * one may get that key by following the row that both refer to.
 * Objects of different classes stay a DELETE and an INSERT, since their rows lie in different tables.
 */
export function findRowSwitches(changes: NetChanges, valueAfter: ValueAfter): Map<Entity, Entity> {
  const { inserts, deletes } = changes;
  const switches = new Map<Entity, Entity>();
  if (inserts.length === 0 || deletes.length === 0) return switches;
  const leaving = new Map<Mapper, Map<IdentityKey, Entity>>();
  for (const entity of deletes) {
    if (entity.$key === null) continue;
    const mapper = mapperOf(entity);
    const keys = getOrAdd(leaving, mapper, () => new Map());
    keys.set(entity.$key, entity);
  }
  const taken = changes.updates.length === 0 ? NONE : findFollowing(changes, leaving, valueAfter, switches);
  for (const entity of inserts) {
    const mapper = mapperOf(entity);
    const keys = leaving.get(mapper);
    if (keys === undefined || switches.has(entity) || leavesServerDefault(entity, mapper)) continue;
    const key = identityKeyOf(entity);
    const old = key === null ? undefined : keys.get(key);
    if (old !== undefined && !taken.has(old)) switches.set(entity, old);
  }
  return switches;
}

const NONE: ReadonlySet<Entity> = new Set();

/**
 * Adds the deleted objects whose keys are going to change because those of what they refer to do.
 * @returns these
 */
function findFollowing(
  { inserts }: NetChanges,
  leaving: ReadonlyMap<Mapper, ReadonlyMap<IdentityKey, Entity>>,
  valueAfter: ValueAfter,
  switches: Map<Entity, Entity>,
): ReadonlySet<Entity> {
  const taken = new Set<Entity>();
  for (const [mapper, keys] of leaving) {
    const { primaryKey } = mapper.root.table;
    if (!primaryKey.some(({ foreignKeys }) => foreignKeys.length > 0)) continue;
    const keyOf = (entity: Entity): TupleKey | null => {
      const values = primaryKey.map((column) => valueAfter(entity, column));
      return isKnown(values) ? tupleKey(primaryKey, values) : null;
    };
    const byKey = new Map<TupleKey, Entity>();
    for (const entity of keys.values()) {
      const key = entity.$changes === null ? keyOf(entity) : null;
      if (key !== null) byKey.set(key, entity);
    }
    for (const entity of inserts) {
      if (mapperOf(entity) !== mapper || leavesServerDefault(entity, mapper)) continue;
      const key = keyOf(entity);
      const old = key === null ? undefined : byKey.get(key);
      if (old === undefined || identityKeyOf(entity) === old.$key) continue;
      switches.set(entity, old);
      taken.add(old);
    }
  }
  return taken;
}

/** An UPDATE cannot ask for a server default everywhere; then the old row goes and the new one is inserted. */
function leavesServerDefault(entity: Entity, mapper: Mapper): boolean {
  return mapper.columns.some(
    (property) => property.column.serverDefault !== null && readRaw(entity, property) === undefined,
  );
}
