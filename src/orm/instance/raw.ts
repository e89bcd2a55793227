import type { Property, RelationshipProperty } from "../mapping/index.ts";
import type { Entity, Extra } from "./entity.ts";
import { READERS, readerOf, type Slotted, WRITERS, writerOf } from "./slots.ts";

/** What few objects need, made when the first of it comes up. */
export function extraOf(entity: Entity): Extra {
  entity.$extra ??= { hidden: null, queues: null, watched: null, expired: null };
  return entity.$extra;
}

/**
 * What an object has for an attribute, without events and without errors: a column's value, a related object, null, a
 * collection, or undefined if it is not loaded or was never set. Hidden relationships have their values elsewhere.
 */
export function readRaw(entity: Entity, property: Property): unknown {
  const { slot } = property;
  // Every entity was laid out with its slots. This is called several times for each object of a flush: one step is enough.
  if (slot >= 0) return (READERS[slot] ?? readerOf(slot))(entity as Slotted);
  return property.kind === "relationship" ? readHidden(entity, property) : undefined;
}

/** Puts a value into an object and does nothing else: no event, no history, no other side. */
export function writeRaw(entity: Entity, property: Property, value: unknown): void {
  const { slot } = property;
  if (slot >= 0)
    (WRITERS[slot] ?? writerOf(slot))(entity as Slotted, value); // every entity was laid out with its slots
  else if (property.kind === "relationship") writeHidden(entity, property, value);
}

function readHidden(entity: Entity, property: RelationshipProperty): unknown {
  const hidden = entity.$extra?.hidden;
  if (hidden === null || hidden === undefined) return undefined;
  const position = hidden.indexOf(property);
  return position < 0 ? undefined : hidden[position + 1];
}

function writeHidden(entity: Entity, property: RelationshipProperty, value: unknown): void {
  const extra = extraOf(entity);
  extra.hidden ??= [];
  const { hidden } = extra;
  const position = hidden.indexOf(property);
  const target = value as Entity | null | undefined; // hidden relationships are to-one
  if (target === undefined) {
    if (position >= 0) hidden.splice(position, 2);
  } else if (position < 0) hidden.push(property, target);
  else hidden[position + 1] = target;
}
