import { committedValue, type Entity } from "../../instance/index.ts";
import { type ColumnProperty, mapperOf } from "../../mapping/index.ts";
import { refreshEntities } from "../../query/index.ts";
import type { ByMapper } from "../by-mapper.ts";
import type { FlushContext } from "../context.ts";
import type { ClassFacts } from "./class-facts.ts";

/**
 * The planner orders rows by what they hold in keys. Where such a value is not known any more, because the object
 * expired or because the attribute was set without being loaded, it is read, for all objects together.
 */
export async function loadCommittedValues(
  context: FlushContext,
  facts: ByMapper<ClassFacts>,
  written: readonly Entity[],
): Promise<void> {
  const unknown = written.filter((entity) => needsValues(entity, facts));
  if (unknown.length > 0) await refreshEntities(context.loader, unknown);
}

function needsValues(entity: Entity, facts: ByMapper<ClassFacts>): boolean {
  const { inKeys } = facts.of(mapperOf(entity));
  for (let i = 0; i < inKeys.length; i++) {
    if (committedValue(entity, inKeys[i] as ColumnProperty) === undefined) return true; // `i` counts them
  }
  return false;
}
