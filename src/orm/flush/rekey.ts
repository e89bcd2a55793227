import { type Entity, keyInAttributes } from "../instance/index.ts";
import { mapperOf } from "../mapping/index.ts";
import type { FlushContext } from "./context.ts";

/** Registers objects under their new keys. All old keys leave before the first new one enters: two rows may exchange them. */
export function rekey({ identityMap }: FlushContext, entities: readonly Entity[]): void {
  for (const entity of entities) if (entity.$key !== null) identityMap.delete(entity, entity.$key);
  for (const entity of entities) {
    entity.$key = keyInAttributes(entity, mapperOf(entity));
    if (entity.$key !== null) identityMap.add(entity, entity.$key);
  }
}
