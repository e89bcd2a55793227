import type { Dialect } from "../../../engine/dialect.ts";
import { type RowOperation, resolve } from "../decompose/operation.ts";
import { arrayParameters } from "./array-parameters.ts";
import { binders } from "./bind.ts";
import { chunks } from "./chunks.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { stale } from "./stale.ts";

/** DELETEs of rows by their keys; those that are found by a version as well must be there. */
export function* deleteStatements(dialect: Dialect, operations: readonly RowOperation[]): Generator<FlushStatement> {
  const [first] = operations;
  if (first === undefined) return;
  const { table, keyColumns, versioned } = first;
  const { batches, capabilities } = dialect;
  const bindKey = binders(dialect, keyColumns);
  const size = Math.max(1, Math.floor(capabilities.maxParameters / keyColumns.length));
  for (const rows of chunks(operations, size)) {
    const arrays = batches.deleteFromArrays(table, keyColumns, rows.length);
    yield {
      sql: arrays?.sql ?? batches.delete(table, keyColumns, rows.length).sql,
      parameters: () => {
        const keys = rows.map((row) => bindKey((_, i) => resolve(row.key[i])));
        return arrays === null ? keys.flat() : arrayParameters(arrays, keys);
      },
      receive: ({ rowCount }) => {
        // Somebody else's delete of an unversioned row did what was asked for; ON DELETE CASCADE may have done it as well.
        if (versioned && rowCount !== rows.length) throw stale(rows, rowCount, "deleted");
      },
    };
  }
}
