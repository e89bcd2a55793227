import { InvalidStateError } from "../../errors/index.ts";
import { describe, type Entity, entityOf, expireAttributes, readRaw, Status } from "../instance/index.ts";
import { mapperOf, type RelationshipProperty } from "../mapping/index.ts";
import { loadRelationship, refreshEntities } from "../query/index.ts";
import { reachableFrom } from "./cascade.ts";
import type { SessionWork } from "./session-work.ts";

/**
 * Forgets what is loaded of an object, and of those that its relationships cascade to (`refresh-expire`).
 * @throws InvalidStateError for an object that is not stored, or not in the session
 */
export function expire(work: SessionWork, object: object, names?: readonly string[]): void {
  for (const entity of withCascade(work, object, names)) forget(work, entity, entity === object ? names : undefined);
}

/**
 * Reads the row of an object again, those that its relationships cascade to, and the relationships that were loaded.
 * Changes are flushed first, unless autoflush is off: then they are lost.
 * @throws InvalidStateError if the object is not stored in the session, or its row is gone
 */
export async function refresh(work: SessionWork, object: object, names?: readonly string[]): Promise<void> {
  withCascade(work, object, names);
  if (work.needsAutoflush) await work.flush();
  const entities = withCascade(work, object, names);
  const relationships = new Map<RelationshipProperty, Entity[]>();
  for (const entity of entities) {
    for (const property of loadedRelationships(entity, entity === object ? names : undefined)) {
      const owners = relationships.get(property);
      if (owners === undefined) relationships.set(property, [entity]);
      else owners.push(entity);
    }
  }
  for (const entity of entities) forget(work, entity, entity === object ? names : undefined);
  const gone = await refreshEntities(work.loader, entities);
  for (const entity of gone) work.leaveDeleted(entity);
  if (gone[0] !== undefined) {
    throw new InvalidStateError(
      `${describe(gone[0])} cannot be refreshed: its row is gone. The object has left the session.`,
    );
  }
  for (const [property, owners] of relationships) await loadRelationship(work.loader, property, owners);
}

function withCascade(work: SessionWork, object: object, names: readonly string[] | undefined): Entity[] {
  const start = entityOf(object);
  if (start.$session !== work.objects || start.$status !== Status.persistent) {
    throw new InvalidStateError(
      `${describe(start)} has no row to be read again: it is not stored${start.$session === work.objects ? " yet" : " in this session"}.`,
    );
  }
  for (const name of names ?? []) mapperOf(start).property(name);
  if (names !== undefined) return [start];
  return reachableFrom(start, "refreshExpire").filter(
    (entity) => entity.$session === work.objects && entity.$status === Status.persistent,
  );
}

function forget(work: SessionWork, entity: Entity, names: readonly string[] | undefined): void {
  expireAttributes(entity, names);
  if (entity.$changes === null) work.objects.dirty.delete(entity);
}

function loadedRelationships(entity: Entity, names: readonly string[] | undefined): RelationshipProperty[] {
  return mapperOf(entity).relationships.filter(
    (property) => readRaw(entity, property) !== undefined && (names === undefined || names.includes(property.name)),
  );
}
