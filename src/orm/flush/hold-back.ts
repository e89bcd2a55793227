import type { ForeignKeyConstraint, Table } from "../../schema/index.ts";
import type { RowOperation } from "./decompose/operation.ts";
import { EDGE_KINDS } from "./edges/edge.ts";
import { touches } from "./edges/gate.ts";
import { isActive, takesAlong } from "./edges/referential-action.ts";
import { factsOf } from "./edges/unique-key.ts";
import type { Edge, FlushGraph } from "./graph.ts";

/**
 * A row that takes a unique value of a deleted one has to wait for it; where it leaves a row that may go along with that one,
 * it is to be written before all the same, and the deleted row gives its value up first.
 */
export function orderBeforeTheyGo(
  graph: FlushGraph,
  below: (table: Table) => readonly ForeignKeyConstraint[],
  isEnforced: (foreignKey: ForeignKeyConstraint) => boolean,
): void {
  const count = graph.edges.length;
  for (let i = 0; i < count; i++) {
    const { from, to, kind } = graph.edges[i] as Edge; // `i` counts them
    if (from.kind !== "delete" || to.kind !== "update" || EDGE_KINDS[kind].constraint !== "unique") continue;
    const left = below(from.table).find((foreignKey) => leavesBy(to, foreignKey) && isEnforced(foreignKey));
    if (left !== undefined) graph.order(to, from, "mayLeave", left);
  }
}

function leavesBy({ table, before, after }: RowOperation, foreignKey: ForeignKeyConstraint): boolean {
  if (foreignKey.table !== table || (isActive(foreignKey.onDelete) && !takesAlong(foreignKey.onDelete))) return false;
  const { columns } = foreignKey;
  return (
    columns.some(({ index }) => after[index] !== undefined) && columns.every(({ index }) => before[index] !== null)
  );
}

/**
 * Do rows that are written so have to be written before others are deleted, with which ON DELETE CASCADE takes along rows
 * that are not in the flush? Rows may refer to these: they leave them before, or nothing would be found of them afterwards.
 * @param first one of the rows, all of which write the same columns
 * @param below the foreign keys that refer to such rows
 */
export function mayBeTaken(first: RowOperation, below: readonly ForeignKeyConstraint[]): boolean {
  const { kind, table, after } = first;
  if (kind !== "update" && kind !== "delete") return false;
  return below.some(({ table: own, columns, onDelete }) => {
    if (own !== table || (isActive(onDelete) && !takesAlong(onDelete))) return false;
    if (kind === "delete" || columns.some(({ index }) => after[index] !== undefined)) return true;
    // What a row takes of a unique key, one that goes along may give up.
    return takesAlong(onDelete) && !table.uniqueKeys.some((key) => touches(first, factsOf(key).dependsOn));
  });
}
