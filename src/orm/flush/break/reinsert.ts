import { mapperOf } from "../../mapping/index.ts";
import { RowOperation } from "../decompose/operation.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext, Rung } from "./break-cycles.ts";

/**
 * A row that must give up a unique value and can take no other one for a while is deleted and inserted again, where its
 * class says so (`mapperArgs.reinsert`), all of it is known, and no foreign key refers to its table. A new object that was to
 * take over the row of a deleted one needs no leave: that is what the program did. It may also have to leave a row that goes.
 */
export const reinsert: Rung = (graph, cycle, context) => {
  const edge = cycle.edges.find((candidate) => canReinsert(graph, candidate, context));
  if (edge === undefined) return false;
  const { from } = edge;
  const { table, entity, keyColumns, key, before, versioned } = from;
  const deletion = new RowOperation(table, "delete", entity, { role: "reinsert", keyColumns, key, before });
  deletion.versioned = versioned;
  graph.add(deletion);
  from.becomeInsert();
  for (const other of [...graph.outgoing(from)]) if (isGivenUp(other)) move(graph, other, deletion, other.to);
  for (const other of [...graph.incoming(from)])
    if (!other.dropped && other.kind === "locate") move(graph, other, other.from, deletion);
  graph.order(deletion, from, "restore", null);
  return true;
};

function canReinsert(graph: FlushGraph, { kind, from }: Edge, { referring }: BreakContext): boolean {
  const { entity, table } = from;
  if (from.kind !== "update" || from.role !== "row" || from.group !== null || entity === null) return false;
  const isTakenOver = entity.$key === null && from.movedBy === null; // else its key is yet to come
  if (kind !== "slot" && !(isTakenOver && kind === "release")) return false;
  if (!(isTakenOver || mapperOf(entity).reinsert) || referring(table).length > 0) return false;
  if (graph.incoming(from).some((edge) => edge.kind === "restore")) return false; // parts of it are written apart
  return isTakenOver || table.columns.every((column) => column.computed !== null || from.current(column) !== undefined);
}

/** The order exists because the row gives something up. */
function isGivenUp({ kind, dropped }: Edge): boolean {
  const leaves = kind === "release" || kind === "uncheckedRelease" || kind === "goAlong" || kind === "leaveAlong";
  return !dropped && (leaves || EDGE_KINDS[kind].constraint === "unique");
}

function move(graph: FlushGraph, edge: Edge, from: RowOperation, to: RowOperation): void {
  edge.dropped = true;
  graph.order(from, to, edge.kind, edge.constraint);
}
