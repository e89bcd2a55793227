import type { Dialect } from "../../../engine/dialect.ts";
import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { apart, followedWithin } from "./apart.ts";
import { arrayParameters } from "./array-parameters.ts";
import { Binder } from "./bind.ts";
import { chunks, rowsPerStatement } from "./chunks.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { FormMemory } from "./form-memory.ts";
import { writtenColumns } from "./shape.ts";
import { stale } from "./stale.ts";

/** UPDATEs of rows that write the same columns, each found by its key. Every one of them must be there. */
export function* updateStatements(dialect: Dialect, operations: readonly RowOperation[]): Generator<FlushStatement> {
  const [first] = operations;
  if (first === undefined) return;
  const { table, keyColumns } = first;
  const form = forms.of(dialect, first);
  const { columns, keys, values, perRow } = form;
  if (columns.length === 0) return;
  const { batches } = dialect;
  for (const rows of apartInChunks(operations, form)) {
    const arrays = batches.updateFromArrays(table, keyColumns, columns, rows.length);
    const repeated = arrays === null ? batches.updateRepeated(table, keyColumns, columns, rows.length) : null;
    const { sql, order } =
      arrays === null
        ? (repeated ?? batches.update(table, keyColumns, columns, rows.length))
        : { sql: arrays.sql, order: "rows" };
    yield {
      sql,
      ...(repeated !== null && { options: { rows: rows.length } }),
      parameters: () => {
        const parameters: unknown[] = [];
        for (let i = 0; i < rows.length; i++) {
          const { key, after } = rows[i] as RowOperation; // `i` counts them
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

function* apartInChunks(
  operations: readonly RowOperation[],
  { followed, size }: UpdateForm,
): Generator<readonly RowOperation[]> {
  if (followed.length === 0) yield* chunks(operations, size);
  else for (const rows of apart(operations, followed)) yield* chunks(rows, size);
}

/** What all UPDATEs of one shape have in common. */
interface UpdateForm {
  readonly columns: readonly Column<unknown>[];
  readonly keys: Binder;
  readonly values: Binder;
  /** Parameters of a row. */
  readonly perRow: number;
  /** How many rows a statement writes at most. */
  readonly size: number;
  /** The foreign keys by which rows of the same table follow what is written. */
  readonly followed: readonly ForeignKeyConstraint[];
}

const forms = new FormMemory((dialect, operation): UpdateForm => {
  const { keyColumns } = operation;
  const columns = writtenColumns(operation);
  const perRow = keyColumns.length + columns.length;
  return {
    columns,
    keys: new Binder(dialect, keyColumns),
    values: new Binder(dialect, columns),
    perRow,
    size: dialect.capabilities.updateFrom ? rowsPerStatement(dialect, perRow) : 1,
    followed: followedWithin(dialect, columns),
  };
});
