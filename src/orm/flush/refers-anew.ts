import type { ForeignKeyConstraint } from "../../schema/index.ts";
import type { Entity } from "../instance/index.ts";
import { mapperOf } from "../mapping/index.ts";
import type { RowOperation } from "./decompose/operation.ts";
import { toOne } from "./decompose/to-one.ts";

/**
 * Does the row say what it refers to by the foreign key, since the program has set that? Where a column is written because it
 * follows another relationship that shares it, or comes back from where it was moved out of the way, the row says nothing new.
 * @param isUnited it has taken over what another object says
 */
export function refersAnew(
  entity: Entity,
  row: RowOperation,
  foreignKey: ForeignKeyConstraint,
  isUnited: boolean,
): boolean {
  if (row.kind === "insert" || entity.$key === null) return true;
  const { columns } = foreignKey;
  if (columns.every(({ index }) => row.after[index] === undefined)) return false;
  if (columns.some((column) => row.writes(column) && (isUnited || row.after[column.index] === null))) return true; // it was emptied, with what it referred to
  const changes = entity.$changes;
  if (changes === null) return false;
  const mapper = mapperOf(entity);
  return (
    toOne(mapper).some((property) => property.foreignKey === foreignKey && changes.has(property)) ||
    columns.some((column) => {
      const property = mapper.findColumnProperty(column);
      return property !== null && changes.has(property);
    })
  );
}
