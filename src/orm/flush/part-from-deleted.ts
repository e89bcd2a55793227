import { type Entity, loadValue, RelationArray, readRaw, writeRaw } from "../instance/index.ts";
import { currentTarget } from "../instance/references.ts";
import { ByMapper, type RelationshipProperty } from "../mapping/index.ts";
import type { FlushContext } from "./context.ts";
import { getOrAdd } from "./get-or-add.ts";

/** The attributes of other objects that may hold deleted ones, by the relationship, with the objects that have them. */
export interface Holders {
  readonly owners: ReadonlyMap<RelationshipProperty, ReadonlySet<Entity>>;
  /** Relationships of which any object of the session may hold a deleted one. */
  readonly anywhere: ReadonlySet<RelationshipProperty>;
}

/**
 * Finds who may hold deleted objects, and new ones that are not stored with them. Before the flush changes any object:
 * what a deleted object refers to by its columns alone is found by a key that may be another one afterwards.
 */
export function holdersOf(deleted: ReadonlySet<Entity>): Holders {
  const owners = new Map<RelationshipProperty, Set<Entity>>();
  const anywhere = new Set<RelationshipProperty>();
  deleted.forEach((entity) => {
    const held = heldBy.ofObject(entity);
    for (let i = 0; i < held.length; i++) {
      const { property, inverse } = held[i] as Held; // `i` counts them
      if (property.direction === "manyToOne") {
        const target = currentTarget(entity, property);
        if (target) getOrAdd(owners, inverse, newSet).add(target);
        continue;
      }
      const partners = readRaw(entity, property);
      // Collections hold mapped objects only. One that is not loaded does not say in which others the entity is.
      if (!(partners instanceof RelationArray)) anywhere.add(inverse);
      else for (const partner of partners) getOrAdd(owners, inverse, newSet).add(partner);
    }
  });
  return { owners, anywhere };
}

const newSet = (): Set<Entity> => new Set();

/** A relationship by whose other side objects of a class are held. */
interface Held {
  readonly property: RelationshipProperty;
  readonly inverse: RelationshipProperty;
}

const heldBy = new ByMapper(({ relationships, hiddenRelationships }): readonly Held[] => {
  const held: Held[] = [];
  for (const property of [...relationships, ...hiddenRelationships]) {
    const { inverse } = property;
    if (inverse !== null && !property.viewOnly && property.direction !== "oneToMany") held.push({ property, inverse });
  }
  return held;
});

/**
 * Takes deleted objects out of what survivors hold in memory: loaded collections, and the one-to-one attributes of their
 * partners. The rows say so already; without it, the program would go on meeting objects that are gone.
 */
export function partFromDeleted(
  context: FlushContext,
  { owners, anywhere }: Holders,
  deleted: ReadonlySet<Entity>,
): void {
  for (const [property, holders] of owners) {
    if (anywhere.has(property)) continue;
    holders.forEach((owner) => {
      if (!deleted.has(owner)) part(context, owner, property, deleted);
    });
  }
  for (const property of anywhere) {
    for (const owner of context.identityMap.of(property.mapper).values()) part(context, owner, property, deleted);
  }
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
