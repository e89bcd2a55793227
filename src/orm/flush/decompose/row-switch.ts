import { type Entity, type IdentityKey, identityKeyOf, readRaw } from "../../instance/index.ts";
import { type Mapper, mapperOf } from "../../mapping/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import { getOrAdd } from "../get-or-add.ts";

/**
 * New objects whose key is that of an object deleted in the same flush, with that object: both are one UPDATE.
 * Objects of different classes stay a DELETE and an INSERT, since their rows lie in different tables.
 */
export function findRowSwitches({ inserts, deletes }: NetChanges): Map<Entity, Entity> {
  const switches = new Map<Entity, Entity>();
  if (inserts.length === 0 || deletes.length === 0) return switches;
  const leaving = new Map<Mapper, Map<IdentityKey, Entity>>();
  for (const entity of deletes) {
    if (entity.$key === null) continue;
    const mapper = mapperOf(entity);
    const keys = getOrAdd(leaving, mapper, () => new Map());
    keys.set(entity.$key, entity);
  }
  for (const entity of inserts) {
    const mapper = mapperOf(entity);
    const keys = leaving.get(mapper);
    if (keys === undefined || leavesServerDefault(entity, mapper)) continue;
    const key = identityKeyOf(entity);
    const old = key === null ? undefined : keys.get(key);
    if (old !== undefined) switches.set(entity, old);
  }
  return switches;
}

/** An UPDATE cannot ask for a server default everywhere; then the old row goes and the new one is inserted. */
function leavesServerDefault(entity: Entity, mapper: Mapper): boolean {
  return mapper.columns.some(
    (property) => property.column.serverDefault !== null && readRaw(entity, property) === undefined,
  );
}
