import type { Entity } from "../../instance/index.ts";
import { refreshEntities } from "../../query/index.ts";
import type { FlushContext } from "../context.ts";
import { classFactsOf, type KeyAttribute, loadedOf } from "./class-facts.ts";

/**
 * The planner orders rows by what they hold in keys. Where such a value is not known, because the object
 * expired, or the attribute is deferred or was set without being loaded, it is read, for all objects together.
 * @returns undefined if nothing has to be read
 */
export function loadCommittedValues(
  context: FlushContext,
  written: readonly (readonly Entity[])[],
): Promise<unknown> | undefined {
  const unknown: Entity[] = [];
  for (const entities of written) {
    entities.forEach((entity) => {
      if (entity.$key !== null && needsValues(entity)) unknown.push(entity);
    });
  }
  return unknown.length === 0 ? undefined : loadKeyValues(context, unknown);
}

/** Reads what is not known of objects, foreign keys and unique keys included. */
export function loadKeyValues({ loader }: FlushContext, entities: readonly Entity[]): Promise<unknown> {
  return refreshEntities(loader, entities, loadedOf);
}

function needsValues(entity: Entity): boolean {
  const { inKeys, wholeRow } = classFactsOf(entity);
  return lacks(entity, inKeys) || (wholeRow.length > 0 && changesKey(entity, inKeys) && lacks(entity, wholeRow));
}

function lacks(entity: Entity, attributes: readonly KeyAttribute[]): boolean {
  const changes = entity.$changes;
  for (let i = 0; i < attributes.length; i++) {
    const { property, read } = attributes[i] as KeyAttribute; // `i` counts them
    const value = read(entity);
    const committed = changes === null ? value : changes.committed(property, value);
    if (committed === undefined) return true;
  }
  return false;
}

/** Only a row that gives up a value of a key may have to be inserted again. */
function changesKey({ $changes: changes }: Entity, inKeys: readonly KeyAttribute[]): boolean {
  return changes !== null && inKeys.some(({ property }) => changes.has(property));
}
