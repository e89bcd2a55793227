import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext, Rung } from "./break-cycles.ts";
import type { Component } from "./components.ts";
import { edgesToLink } from "./link-late.ts";
import { findParking, isParking, mayHoldAnother, nullableMember, type Parking, park, temporaryMember } from "./park.ts";
import { nullTogether } from "./row-checks.ts";
import { mayWaitOnNull } from "./wait-on-null.ts";

/**
 * Where circles share rows, undoing one after the other may take more than is needed: it is tried which one row, or which
 * two, undo the whole tangle when they are moved out of all their unique values, by one UPDATE each, which may also let go
 * of what the row refers to.
 */
export const parkToUntangle: Rung = (graph, cycle, context) => {
  const isTangle = cycle.edges.length > cycle.operations.length; // else it is one ring, and any row will do
  if (!isTangle || !cycle.isSmall || !cycle.edges.some(isSlot)) return false;
  const late = edgesToLink(graph, cycle, context);
  if (late.length > 0 && cycle.isUndoneWithout(late)) return false;
  const onNull = (edge: Edge): Parking | null => nullableMember(graph, cycle, edge, context);
  const onAny = (edge: Edge): Parking | null =>
    onNull(edge) ?? temporaryMember(graph, cycle, edge, context, mayHoldAnother);
  for (const free of [onNull, onAny]) {
    const knots = cycle.operations.filter((row) => isKnot(cycle, row, free));
    const row =
      knots.find((one) => cycle.isUndoneWithout(slotsOf(cycle, one))) ??
      knots.find((one) => cycle.isUndoneWithout([...slotsOf(cycle, one), ...releasesOf(cycle, one, context)])) ??
      knots.find((one) => late.length > 0 && cycle.isUndoneWithout([...late, ...slotsOf(cycle, one)])) ??
      knots.find((one) => knots.some((two) => cycle.isUndoneWithout([...slotsOf(cycle, one), ...slotsOf(cycle, two)])));
    if (row === undefined) continue;
    const isEnough = cycle.isUndoneWithout(slotsOf(cycle, row));
    const releases = isEnough ? [] : releasesOf(cycle, row, context);
    for (const edge of slotsOf(cycle, row)) {
      const parking = edge.dropped ? null : free(edge); // one column may be a part of several
      if (parking !== null) park(graph, row, parking, false, context);
    }
    for (const edge of releases) letGo(graph, edge, context);
    return true;
  }
  return false;
};

/** Can the row be moved out of all the unique values that others in the tangle wait for? */
function isKnot(cycle: Component, row: RowOperation, free: (edge: Edge) => Parking | null): boolean {
  if ((row.kind !== "update" && row.kind !== "delete") || isParking(row)) return false;
  const slots = slotsOf(cycle, row);
  return slots.length > 0 && slots.every((edge) => free(edge) !== null);
}

/** The orders that exist because the row refers to another one, which it need not do until it is written. */
function releasesOf({ edges }: Component, row: RowOperation, context: BreakContext): readonly Edge[] {
  return edges.filter(
    (edge) => edge.from === row && edge.kind === "release" && columnsToClear(edge, context).length > 0,
  );
}

function columnsToClear({ constraint, from }: Edge, context: BreakContext): readonly Column<unknown>[] {
  const { columns } = constraint as ForeignKeyConstraint; // what a `release` is about
  return nullTogether(
    from,
    columns.filter((column) => mayWaitOnNull(from, column, context)),
    [],
  );
}

/** The UPDATE that moves a row out of the way also makes it refer to nothing. */
function letGo(graph: FlushGraph, edge: Edge, context: BreakContext): void {
  const { from, to, kind, constraint } = edge;
  const parked = findParking(graph, from);
  if (parked === null || edge.dropped) return;
  const columns = nullTogether(from, columnsToClear(edge, context), parked.after);
  if (columns.length === 0) return;
  for (const { index } of columns) {
    parked.after[index] = null;
    if (from.kind === "update" && from.after[index] === undefined) from.after[index] = from.before[index];
  }
  edge.dropped = true;
  graph.order(parked, to, kind, constraint);
  context.between.order(graph, parked, from, columns);
}

function slotsOf({ edges }: Component, row: RowOperation): readonly Edge[] {
  return edges.filter((edge) => edge.from === row && isSlot(edge));
}

function isSlot({ kind }: Edge): boolean {
  return EDGE_KINDS[kind].constraint === "unique";
}
