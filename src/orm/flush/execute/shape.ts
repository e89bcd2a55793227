import type { Column } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";

/** The columns that an INSERT or UPDATE names. */
export function writtenColumns(operation: RowOperation): readonly Column<unknown>[] {
  return operation.table.columns.filter((column) => operation.after[column.index] !== undefined);
}
