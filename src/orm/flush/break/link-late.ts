import type { Column, ForeignKeyConstraint, UniqueKey } from "../../../schema/index.ts";
import { RowOperation } from "../decompose/operation.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import { columnsSharingKeys, factsOf } from "../edges/unique-key.ts";
import type { Moved } from "../edges/unique-slots.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext } from "./break-cycles.ts";
import type { Component } from "./components.ts";
import { findParking } from "./park.ts";
import { breaksCheck, nullTogether } from "./row-checks.ts";
import { mayWaitOnNull } from "./wait-on-null.ts";

/**
 * Takes one nullable foreign key out of the cycle: rows are inserted with NULL and linked by one UPDATE later, rows that
 * are deleted are unlinked by one UPDATE before. Of several such keys the one with the fewest rows is taken, and one
 * whose relationship says `postUpdate` before all others.
 */
export function linkLate(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  if (!hasForeignKey(cycle)) return false; // mostly so where unique values are exchanged: nothing is made for those
  return link(graph, cycle, context, whereItHelps(graph, cycle, context));
}

/** The edges that {@link linkLate} would take out. */
export function edgesToLink(graph: FlushGraph, cycle: Component, context: BreakContext): readonly Edge[] {
  return choose(graph, cycle, context, whereItHelps(graph, cycle, context))?.[1] ?? [];
}

function whereItHelps(graph: FlushGraph, cycle: Component, context: BreakContext): Helps {
  return (edge, foreignKey) => {
    if (!cycle.isOnlyTie(edge)) return false;
    if (edge.kind === "release") return true;
    const columns = lateColumns(graph, edge, foreignKey, context);
    return !context.between.isWanted(graph, edge.to, writtenWithout(edge.to, columns, context), columns);
  };
}

/**
 * As above, where two foreign keys of a row tie it to the same other one: one after the other is taken out. And where the
 * row has a unique value meanwhile that another one wants.
 */
export function linkLateOneByOne(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  return link(graph, cycle, context, () => true);
}

function link(graph: FlushGraph, cycle: Component, context: BreakContext, helps: Helps): boolean {
  const choice = choose(graph, cycle, context, helps);
  if (choice === null) return false;
  const [foreignKey, edges] = choice;
  context.preferLate.add(foreignKey); // the same choice in every cycle keeps the UPDATE one batch
  let alone: RowOperation | null = null;
  for (const edge of edges) {
    if (edge.dropped) continue; // by the one before, which was about the same row
    // Rows that are linked late share one UPDATE, those that are unlinked first another: perhaps one of the two will do.
    if (edge.kind !== edges[0]?.kind && !cycle.mayBeOnCircle(edge)) continue;
    if (alone !== null && edge.to !== alone) continue;
    if (edge.kind === "release") unlinkBefore(graph, edge, foreignKey, context);
    else if (linkAfter(graph, edge, foreignKey, context)) alone ??= edge.to; // perhaps one such row will do
  }
  return true;
}

type Helps = (edge: Edge, foreignKey: ForeignKeyConstraint) => boolean;

/** The foreign key that is best taken out of the cycle, and its edges there. */
function choose(
  graph: FlushGraph,
  cycle: Component,
  context: BreakContext,
  helps: Helps,
): readonly [ForeignKeyConstraint, readonly Edge[]] | null {
  const candidates = new Map<ForeignKeyConstraint, Edge[]>();
  for (const edge of cycle.edges) {
    const foreignKey = foreignKeyOf(edge);
    if (foreignKey === null || lateColumns(graph, edge, foreignKey, context).length === 0) continue;
    if (!helps(edge, foreignKey)) continue;
    getOrAdd(candidates, foreignKey, () => []).push(edge);
  }
  const cost = ([foreignKey, edges]: [ForeignKeyConstraint, Edge[]]): number =>
    context.preferLate.has(foreignKey) ? 0 : edges.length;
  const [best] = [...candidates].sort((a, b) => cost(a) - cost(b));
  return best ?? null;
}

function hasForeignKey({ edges }: Component): boolean {
  for (const edge of edges) if (foreignKeyOf(edge) !== null) return true;
  return false;
}

function foreignKeyOf(edge: Edge): ForeignKeyConstraint | null {
  if (edge.kind !== "refer" && edge.kind !== "release" && edge.kind !== "carry") return null;
  // The kind says which class of constraint it is.
  return edge.to.kind === "propagate" ? null : (edge.constraint as ForeignKeyConstraint);
}

/**
 * Columns of the foreign key that can be written apart from the rest of the row: no part of a key, and NULL for a while;
 * in an UPDATE that writes more than them, they may also keep what they have.
 */
