import type { ForeignKeyConstraint } from "../../../schema/index.ts";
import { type RowOperation, StatementGroup } from "../decompose/operation.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import { isActive, restricts } from "../edges/referential-action.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext } from "./break-cycles.ts";
import type { Component } from "./components.ts";
import { valueIsKnown } from "./defer.ts";

/**
 * Rows of one table that refer to each other may be inserted, or deleted, by one statement where the database checks
 * foreign keys when a statement ends: a ring needs no UPDATE at all.
 */
export function shareStatement(_graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  const [first] = cycle.operations;
  if (!context.checksAtStatementEnd || first === undefined) return false;
  if (first.kind !== "insert" && first.kind !== "delete") return false;
  const alike = cycle.operations.every((operation) => sameStatement(first, operation));
  const foreignKeysOnly = cycle.edges.every(
    (edge) =>
      EDGE_KINDS[edge.kind].constraint === "foreign key" &&
      valueIsKnown(edge) &&
      (context.actsAtStatementEnd || !actsByRow(edge)),
  );
  if (!alike || !foreignKeysOnly || cycle.operations.length * width(first) > context.maxParameters) return false;
  const group = new StatementGroup("rows");
  for (const operation of cycle.operations) group.take(operation);
  for (const edge of cycle.edges) edge.dropped = true;
  return true;
}

/** The statement's first row would be refused by RESTRICT, or take others along that are counted by their versions. */
function actsByRow({ kind, constraint }: Edge): boolean {
  const { onDelete } = constraint as ForeignKeyConstraint; // asked of orders by foreign keys only
  return kind === "release" && (isActive(onDelete) || restricts(onDelete));
}

/**
 * The same across tables, where one statement can have several parts: new rows that refer to each other with foreign keys
 * that are NOT NULL, for example.
 */
export function shareCompoundStatement(_graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  if (!context.sharesStatement || !context.checksAtStatementEnd) return false;
  const { operations, edges } = cycle;
  if (!operations.every(isPart)) return false;
  if (!edges.every((edge) => (edge.kind === "refer" || edge.kind === "release") && valueIsKnown(edge))) return false;
  if (operations.reduce((sum, operation) => sum + width(operation), 0) > context.maxParameters) return false;
  const group = new StatementGroup("compound");
  for (const operation of operations) group.take(operation);
  for (const edge of edges) edge.dropped = true;
  return true;
}

/** One change of one row, which nothing else in the flush writes. */
function isPart({ kind, role, group, conflict }: RowOperation): boolean {
  return (
    group === null &&
    conflict === null &&
    (role === "row" || role === "link") &&
    kind !== "propagate" &&
    kind !== "draw"
  );
}

/** Do both name the same columns in the same kind of statement? */
export function sameStatement(a: RowOperation, b: RowOperation): boolean {
  if (a.table !== b.table || a.kind !== b.kind || b.group !== null) return false;
  if (a.conflict !== null || b.conflict !== null) return false; // their rows may have keys that nobody knows yet
  if (a.keyColumns.length !== b.keyColumns.length) return false;
  const length = Math.max(a.after.length, b.after.length);
  for (let i = 0; i < length; i++) if ((a.after[i] === undefined) !== (b.after[i] === undefined)) return false;
  return true;
}

/** Parameters that one row of the statement takes. */
function width(operation: RowOperation): number {
  const keys = operation.kind === "insert" ? 0 : operation.keyColumns.length;
  return keys + operation.after.reduce<number>((count, value) => (value === undefined ? count : count + 1), 0);
}
