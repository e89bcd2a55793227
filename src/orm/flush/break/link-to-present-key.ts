import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
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
    if (!mayBeLate(to, foreignKey)) continue;
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

/** A new row, or a change that shares no statement with others. */
function isAlone({ kind, role, group }: RowOperation): boolean {
  return kind === "insert" || (kind === "update" && role === "row" && group === null);
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
