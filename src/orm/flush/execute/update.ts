import type { Dialect } from "../../../engine/dialect.ts";
import { type RowOperation, resolve } from "../decompose/operation.ts";
import { arrayParameters } from "./array-parameters.ts";
import { binders } from "./bind.ts";
import { chunks } from "./chunks.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { writtenColumns } from "./shape.ts";
import { stale } from "./stale.ts";

/** UPDATEs of rows that write the same columns, each found by its key. Every one of them must be there. */
export function* updateStatements(dialect: Dialect, operations: readonly RowOperation[]): Generator<FlushStatement> {
  const [first] = operations;
  if (first === undefined) return;
  const { table, keyColumns } = first;
  const columns = writtenColumns(first);
  if (columns.length === 0) return;
  const { batches, capabilities } = dialect;
  const bindKey = binders(dialect, keyColumns);
  const bindSet = binders(dialect, columns);
  const perRow = keyColumns.length + columns.length;
  const size = capabilities.updateFrom ? Math.max(1, Math.floor(capabilities.maxParameters / perRow)) : 1;
  for (const rows of chunks(operations, size)) {
    const arrays = batches.updateFromArrays(table, keyColumns, columns, rows.length);
    const { sql, order } =
      arrays === null ? batches.update(table, keyColumns, columns, rows.length) : { sql: arrays.sql, order: "rows" };
    yield {
      sql,
      parameters: () => {
        const bound = rows.map((row) => {
          const key = bindKey((_, i) => resolve(row.key[i]));
          const values = bindSet((column) => resolve(row.after[column.index]));
          return order === "setFirst" ? [...values, ...key] : [...key, ...values];
        });
        return arrays === null ? bound.flat() : arrayParameters(arrays, bound);
      },
      receive: ({ rowCount }) => {
        if (rowCount !== rows.length) throw stale(rows, rowCount, "updated");
      },
    };
  }
}
