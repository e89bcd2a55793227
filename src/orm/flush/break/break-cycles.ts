import type { Column, ForeignKeyConstraint, Table, UniqueKey } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import type { BetweenSlots } from "../edges/between-slots.ts";
import { EDGE_KINDS, isLikely } from "../edges/edge.ts";
import type { Moved } from "../edges/unique-slots.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import { type Component, CycleFinder } from "./components.ts";
import { countFirst } from "./count-first.ts";
import { deferDeclared, deferForeignKeys, suspendForeignKeys } from "./defer.ts";
import { drawKeys, drawKeysForOneStatement } from "./draw-keys.ts";
import { explainCycle } from "./explain-cycle.ts";
import { closesCircle, leaveBeforeItGoes } from "./go-along.ts";
import { leaveForNext, leaveForNothing } from "./leave-early.ts";
import { linkLate, linkLateOneByOne } from "./link-late.ts";
import { shareCompoundStatement, shareStatement } from "./one-statement.ts";
import {
  parkFurther,
  parkLikely,
  parkOnDoubtfulNull,
  parkOnNull,
  parkOnTemporary,
  parkOnTemporaryReference,
  vacateOnNull,
} from "./park.ts";
import { reinsert } from "./reinsert.ts";
import type { TemporaryValues } from "./temporary-values.ts";
import { parkToUntangle } from "./untangle.ts";
import { vacateKey } from "./vacate-key.ts";

/** What the database offers for breaking cycles, and what has been used so far. */
export interface BreakContext {
  /** Plain foreign keys are checked when a statement ends, not row by row. */
  readonly checksAtStatementEnd: boolean;
  /** ON DELETE does its work, or RESTRICT refuses, when a statement ends. */
  readonly actsAtStatementEnd: boolean;
  /** Several tables can be written by one statement (PostgreSQL's WITH). */
  readonly sharesStatement: boolean;
  /** Keys that count up can be drawn before their rows are inserted (sequences). */
  readonly drawsKeys: boolean;
  /** Every foreign key's check can be put off to the end of the transaction (SQLite's `defer_foreign_keys`). */
  readonly canDeferAllForeignKeys: boolean;
  /** The session allows to suspend the checks of foreign keys, where the database can. */
  readonly canSuspendForeignKeys: boolean;
  /** The session does not, though the database could. */
  readonly maySuspendForeignKeys: boolean;
  /** Constraints declared DEFERRABLE can be put off (`SET CONSTRAINTS`). */
  readonly canDeferDeclared: boolean;
  readonly canDeferUnique: boolean;
  readonly maxParameters: number;
  /** ON UPDATE reaches rows of the table where the change began. */
  readonly cascadesInCircles: boolean;
  /** The foreign keys that refer to a table. */
  readonly referring: (table: Table) => readonly ForeignKeyConstraint[];
  /** A row as it is once it has followed changed keys. */
  readonly moved: Moved;
  /** Orders around the unique values that a row holds between two writes. */
  readonly between: BetweenSlots;
  /** Values that rows hold for a moment. */
  readonly temporary: TemporaryValues;
  /** Columns of foreign keys that follow a changed key by themselves: what a row has in them is not for others to restore. */
  readonly followed: ReadonlySet<Column<unknown>>;
  /** Foreign keys that relationships with `postUpdate` would rather see written late, and those written late already. */
  readonly preferLate: Set<ForeignKeyConstraint>;
  /** Filled while breaking: what must be put off before the first statement. */
  readonly deferred: Set<ForeignKeyConstraint | UniqueKey>;
  deferAllForeignKeys: boolean;
}

/** A way to break a cycle: changes the graph and says so, or does nothing. */
export type Rung = (graph: FlushGraph, cycle: Component, context: BreakContext) => boolean;

/**
 * The ladder, cheapest first. Each rung costs more than the one before: nothing; a SET CONSTRAINTS; nothing but a
 * common statement; a query for the keys of new rows; one batched UPDATE; one row UPDATE; the same with a value that
 * nobody uses, also for a key and all that refers to it; NULL, of which an expression may make a value; a common statement
 * of several tables; an UPDATE for all rows that counts their versions; a row that is deleted and inserted again, where the
 * class allows it; a pragma that puts off every foreign key to the end of the transaction, where an error would no longer
 * name its statement; suspended checks, where the session allows it; a deleted row that takes another key, with all rows
 * that refer to it.
 */
const LADDER: readonly Rung[] = [
  dropSoft,
  deferDeclared,
  parkLikely,
  dropLikely,
  shareStatement,
  drawKeysForOneStatement,
  parkFurther,
  parkToUntangle,
  linkLate,
  parkOnNull.whereItHelps,
  vacateOnNull.whereItHelps,
  parkOnTemporary.whereItHelps,
  leaveForNext,
  leaveForNothing,
  linkLateOneByOne,
  parkOnNull.oneByOne,
  vacateOnNull.oneByOne,
  parkOnTemporary.oneByOne,
  parkOnTemporaryReference,
  parkOnDoubtfulNull,
  drawKeys,
  shareCompoundStatement,
  countFirst,
  reinsert,
  deferForeignKeys,
  suspendForeignKeys,
  vacateKey,
];

/** How often a circle may be broken, by operation and anyhow: an error is better than a program that hangs. */
const TRIES = 8;
const MANY = 64;

/**
 * Edits the graph until no operations wait for each other.
 * @param stuck the operations that could not be sorted
 * @throws FlushCycleError when every rung fails, or what they break closes again and again, naming rows, constraints and remedies
 */
export function breakCycles(graph: FlushGraph, stuck: readonly RowOperation[], context: BreakContext): void {
  const finder = new CycleFinder(graph);
  finder.find(stuck);
  let left = graph.operations.length * TRIES + MANY;
  for (let cycle = finder.next(); cycle !== undefined; cycle = finder.next()) {
    const before = graph.operations.length;
    left--;
    if (left < 0 || !breakOne(graph, cycle, context)) throw explainCycle(cycle, context);
    finder.find(cycle.operations.concat(graph.operations.slice(before)));
  }
}

function breakOne(graph: FlushGraph, cycle: Component, context: BreakContext): boolean {
  for (const rung of LADDER) if (rung(graph, cycle, context)) return true;
  return false;
}

function dropSoft(graph: FlushGraph, cycle: Component): boolean {
  const closes = closesCircle(cycle);
  const dropped = drop(cycle, (edge) => EDGE_KINDS[edge.kind].soft && !isLikely(edge.kind) && closes(edge));
  leaveBeforeItGoes(graph, dropped);
  return dropped.length > 0;
}

/** Values that may be the same to the database mostly are: the order is given up if no row can be moved out of the way. */
function dropLikely(_graph: FlushGraph, cycle: Component): boolean {
  return drop(cycle, ({ kind }) => isLikely(kind)).length > 0;
}

function drop({ edges }: Component, isGivenUp: (edge: Edge) => boolean): readonly Edge[] {
  const dropped = edges.filter(isGivenUp);
  for (const edge of dropped) edge.dropped = true;
  return dropped;
}
