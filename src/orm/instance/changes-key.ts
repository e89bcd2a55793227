import type { Entity } from "./entity.ts";

/** Did a part of the primary key of a stored object change since it was written? */
export function changesKey(entity: Entity): boolean {
  const changes = entity.$changes;
  if (changes === null) return false;
  for (let i = 0, { size } = changes; i < size; i++) {
    const property = changes.propertyAt(i);
    if (property.kind === "column" && property.column.primaryKey) return true;
  }
  return false;
}
