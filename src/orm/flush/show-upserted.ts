import { type Entity, RelationArray, readRaw, writeRaw } from "../instance/index.ts";
import { columnsReferTo, referenceColumns } from "../instance/references.ts";
import { mapperOf, type Property, type RelationshipProperty } from "../mapping/index.ts";
import { loadRelationship } from "../query/index.ts";
import type { FlushContext } from "./context.ts";
import { getOrAdd } from "./get-or-add.ts";

/**
 * Lets the relationships of an object agree with its row, where that is another one than the object was given (an upsert),
 * or has let go of a changed key: a reference that the row does not have is not loaded any more, and the object it led to
 * does not have this one.
 */
export function agreeWithRow(context: FlushContext, entity: Entity): void {
  const { relationships, hiddenRelationships } = mapperOf(entity);
  const before = new Map<Property, unknown>();
  for (const property of [...relationships, ...hiddenRelationships]) {
    if (property.viewOnly || property.direction !== "manyToOne") continue;
    const held = readRaw(entity, property) as Entity | null | undefined; // a to-one slot holds an object
    if (held === undefined || agrees(entity, property, held)) continue;
    before.set(property, held);
    writeRaw(entity, property, undefined);
    if (held !== null && property.inverse !== null) part(context, held, property.inverse, entity);
  }
  if (before.size > 0) context.undo.record(entity, before);
}

function agrees(entity: Entity, property: RelationshipProperty, held: Entity | null): boolean {
  if (held !== null) return columnsReferTo(entity, property, held);
  return referenceColumns(property).locals.some((local) => (readRaw(entity, local) ?? null) === null);
}

function part(context: FlushContext, owner: Entity, property: RelationshipProperty, member: Entity): void {
  const value = readRaw(owner, property);
  if (value instanceof RelationArray) {
    if (!value.includes(member)) return;
    context.undo.record(owner, new Map([[property, [...value]]]));
    value.replaceMembers(value.filter((one) => one !== member));
  } else if (value === member) {
    context.undo.record(owner, new Map([[property, member]]));
    writeRaw(owner, property, undefined);
  }
}

/**
 * The row of an upserted object may have been there before, with rows that refer to it. Collections that the program has
 * filled are read, so that they are complete; the others are not loaded.
 */
export async function completeCollections(context: FlushContext, upserted: readonly Entity[]): Promise<void> {
  const owners = new Map<RelationshipProperty, Entity[]>();
  const filled: Filled[] = [];
  for (const entity of upserted) {
    const before = new Map<Property, unknown>();
    for (const property of mapperOf(entity).relationships) {
      const value = readRaw(entity, property);
      if (property.viewOnly || property.direction === "manyToOne" || value === undefined) continue;
      const isFilled = value instanceof RelationArray ? value.length > 0 : value !== null;
      before.set(property, value instanceof RelationArray ? [...value] : value);
      if (value instanceof RelationArray && isFilled) filled.push({ entity, property, array: value });
      else if (value instanceof RelationArray) value.release();
      writeRaw(entity, property, undefined);
      if (isFilled) getOrAdd(owners, property, () => []).push(entity);
    }
    if (before.size > 0) context.undo.record(entity, before);
  }
  for (const [property, entities] of owners) await loadRelationship(context.loader, property, entities);
  for (const { entity, property, array } of filled) {
    // The program may have kept the array.
    const loaded = readRaw(entity, property);
    if (!(loaded instanceof RelationArray)) continue;
    array.replaceMembers(loaded);
    loaded.release();
    writeRaw(entity, property, array);
  }
}

/** A collection that the program has filled. */
interface Filled {
  readonly entity: Entity;
  readonly property: RelationshipProperty;
  readonly array: RelationArray;
}
