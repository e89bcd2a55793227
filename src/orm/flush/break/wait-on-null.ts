import type { Column } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { isActive, letsGo } from "../edges/referential-action.ts";
import type { BreakContext } from "./break-cycles.ts";

/** May the row have NULL in the column for a while? Not in a key: and rows that follow to NULL would not come back. */
export function mayWaitOnNull(
  { kind }: RowOperation,
  column: Column<unknown>,
  { referring }: Pick<BreakContext, "referring">,
): boolean {
  if (!column.nullable || column.primaryKey) return false;
  if (kind === "insert") return true; // nothing refers to it yet
  return !referring(column.table).some(
    ({ referredColumns, onUpdate }) => isActive(onUpdate) && referredColumns.includes(column),
  );
}

/**
 * Would rows be lost that refer to the column, because ON UPDATE makes them let go of what is only to be away for a while?
 * Where the value changes for good, they let go of it anyway.
 */
export function losesFollowers(
  row: RowOperation,
  column: Column<unknown>,
  { referring }: Pick<BreakContext, "referring">,
): boolean {
  if (row.kind === "update" && row.writes(column)) return false;
  return referring(column.table).some(
    ({ referredColumns, onUpdate }) => letsGo(onUpdate) && referredColumns.includes(column),
  );
}
