import { InvalidStateError } from "../../errors/index.ts";
import { assertList } from "../../expression/check-arguments.ts";
import { describe, type Entity, entityOf, expireAttributes, readRaw, Status } from "../instance/index.ts";
import { type ColumnProperty, mapperOf, type Property, type RelationshipProperty } from "../mapping/index.ts";
import { loadRelationship, refreshEntities, withDeferred } from "../query/index.ts";
import { reachableFrom } from "./cascade.ts";
import type { SessionWork } from "./session-work.ts";

/**
 * Forgets what is loaded of an object, and of those that its relationships cascade to (`refresh-expire`).
 * @throws ArgumentError for names that are no list
 * @throws InvalidStateError for an object that is not stored, or not in the session
 */
export function expire(work: SessionWork, object: object, names?: readonly string[]): void {
  assertNames("expire()", names);
  for (const entity of withCascade(work, object, names)) forget(work, entity, names);
}

/**
 * Reads the row of an object again, those that its relationships cascade to, and the relationships and deferred columns that
 * were loaded. What is named is loaded in any case. Changes are flushed first, unless autoflush is off: then they are lost.
 * @throws ArgumentError for names that are no list
 * @throws InvalidStateError if the object is not stored in the session, or its row is gone
 */
export async function refresh(work: SessionWork, object: object, names?: readonly string[]): Promise<void> {
  assertNames("refresh()", names);
  withCascade(work, object, names);
  if (work.needsAutoflush) await work.flush();
  const entities = withCascade(work, object, names);
  const relationships = new Map<RelationshipProperty, Entity[]>();
  const deferred = new Set<ColumnProperty>();
  for (const entity of entities) {
    for (const property of toBeLoaded(entity, names)) {
      if (property.kind === "column") {
        if (property.column.deferred) deferred.add(property);
        continue;
      }
      const owners = relationships.get(property);
      if (owners === undefined) relationships.set(property, [entity]);
      else owners.push(entity);
    }
  }
  for (const entity of entities) forget(work, entity, names);
  const gone = await refreshEntities(work.loader, entities, (mapper) =>
    withDeferred(mapper, (property) => deferred.has(property)),
  );
  for (const entity of gone) work.leaveDeleted(entity);
  if (gone[0] !== undefined) {
    throw new InvalidStateError(
      `${describe(gone[0])} cannot be refreshed: its row is gone. The object has left the session.`,
    );
  }
  for (const [property, owners] of relationships) await loadRelationship(work.loader, property, owners);
}

function assertNames(method: string, names: unknown): void {
  if (names !== undefined) assertList(method, names, `session.${method.slice(0, -2)}(object, ["name"])`);
}

function withCascade(work: SessionWork, object: object, names: readonly string[] | undefined): Entity[] {
  const start = entityOf(object);
  if (start.$session !== work.objects || start.$status !== Status.persistent) {
    throw new InvalidStateError(
      `${describe(start)} has no row to be read again: it is not stored${start.$session === work.objects ? " yet" : " in this session"}.`,
    );
  }
  if (names !== undefined) {
    for (const name of names) mapperOf(start).property(name);
    return [start];
  }
  return reachableFrom(start, "refreshExpire").filter(
    (entity) => entity.$session === work.objects && entity.$status === Status.persistent,
  );
}

function forget(work: SessionWork, entity: Entity, names: readonly string[] | undefined): void {
  expireAttributes(entity, names);
  if (entity.$changes === null) work.objects.dirty.delete(entity);
}

/** What is named; else what the object has. */
function toBeLoaded(entity: Entity, names: readonly string[] | undefined): readonly Property[] {
  const mapper = mapperOf(entity);
  if (names !== undefined) return names.map((name) => mapper.property(name));
  return mapper.properties.filter((property) => readRaw(entity, property) !== undefined);
}
