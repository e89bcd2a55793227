import type { Column } from "../../../schema/index.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import type { Edge } from "../graph.ts";
import type { Rung } from "./break-cycles.ts";
import { edgesToLink } from "./link-late.ts";
import { foreignKeysOver, isParking, nullableMember, type Parking, park, temporaryMember } from "./park.ts";

/**
 * Where circles share rows, taking links apart may leave some of them: one row that is moved out of all its unique values
 * by one UPDATE may undo the whole tangle.
 */
export const parkToUntangle: Rung = (graph, cycle, context) => {
  const has = (what: "foreign key" | "unique"): boolean =>
    cycle.edges.some(({ kind }) => EDGE_KINDS[kind].constraint === what);
  if (!cycle.isSmall || !has("unique") || !has("foreign key")) return false;
  const late = edgesToLink(graph, cycle, context);
  if (late.length > 0 && cycle.isUndoneWithout(late)) return false;
  const isOwn = (column: Column<unknown>): boolean => foreignKeysOver(column).length === 0;
  const free = (edge: Edge): Parking | null =>
    nullableMember(graph, edge, context) ?? temporaryMember(edge, context, isOwn);
  for (const row of cycle.operations) {
    if ((row.kind !== "update" && row.kind !== "delete") || isParking(row)) continue;
    const slots = cycle.edges.filter(({ from, kind }) => from === row && EDGE_KINDS[kind].constraint === "unique");
    if (slots.length === 0 || !cycle.isUndoneWithout(slots) || slots.some((edge) => free(edge) === null)) continue;
    for (const edge of slots) {
      const parking = edge.dropped ? null : free(edge); // one column may be a part of several
      if (parking !== null) park(graph, row, parking, false, context);
    }
    return true;
  }
  return false;
};
