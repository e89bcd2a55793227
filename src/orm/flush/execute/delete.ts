import type { Dialect } from "../../../engine/dialect.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { arrayParameters } from "./array-parameters.ts";
import { Binder } from "./bind.ts";
import { chunks, rowsPerStatement } from "./chunks.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { stale } from "./stale.ts";

/** DELETEs of rows by their keys; those that are found by a version as well must be there. */
export function* deleteStatements(dialect: Dialect, operations: readonly RowOperation[]): Generator<FlushStatement> {
  const [first] = operations;
  if (first === undefined) return;
  const { table, keyColumns, versioned } = first;
  const { batches } = dialect;
  const binder = new Binder(dialect, keyColumns);
  const size = rowsPerStatement(dialect, keyColumns.length);
  for (const rows of chunks(operations, size)) {
    const arrays = batches.deleteFromArrays(table, keyColumns, rows.length);
    yield {
      sql: arrays?.sql ?? batches.delete(table, keyColumns, rows.length).sql,
      parameters: () => {
        const parameters: unknown[] = [];
        for (const { key } of rows) binder.pushValues(parameters, key);
        return arrays === null ? parameters : arrayParameters(arrays, parameters, keyColumns.length);
      },
      receive: ({ rowCount }) => {
        // Somebody else's delete of an unversioned row did what was asked for; ON DELETE CASCADE may have done it as well.
        if (versioned && rowCount !== rows.length) throw stale(rows, rowCount, "deleted");
      },
    };
  }
}
