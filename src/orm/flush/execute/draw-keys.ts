import type { RowOperation } from "../decompose/operation.ts";
import type { ExecuteContext } from "./execute-context.ts";

/** Asks a sequence for the keys of rows that are inserted later. */
export async function drawKeys(
  { connection, dialect }: ExecuteContext,
  operations: readonly RowOperation[],
): Promise<void> {
  const column = operations[0]?.keyColumns[0];
  if (column === undefined) return;
  const { sql } = dialect.batches.drawKeys(column);
  const { rows } = await connection.run(sql, [operations.length], dialect.executeOptions([column]));
  const decode = dialect.resultProcessor(column.sqlType);
  for (const [i, operation] of operations.entries()) {
    const value = rows[i]?.[0] ?? null;
    if (value === null) {
      throw new Error(
        `${column.fullName} has no sequence of its own, from which the key of a row that refers to itself could be drawn.`,
      );
    }
    operation.generated = [];
    operation.generated[column.index] = decode === null ? value : decode(value);
  }
}
