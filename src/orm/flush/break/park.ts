import type { Column, ForeignKeyConstraint, UniqueKey } from "../../../schema/index.ts";
import { RowOperation } from "../decompose/operation.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import { factsOf } from "../edges/unique-key.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext } from "./break-cycles.ts";
import type { Component } from "./components.ts";
import { temporaryValue } from "./temporary-value.ts";

/** A rotation of unique values is broken at one row, which gives its value up early for NULL: k rows cost k + 1 updates. */
export function parkOnNull(graph: FlushGraph, cycle: Component): boolean {
  return parkFirst(graph, cycle, "update", (edge) => nullableMember(edge));
}

/** A row that must be deleted late, because others still refer to it, gives its unique value up early. */
export function vacateOnNull(graph: FlushGraph, cycle: Component): boolean {
  return parkFirst(graph, cycle, "delete", (edge) => nullableMember(edge));
}

/**
 * As above where no column of the tuple may be NULL: the row takes a value that fits the column and that no other row
 * has. A column of a foreign key can only do so while the check of that key is put off.
 */
export function parkOnTemporary(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  const any = (kind: "update" | "delete", accepts: (column: Column<unknown>) => boolean): boolean =>
    parkFirst(graph, cycle, kind, (edge) => temporaryMember(edge, accepts));
  const free = (column: Column<unknown>): boolean => foreignKeysOver(column).length === 0;
  if (any("update", free) || any("delete", free)) return true;
  const deferrable = (column: Column<unknown>): boolean =>
    context.canDeferAllForeignKeys ||
    foreignKeysOver(column).every((foreignKey) => foreignKey.deferrable === true && context.canDeferDeclared);
  return any("update", (column) => {
    if (!deferrable(column)) return false;
    if (context.canDeferAllForeignKeys) context.deferAllForeignKeys = true;
    else for (const foreignKey of foreignKeysOver(column)) context.deferred.add(foreignKey);
    return true;
  });
}

/** The column to park on, and the value that it takes for the time being. */
interface Parking {
  readonly column: Column<unknown>;
  readonly value: unknown;
}

function parkFirst(
  graph: FlushGraph,
  cycle: Component,
  kind: "update" | "delete",
  find: (edge: Edge) => Parking | null,
): boolean {
  for (const edge of cycle.edges) {
    if (edge.kind !== "slot" || edge.from.kind !== kind || isParking(edge.from)) continue;
    const parking = find(edge);
    if (parking === null) continue;
    park(graph, edge, parking);
    return true;
  }
  return false;
}

function nullableMember(edge: Edge): Parking | null {
  const uniqueKey = edge.constraint as UniqueKey; // a slot's constraint is a unique key
  if (uniqueKey.nullsNotDistinct) return null;
  for (const { column } of factsOf(uniqueKey).parts) {
    if (column?.nullable && !column.primaryKey && column.computed === null) return { column, value: null };
  }
  return null;
}

function temporaryMember(edge: Edge, accepts: (column: Column<unknown>) => boolean): Parking | null {
  const uniqueKey = edge.constraint as UniqueKey; // a slot's constraint is a unique key
  for (const { column } of factsOf(uniqueKey).parts) {
    if (column === null || column.computed !== null) continue;
    const value = temporaryValue(column);
    if (value !== undefined && accepts(column)) return { column, value };
  }
  return null;
}

function foreignKeysOver(column: Column<unknown>): readonly ForeignKeyConstraint[] {
  return column.table.foreignKeys.filter((foreignKey) => foreignKey.columns.includes(column));
}

/** Moves the row of `edge.from` out of the slot first; what takes the slot need not wait for its real change any more. */
function park(graph: FlushGraph, edge: Edge, { column, value }: Parking): void {
  const { from } = edge;
  const parked = parkingUpdate(graph, from);
  parked.after[column.index] = value;
  if (from.kind === "update" && from.after[column.index] === undefined)
    from.after[column.index] = from.before[column.index];
  const position = from.keyColumns.indexOf(column);
  if (position >= 0) from.key[position] = value; // a parked key is where the row is found from now on
  // Every slot that the column is a member of is free now, under this unique key and under others.
  for (const other of graph.outgoing(from)) {
    if (other.dropped || EDGE_KINDS[other.kind].constraint !== "unique" || !isMember(column, other)) continue;
    other.dropped = true;
    graph.order(parked, other.to, other.kind, other.constraint);
  }
  inheritLocators(graph, from, parked, column);
}

/** The one UPDATE that moves a row out of the way, however many of its values are. */
function parkingUpdate(graph: FlushGraph, from: RowOperation): RowOperation {
  for (const edge of graph.incoming(from)) if (edge.kind === "restore" && isParking(edge.from)) return edge.from;
  const { table, entity, keyColumns } = from;
  const parked = new RowOperation({
    table,
    kind: "update",
    role: from.kind === "delete" ? "vacate" : "park",
    entity,
    keyColumns,
    key: [...from.key],
    before: [...from.before],
  });
  graph.add(parked);
  graph.order(parked, from, "restore", null);
  return parked;
}

function isParking({ role }: RowOperation): boolean {
  return role === "park" || role === "vacate";
}

function isMember(column: Column<unknown>, edge: Edge): boolean {
  const uniqueKey = edge.constraint as UniqueKey; // the constraint of a slot is a unique key
  return factsOf(uniqueKey).parts.some((part) => part.column === column);
}

/** Operations that find a row by the key that is parked must run before it is. */
function inheritLocators(graph: FlushGraph, from: RowOperation, parked: RowOperation, column: Column<unknown>): void {
  if (!column.primaryKey) return;
  for (const edge of [...graph.incoming(from)]) {
    if (!edge.dropped && edge.kind === "locate") graph.order(edge.from, parked, "locate", edge.constraint);
  }
}
