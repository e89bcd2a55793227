import { type Entity, loadValue, RelationArray, readRaw, writeRaw } from "../instance/index.ts";
import { currentTarget } from "../instance/references.ts";
import { mapperOf, type RelationshipProperty } from "../mapping/index.ts";
import type { FlushContext } from "./context.ts";
import { getOrAdd } from "./get-or-add.ts";

/**
 * Takes deleted objects, and new ones that are not stored with them, out of what survivors hold in memory: loaded collections, and the one-to-one attributes of their
 * partners. The rows say so already; without it, the program would go on meeting objects that are gone.
 */
export function partFromDeleted(context: FlushContext, deleted: ReadonlySet<Entity>): void {
  const done = new Map<RelationshipProperty, Set<Entity>>(); // each collection is gone through once
  for (const entity of deleted) {
    const { relationships, hiddenRelationships } = mapperOf(entity);
    for (const property of [...relationships, ...hiddenRelationships]) {
      const { inverse } = property;
      if (inverse === null || property.viewOnly || property.direction === "oneToMany") continue;
      const parted = getOrAdd(done, inverse, () => new Set());
      for (const owner of owners(context, entity, property, inverse)) {
        if (deleted.has(owner) || parted.has(owner)) continue;
        if (inverse.many) parted.add(owner);
        part(context, owner, inverse, deleted);
      }
    }
  }
}

/** The objects whose attribute `inverse` may hold the entity. */
function owners(
  context: FlushContext,
  entity: Entity,
  property: RelationshipProperty,
  inverse: RelationshipProperty,
): Iterable<Entity> {
  if (property.direction === "manyToOne") {
    const target = currentTarget(entity, property);
    return target === null || target === undefined ? [] : [target];
  }
  const partners = readRaw(entity, property);
  // Collections hold mapped objects only. One that is not loaded does not say in which others the entity is.
  return partners instanceof RelationArray ? [...partners] : context.identityMap.of(inverse.mapper).values();
}

function part(
  context: FlushContext,
  owner: Entity,
  property: RelationshipProperty,
  deleted: ReadonlySet<Entity>,
): void {
  if (!(owner instanceof property.mapper.mappedClass)) return;
  const value = readRaw(owner, property);
  if (value instanceof RelationArray) {
    const left = value.filter((member) => !deleted.has(member));
    if (left.length === value.length) return;
    context.undo.record(owner, new Map([[property, [...value]]]));
    loadValue(owner, property, left);
    return;
  }
  const partner = value as Entity; // collections were dealt with: what is loaded is a to-one slot
  if (property.many || !deleted.has(partner)) return;
  context.undo.record(owner, new Map([[property, partner]]));
  writeRaw(owner, property, null);
}
