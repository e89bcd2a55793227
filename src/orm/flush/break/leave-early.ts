import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import { isSame } from "../decompose/is-same.ts";
import { type RowImage, RowOperation } from "../decompose/operation.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import type { FlushGraph } from "../graph.ts";
import type { BreakContext, Rung } from "./break-cycles.ts";
import { sharesColumns, writesNothingElse } from "./link-late.ts";
import { findParking } from "./park.ts";
import { breaksCheckWith, nullTogether } from "./row-checks.ts";
import { mayWaitOnNull } from "./wait-on-null.ts";

/** A row that has to let go of another one, which is deleted or changes its key, before all that it writes can be written. */
interface Leaving {
  readonly row: RowOperation;
  /** Its change, if `row` completes that later; else the same. */
  readonly first: RowOperation;
  readonly foreignKey: ForeignKeyConstraint;
}

/** Writes what the row is to refer to meanwhile, by an UPDATE before all others of it; null if it cannot. */
type Leave = (graph: FlushGraph, leaving: Leaving, context: BreakContext) => RowOperation | null;

/** It refers to its next one already, which waits for nothing in the circle: other values of the row do. */
export const leaveForNext = rung((graph, { row, first, foreignKey }, context) => {
  const { columns } = foreignKey;
  const isOwn = ({ index, primaryKey }: Column<unknown>): boolean => row.after[index] !== undefined && !primaryKey;
  if (!columns.every(isOwn) || writesNothingElse(row, columns)) return null;
  const orders = graph
    .incoming(row)
    .filter((edge) => !edge.dropped && edge.kind !== "release" && sharesColumns(edge, columns));
  // What this is to come before must not be what it waits for.
  const awaited = orders.map(({ from }) => from);
  const parking = findParking(graph, first);
  const { movedBy } = first;
  if (graph.isBehind(awaited, movedBy === null ? [row, first] : [row, first, movedBy])) return null;
  const isAside = parking !== null && graph.isBehind(awaited, [parking]);
  if (isAside && movedBy !== null) return null;
  const next = columns.map(({ index }) => row.after[index]);
  const present = presentKey(first, foreignKey, next, isAside ? parking.after : [], context);
  // A database that checks after each row does not let a row that refers to itself take another key.
  if (present !== null && !context.checksAtStatementEnd) return null;
  const values = present ?? next;
  const stages = isAside ? [parking.after] : stagesOf(parking);
  if (stages.some((stage) => breaksCheckWith(first, columns, values, stage))) return null;
  const early = isAside ? writeBetween(graph, parking, first) : writeEarly(graph, first);
  setAll(early, columns, values);
  for (const { from, kind, constraint } of orders) graph.order(from, early, kind, constraint);
  context.between.order(graph, early, row, columns);
  return early;
});

/**
 * The key that a row has, if it is to refer to itself by the one that it gets: that may be another row's until then.
 * @param aside what moves it out of the way before
 */
function presentKey(
  { table, before, after }: RowOperation,
  { referredTable, referredColumns }: ForeignKeyConstraint,
  next: readonly unknown[],
  aside: RowImage,
  { moved }: BreakContext,
): readonly unknown[] | null {
  if (referredTable !== table) return null;
  const image = moved(table, before) ?? before;
  const isOwn = referredColumns.every((column, i) =>
    isSame(column, next[i], after[column.index] === undefined ? image[column.index] : after[column.index]),
  );
  return isOwn ? referredColumns.map(({ index }) => aside[index] ?? before[index]) : null;
}

/** It refers to nothing: with one NULL in it, the key does not. */
export const leaveForNothing = rung((graph, { row, first, foreignKey }, context) => {
  const isWritten = ({ index }: Column<unknown>): boolean =>
    row.after[index] !== undefined || first.after[index] !== undefined; // else nothing would be written afterwards
  const mayWait = (column: Column<unknown>): boolean => mayWaitOnNull(first, column, context) && isWritten(column);
  const stages = stagesOf(findParking(graph, first));
  const nullable = nullTogether(first, foreignKey.columns.filter(mayWait), stages.at(-1) ?? []);
  if (nullable.length === 0 || stages.some((stage) => breaksCheckWith(first, nullable, [], stage))) return null;
  const early = writeEarly(graph, first);
  setAll(early, nullable, []);
  context.between.order(graph, early, row, nullable);
  return early;
});

