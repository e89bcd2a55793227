import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { isKnown } from "../decompose/tuple.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import { factsOf } from "../edges/unique-key.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext } from "./break-cycles.ts";
import type { Component } from "./components.ts";
import { roundsFrom } from "./find-by-new-key.ts";
import { mayBeLate, writeLater } from "./link-late.ts";
import { findParking, isParking } from "./park.ts";
import { breaksCheckWith } from "./row-checks.ts";

/**
 * Where the foreign key must not be NULL, and the row that it refers to changes its key or is parked under another one:
 * the row is written with the key of before, or with the one for the time being, and follows.
 */
export function linkToPresentKey(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  for (const edge of cycle.edges) {
    const { from, to, kind } = edge;
    if (edge.dropped || kind !== "refer" || !isAlone(to)) continue;
    const foreignKey = edge.constraint as ForeignKeyConstraint; // what a `refer` is about
    if (isParking(from)) {
      if (linkBeforeParking(graph, edge, foreignKey, context)) return true;
      continue;
    }
    const present = mayBeLate(to, foreignKey) ? presentOf(graph, edge, context) : null;
    if (present === null || mustNotFollow(graph, to, present.source, foreignKey)) continue;
    const { key, source, after, before } = present;
    if (!staysFound(graph, to, source, foreignKey) || leavesBehind(to, foreignKey, key, context)) continue;
    if (breaksCheckWith(to, foreignKey.columns, key, to.after)) continue;
    const keyOf = (column: Column<unknown>): unknown => key[foreignKey.columns.indexOf(column)];
    // A row that refers to the same one already has the same key of it all the time.
    const isInTheWay = (other: Edge): boolean =>
      EDGE_KINDS[other.kind].constraint === "unique" && refersBefore(other.from, from, foreignKey);
    writeLater(graph, edge, foreignKey, foreignKey.columns, keyOf, context, isInTheWay);
    if (after !== null) graph.order(after, to, "refer", foreignKey);
    graph.order(to, before, "locate", foreignKey); // the row follows when the key changes
    const late = completionOf(graph, to);
    if (late !== null) findByNextKey(graph, late, from, foreignKey);
    return true;
  }
  return false;
}

/** A row that was to be written with the key that its next one waits on is written before, with the one that this has still. */
function linkBeforeParking(
  graph: FlushGraph,
  edge: Edge,
  foreignKey: ForeignKeyConstraint,
  { between }: BreakContext,
): boolean {
  const { from: parked, to: row } = edge;
  const late = completionOf(graph, row);
  const key = foreignKey.referredColumns.map(({ index }) => parked.before[index]);
  if (late === null || key.some((value) => value === undefined || value === null)) return false;
  if (breaksCheckWith(row, foreignKey.columns, key, row.after)) return false;
  edge.dropped = true;
  for (const [i, { index }] of foreignKey.columns.entries()) row.after[index] = key[i];
  graph.order(row, parked, "locate", foreignKey);
  between.order(graph, row, late, foreignKey.columns);
  return true;
}

/**
 * A row was to be linked once its other values are written, which wait for it: it is linked before, when it is out of the way
 * of others if it has to be.
 */
export function linkBeforeChange(graph: FlushGraph, cycle: Component): boolean {
  for (const edge of cycle.edges) {
    const { from: row, to: late, kind } = edge;
    if (edge.dropped || kind !== "restore" || late.role !== "late link") continue;
    if (row.kind !== "update" || row.role !== "row" || row.movedBy !== null) continue;
    const columns = row.table.columns.filter(({ index }) => late.after[index] !== undefined);
    const isOwn = columns.every(({ index, primaryKey }) => row.after[index] === undefined && !primaryKey);
    const isUnique = row.table.uniqueKeys.some((key) => factsOf(key).dependsOn.some((one) => columns.includes(one)));
    if (!isOwn || isUnique) continue; // what the row has meanwhile is not what was looked at
    if (mustNotFollow(graph, late, row, null)) continue;
    const others = graph.incoming(late).filter((other) => !other.dropped && other !== edge);
    const awaited = others.map(({ from }) => from);
    if (graph.isBehind(awaited, [row])) continue;
    const parked = findParking(graph, row);
    const values = columns.map(({ index }) => late.after[index]);
    if (breaksCheckWith(row, columns, values, parked?.after ?? [])) continue;
    edge.dropped = true;
    late.key = row.key.slice(0, late.keyColumns.length); // without the version
    if (parked !== null) graph.order(parked, late, "locate", null);
    graph.order(late, row, "restore", null);
    return true;
  }
  return false;
}

/** The UPDATE that completes the row later. */
function completionOf(graph: FlushGraph, row: RowOperation): RowOperation | null {
  return graph.outgoing(row).find(({ kind, to }) => kind === "restore" && to.role === "late link")?.to ?? null;
}

/**
 * Can a row be found by the key that it has for a while, if the reference is a part of that? Not if it waits on a temporary
 * one itself, nor if its target does and nothing follows there.
 */
export function staysFound(
  graph: FlushGraph,
  row: RowOperation,
  target: RowOperation,
  { columns }: ForeignKeyConstraint,
): boolean {
  if (!columns.some(({ primaryKey }) => primaryKey)) return true;
  return findParking(graph, row) === null && isFollowedAside(graph, target);
}

/** Do rows follow the change also where it takes two steps, so that they can be found in between? */
export function isFollowedAside(graph: FlushGraph, target: RowOperation): boolean {
  return findParking(graph, target) === null || target.group?.kind === "compound";
}

