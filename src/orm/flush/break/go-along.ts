import type { RowOperation } from "../decompose/operation.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { Component } from "./components.ts";

/**
 * Tells which orders close a circle. Of those by which rows are deleted one level after the other, those do that lead out of
 * the levels: the others keep the database from following a long chain by itself.
 */
export function closesCircle({ edges }: Component): (edge: Edge) => boolean {
  if (!edges.some(goesAlong) || edges.every(goesAlong)) return () => true;
  const leadsOut = new Set<RowOperation>();
  for (const edge of edges) if (!goesAlong(edge)) leadsOut.add(edge.from);
  return (edge) => !goesAlong(edge) || leadsOut.has(edge.to);
}

function goesAlong({ kind }: Edge): boolean {
  return kind === "goAlong";
}

/**
 * A deleted row may go along with the one that it refers to, by ON DELETE CASCADE, where its own DELETE has to be late. What
 * has to be before that DELETE is to be before it goes, then: rows that refer to it leave it, or they would go as well.
 * @param dropped the orders that were given up
 */
export function leaveBeforeItGoes(graph: FlushGraph, dropped: readonly Edge[]): void {
  const before = new Map<RowOperation, ReadonlySet<RowOperation>>();
  for (const { from, to, kind } of dropped) {
    if (kind !== "goAlong") continue;
    const isBefore = getOrAdd(before, to, () => new Set([to, ...graph.incoming(to).map((edge) => edge.from)]));
    for (const edge of leaving(graph, from))
      if (!isBefore.has(edge.from)) graph.order(edge.from, to, "leaveAlong", edge.constraint);
  }
}

/** The orders by which rows leave a deleted one, or others that go along with it. */
function leaving(graph: FlushGraph, deleted: RowOperation): readonly Edge[] {
  const found: Edge[] = [];
  const gone = new Set([deleted]);
  for (const row of gone) {
    for (const edge of graph.incoming(row)) {
      if (goesAlong(edge)) gone.add(edge.from);
      else if (edge.kind === "release" && !edge.dropped) found.push(edge);
    }
  }
  return found;
}
