import type { Dialect } from "../../../engine/dialect.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { arrayParameters } from "./array-parameters.ts";
import { Binder } from "./bind.ts";
import { chunks, rowsPerStatement } from "./chunks.ts";
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
  const keys = new Binder(dialect, keyColumns);
  const values = new Binder(dialect, columns);
  const perRow = keyColumns.length + columns.length;
  const size = capabilities.updateFrom ? rowsPerStatement(dialect, perRow) : 1;
  for (const rows of chunks(operations, size)) {
    const arrays = batches.updateFromArrays(table, keyColumns, columns, rows.length);
    const { sql, order } =
      arrays === null ? batches.update(table, keyColumns, columns, rows.length) : { sql: arrays.sql, order: "rows" };
    yield {
      sql,
      parameters: () => {
        const parameters: unknown[] = [];
        for (const { key, after } of rows) {
          if (order === "setFirst") values.pushImage(parameters, after);
          keys.pushValues(parameters, key);
          if (order === "rows") values.pushImage(parameters, after);
        }
        return arrays === null ? parameters : arrayParameters(arrays, parameters, perRow);
      },
      receive: ({ rowCount }) => {
        if (rowCount !== rows.length) throw stale(rows, rowCount, "updated");
      },
    };
  }
}
