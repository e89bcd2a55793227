import type { ForeignKeyConstraint } from "../../../schema/index.ts";
import { RowOperation, StatementGroup } from "../decompose/operation.ts";
import { takesAlong } from "../edges/referential-action.ts";
import type { FlushGraph } from "../graph.ts";
import type { Rung } from "./break-cycles.ts";
import { findParking } from "./park.ts";

/**
 * Rows that refer to each other all the time are deleted, and ON DELETE CASCADE takes the others along with the first: a
 * DELETE cannot tell whether all of them still had their versions. An UPDATE that counts the versions up tells before, and
 * nobody else can change the rows from then on.
 */
export const countFirst: Rung = (graph, { operations, edges }) => {
  const isLeftAlone = (row: RowOperation): boolean => row.role === "row" && findParking(graph, row) === null;
  if (!operations.every((row) => row.kind === "delete" && isLeftAlone(row))) return false;
  const isTaken = edges.every(
    // What a `release` is about is a foreign key.
    ({ kind, constraint }) => kind === "release" && takesAlong((constraint as ForeignKeyConstraint).onDelete),
  );
  if (!isTaken) return false;
  const counts = operations.filter(({ versioned }) => versioned).map((operation) => countBefore(graph, operation));
  const [first] = counts;
  if (first === undefined) return false;
  const together = new StatementGroup("rows"); // else an order between each of them and each row would be needed
  for (const count of counts) together.take(count);
  for (const operation of operations) graph.order(first, operation, "restore", null);
  for (const edge of edges) edge.dropped = true;
  return true;
};

/** Finds the row by its version, in the place of the DELETE, which finds it by its key alone. */
function countBefore(graph: FlushGraph, operation: RowOperation): RowOperation {
  const { table, entity, keyColumns, key } = operation;
  const count = new RowOperation(table, "update", entity, { role: "release link", keyColumns, key });
  count.versioned = true;
  const version = key[table.primaryKey.length] as number | bigint; // it stands behind the primary key
  const [column] = keyColumns.slice(table.primaryKey.length);
  if (column !== undefined) count.after[column.index] = typeof version === "bigint" ? version + 1n : version + 1;
  operation.versioned = false;
  operation.keyColumns = table.primaryKey;
  operation.key = key.slice(0, table.primaryKey.length);
  return graph.add(count);
}
