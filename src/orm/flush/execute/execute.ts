import type { Dialect } from "../../../engine/dialect.ts";
import type { Connection } from "../../../engine/index.ts";
import { StaleDataError } from "../../../errors/index.ts";
import { describe } from "../../instance/index.ts";
import { type RowOperation, resolve } from "../decompose/operation.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { Batch } from "../sort.ts";
import { binders } from "./bind.ts";
import { insertBatch } from "./insert.ts";
import { nameError } from "./name-error.ts";
import { propagateKeys } from "./propagate.ts";
import { writtenColumns } from "./shape.ts";

/** Where a plan is executed. */
export interface ExecuteContext {
  readonly connection: Connection;
  readonly dialect: Dialect;
}

/**
 * Runs the batches in order, each in as few statements as the database's parameter limit allows.
 * @throws StaleDataError when a row is not there any more, or has another version than the one that was loaded
 */
export async function executeBatches(context: ExecuteContext, batches: readonly Batch[]): Promise<void> {
  for (const batch of batches) {
    try {
      await executeBatch(context, batch);
    } catch (error) {
      throw nameError(error, batch);
    }
  }
}

async function executeBatch(context: ExecuteContext, { shape, operations }: Batch): Promise<void> {
  switch (shape.kind) {
    case "insert":
      return insertBatch(context, operations);
    case "update":
      return updateBatch(context, operations);
    case "delete":
      return deleteBatch(context, operations);
    case "propagate":
      for (const operation of operations) await propagateKeys(context, operation);
  }
}

async function updateBatch(context: ExecuteContext, operations: readonly RowOperation[]): Promise<void> {
  const [first] = operations;
  if (first === undefined) return;
  const { table, keyColumns } = first;
  const columns = writtenColumns(first);
  if (columns.length === 0) return;
  const { batches, capabilities } = context.dialect;
  const bindKey = binders(context.dialect, keyColumns);
  const bindSet = binders(context.dialect, columns);
  const perRow = keyColumns.length + columns.length;
  const size = capabilities.updateFrom ? Math.max(1, Math.floor(capabilities.maxParameters / perRow)) : 1;
  for (const rows of chunks(operations, size)) {
    const statement = batches.update(table, keyColumns, columns, rows.length);
    const parameters: unknown[] = [];
    for (const row of rows) {
      const key = bindKey((_, i) => resolve(row.key[i]));
      const values = bindSet((column) => resolve(row.after[column.index]));
      if (statement.order === "setFirst") parameters.push(...values, ...key);
      else parameters.push(...key, ...values);
    }
    const { rowCount } = await context.connection.run(statement.sql, parameters);
    if (rowCount !== rows.length) throw stale(rows, rowCount, "updated");
  }
}

async function deleteBatch(context: ExecuteContext, operations: readonly RowOperation[]): Promise<void> {
  const [first] = operations;
  if (first === undefined) return;
  const { table, keyColumns } = first;
  const { batches, capabilities } = context.dialect;
  const bindKey = binders(context.dialect, keyColumns);
  const size = Math.max(1, Math.floor(capabilities.maxParameters / keyColumns.length));
  for (const rows of chunks(operations, size)) {
    const statement = batches.delete(table, keyColumns, rows.length);
    const parameters = rows.flatMap((row) => bindKey((_, i) => resolve(row.key[i])));
    const { rowCount } = await context.connection.run(statement.sql, parameters);
    // Somebody else's delete of an unversioned row did what was asked for; ON DELETE CASCADE may have done it as well.
    if (first.versioned && rowCount !== rows.length) throw stale(rows, rowCount, "deleted");
  }
}

/** Cuts a batch where the parameter limit asks for it; a unit that must share a statement fits, or was not formed. */
export function* chunks(operations: readonly RowOperation[], size: number): Generator<readonly RowOperation[]> {
  if (operations.length <= size) {
    yield operations;
    return;
  }
  const units = new Map<object, RowOperation[]>();
  for (const operation of operations) {
    getOrAdd(units, operation.group ?? operation, () => []).push(operation);
  }
  let chunk: RowOperation[] = [];
  for (const unit of units.values()) {
    if (chunk.length > 0 && chunk.length + unit.length > size) {
      yield chunk;
      chunk = [];
    }
    chunk.push(...unit);
  }
  if (chunk.length > 0) yield chunk;
}

function stale(rows: readonly RowOperation[], found: number, verb: string): StaleDataError {
  const [first] = rows;
  const names = rows.slice(0, 3).map((row) => (row.entity === null ? row.table.name : describe(row.entity)));
  const more = rows.length > 3 ? ` and ${rows.length - 3} more` : "";
  const why = first?.versioned === true ? "deleted, or changed to another version," : "deleted";
  return new StaleDataError(
    `${rows.length} row(s) of ${first?.table.name} were to be ${verb}, but ${found} were found: somebody else has ${why} ` +
      `a row since it was loaded (${names.join(", ")}${more}). Roll back, load again and repeat the change.`,
  );
}
