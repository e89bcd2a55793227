import type { Property } from "../mapping/index.ts";
import { mapperOf } from "../mapping/index.ts";
import { hasRow } from "./changes.ts";
import type { Entity } from "./entity.ts";
import { changeReference, receive } from "./links.ts";
import { loadValue } from "./load.ts";
import { readRaw, writeRaw } from "./raw.ts";
import { refersTo } from "./references.ts";
import { RelationArray } from "./relation-array.ts";

// How a rollback takes everything back at once. Each object goes back to what its own log says: both sides of a
// relationship have one, so none has to move the other. What is new keeps its values, and what it refers to.

/** Takes back what changed in an object since it was committed; its collections have seen all that was written to them. */
export function takeBackChanges(entity: Entity): void {
  if (entity.$changes !== null && hasRow(entity)) takeBackValues(entity, entity.$changes.flat());
}

/**
 * Makes older values those of an object again, and the committed ones.
 * @param values attribute, value, attribute, value …: undefined for what was not loaded, members for collections
 */
export function takeBackValues(entity: Entity, values: readonly unknown[]): void {
  entity.$changes = null;
  if (entity.$extra !== null) entity.$extra.queues = null;
  for (let i = 0; i < values.length; i += 2) {
    const property = values[i] as Property; // attributes are at even positions
    const value = values[i + 1];
    if (property.kind === "relationship" && property.many) loadValue(entity, property, value);
    else writeRaw(entity, property, value);
  }
}

/**
 * Lets an object that a rollback made new again take its place when it is added once more: the objects that it refers
 * to, and those in its collections, had gone back to where they were.
 */
export function rejoin(entity: Entity): void {
  const { relationships, hiddenRelationships } = mapperOf(entity);
  for (const property of [...relationships, ...hiddenRelationships]) {
    const { inverse } = property;
    if (inverse === null || property.viewOnly) continue;
    const value = readRaw(entity, property);
    const members = value instanceof RelationArray ? [...value] : value ? [value as Entity] : []; // else a to-one slot
    for (const member of members) {
      if (property.direction !== "oneToMany") receive(member, inverse, entity, false);
      else if (!refersTo(member, inverse, entity)) changeReference(member, inverse, entity, { from: entity });
    }
  }
}
