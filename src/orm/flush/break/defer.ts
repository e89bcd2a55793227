import type { Column, ForeignKeyConstraint, UniqueKey } from "../../../schema/index.ts";
import { GeneratedValue, origin, type RowOperation } from "../decompose/operation.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import { isActive, restricts } from "../edges/referential-action.ts";
import { factsOf } from "../edges/unique-key.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext } from "./break-cycles.ts";
import type { Component } from "./components.ts";
import { findParking } from "./park.ts";

/** Puts off the constraints that are declared DEFERRABLE, where the database can do so within a transaction. */
export function deferDeclared(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  let changed = false;
  for (const edge of cycle.edges) {
    const { constraint } = edge;
    const { constraint: checked } = EDGE_KINDS[edge.kind];
    if (checked === "none") continue; // which row follows which key does not wait for a check
    if (constraint?.deferrable !== true || !mayBeLate(graph, edge, restricts)) continue;
    const able = checked === "unique" ? context.canDeferUnique : context.canDeferDeclared;
    if (!able) continue;
    context.deferred.add(constraint);
    edge.dropped = true;
    makeWay(graph, edge);
    stayBehind(graph, edge);
    changed = true;
  }
  return changed;
}

/** Puts off every foreign key to the end of the transaction; the last way out for keys that are known but NOT NULL. */
export function deferForeignKeys(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  if (!context.canDeferAllForeignKeys) return false;
  const edges = cycle.edges.filter(
    (edge) => EDGE_KINDS[edge.kind].constraint === "foreign key" && mayBeLate(graph, edge),
  );
  for (const edge of edges) {
    edge.dropped = true;
    makeWay(graph, edge);
    stayBehind(graph, edge);
  }
  if (edges.length > 0) context.deferAllForeignKeys = true;
  return edges.length > 0;
}

/**
 * A row that refers to a deleted one for a while has what it has of unique keys. A stored row that takes the key of the deleted one
 * brings rows that refer to it: they may have the same otherwise.
 */
function makeWay(graph: FlushGraph, { from: row, to: deleted, kind, constraint }: Edge): void {
  if (kind !== "release" || deleted.kind !== "delete") return;
  const { table, columns, referredColumns } = constraint as ForeignKeyConstraint; // a `release` is of one
  const takers = graph.outgoing(deleted).filter((edge) => edge.kind === "slot" && isSlotOf(edge, referredColumns));
  const bringing = takers.map(({ to }) => to).filter((taker) => taker.kind === "update" && taker !== row);
  for (const uniqueKey of bringing.length === 0 ? [] : table.uniqueKeys) {
    const { dependsOn } = factsOf(uniqueKey);
    if (!dependsOn.some((column) => columns.includes(column))) continue;
    const parked = findParking(graph, row);
    const isAside = dependsOn.some(({ index }) => parked?.after[index] !== undefined);
    for (const taker of bringing) graph.order(isAside && parked !== null ? parked : row, taker, "slot", uniqueKey);
  }
}

/**
 * A row that refers to a deleted one for a while does not follow ON UPDATE of a key that this would have got afterwards, unless
 * another row has the key by then.
 */
function stayBehind(graph: FlushGraph, { from: row, to, kind, constraint }: Edge): void {
  if (kind !== "release" || to.kind !== "delete" || row.movedBy === null) return;
  const { columns, referredColumns, onUpdate } = constraint as ForeignKeyConstraint; // a `release` is of one
  const isBeforeMove = (operation: RowOperation): boolean => graph.isBehind([row.movedBy as RowOperation], [operation]); // see above
  if (!isActive(onUpdate) || !isBeforeMove(to)) return;
  const takers = graph.outgoing(to).filter((edge) => edge.kind === "slot" && isSlotOf(edge, referredColumns));
  if (takers.some((edge) => isBeforeMove(edge.to))) return;
  const parked = findParking(graph, row)?.after ?? [];
  for (const [i, column] of row.keyColumns.entries())
    if (columns.includes(column)) row.key[i] = parked[column.index] ?? row.before[column.index];
}

/**
 * Suspends the checks of foreign keys for the statements that are too early. Those for which ON DELETE or ON UPDATE has
 * something to do are not among them: that is suspended with the checks.
 */
