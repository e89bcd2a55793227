import type { Column } from "../../../schema/index.ts";
import type { ExecuteContext } from "./execute-context.ts";

/** Makes what the driver answered values of the columns. */
export function decodeRows(
  { dialect }: ExecuteContext,
  columns: readonly Column<unknown>[],
  rows: readonly (readonly unknown[])[],
): unknown[][] {
  const decoders = columns.map((column) => dialect.resultProcessor(column.sqlType));
  return rows.map((row) =>
    row.map((value, i) => {
      const decode = decoders[i];
      return value === null || decode === null || decode === undefined ? value : decode(value);
    }),
  );
}
