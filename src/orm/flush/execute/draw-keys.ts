import type { Dialect } from "../../../engine/dialect.ts";
import type { RowOperation } from "../decompose/operation.ts";
import type { FlushStatement } from "./flush-statement.ts";

/** Asks a sequence for the keys of rows that are inserted later. */
export function* drawStatements(dialect: Dialect, operations: readonly RowOperation[]): Generator<FlushStatement> {
  const column = operations[0]?.keyColumns[0];
  if (column === undefined) return;
  yield {
    sql: dialect.batches.drawKeys(column).sql,
    parameters: () => [operations.length],
    options: dialect.executeOptions([column]),
    receive: ({ rows }) => {
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
    },
  };
}
