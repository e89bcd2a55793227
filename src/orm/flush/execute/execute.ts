import { type RowOperation, resolve } from "../decompose/operation.ts";
import type { Batch } from "../sort.ts";
import { binders } from "./bind.ts";
import { chunks } from "./chunks.ts";
import { executeCompound } from "./compound.ts";
import { drawKeys } from "./draw-keys.ts";
import type { ExecuteContext } from "./execute-context.ts";
import { insertBatch } from "./insert.ts";
import { nameError } from "./name-error.ts";
import { propagateKeys } from "./propagate.ts";
import { writtenColumns } from "./shape.ts";
import { stale } from "./stale.ts";
import { Suspension } from "./suspension.ts";
import { upsertBatch } from "./upsert.ts";

/**
 * Runs the batches in order, each in as few statements as the database's parameter limit allows.
 * @throws StaleDataError when a row is not there any more, or has another version than the one that was loaded
 */
export async function executeBatches(context: ExecuteContext, batches: readonly Batch[]): Promise<void> {
  const suspension = new Suspension(context);
  try {
    for (const batch of batches) {
      await suspension.switchFor(batch.operations);
      try {
        await executeBatch(context, batch);
      } catch (error) {
        throw nameError(error, batch);
      }
    }
    await suspension.end();
  } catch (error) {
    await suspension.abandon();
    throw error;
  }
}

async function executeBatch(context: ExecuteContext, { shape, operations }: Batch): Promise<void> {
  if (shape.isCompound) return executeCompound(context, operations);
  switch (shape.kind) {
    case "draw":
      return drawKeys(context, operations);
    case "insert":
      return operations[0]?.conflict == null ? insertBatch(context, operations) : upsertBatch(context, operations);
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