/** A row whose own key is a part of the reference is found by the next one once it has followed that. */
export function findByNextKey(
  graph: FlushGraph,
  row: RowOperation,
  target: RowOperation,
  foreignKey: ForeignKeyConstraint,
): void {
  const own = row.keyColumns.filter((column) => foreignKey.columns.includes(column));
  if (own.length === 0) return;
  for (const column of own) {
    const written = row.after[column.index];
    if (written !== undefined) row.key[row.keyColumns.indexOf(column)] = written;
  }
  for (const { kind, to, constraint, dropped } of [...graph.outgoing(target)]) {
    if (dropped || kind !== "carry" || constraint !== foreignKey || to.kind !== "propagate") continue;
    for (const mover of roundsFrom(graph, to)) graph.order(mover, row, "carry", foreignKey);
  }
}

/** A new row, or a change that shares no statement with others. */
function isAlone({ kind, role, group }: RowOperation): boolean {
  return kind === "insert" || (kind === "update" && role === "row" && group === null);
}

/**
 * By another foreign key than this the row takes the key that the other one leaves: it must not be there when that is
 * followed.
 */
export function mustNotFollow(
  graph: FlushGraph,
  row: RowOperation,
  source: RowOperation,
  foreignKey: ForeignKeyConstraint | null,
): boolean {
  return graph
    .incoming(row)
    .some(
      ({ kind, dropped, constraint, from }) =>
        kind === "carry" && !dropped && constraint !== foreignKey && isCarriedFrom(graph, from, source),
    );
}

/** Does an operation carry on the change of `source`, at first hand or at last? Keys are exchanged in several rounds. */
function isCarriedFrom(graph: FlushGraph, operation: RowOperation, source: RowOperation): boolean {
  const carriers = [operation];
  for (const carrier of carriers) {
    if (carrier === source) return true;
    for (const { kind, dropped, from } of graph.incoming(carrier))
      if (kind === "carry" && !dropped && !carriers.includes(from)) carriers.push(from);
  }
  return false;
}

/** What a row has to write to refer to another one before that has its key, so that it follows. */
export interface Present {
  readonly key: readonly unknown[];
  /** What changes the key, at first hand or at last. */
  readonly source: RowOperation;
  /** The row has to be written after it: the key is the one for the time being. */
  readonly after: RowOperation | null;
  /** And before it. */
  readonly before: RowOperation;
}

/** The key to which an edge refers as it is before; null if a row would not follow from there. */
export function presentOf(graph: FlushGraph, { from, to, constraint }: Edge, context: BreakContext): Present | null {
  const foreignKey = constraint as ForeignKeyConstraint; // what a `refer` is about
  if (from.kind !== "update" || from.table !== foreignKey.referredTable)
    return presentBefore(graph, from, to, foreignKey, context);
  const after = findParking(graph, from);
  const key = presentKey(from, after, foreignKey, context);
  return key === null ? null : { key, source: from, after, before: from };
}

/** The row that it refers to gets its key by following another one. */
function presentBefore(
  graph: FlushGraph,
  bringer: RowOperation,
  row: RowOperation,
  foreignKey: ForeignKeyConstraint,
  { keyBefore, followed }: BreakContext,
): Present | null {
  const source = bringer.kind === "propagate" ? bringer.group?.members[0] : bringer; // the row whose key changed at first
  const key = source?.kind === "update" ? keyBefore(foreignKey, row) : null;
  if (source === undefined || key === null || !isKnown(key)) return null;
  const follows = foreignKey.columns.every((column, i) => key[i] === row.current(column) || followed.has(column));
  return follows ? { key, source, after: null, before: findParking(graph, source) ?? source } : null;
}

function presentKey(
  from: RowOperation,
  parked: RowOperation | null,
  { columns, referredColumns }: ForeignKeyConstraint,
  { followed }: BreakContext,
): readonly unknown[] | null {
  const key: unknown[] = [];
  for (const [i, column] of columns.entries()) {
    const referred = referredColumns[i] as Column<unknown>; // one for each column
    const value = parked?.after[referred.index] ?? from.before[referred.index];
    // Where nothing carries changed keys, the row would be in the way of the next one.
    const stays = !from.writes(referred) && parked?.after[referred.index] === undefined;
    if (value === undefined || value === null || (!stays && !followed.has(column))) return null;
    key.push(value);
  }
  return key;
}

/** Would rows that refer to this one by a part of its key be left behind where it refers to another key for a while? */
function leavesBehind(
  row: RowOperation,
  { columns }: ForeignKeyConstraint,
  present: readonly unknown[],
  { referring }: BreakContext,
): boolean {
  const moved = columns.filter((column, i) => column.primaryKey && present[i] !== row.current(column));
  return referring(row.table).some(({ referredColumns }) => referredColumns.some((column) => moved.includes(column)));
}

/** Does the row refer to that of `target` now? */
function refersBefore(
  row: RowOperation,
  target: RowOperation,
  { table, columns, referredTable, referredColumns }: ForeignKeyConstraint,
): boolean {
  if (row.table !== table || target.table !== referredTable) return false;
  return columns.every((column, i) => {
    const [own, referred] = [row.before[column.index], target.before[(referredColumns[i] as Column<unknown>).index]]; // one for each column
    return own !== null && own !== undefined && column.sqlType.equals(own, referred);
  });
}
