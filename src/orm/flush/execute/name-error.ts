import { nameConstraint } from "../../../engine/index.ts";
import { DatabaseError } from "../../../errors/index.ts";
import type { Table } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import { mapperForTable, mapperOf } from "../../mapping/index.ts";

/**
 * Tells an error of the database which constraint, class and property it is about, as far as the mapping knows.
 * @param entity one of those whose rows were written; null if there is none
 */
export function nameError(error: unknown, table: Table, entity: Entity | null): unknown {
  if (!(error instanceof DatabaseError) || error.className !== null) return error;
  nameConstraint(error, table);
  const mapper = entity === null ? mapperForTable(table) : mapperOf(entity);
  if (mapper === null) return error;
  error.className = mapper.name;
  error.table ??= table.name;
  const [only] = error.columns;
  if (error.columns.length === 1 && only !== undefined) {
    error.property = mapper.columns.find(({ columns }) => columns.some((column) => column.name === only))?.name ?? null;
  }
  return error;
}
