import type { BatchStatement } from "../../../compiler/batch-statement.ts";
import type { Dialect } from "../../../engine/dialect.ts";
import type { StaleDataError } from "../../../errors/index.ts";
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
  const form = updateForms.of(dialect, first);
  const { keys, values } = form;
  if (form.columns.length === 0) return;
  for (const rows of apartInChunks(operations, form)) {
    yield updateStatement(dialect, first, form, {
      count: rows.length,
      push: (parameters, order) => {
        for (let i = 0; i < rows.length; i++) {
          const { key, after } = rows[i] as RowOperation; // `i` counts them
          if (order === "setFirst") values.pushImage(parameters, after);
          keys.pushValues(parameters, key);
          if (order === "rows") values.pushImage(parameters, after);
        }
      },
      stale: (found) => stale(rows, found, "updated"),
    });
  }
}

/** The rows that one statement changes. */
export interface RowsToUpdate {
  readonly count: number;
  /** Appends their parameters, row by row: the key, and before or behind it the values to set. */
  push(parameters: unknown[], order: BatchStatement["order"]): void;
  /** The error for rows that were not found. */
  stale(found: number): StaleDataError;
}

/** One UPDATE of rows of a table that write the same columns. */
export function updateStatement(
  { batches }: Dialect,
  { table, keyColumns }: Pick<RowOperation, "table" | "keyColumns">,
  { columns, perRow }: UpdateForm,
  rows: RowsToUpdate,
): FlushStatement {
  const { count } = rows;
  const arrays = batches.updateFromArrays(table, keyColumns, columns, count);
  const repeated = arrays === null ? batches.updateRepeated(table, keyColumns, columns, count) : null;
  const { sql, order } =
    arrays === null
      ? (repeated ?? batches.update(table, keyColumns, columns, count))
      : ({ sql: arrays.sql, order: "rows" } as const);
  return {
    sql,
    ...(repeated !== null && { options: { rows: count } }),
    parameters: () => {
      const parameters: unknown[] = [];
      rows.push(parameters, order);
      return arrays === null ? parameters : arrayParameters(arrays, parameters, perRow);
    },
    receive: ({ rowCount }) => {
      if (rowCount !== count) throw rows.stale(rowCount);
    },
  };
}

function* apartInChunks(
  operations: readonly RowOperation[],
  { followed, size }: UpdateForm,
): Generator<readonly RowOperation[]> {
  if (followed.length === 0) yield* chunks(operations, size);
  else for (const rows of apart(operations, followed)) yield* chunks(rows, size);
}

/** What all UPDATEs of one shape have in common. */
export interface UpdateForm {
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

export const updateForms = new FormMemory((dialect, operation): UpdateForm => {
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
