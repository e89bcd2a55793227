import type { RowOperation } from "../decompose/operation.ts";
import type { Edge, FlushGraph } from "../graph.ts";

/**
 * A deleted row may go along with the one that it refers to, by ON DELETE CASCADE, where its own DELETE has to be late. What
 * has to be before that DELETE is to be before it goes, then: rows that refer to it leave it, or they would go as well.
 * @param dropped the orders that were given up
 */
export function leaveBeforeItGoes(graph: FlushGraph, dropped: readonly Edge[]): void {
  for (const { from, to, kind } of dropped) {
    if (kind !== "goAlong") continue;
    const isBefore = new Set(graph.incoming(to).map((edge) => edge.from));
    for (const edge of leaving(graph, from)) {
      if (edge.from !== to && !isBefore.has(edge.from)) graph.order(edge.from, to, "leaveAlong", edge.constraint);
    }
  }
}

/** The orders by which rows leave a deleted one, or others that go along with it. */
function leaving(graph: FlushGraph, deleted: RowOperation): readonly Edge[] {
  const found: Edge[] = [];
  const gone = new Set([deleted]);
  for (const row of gone) {
    for (const edge of graph.incoming(row)) {
      if (edge.kind === "goAlong") gone.add(edge.from);
      else if (edge.kind === "release" && !edge.dropped) found.push(edge);
    }
  }
  return found;
}
