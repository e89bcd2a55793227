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
  const { keyColumns, versioned } = first;
  const binder = new Binder(dialect, keyColumns);
  for (const rows of chunks(operations, rowsPerStatement(dialect, keyColumns.length))) {
    yield deleteStatement(dialect, first, {
      count: rows.length,
      parameters: () => {
        const parameters: unknown[] = [];
        for (const { key } of rows) binder.pushValues(parameters, key);
        return parameters;
      },
      found: (count) => {
        // Somebody else's delete of an unversioned row did what was asked for; ON DELETE CASCADE may have done it as well.
        if (versioned && count !== rows.length) throw stale(rows, count, "deleted");
      },
    });
  }
}

/** The rows that one statement deletes. */
export interface RowsToDelete {
  readonly count: number;
  /** The values of their keys, row by row. */
  parameters(): unknown[];
  /** Is told how many there were. */
  found?(count: number): void;
}

/** One DELETE of rows of a table. */
export function deleteStatement(
  { batches }: Dialect,
  { table, keyColumns }: Pick<RowOperation, "table" | "keyColumns">,
  rows: RowsToDelete,
): FlushStatement {
  const { count } = rows;
  const arrays = batches.deleteFromArrays(table, keyColumns, count);
  return {
    sql: arrays?.sql ?? batches.delete(table, keyColumns, count).sql,
    parameters: () => {
      const parameters = rows.parameters();
      return arrays === null ? parameters : arrayParameters(arrays, parameters, keyColumns.length);
    },
    receive: ({ rowCount }) => rows.found?.(rowCount),
  };
}
