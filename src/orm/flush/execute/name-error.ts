import { nameConstraint } from "../../../engine/index.ts";
import { DatabaseError } from "../../../errors/index.ts";
import { mapperForTable, mapperOf } from "../../mapping/index.ts";
import type { Batch } from "../sort.ts";

/** Tells an error of the database which constraint, class and property it is about, as far as the mapping knows. */
export function nameError(error: unknown, { shape, operations }: Batch): unknown {
  if (!(error instanceof DatabaseError) || error.className !== null) return error;
  nameConstraint(error, shape.table);
  const entity = operations[0]?.entity ?? null;
  const mapper = entity === null ? mapperForTable(shape.table) : mapperOf(entity);
  if (mapper === null) return error;
  error.className = mapper.name;
  error.table ??= shape.table.name;
  const [only] = error.columns;
  if (error.columns.length === 1 && only !== undefined) {
    error.property = mapper.columns.find(({ columns }) => columns.some((column) => column.name === only))?.name ?? null;
  }
  return error;
}
