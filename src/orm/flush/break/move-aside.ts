import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext, Rung } from "./break-cycles.ts";
import { findParking, isHeld, park, refersToNothing } from "./park.ts";
import { losesFollowers } from "./wait-on-null.ts";

/**
 * A row is to refer to a key that another row gives up, and waits until nothing follows that one any more; which waits
 * for a key that is taken as long as the first row has not let go of it. The one that changes its key takes a key that
 * nobody has for a while, with all that refers to it.
 */
export const moveAside: Rung = (graph, cycle, context) => {
  for (const { kind, from, to } of cycle.edges) {
    if (kind !== "carry" || to.kind === "propagate") continue;
    const source = sourceOf(from);
    if (source === null) continue;
    if (findParking(graph, source) !== null) {
      if (writeBetween(graph, source, to)) return true;
      continue;
    }
    for (const column of keyColumnsOf(source, context)) {
      if (losesFollowers(source, column, context) || isHeld(graph, cycle, source, column)) continue;
      const temporary = context.temporary.find(graph, source, column, [], () => true);
      if (temporary === null) continue;
      park(graph, source, { column, ...temporary }, false, context);
      writeBetween(graph, source, to);
      return true;
    }
  }
  return false;
};

/**
 * A row that is found by the key that it gets by following is written after that; where the other row changes its key in
 * two steps, it can be written between them, when it has followed the first one only.
 */
function writeBetween(graph: FlushGraph, source: RowOperation, row: RowOperation): boolean {
  const parked = findParking(graph, source);
  const mover = row.movedBy;
  if (parked === null || mover === null || !runTogether(mover, parked)) return false;
  const late = graph
    .incoming(row)
    .filter(({ kind, from, dropped }) => kind === "carry" && !dropped && runTogether(from, source));
  const followed = late.flatMap((edge) => followedColumns(edge, source));
  if (followed.length === 0) return false;
  for (const { own, referred } of followed) {
    const position = row.keyColumns.indexOf(own);
    if (position >= 0) row.key[position] = parked.after[referred.index] ?? source.before[referred.index];
  }
  for (const edge of late) {
    edge.dropped = true;
    graph.order(mover, row, "carry", edge.constraint);
    graph.order(row, edge.from, "locate", edge.constraint);
  }
  return true;
}

function runTogether(a: RowOperation, b: RowOperation): boolean {
  return a === b || (a.group !== null && a.group === b.group);
}

interface FollowedColumn {
  readonly own: Column<unknown>;
  /** The column of the key that changes. */
  readonly referred: Column<unknown>;
}

/** The columns in which rows follow the source along an edge; none if ON UPDATE brings it there by way of another table. */
function followedColumns({ from, constraint }: Edge, source: RowOperation): readonly FollowedColumn[] {
  const { columns, referredColumns, referredTable } = constraint as ForeignKeyConstraint; // a change is carried along one
  if (from.propagation === null && referredTable !== source.table) return [];
  const { columns: own, sourceColumns } = from.propagation ?? { columns, sourceColumns: referredColumns };
  return own.flatMap((column, i) => {
    const referred = sourceColumns[i];
    return referred === undefined ? [] : [{ own: column, referred }];
  });
}

/** The operation that changes the key: itself, or that of whose statement `carrier` is a part. */
function sourceOf(carrier: RowOperation): RowOperation | null {
  const isSource = ({ kind, role }: RowOperation): boolean => kind === "update" && role === "row";
  if (carrier.group?.kind === "compound") return carrier.group.members.find(isSource) ?? null;
  return isSource(carrier) ? carrier : null;
}

/** What it changes of the key that others refer to. */
function keyColumnsOf(source: RowOperation, { referring }: BreakContext): readonly Column<unknown>[] {
  const referred = new Set(referring(source.table).flatMap(({ referredColumns }) => referredColumns));
  return [...referred].filter((column) => source.writes(column) && refersToNothing(column));
}
