import { committedValue, type Entity } from "../../instance/index.ts";
import { mapperOf } from "../../mapping/index.ts";
import { refreshEntities } from "../../query/index.ts";
import type { FlushContext } from "../context.ts";

/**
 * The planner orders rows by what they hold in keys. Where such a value is not known any more, because the object
 * expired or because the attribute was set without being loaded, it is read, for all objects together.
 */
export async function loadCommittedValues(context: FlushContext, written: readonly Entity[]): Promise<void> {
  const unknown = written.filter(needsValues);
  if (unknown.length > 0) await refreshEntities(context.loader, unknown);
}

function needsValues(entity: Entity): boolean {
  for (const property of mapperOf(entity).columns) {
    if (committedValue(entity, property) === undefined && property.columns.some((column) => inKey(column))) return true;
  }
  return false;
}

function inKey(column: {
  readonly table: {
    readonly foreignKeys: readonly { readonly columns: readonly unknown[] }[];
    readonly uniqueKeys: readonly { readonly columns: readonly unknown[] | null }[];
  };
}): boolean {
  const { foreignKeys, uniqueKeys } = column.table;
  return (
    foreignKeys.some(({ columns }) => columns.includes(column)) ||
    uniqueKeys.some(({ columns }) => columns === null || columns.includes(column))
  );
}
