import type { Column, ForeignKeyConstraint, UniqueKey } from "../../../schema/index.ts";
import { RowOperation, StatementGroup } from "../decompose/operation.ts";
import { isActive } from "../edges/referential-action.ts";
import { factsOf } from "../edges/unique-key.ts";
import type { FlushGraph } from "../graph.ts";
import type { BreakContext, Rung } from "./break-cycles.ts";
import { findParking, park, refersToNothing } from "./park.ts";

/**
 * A new row takes the key of a deleted one, with rows that refer to it and always have to refer to something. The deleted
 * row takes a key that nobody has for a while, and these rows with it: they leave it for the new one before it goes.
 */
export const vacateKey: Rung = (graph, cycle, context) => {
  if (!context.sharesStatement && !context.canDeferAllForeignKeys && !context.canSuspendForeignKeys) return false;
  for (const { kind, from, constraint } of cycle.edges) {
    if (kind !== "slot" || from.kind !== "delete" || findParking(graph, from) !== null) continue;
    const uniqueKey = constraint as UniqueKey; // a slot's constraint is one
    for (const column of factsOf(uniqueKey).dependsOn) {
      if (!mayBeMoved(column, context)) continue;
      const temporary = context.temporary.find(graph, from, column, { written: [], movesOut: () => true });
      if (temporary === null) continue;
      park(graph, from, { column, ...temporary }, false, context);
      moveReferring(graph, from, column, temporary.value, context);
      return true;
    }
  }
  return false;
};

/** Those that refer to it can take another value, and nobody refers to them by it. */
function mayBeMoved(column: Column<unknown>, context: BreakContext): boolean {
  if (column.computed !== null || !refersToNothing(column)) return false;
  return referringTo(column, context).every(
    ({ table, columns }) =>
      table !== column.table &&
      !columns.some(({ primaryKey }) => primaryKey) &&
      !context.referring(table).some(({ referredColumns }) => referredColumns.some((own) => columns.includes(own))),
  );
}

function referringTo(column: Column<unknown>, { referring }: BreakContext): readonly ForeignKeyConstraint[] {
  return referring(column.table).filter(({ referredColumns }) => referredColumns.includes(column));
}

/** Writes the value to all rows that refer to the deleted one: where ON UPDATE does not, in the way that the database has. */
function moveReferring(
  graph: FlushGraph,
  from: RowOperation,
  column: Column<unknown>,
  value: unknown,
  context: BreakContext,
): void {
  const parked = findParking(graph, from) as RowOperation; // it was moved just now
  for (const edge of graph.incoming(parked)) if (edge.kind === "release") edge.dropped = true; // they come along
  for (const foreignKey of referringTo(column, context)) {
    if (isActive(foreignKey.onUpdate)) continue;
    const { table, columns, referredColumns } = foreignKey;
    const before = referredColumns.map(({ index }) => from.before[index]);
    const after = before.with(referredColumns.indexOf(column), value);
    const follower = new RowOperation(table, "propagate");
    follower.propagation = { foreignKey, columns, sourceColumns: referredColumns, changes: [{ before, after }] };
    graph.add(follower);
    if (context.sharesStatement) {
      const group = parked.group ?? new StatementGroup("compound");
      if (parked.group === null) group.take(parked);
      group.take(follower);
      continue;
    }
    if (context.canDeferAllForeignKeys) context.deferAllForeignKeys = true;
    else parked.suspended = follower.suspended = true;
    for (const { to, dropped } of [...graph.outgoing(parked)])
      if (!dropped) graph.order(follower, to, "carry", foreignKey);
    graph.order(parked, follower, "carry", foreignKey);
  }
}
