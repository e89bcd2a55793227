import { type Entity, loadValue, RelationArray, readRaw, Status, writeRaw } from "../../instance/index.ts";
import { refersTo } from "../../instance/references.ts";
import { mapperOf, type Property, type RelationshipProperty } from "../../mapping/index.ts";
import type { FlushContext } from "../context.ts";
import type { United } from "./united.ts";

/**
 * Carries out in memory what the flush has written: whatever held an object that was united with another one holds the
 * survivor, whose relationships are those of both. The other object is transient again, with its values and without any
 * relationship. All of it is noted for a rollback.
 * @param holders the objects that may hold one of them: those of this flush
 */
export function absorb(context: FlushContext, united: United, holders: Iterable<Entity>): void {
  if (united.survivors.size === 0) return;
  const survivors = new Set(united.survivors.values());
  for (const [survivor, values] of united.values) {
    for (const [property, value] of values)
      if (property.kind === "relationship") put(context, survivor, property, value);
  }
  // References first: they decide which collections an object belongs to.
  const remaining = [...new Set([...holders, ...survivors])].filter((entity) => !united.survivors.has(entity));
  for (const entity of remaining) {
    for (const property of relationshipsOf(entity)) {
      if (!property.many && property.direction === "manyToOne") redirect(context, entity, property, united);
    }
  }
  for (const [entity, survivor] of united.survivors) handOver(context, entity, survivor, united);
  for (const entity of remaining) {
    for (const property of relationshipsOf(entity)) {
      if (property.many || property.direction !== "manyToOne") regroup(context, entity, property, united, survivors);
    }
  }
  for (const entity of united.survivors.keys()) letGo(context, entity);
}

function relationshipsOf(entity: Entity): readonly RelationshipProperty[] {
  const { relationships, hiddenRelationships } = mapperOf(entity);
  return [...relationships, ...hiddenRelationships];
}

/** Puts a value where another one was, which a rollback brings back. */
function put(context: FlushContext, entity: Entity, property: Property, value: unknown): void {
  const before = readRaw(entity, property);
  if (before === value) return;
  context.undo.record(entity, new Map([[property, before instanceof RelationArray ? [...before] : before]]));
  if (before instanceof RelationArray) loadValue(entity, property, value);
  else writeRaw(entity, property, value);
}

function redirect(context: FlushContext, entity: Entity, property: RelationshipProperty, united: United): void {
  const held = readRaw(entity, property) as Entity | null | undefined; // a to-one slot holds an object
  const survivor = held && united.survivors.get(held);
  if (survivor) put(context, entity, property, survivor);
}

/** The survivor gets what refers to the other object, as far as it has such a relationship loaded. */
function handOver(context: FlushContext, entity: Entity, survivor: Entity, united: United): void {
  for (const property of mapperOf(entity).relationships) {
    if (property.viewOnly || property.direction === "manyToOne") continue;
    const members = readRaw(entity, property);
    const own = readRaw(survivor, property);
    const isLoaded = own !== undefined || survivor.$status !== Status.persistent;
    if (!isLoaded) continue;
    if (members instanceof RelationArray) {
      const all = new Set([
        ...(own instanceof RelationArray ? own : []),
        ...members.map((one) => united.survivorOf(one)),
      ]);
      if (own instanceof RelationArray ? all.size > own.length : all.size > 0) {
        context.undo.record(survivor, new Map([[property, own instanceof RelationArray ? [...own] : undefined]]));
        loadValue(survivor, property, [...all]);
      }
    } else if (members && !own) put(context, survivor, property, united.survivorOf(members as Entity)); // a to-one slot
  }
}

/** A collection, or the other end of a one-to-one relationship, has the survivor in place of the other object. */
function regroup(
  context: FlushContext,
  owner: Entity,
  property: RelationshipProperty,
  united: United,
  survivors: ReadonlySet<Entity>,
): void {
  const value = readRaw(owner, property);
  const belongs = (member: Entity): boolean => {
    const { inverse } = property;
    if (inverse === null || inverse.many || !survivors.has(member)) return true;
    return refersTo(member, inverse, owner);
  };
  if (value instanceof RelationArray) {
    if (!value.some((member) => united.survivors.has(member) || survivors.has(member))) return;
    const members = new Set(value.map((member) => united.survivorOf(member)).filter(belongs));
    put(context, owner, property, [...members]);
  } else if (!property.many && value) {
    const survivor = united.survivorOf(value as Entity); // a to-one slot holds an object
    put(context, owner, property, belongs(survivor) ? survivor : null);
  }
}

/** The object has no row and belongs to nothing any more; its values stay. */
function letGo(context: FlushContext, entity: Entity): void {
  const before = new Map<Property, unknown>();
  for (const property of relationshipsOf(entity)) {
    const value = readRaw(entity, property);
    if (value === undefined) continue;
    before.set(property, value instanceof RelationArray ? [...value] : value);
    if (value instanceof RelationArray) value.release();
    writeRaw(entity, property, undefined);
  }
  context.undo.record(entity, before);
  context.identityMap.removePending(entity);
  entity.$status = Status.transient;
  entity.$session = null;
}
