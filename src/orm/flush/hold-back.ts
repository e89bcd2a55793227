import type { ForeignKeyConstraint } from "../../schema/index.ts";
import type { RowOperation } from "./decompose/operation.ts";
import { touches } from "./edges/gate.ts";
import { isActive, takesAlong } from "./edges/referential-action.ts";
import { factsOf } from "./edges/unique-key.ts";

/**
 * Do rows that are written so have to be written before others are deleted, with which ON DELETE CASCADE takes along rows
 * that are not in the flush? Rows may refer to these: they leave them before, or nothing would be found of them afterwards.
 * @param first one of the rows, all of which write the same columns
 * @param below the foreign keys that refer to such rows
 */
export function mayBeTaken(first: RowOperation, below: readonly ForeignKeyConstraint[]): boolean {
  const { kind, table, after } = first;
  if (kind !== "update" && kind !== "delete") return false;
  return below.some(({ table: own, columns, onDelete }) => {
    if (own !== table || (isActive(onDelete) && !takesAlong(onDelete))) return false;
    if (kind === "delete" || columns.some(({ index }) => after[index] !== undefined)) return true;
    // What a row takes of a unique key, one that goes along may give up.
    return takesAlong(onDelete) && !table.uniqueKeys.some((key) => touches(first, factsOf(key).dependsOn));
  });
}
