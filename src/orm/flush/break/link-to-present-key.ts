import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import { RowOperation } from "../decompose/operation.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import { factsOf } from "../edges/unique-key.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext } from "./break-cycles.ts";
import type { Component } from "./components.ts";
import { mayBeLate, writeLater } from "./link-late.ts";
import { findParking } from "./park.ts";

/**
 * Where the foreign key must not be NULL, and the row that it refers to changes its key or is parked under another one:
 * the row is written with the key of before, or with the one for the time being, and follows.
 */
export function linkToPresentKey(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  for (const edge of cycle.edges) {
    const { from, to, kind } = edge;
    if (edge.dropped || kind !== "refer" || from.kind !== "update" || !isAlone(to)) continue;
    const foreignKey = edge.constraint as ForeignKeyConstraint; // what a `refer` is about
    if (!mayBeLate(to, foreignKey) || mustNotFollow(graph, to, from, foreignKey)) continue;
    const parked = findParking(graph, from);
    const present = presentKey(from, parked, foreignKey, context);
    if (present === null) continue;
    const keyOf = (column: Column<unknown>): unknown => present[foreignKey.columns.indexOf(column)];
    // A row that refers to the same one already has the same key of it all the time.
    const isInTheWay = (other: Edge): boolean =>
      EDGE_KINDS[other.kind].constraint === "unique" && refersBefore(other.from, from, foreignKey);
    writeLater(graph, edge, foreignKey, foreignKey.columns, keyOf, context, isInTheWay);
    if (parked !== null) graph.order(parked, to, "refer", foreignKey);
    graph.order(to, from, "locate", foreignKey); // the row follows when the key changes
    return true;
  }
  return false;
}

/**
 * The same for a row that has to let go of another one first, which is deleted or changes its key: by one more UPDATE, it
 * refers to nothing, or if it must, to the key that its next one has at present, which it follows.
 */
export function leaveEarly(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  for (const edge of cycle.edges) {
    const { from: row, to, kind } = edge;
    const first = edge.dropped || kind !== "release" ? null : firstUpdate(graph, row);
    if (first === null) continue;
    const foreignKey = edge.constraint as ForeignKeyConstraint; // what a `release` is about
    // With one NULL in it, the key refers to nothing; it is to be one that is written afterwards.
    const isWritten = ({ index }: Column<unknown>): boolean =>
      row.after[index] !== undefined || first.after[index] !== undefined;
    const nullable = foreignKey.columns.filter((column) => column.nullable && !column.primaryKey && isWritten(column));
    if (nullable.length > 0) {
      const unlinked = writeEarly(graph, first, nullable, []);
      edge.dropped = true;
      graph.order(unlinked, to, "release", foreignKey);
      context.between.order(graph, unlinked, row, nullable);
      return true;
    }
    const refers = (other: Edge): boolean =>
      other.kind === "refer" && !other.dropped && other.constraint === foreignKey && other.from.kind === "update";
    const target = graph.incoming(row).find(refers)?.from;
    if (target === undefined || target === row || mustNotFollow(graph, row, target, foreignKey)) continue;
    const parked = findParking(graph, target);
    const present = presentKey(target, parked, foreignKey, context);
    if (present === null) continue;
    const early = writeEarly(graph, first, foreignKey.columns, present);
    edge.dropped = true;
    graph.order(early, to, "release", foreignKey);
    if (parked !== null) graph.order(parked, early, "refer", foreignKey);
    graph.order(early, target, "locate", foreignKey); // as above
    context.between.order(graph, early, row, foreignKey.columns);
    return true;
  }
  return false;
}

/**
 * A row was to be linked once its other values are written, which wait for it: it is linked before, when it is out of the way
 * of others if it has to be.
 */
export function linkBeforeChange(graph: FlushGraph, cycle: Component): boolean {
  for (const edge of cycle.edges) {
    const { from: row, to: late, kind } = edge;
    if (edge.dropped || kind !== "restore" || late.role !== "late link") continue;
    if (row.kind !== "update" || row.movedBy !== null) continue;
    const columns = row.table.columns.filter(({ index }) => late.after[index] !== undefined);
    const isOwn = columns.every(({ index, primaryKey }) => row.after[index] === undefined && !primaryKey);
    const isUnique = row.table.uniqueKeys.some((key) => factsOf(key).dependsOn.some((one) => columns.includes(one)));
    if (!isOwn || isUnique) continue; // what the row has meanwhile is not what was looked at
    if (mustNotFollow(graph, late, row, null)) continue;
    edge.dropped = true;
    late.key = row.key.slice(0, late.keyColumns.length); // without the version
    const parked = findParking(graph, row);
    if (parked !== null) graph.order(parked, late, "locate", null);
    graph.order(late, row, "restore", null);
    return true;
  }
  return false;
}

/** The change of a row, which may be completed later; null if it is none that somebody made. */
function firstUpdate(graph: FlushGraph, row: RowOperation): RowOperation | null {
  const first = row.role === "late link" ? graph.incoming(row).find(({ kind }) => kind === "restore")?.from : row;
  return first?.kind === "update" && first.role === "row" ? first : null;
}

/**
 * An UPDATE of the row before the one that it has already.
 * @param values those of the columns; without them, NULL
 */
function writeEarly(
  graph: FlushGraph,
  row: RowOperation,
  columns: readonly Column<unknown>[],
  values: readonly unknown[],
): RowOperation {
  const { table, entity, keyColumns, movedBy } = row;
  const parking = findParking(graph, row);
  const early = new RowOperation(table, "update", entity, {
    role: "early link",
    keyColumns,
    key: movedBy === null ? [...(parking ?? row).key] : keyColumns.map((column) => row.before[column.index]),
    before: row.before,
  });
  for (const [i, column] of columns.entries()) early.after[column.index] = values[i] ?? null;
  graph.add(early);
  graph.order(early, row, "restore", null);
  if (parking !== null) graph.order(early, parking, "locate", null);
  if (movedBy !== null) graph.order(early, movedBy, "locate", null);
  return early;
}

/** A new row, or a change that shares no statement with others. */
function isAlone({ kind, role, group }: RowOperation): boolean {
  return kind === "insert" || (kind === "update" && role === "row" && group === null);
}

/**
 * By another foreign key than this the row takes the key that the other one leaves: it must not be there when that is
 * followed.
 */
function mustNotFollow(
  graph: FlushGraph,
  row: RowOperation,
  source: RowOperation,
  foreignKey: ForeignKeyConstraint | null,
): boolean {
  const carriesOn = ({ from, kind, dropped }: Edge): boolean => kind === "carry" && !dropped && from === source;
  return graph
    .incoming(row)
    .some(
      ({ kind, dropped, constraint, from }) =>
        kind === "carry" &&
        !dropped &&
        constraint !== foreignKey &&
        (from === source || graph.incoming(from).some(carriesOn)),
    );
}

/** What a row has to write to refer to another one before that has its key; null if it would not follow. */
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
    if (value === undefined || value === null || (!stays && (column.primaryKey || !followed.has(column)))) return null;
    key.push(value);
  }
  return key;
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