function lateColumns(
  graph: FlushGraph,
  edge: Edge,
  foreignKey: ForeignKeyConstraint,
  context: BreakContext,
): readonly Column<unknown>[] {
  const operation = edge.kind === "release" ? edge.from : edge.to;
  const nullable = foreignKey.columns.filter((column) => mayWaitOnNull(operation, column, context));
  if (edge.kind === "release") {
    if (operation.kind !== "delete" || operation.role !== "row") return [];
    return nullTogether(operation, nullable, findParking(graph, operation)?.after ?? []);
  }
  if (operation.role === "late link" || !mayBeLate(operation, foreignKey)) return [];
  const isSet = (column: Column<unknown>): boolean =>
    isWritten(operation, column) && operation.after[column.index] !== null;
  const late = nullTogether(operation, nullable.filter(isSet), operation.after);
  if (late.length > 0 || operation.kind !== "update") return late;
  const own = foreignKey.columns.filter((column) => !column.primaryKey && isSet(column));
  if (breaksCheck(operation, own, writtenWithout(operation, own, context))) return [];
  if (writesNothingElse(operation, [...own, ...keptParked(graph, operation, own)])) return []; // the same UPDATE, later
  // It helps if something waits for the rest of the row that does not wait for these columns, too.
  const waiting = graph.outgoing(operation).filter((other) => !other.dropped);
  const stays = new Set(waiting.filter((other) => belongsTo(other, own)).map((other) => other.to));
  return waiting.some((other) => !stays.has(other.to)) ? own : [];
}

/** What is written of a row for a while. */
function writtenWithout(row: RowOperation, columns: readonly Column<unknown>[], context: BreakContext): unknown[] {
  const written = [...row.after];
  const meanwhile = valueMeanwhile(row, columns, context);
  for (const { index } of columns) written[index] = meanwhile;
  return written;
}

/** NULL, or undefined if the row keeps what it has in the columns until they are written. */
function valueMeanwhile(
  row: RowOperation,
  columns: readonly Column<unknown>[],
  context: BreakContext,
): null | undefined {
  const areFree = columns.every((column) => mayWaitOnNull(row, column, context));
  return areFree && nullTogether(row, columns, row.after).length === columns.length ? null : undefined;
}

/** An upsert finds its row by the target, and one that leaves an existing row alone must not write it later. */
function mayBeLate({ conflict }: RowOperation, { columns }: ForeignKeyConstraint): boolean {
  if (conflict === null) return true;
  return conflict.set.length > 0 && !columns.some((column) => conflict.target.includes(column));
}

export function writesNothingElse({ after }: RowOperation, columns: readonly Column<unknown>[]): boolean {
  return after.every((value, i) => value === undefined || columns.some(({ index }) => index === i));
}

function isWritten(operation: RowOperation, column: Column<unknown>): boolean {
  return operation.after[column.index] !== undefined;
}

/**
 * `from` writes a key that `to` refers to, or carries a change that must not reach what `to` writes: `to` is written
 * with NULL first, or keeps what it has, and is linked once `from` is there.
 * @returns true if the row has unique values in the meantime that others may want
 */
function linkAfter(graph: FlushGraph, edge: Edge, foreignKey: ForeignKeyConstraint, context: BreakContext): boolean {
  const { from, to } = edge;
  const columns = lateColumns(graph, edge, foreignKey, context);
  const meanwhile = valueMeanwhile(to, columns, context);
  edge.dropped = true;
  const late = lateUpdate(graph, to, context);
  for (const column of columns) {
    late.after[column.index] = to.after[column.index];
    to.after[column.index] = meanwhile;
  }
  // Between the two the row is as `to` leaves it: if it is parked then, that is what it goes back to.
  for (const column of to.table.columns) late.before[column.index] = to.current(column);
  if (meanwhile === undefined) {
    keepUntil(graph, to, late, columns);
    for (const { index } of keptParked(graph, to, columns)) {
      late.after[index] ??= to.after[index];
      to.after[index] = undefined;
    }
  }
  // Orders that `to` had because of these columns now bind the late update; what `to` needs is found out below.
  for (const other of [...graph.incoming(to)]) {
    if (other.dropped || other === edge || other.kind === "restore" || !isDueTo(other, columns)) continue;
    graph.order(other.from, late, other.kind, other.constraint);
    if (other.kind !== "carry" || other.constraint === foreignKey) other.dropped = true;
  }
  if (from !== to) graph.order(from, late, edge.kind, foreignKey);
  return context.between.order(graph, to, late, columns);
}

/** What `to` gives up by writing the columns, it now gives up later. */
function keepUntil(graph: FlushGraph, to: RowOperation, late: RowOperation, columns: readonly Column<unknown>[]): void {
  for (const other of [...graph.outgoing(to)]) {
    const isLater = other.kind === "laterSlot"; // perhaps the row has followed a changed key by then
    if ((other.dropped && !isLater) || !belongsTo(other, columns)) continue;
    other.dropped = true;
    graph.order(late, other.to, isLater ? "slot" : other.kind, other.constraint);
  }
}

