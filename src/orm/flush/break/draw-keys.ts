import { GeneratedValue, RowOperation } from "../decompose/operation.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext, Rung } from "./break-cycles.ts";
import type { Component } from "./components.ts";
import { valueIsKnown } from "./defer.ts";
import { sameStatement } from "./one-statement.ts";

/**
 * New rows of one table that refer to each other, or to themselves, could share one INSERT if their keys were known: they
 * are drawn from the sequence beforehand.
 */
export const drawKeysForOneStatement: Rung = (graph, cycle, context) => {
  const [first] = cycle.operations;
  if (first === undefined || first.kind !== "insert" || !context.checksAtStatementEnd) return false;
  const isOneStatement =
    cycle.operations.every((operation) => sameStatement(first, operation)) &&
    cycle.edges.every((edge) => EDGE_KINDS[edge.kind].constraint === "foreign key");
  return isOneStatement && drawKeys(graph, cycle, context);
};

/** Draws the keys that rows of the cycle wait for, so that other rungs can write the rows in another order. */
export function drawKeys(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  if (!context.drawsKeys) return false;
  let drawn = false;
  for (const edge of cycle.edges) if (!valueIsKnown(edge) && drawFor(graph, edge)) drawn = true;
  return drawn;
}

function drawFor(graph: FlushGraph, { from }: Edge): boolean {
  const column = from.table.autoincrementColumn;
  if (from.kind !== "insert" || from.conflict !== null || column === null || from.after[column.index] !== undefined)
    return false;
  const draw = graph.add(new RowOperation(from.table, "draw", null, { keyColumns: [column] }));
  from.after[column.index] = new GeneratedValue(draw, column);
  graph.order(draw, from, "draw", null);
  for (const { kind, to } of [...graph.outgoing(from)]) {
    if (kind === "refer" && to !== from) graph.order(draw, to, "draw", null);
  }
  return true;
}
