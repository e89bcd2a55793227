import type { Column } from "../../../schema/index.ts";
import type { RowImage, RowOperation } from "../decompose/operation.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { Rung } from "./break-cycles.ts";
import { findParking } from "./park.ts";

/**
 * A row is found by a key that is about to follow another one, so that its change comes before; in a circle, it comes after,
 * and finds the row by the new key.
 */
export const findByNewKey: Rung = (graph, cycle, { moved }) => {
  for (const { from: row, kind, dropped } of cycle.edges) {
    if (dropped || kind !== "locate" || row.role !== "row") continue;
    if (row.kind !== "update" && row.kind !== "delete") continue;
    const parked = findParking(graph, row);
    const isFoundBefore = ({ kind, from }: Edge): boolean => kind === "restore" && from !== parked;
    if (graph.incoming(row).some(isFoundBefore)) continue; // by the old key
    const found = graph.outgoing(row).filter((edge) => !edge.dropped && edge.kind === "locate");
    const movers = found.flatMap(({ to, constraint }) => roundsFrom(graph, to).map((mover) => ({ mover, constraint })));
    const later = graph.outgoing(row).filter(({ kind: other }) => other === "laterSlot"); // this is the case that they are about
    const followers = row.group?.members.filter(({ propagation }) => propagation !== null) ?? [];
    const others = [row, ...followers].flatMap((one) =>
      graph.outgoing(one).filter((edge) => !edge.dropped && edge.kind !== "locate"),
    );
    others.push(...later);
    const isAwaited = graph.isBehind(
      movers.map(({ mover }) => mover),
      others.map(({ to }) => to),
    );
    const image = isAwaited ? null : moved(row.table, row.before);
    if (image === null || (parked !== null && !followsParked(graph, parked, movers, image))) continue;
    // What it follows already may come after what it follows besides.
    const first = movers[0]?.mover ?? null;
    if (row.movedBy === null || (first !== null && graph.isBehind([row.movedBy], [first]))) row.movedBy = first;
    for (const edge of found) edge.dropped = true;
    for (const { to, constraint } of later) graph.order(row, to, "slot", constraint);
    for (const { mover, constraint } of movers) {
      graph.order(mover, row, "carry", constraint);
      if (parked !== null) graph.order(parked, mover, "locate", constraint);
    }
    const now = ({ index }: Column<unknown>): unknown => parked?.after[index] ?? image[index];
    for (const [i, column] of row.table.primaryKey.entries()) row.key[i] = now(column);
    for (const follower of followers) followFromThere(graph, follower, row, movers, now);
    return true;
  }
  return false;
};

/** A row that is out of the way follows from there, if it waits for none of what moves it, and keeps what it follows by. */
function followsParked(graph: FlushGraph, parked: RowOperation, movers: readonly Mover[], image: RowImage): boolean {
  const isKept = parked.after.every((value, i) => value === undefined || image[i] === parked.before[i]);
  return (
    isKept &&
    !graph.isBehind(
      [parked],
      movers.map(({ mover }) => mover),
    )
  );
}

/**
 * What refers to the row, and follows it by the same statement, has moved with it by then: it is found by that key, and keeps
 * what the row does not write itself.
 */
function followFromThere(
  graph: FlushGraph,
  follower: RowOperation,
  row: RowOperation,
  movers: readonly Mover[],
  now: (column: Column<unknown>) => unknown,
): void {
  const { propagation } = follower;
  if (propagation === null) return;
  const { changes, sourceColumns } = propagation;
  const before = sourceColumns.map(now);
  const after = (all: readonly unknown[]): readonly unknown[] =>
    sourceColumns.map(({ index }, i) => (row.after[index] === undefined ? before[i] : all[i]));
  follower.propagation = { ...propagation, changes: changes.map((change) => ({ before, after: after(change.after) })) };
  for (const edge of [...graph.outgoing(follower)]) {
    const { kind, to, constraint, dropped } = edge;
    if (dropped || kind !== "locate" || to.propagation?.foreignKey !== propagation.foreignKey) continue;
    edge.dropped = true; // by the next key, nothing but what brings it there concerns it
    if (movers.some(({ mover }) => mover.group === to.group)) graph.order(to, follower, "carry", constraint);
  }
}

interface Mover {
  readonly mover: RowOperation;
  readonly constraint: Edge["constraint"];
}

/** What changes the key at first, and what takes the same rows on from there: keys are exchanged in several rounds. */
export function roundsFrom(graph: FlushGraph, first: RowOperation): readonly RowOperation[] {
  const rounds = [first];
  for (const round of rounds) {
    const foreignKey = round.propagation?.foreignKey;
    for (const { kind, to, dropped } of graph.outgoing(round)) {
      const isNext = kind === "carry" && foreignKey !== undefined && to.propagation?.foreignKey === foreignKey;
      if (isNext && !dropped && !rounds.includes(to)) rounds.push(to);
    }
  }
  return rounds;
}
