import { mapperOf } from "../mapping/index.ts";
import type { Entity } from "./entity.ts";
import type { IdentityKey } from "./identity.ts";
import { currentKeyOf } from "./references.ts";

/**
 * The identity of an object: that of its row; for an object that has none yet, what its values, and the objects that
 * its key refers to, will make it.
 * @returns null if a part of the primary key is not known yet
 */
export function identityKeyOf(entity: Entity): IdentityKey | null {
  return entity.$key ?? currentKeyOf(entity, mapperOf(entity));
}
