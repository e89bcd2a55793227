import { type Entity, type IdentityMap, readRaw, writeRaw } from "../instance/index.ts";
import { mapperOf } from "../mapping/index.ts";

/**
 * An upsert may have found a row that was there before, with rows that refer to it. Of these, what was loaded since refers
 * to the object that wrote the row; once that is transient again, the reference is to be loaded anew. Otherwise the object
 * would be written with them, by cascade.
 * @param gone objects that a rollback made transient
 */
export function forgetUpserted(identityMap: IdentityMap, gone: readonly Entity[]): void {
  const upserted = new Set<unknown>(gone.filter((entity) => mapperOf(entity).onConflict !== null));
  if (upserted.size === 0) return;
  identityMap.forEach((entity) => {
    const { relationships, hiddenRelationships } = mapperOf(entity);
    for (const property of [...relationships, ...hiddenRelationships]) {
      if (upserted.has(readRaw(entity, property))) writeRaw(entity, property, undefined);
    }
  });
}
