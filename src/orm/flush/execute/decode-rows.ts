import type { Column } from "../../../schema/index.ts";
import type { ExecuteContext } from "./execute-context.ts";

/** Makes what the driver answered values of the columns, in its own rows. */
export function decodeRows(
  { dialect }: Pick<ExecuteContext, "dialect">,
  columns: readonly Column<unknown>[],
  rows: unknown[][],
): unknown[][] {
  for (const [position, { sqlType }] of columns.entries()) {
    const decode = dialect.resultProcessor(sqlType);
    if (decode === null) continue;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as unknown[]; // `i` counts them
      if (row[position] !== null) row[position] = decode(row[position]);
    }
  }
  return rows;
}
