import { type ColumnProperty, type Mapper, mapperOf } from "../mapping/index.ts";
import type { Entity } from "./entity.ts";
import { type IdentityKey, identityKeyFrom } from "./identity.ts";
import { readRaw } from "./raw.ts";
import { currentKeyOf } from "./references.ts";

/**
 * The identity of an object: that of its row; for an object that has none yet, what its values, and the objects that
 * its key refers to, will make it.
 * @returns null if a part of the primary key is not known yet
 */
export function identityKeyOf(entity: Entity): IdentityKey | null {
  return entity.$key ?? currentKeyOf(entity, mapperOf(entity));
}

/** The identity that the key attributes of an object give it now; null while one of them is missing. */
export function keyInAttributes(entity: Entity, mapper: Mapper): IdentityKey | null {
  const { primaryKey } = mapper;
  if (primaryKey.length === 1) {
    const only = primaryKey[0] as ColumnProperty; // that is the one
    const value = readRaw(entity, only);
    return value === null || value === undefined ? null : only.column.sqlType.keyOf(value);
  }
  return identityKeyFrom(
    mapper,
    primaryKey.map((property) => readRaw(entity, property)),
  );
}