/**
 * What the row keeps for as long as it keeps what it has in the columns: a row that was moved out of a unique key is not
 * moved back before it has all of its new values of it.
 */
function keptParked(
  graph: FlushGraph,
  row: RowOperation,
  columns: readonly Column<unknown>[],
): readonly Column<unknown>[] {
  const parked = findParking(graph, row);
  if (parked === null) return [];
  const shared = columnsSharingKeys(row.table, columns);
  return shared.filter((column) => !column.primaryKey && parked.after[column.index] !== undefined);
}

/** The order exists because the row gives up what it had in the columns. */
function belongsTo(edge: Edge, columns: readonly Column<unknown>[]): boolean {
  const { kind } = edge;
  const leaves = kind === "release" || kind === "leaveAlong";
  return (leaves || EDGE_KINDS[kind].constraint === "unique") && sharesColumns(edge, columns);
}

/** The later row has to wait because of what it writes to the columns. */
function isDueTo(edge: Edge, columns: readonly Column<unknown>[]): boolean {
  const { kind } = edge;
  if (kind === "leaveAlong") return false; // it goes, whatever it has
  if (kind !== "release" && kind !== "uncheckedRelease" && kind !== "goAlong") return sharesColumns(edge, columns);
  // It is the key that has to be let go of, also where rows of one table refer to each other.
  const { referredColumns } = edge.constraint as ForeignKeyConstraint; // the kind says so
  return referredColumns.some((column) => columns.includes(column));
}

/** The order exists because of what a row has in the columns. */
export function sharesColumns({ kind, constraint }: Edge, columns: readonly Column<unknown>[]): boolean {
  // The kind says which class of constraint it is.
  const own =
    EDGE_KINDS[kind].constraint === "unique" ? factsOf(constraint as UniqueKey).dependsOn : constraint?.columns;
  return own?.some((column) => columns.includes(column)) ?? false;
}

/** The one UPDATE that completes `operation` later; several foreign keys of a row share it. */
function lateUpdate(graph: FlushGraph, operation: RowOperation, { moved }: BreakContext): RowOperation {
  for (const edge of graph.outgoing(operation)) {
    if (edge.kind === "restore" && edge.to.role === "late link") return edge.to;
  }
  const { table } = operation;
  const key =
    operation.kind === "insert" ? table.primaryKey.map((column) => operation.referable(column)) : [...operation.key];
  const late = new RowOperation(table, "update", operation.entity, {
    role: "late link",
    keyColumns: table.primaryKey,
    key,
  });
  if (operation.kind === "update")
    table.primaryKey.forEach((column, i) => {
      if (operation.after[column.index] !== undefined) late.key[i] = operation.after[column.index];
    });
  graph.add(late);
  graph.order(operation, late, "restore", null);
  followMovedKey(graph, operation, late, moved);
  return late;
}

/** A row that is found by a key which is about to follow another one is found by the new key afterwards. */
function followMovedKey(graph: FlushGraph, operation: RowOperation, late: RowOperation, moved: Moved): void {
  const movers = graph.outgoing(operation).filter((edge) => !edge.dropped && edge.kind === "locate");
  const image = movers.length === 0 ? null : moved(operation.table, operation.before);
  if (image === null) return;
  for (const { to, constraint } of movers)
    for (const mover of roundsFrom(graph, to)) graph.order(mover, late, "locate", constraint);
  late.keyColumns.forEach((column, i) => {
    if (operation.after[column.index] === undefined) late.key[i] = image[column.index];
  });
}

/** What changes the key at first, and what takes the same rows on from there: keys are exchanged in several rounds. */
function roundsFrom(graph: FlushGraph, first: RowOperation): readonly RowOperation[] {
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

/** `from` deletes a row that refers to the row of `to`: its foreign key is set to NULL first. */
function unlinkBefore(graph: FlushGraph, edge: Edge, foreignKey: ForeignKeyConstraint, context: BreakContext): void {
  const { from, to } = edge;
  const columns = lateColumns(graph, edge, foreignKey, context);
  edge.dropped = true;
  const release = releaseUpdate(graph, from);
  for (const column of columns) release.after[column.index] = null;
  graph.order(release, to, "release", foreignKey);
}

/** The one UPDATE that unlinks a row before it is deleted: what has moved it out of the way does that as well. */
function releaseUpdate(graph: FlushGraph, operation: RowOperation): RowOperation {
  const parking = findParking(graph, operation);
  if (parking !== null) return parking;
  for (const edge of graph.incoming(operation)) {
    if (edge.kind === "restore" && edge.from.role === "release link") return edge.from;
  }
  const { table, entity, keyColumns, key } = operation;
  const release = new RowOperation(table, "update", entity, { role: "release link", keyColumns, key: [...key] });
  graph.add(release);
  graph.order(release, operation, "restore", null);
  return release;
}
