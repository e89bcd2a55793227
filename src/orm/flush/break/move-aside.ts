import type { Column } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import type { FlushGraph } from "../graph.ts";
import type { BreakContext, Rung } from "./break-cycles.ts";
import { findParking, park, refersToNothing } from "./park.ts";
import { temporaryValue } from "./temporary-value.ts";

/**
 * A row is to refer to a key that another row gives up, and waits until nothing follows that one any more; which waits
 * for a key that is taken as long as the first row has not let go of it. The one that changes its key takes a key that
 * nobody has for a while, with all that refers to it.
 */
export const moveAside: Rung = (graph, cycle, context) => {
  for (const { kind, from, to } of cycle.edges) {
    if (kind !== "carry" || to.kind === "propagate") continue;
    const source = sourceOf(graph, from);
    if (source === null || findParking(graph, source) !== null) continue;
    for (const column of keyColumnsOf(source, context)) {
      const value = temporaryValue(column);
      if (value === undefined) continue;
      park(graph, source, { column, value }, false, context);
      return true;
    }
  }
  return false;
};

/** The operation that changes the key: itself, or that of whose statement `carrier` is a part. */
function sourceOf(graph: FlushGraph, carrier: RowOperation): RowOperation | null {
  const isSource = ({ kind, role }: RowOperation): boolean => kind === "update" && role === "row";
  if (carrier.group?.kind === "compound")
    return graph.operations.find((other) => other.group === carrier.group && isSource(other)) ?? null;
  return isSource(carrier) ? carrier : null;
}

/** What it changes of the key that others refer to. */
function keyColumnsOf(source: RowOperation, { referring }: BreakContext): readonly Column<unknown>[] {
  const referred = new Set(referring(source.table).flatMap(({ referredColumns }) => referredColumns));
  return [...referred].filter((column) => source.writes(column) && refersToNothing(column));
}