export function suspendForeignKeys(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  if (!context.canSuspendForeignKeys) return false;
  let changed = false;
  for (const edge of cycle.edges) {
    if (EDGE_KINDS[edge.kind].constraint !== "foreign key" || !mayBeLate(graph, edge)) continue;
    const { from, to, kind } = edge;
    const suspended = kind === "release" ? [to, ...updatesOf(graph, from)] : [to]; // until then that row refers to nothing
    if (suspended.some((operation) => isFollowedByDatabase(graph, operation, context))) continue;
    edge.dropped = true;
    makeWay(graph, edge);
    for (const operation of suspended) operation.suspended = true;
    changed = true;
  }
  return changed;
}

/** What writes a row, of which the database checks all whenever its key or a foreign key is written. */
function updatesOf(graph: FlushGraph, operation: RowOperation): readonly RowOperation[] {
  return [operation, findParking(graph, operation) ?? operation].filter(({ kind }) => kind === "update");
}

/** Does the database change, or delete, what refers to the row? */
function isFollowedByDatabase(graph: FlushGraph, operation: RowOperation, { referring }: BreakContext): boolean {
  const { kind, table, suspended } = operation;
  if (suspended) return false; // it does not as it is
  if (kind === "delete") return referring(table).some(({ onDelete }) => isActive(onDelete));
  if (kind !== "update") return false;
  const follows = (foreignKey: ForeignKeyConstraint): boolean =>
    graph.outgoing(operation).some(({ to }) => to.propagation?.foreignKey === foreignKey);
  return referring(table).some(
    (foreignKey) =>
      isActive(foreignKey.onUpdate) && operation.changes(foreignKey.referredColumns) && !follows(foreignKey),
  );
}

/**
 * Is nothing lost if the check is made later than the statement?
 * @param refuses actions for which there is no later: RESTRICT, other than where every check can be put off
 */
function mayBeLate(graph: FlushGraph, edge: Edge, refuses = NEVER): boolean {
  return valueIsKnown(edge) && !isActedOn(graph, edge, refuses);
}

const NEVER = (_action: string | null): boolean => false;

/**
 * ON DELETE and ON UPDATE are carried out at once, whatever becomes of the check: a row that is to stay must not refer to
 * the deleted one by then, nor already have the key that the deleted one has yet to give to another row.
 */
function isActedOn(graph: FlushGraph, { from, to, kind, constraint }: Edge, refuses: typeof NEVER): boolean {
  if (EDGE_KINDS[kind].constraint !== "foreign key") return false;
  const foreignKey = constraint as ForeignKeyConstraint; // the kind says so
  const { onDelete, onUpdate, referredColumns } = foreignKey;
  if (kind === "refer" && isActive(onUpdate) && takesOwnKey(to, foreignKey)) return true;
  if (kind === "release" && to.kind !== "delete") return refuses(onUpdate);
  if (!isActive(onDelete) && !refuses(onDelete)) return false;
  if (kind === "release") return true;
  return (
    kind === "refer" &&
    graph.incoming(from).some((edge) => edge.kind === "slot" && leavesTable(edge) && isSlotOf(edge, referredColumns))
  );
}

/** The row is to refer to the key that it gives up by the same UPDATE: ON UPDATE, carried out at once, would change that. */
function takesOwnKey(
  row: RowOperation,
  { table, columns, referredTable, referredColumns }: ForeignKeyConstraint,
): boolean {
  if (row.kind !== "update" || table !== referredTable || !row.changes(referredColumns)) return false;
  return referredColumns.every(({ sqlType, index }, i) => {
    const taken = origin(row.current(columns[i] as Column<unknown>)); // one for each column
    return taken !== undefined && taken !== null && sqlType.equals(row.before[index], taken);
  });
}

function leavesTable({ from }: Edge): boolean {
  return from.kind === "delete" || from.role === "vacate";
}

function isSlotOf({ constraint }: Edge, columns: readonly Column<unknown>[]): boolean {
  return columns.every((column) => factsOf(constraint as UniqueKey).dependsOn.includes(column)); // a slot's is a unique key
}

/** No deferral helps a row that refers to a key which the database has yet to make. */
export function valueIsKnown(edge: Edge): boolean {
  return (
    edge.kind !== "refer" ||
    !edge.to.after.some((value) => {
      const made = origin(value);
      return made instanceof GeneratedValue && made.operation === edge.from;
    })
  );
}
