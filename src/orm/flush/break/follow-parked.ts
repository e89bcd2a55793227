import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import { type Propagation, RowOperation, StatementGroup } from "../decompose/operation.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { Parking } from "./park.ts";

/**
 * Rows that refer to a key that is parked follow it there, and from there to the key that the row keeps. ON UPDATE does
 * so by itself; where rows follow in the statement that changes the key, they do so in both.
 */
export function followParked(graph: FlushGraph, from: RowOperation, parked: RowOperation, parking: Parking): void {
  const { column } = parking;
  const followers = followersAlong(from, column);
  for (const follower of followers) split(graph, from, parked, follower, parking);
  if (followers.length > 0 || !carries(graph, from)) return;
  leaveEarly(graph, from, parked, ({ to, constraint }) => {
    const { referredTable, referredColumns } = constraint as ForeignKeyConstraint; // a change is carried along one
    return to.kind !== "propagate" && (referredTable !== from.table || referredColumns.includes(column));
  });
}

/** Does anything follow what the operation changes? */
function carries(graph: FlushGraph, from: RowOperation): boolean {
  for (let at = 0, edge = graph.outgoingAt(from, 0); edge !== undefined; edge = graph.outgoingAt(from, ++at))
    if (edge.kind === "carry") return true;
  return false;
}

/** What lets rows follow a change of the column in the statement that makes it. */
export function followersAlong({ group }: RowOperation, column: Column<unknown>): readonly RowOperation[] {
  if (group?.kind !== "compound") return NONE;
  return group.members.filter(({ propagation }) => propagation?.sourceColumns.includes(column) === true);
}

/** Makes two of a follower: to the value that the row takes for a while, and from there. */
function split(
  graph: FlushGraph,
  from: RowOperation,
  parked: RowOperation,
  follower: RowOperation,
  { column, value }: Parking,
): void {
  const { propagation, table } = follower;
  if (propagation === null) return;
  const group = parked.group ?? new StatementGroup("compound");
  if (parked.group === null) group.take(parked);
  const position = propagation.sourceColumns.indexOf(column);
  const aside = (tuple: readonly unknown[]): readonly unknown[] => tuple.with(position, value);
  const { changes, sourceColumns } = propagation;
  follower.propagation = {
    ...propagation,
    changes: changes.map(({ before, after }) => ({ before: aside(before), after })),
  };
  const known = earlyHalf(group, propagation);
  if (known?.propagation != null) {
    // Parked on another column already; one statement writes a row once.
    const early = known.propagation.changes.map(({ before, after }) => ({ before, after: aside(after) }));
    known.propagation = { ...known.propagation, changes: early };
    return;
  }
  // A row that follows another one's key itself is parked before it does: nor have those that refer to it followed then.
  const isMoved = from.movedBy !== null;
  const early = new RowOperation(table, "propagate");
  group.take(early);
  early.propagation = {
    ...propagation,
    changes: changes.map(({ before }) => {
      const first = isMoved ? sourceColumns.map(({ index }) => from.before[index]) : before;
      return { before: first, after: aside(first) };
    }),
  };
  graph.add(early);
  for (const { from: other, kind, constraint, dropped } of [...graph.incoming(follower)]) {
    if (dropped || kind !== "locate" || (isMoved && other.group === from.movedBy?.group)) continue;
    graph.order(other, early, kind, constraint);
  }
  // A change of more columns that takes the key of before; not one of a row that follows both steps first.
  const isRelieved = ({ to }: Edge): boolean => {
    const mover = to.kind === "propagate" ? to.group?.members[0]?.movedBy : null;
    return mover == null || (mover.group !== follower.group && mover.group !== group);
  };
  leaveEarly(graph, follower, early, isRelieved);
}

/** What lets the same rows follow to another column's value for a while. */
function earlyHalf({ members }: StatementGroup, { foreignKey, columns }: Propagation): RowOperation | undefined {
  return members.find(({ propagation }) => propagation?.foreignKey === foreignKey && propagation.columns === columns);
}

/**
 * No row has the key of before any more once `early` has run, the first of the two steps that `late` takes now: what
 * waits for that need not wait for the second. Rows that are found by the key that they get by following wait for both.
 */
function leaveEarly(
  graph: FlushGraph,
  late: RowOperation,
  early: RowOperation,
  isRelieved: (edge: Edge) => boolean,
): void {
  for (const other of [...graph.outgoing(late)]) {
    if (other.dropped || other.kind !== "carry" || !isRelieved(other)) continue;
    if (other.to.movedBy === late) {
      other.to.movedBy = early;
      continue;
    }
    if (other.to.movedBy === early) continue;
    other.dropped = true;
    graph.order(early, other.to, other.kind, other.constraint);
  }
}

const NONE: readonly RowOperation[] = [];