/** What is written of a row while it has what an UPDATE before all others gives it: nothing, and what moves it out of the way. */
function stagesOf(parking: RowOperation | null): readonly RowImage[] {
  return parking === null ? [[]] : [[], parking.after];
}

function rung(leave: Leave): Rung {
  return (graph, cycle, context) => {
    for (const edge of cycle.edges) {
      const { from: row, to, kind } = edge;
      const first = edge.dropped || kind !== "release" ? null : firstUpdate(graph, row);
      if (first === null) continue;
      const foreignKey = edge.constraint as ForeignKeyConstraint; // what a `release` is about
      const early = leave(graph, { row, first, foreignKey }, context);
      if (early === null) continue;
      edge.dropped = true;
      graph.order(early, to, "release", foreignKey);
      for (const one of new Set([first, row])) giveUpEarlier(graph, one, early, foreignKey);
      return true;
    }
    return false;
  };
}

/** Rows that follow a change of the foreign key may take what the row has of unique keys as soon as it refers elsewhere. */
function giveUpEarlier(
  graph: FlushGraph,
  row: RowOperation,
  early: RowOperation,
  foreignKey: ForeignKeyConstraint,
): void {
  for (const edge of [...graph.outgoing(row)]) {
    const { to, kind, constraint, dropped } = edge;
    if (dropped || EDGE_KINDS[kind].constraint !== "unique" || !carriesAlong(to, foreignKey)) continue;
    edge.dropped = true;
    graph.order(early, to, kind, constraint);
  }
}

/** Rows follow along the foreign key, either what the operation writes or by its very statement. */
function carriesAlong({ kind, table, propagation }: RowOperation, foreignKey: ForeignKeyConstraint): boolean {
  if (propagation !== null) return propagation.foreignKey === foreignKey;
  return kind === "update" && table === foreignKey.referredTable && table !== foreignKey.table;
}

/** The change of a row, which may be completed later; null if it is none that somebody made. */
function firstUpdate(graph: FlushGraph, row: RowOperation): RowOperation | null {
  const first = row.role === "late link" ? graph.incoming(row).find(({ kind }) => kind === "restore")?.from : row;
  return first?.kind === "update" && first.role === "row" ? first : null;
}

/** An UPDATE of the row before the one that it has already. */
function writeEarly(graph: FlushGraph, row: RowOperation): RowOperation {
  const { keyColumns, movedBy } = row;
  const parking = findParking(graph, row);
  const key = movedBy === null ? [...(parking ?? row).key] : keyColumns.map((column) => row.before[column.index]);
  const early = earlyLink(graph, row, key);
  if (parking !== null) graph.order(early, parking, "locate", null);
  if (movedBy !== null) graph.order(early, movedBy, "locate", null);
  return early;
}

/** The same once the row is out of the way. */
function writeBetween(graph: FlushGraph, parking: RowOperation, row: RowOperation): RowOperation {
  const early = earlyLink(graph, row, [...row.key]);
  graph.order(parking, early, "locate", null);
  return early;
}

function earlyLink(graph: FlushGraph, row: RowOperation, key: unknown[]): RowOperation {
  const { table, entity, keyColumns, before } = row;
  const early = graph.add(new RowOperation(table, "update", entity, { role: "early link", keyColumns, key, before }));
  graph.order(early, row, "restore", null);
  return early;
}

/** @param values without them, NULL */
function setAll({ after }: RowOperation, columns: readonly Column<unknown>[], values: readonly unknown[]): void {
  for (const [i, { index }] of columns.entries()) after[index] = values[i] ?? null;
}
