import { type Entity, type IdentityKey, identityKeyFrom, readRaw } from "../instance/index.ts";
import { mapperOf } from "../mapping/index.ts";
import type { FlushContext } from "./context.ts";

/** The identity that an object's key attributes give it now; null while one of them is missing. */
export function keyOf(entity: Entity): IdentityKey | null {
  const mapper = mapperOf(entity);
  const [only] = mapper.primaryKey;
  if (only !== undefined && mapper.primaryKey.length === 1) {
    const value = readRaw(entity, only);
    return value === null || value === undefined ? null : only.column.sqlType.keyOf(value);
  }
  return identityKeyFrom(
    mapper,
    mapper.primaryKey.map((property) => readRaw(entity, property)),
  );
}

/** Registers objects under their new keys. All old keys leave before the first new one enters: two rows may exchange them. */
export function rekey({ identityMap }: FlushContext, entities: readonly Entity[]): void {
  for (const entity of entities) if (entity.$key !== null) identityMap.delete(entity, entity.$key);
  for (const entity of entities) {
    entity.$key = keyOf(entity);
    if (entity.$key !== null) identityMap.add(entity, entity.$key);
  }
}
