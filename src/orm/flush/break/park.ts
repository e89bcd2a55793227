import { evaluate, UNKNOWN } from "../../../expression/index.ts";
import { type Column, columnOf, type ForeignKeyConstraint, type UniqueKey } from "../../../schema/index.ts";
import { type RowImage, RowOperation } from "../decompose/operation.ts";
import { EDGE_KINDS, isLikely } from "../edges/edge.ts";
import { isActive } from "../edges/referential-action.ts";
import { factsOf } from "../edges/unique-key.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import type { BreakContext, Rung } from "./break-cycles.ts";
import type { Component } from "./components.ts";
import { followersAlong, followParked } from "./follow-parked.ts";
import { nullTogether } from "./row-checks.ts";
import { followersOf } from "./temporary-value.ts";
import type { Temporary } from "./temporary-values.ts";
import { losesFollowers, mayWaitOnNull } from "./wait-on-null.ts";

/** Which edges of a cycle a rung looks at: those that alone are in the way, or all. */
type Choice = "only ties" | "any";

/** A rung that first takes a value that alone is in the way, and later one of several. */
interface TwoRungs {
  readonly whereItHelps: Rung;
  readonly oneByOne: Rung;
}

function inTwoSteps(rung: (choice: Choice) => Rung): TwoRungs {
  return { whereItHelps: rung("only ties"), oneByOne: rung("any") };
}

/**
 * A rotation of unique values is broken at one row, which gives its value up early for NULL: k rows cost k + 1 updates.
 */
export const parkOnNull = inTwoSteps(
  (choice) => (graph, cycle, context) => parkFirst(graph, cycle, "update", choice, context, nullableMember),
);

/** A row that must be deleted late, because others still refer to it, gives its unique value up early. */
export const vacateOnNull = inTwoSteps(
  (choice) => (graph, cycle, context) => parkFirst(graph, cycle, "delete", choice, context, nullableMember),
);

/** Another value of a row that is out of the way already costs no statement. */
export const parkFurther: Rung = (graph, cycle, context) =>
  parkFirst(graph, cycle, "update", "any", context, furtherMember) ||
  parkFirst(graph, cycle, "delete", "any", context, furtherMember);

const furtherMember: Find = (graph, cycle, edge, context) => {
  if (findParking(graph, edge.from) === null) return null;
  return nullableMember(graph, cycle, edge, context) ?? valueMember(graph, cycle, edge, context);
};

/**
 * As above where no column of the tuple may be NULL: the row takes a value that fits the column and that no other row
 * has.
 */
export const parkOnTemporary = inTwoSteps(
  (choice) => (graph, cycle, context) =>
    parkFirst(graph, cycle, "update", choice, context, valueMember) ||
    parkFirst(graph, cycle, "delete", choice, context, valueMember),
);

const valueMember: Find = (graph, cycle, edge, context) => temporaryMember(graph, cycle, edge, context, mayHoldAnother);

/**
 * A row whose value may be the one that another takes: the collation knows. It is moved out of the way as if it were; so is one
 * that may take a row along which is to take its value.
 */
export const parkLikely: Rung = (graph, cycle, context) => {
  if (!cycle.edges.some(({ kind }) => isLikely(kind))) return false;
  const { whereItHelps, oneByOne } = parkOnTemporary;
  const rungs = [parkFurther, parkOnNull.whereItHelps, vacateOnNull.whereItHelps, whereItHelps];
  const others = [parkOnNull.oneByOne, vacateOnNull.oneByOne, oneByOne];
  return [...rungs, ...others].some((rung) => rung(graph, cycle, context));
};

/** NULL is better than nothing where it may be somebody's: the database will tell. */
export const parkOnDoubtfulNull: Rung = (graph, cycle, context) =>
  parkFirst(graph, cycle, "update", "any", context, doubtfulMember) ||
  parkFirst(graph, cycle, "delete", "any", context, doubtfulMember);

/** A temporary value in a column of a foreign key, whose check is put off meanwhile. */
export const parkOnTemporaryReference: Rung = (graph, cycle, context) => {
  const deferrable = (column: Column<unknown>): boolean =>
    context.canDeferAllForeignKeys ||
    context.canSuspendForeignKeys ||
    column.foreignKeys.every((foreignKey) => foreignKey.deferrable === true && context.canDeferDeclared);
  const prepare = ({ column }: Parking): boolean => {
    const suspends = !context.canDeferAllForeignKeys && context.canSuspendForeignKeys;
    if (context.canDeferAllForeignKeys) context.deferAllForeignKeys = true;
    else if (!suspends) for (const foreignKey of column.foreignKeys) context.deferred.add(foreignKey);
    return suspends;
  };
  return parkFirst(
    graph,
    cycle,
    "update",
    "any",
    context,
    (_graph, _cycle, edge) => temporaryMember(graph, cycle, edge, context, deferrable),
    prepare,
  );
};

/** The column to park on, and the value that it takes for the time being. */
export interface Parking {
  readonly column: Column<unknown>;
  readonly value: unknown;
  /** What has to let go of a temporary value before. */
  readonly after?: Temporary["after"];
}

/** Finds a column on which the holder of a slot can be parked. */
type Find = (graph: FlushGraph, cycle: Component, edge: Edge, context: BreakContext) => Parking | null;

/** Makes a parking possible; returns true if the checks of foreign keys are to be suspended while the row is parked. */
type Prepare = (parking: Parking) => boolean;

const NOTHING_TO_PREPARE: Prepare = () => false;

function parkFirst(
  graph: FlushGraph,
  cycle: Component,
  kind: "update" | "delete",
  choice: Choice,
  context: BreakContext,
  find: Find,
  prepare = NOTHING_TO_PREPARE,
): boolean {
  let from: RowOperation | null = null;
  let chosen: Parking | null = null;
  for (const edge of cycle.edges) {
    if (EDGE_KINDS[edge.kind].constraint !== "unique" || edge.from.kind !== kind || isParking(edge.from)) continue;
    const isParked = findParking(graph, edge.from) !== null;
    if (chosen !== null && !isParked) continue;
    const parking = find(graph, cycle, edge, context);
    if (parking === null) continue;
    if (choice === "only ties" && !cycle.isOnlyTie(edge)) {
      if (!freesAll(cycle, edge, parking, (other) => find(graph, cycle, other, context))) continue;
    }
    chosen = parking;
    from = edge.from;
    if (isParked) break; // another value of a row that is parked anyway costs no statement
  }
  if (from === null || chosen === null) return false;
  park(graph, from, chosen, prepare(chosen), context);
  return true;
}

/**
 * Does it untie the two operations? Several unique keys may hold them together, that share the column or have one of
 * their own: the row is moved out of all of them by one UPDATE.
 */
function freesAll(cycle: Component, edge: Edge, { column }: Parking, find: (edge: Edge) => Parking | null): boolean {
  return cycle.everyTie(edge, (other) => {
    if (other === edge) return true;
    return EDGE_KINDS[other.kind].constraint === "unique" && (isMember(column, other) || find(other) !== null);
  });
}

export function nullableMember(graph: FlushGraph, cycle: Component, edge: Edge, context: BreakContext): Parking | null {
  return nullMember(graph, cycle, edge, context, true);
}

/** The same where NULL may be somebody's, of rows that are not written: an expression makes a value of it. */
const doubtfulMember: Find = (graph, cycle, edge, context) => nullMember(graph, cycle, edge, context, false);

function nullMember(
  graph: FlushGraph,
  cycle: Component,
  edge: Edge,
  context: BreakContext,
  isSure: boolean,
): Parking | null {
  for (const column of columnsOf(edge, context)) {
    if (!mayWaitOnNull(edge.from, column, context) || !isFree(column, edge, context)) continue;
    if (isHeld(graph, cycle, edge.from, column)) continue;
    if (followersAlong(edge.from, column).length > 0) continue; // rows that refer to NULL would be lost
    const written = writtenAside(graph, edge.from);
    const left = edge.constraint as UniqueKey; // a slot's constraint is a unique key
    if (!context.temporary.isFreeOnNull(edge.from, column, { written, left, isSure })) continue;
    if (nullTogether(edge.from, [column], written).length > 0) return { column, value: null };
  }
  return null;
}

export function temporaryMember(
  graph: FlushGraph,
  cycle: Component,
  edge: Edge,
  context: BreakContext,
  accepts: (column: Column<unknown>) => boolean,
): Parking | null {
  for (const column of columnsOf(edge, context)) {
    if (!isFree(column, edge, context) || !accepts(column) || isHeld(graph, cycle, edge.from, column)) continue;
    const temporary = context.temporary.find(graph, edge.from, column, {
      written: writtenAside(graph, edge.from),
      movesOut: movesOutOf(edge, column),
    });
    if (temporary !== null) return { column, value: temporary.value, after: temporary.after };
  }
  return null;
}

/** What is written of a row that is out of the way already. */
function writtenAside(graph: FlushGraph, from: RowOperation): RowImage {
  return findParking(graph, from)?.after ?? NOTHING;
}

const NOTHING: RowImage = [];
Object.freeze(NOTHING);

const ALWAYS = (): boolean => true;

/** Does the row leave its slot with a value? With every other one, if the slot has the column's own value. */
function movesOutOf(edge: Edge, column: Column<unknown>): (value: unknown) => boolean {
  const { parts } = factsOf(edge.constraint as UniqueKey); // a slot's constraint is a unique key
  for (const part of parts) if (part.column === column) return ALWAYS; // mostly so, and asked for every parked row
  return (value) => movesOut(edge, column, value);
}

/** Does the row leave its slot with this value? What an expression makes of it is worked out, or taken for another. */
function movesOut({ constraint, from }: Edge, column: Column<unknown>, value: unknown): boolean {
  const { parts } = factsOf(constraint as UniqueKey); // a slot's constraint is a unique key
  return parts.some((part) => {
    if (!part.columns.includes(column)) return false;
    if (part.column !== null) return true;
    const result = (parked: boolean): unknown =>
      evaluate(part.expression, (element) => {
        const own = columnOf(element);
        const known = parked && own === column ? value : from.before[own.index];
        return known === undefined ? UNKNOWN : known;
      });
    const after = result(true);
    return after === UNKNOWN || after !== result(false);
  });
}

/** The columns of each unique key by the flush, which knows what refers to them. */
const ordersOfParking = new WeakMap<BreakContext, Map<UniqueKey, readonly Column<unknown>[]>>();

/**
 * The columns of a slot's unique key, in the order in which its holder is best parked on them: those of foreign keys last,
 * and before them those that rows have in common with another foreign key, by which these would refer to nothing meanwhile.
 */
function columnsOf({ constraint }: Edge, context: BreakContext): readonly Column<unknown>[] {
  const uniqueKey = constraint as UniqueKey; // a slot's constraint is a unique key
  let orders = ordersOfParking.get(context);
  if (orders === undefined) {
    orders = new Map();
    ordersOfParking.set(context, orders);
  }
  let columns = orders.get(uniqueKey);
  if (columns === undefined) {
    const all = new Set(factsOf(uniqueKey).parts.flatMap((part) => part.columns));
    const isShared = (column: Column<unknown>): boolean =>
      followersOf(column, context.referring).some(({ foreignKeys }) => foreignKeys.length > 1);
    // What an expression makes of a value may be somebody's though the value is not.
    const isMade = (column: Column<unknown>): boolean =>
      !factsOf(uniqueKey).parts.some((part) => part.column === column);
    const cost = (column: Column<unknown>): number =>
      4 * column.foreignKeys.length + 2 * Number(isShared(column)) + Number(isMade(column));
    columns = [...all].sort((a, b) => cost(a) - cost(b));
    orders.set(uniqueKey, columns);
  }
  return columns;
}

/** May the holder of a slot be parked on this column? */
function isFree(column: Column<unknown>, { from }: Edge, context: BreakContext): boolean {
  if (column.computed !== null || losesFollowers(from, column, context)) return false;
  if (from.kind === "delete") return !isReferredTo(column, context.referring(column.table), context.cascadesInCircles);
  if (from.kind !== "update") return true;
  if (from.current(column) === undefined) return false; // nobody knows what to go back to
  return !context.followed.has(column) || from.after[column.index] !== undefined; // else it is for others to restore
}

/** Rows that wait for this one refer to the column and cannot follow it: until they let go, it keeps its value. */
function isHeld(graph: FlushGraph, cycle: Component, from: RowOperation, column: Column<unknown>): boolean {
  for (let at = 0, edge = graph.incomingAt(from, 0); edge !== undefined; edge = graph.incomingAt(from, ++at))
    if (holdsOn(edge, column) && cycle.has(edge.from)) return true;
  return false;
}

function holdsOn({ kind, dropped, constraint, to }: Edge, column: Column<unknown>): boolean {
  if (kind !== "release" || dropped) return false;
  const { referredColumns, onUpdate } = constraint as ForeignKeyConstraint; // a release is of one
  const follows = to.kind === "delete" && isActive(onUpdate); // else the flush itself would see to that
  return !follows && referredColumns.includes(column);
}

/** Rows may still refer to a key that is given up early, and would not follow, or could not be found afterwards. */
function isReferredTo(
  column: Column<unknown>,
  foreignKeys: readonly ForeignKeyConstraint[],
  cascadesInCircles: boolean,
): boolean {
  return foreignKeys.some(({ table, referredColumns, columns, onUpdate }) => {
    if (!referredColumns.includes(column)) return false;
    if (table === column.table && !cascadesInCircles) return true;
    return !isActive(onUpdate) || columns.some((own) => own.primaryKey);
  });
}

/** A column of no foreign key may hold any value for a while. */
export function refersToNothing(column: Column<unknown>): boolean {
  return column.foreignKeys.length === 0;
}

/** The same, or one whose `parkValue` is said to be there for it to refer to. */
export function mayHoldAnother(column: Column<unknown>): boolean {
  return column.parkValue !== null || refersToNothing(column);
}

/** Moves the row of `from` out of the way first; what takes its value need not wait for its real change any more. */
export function park(
  graph: FlushGraph,
  from: RowOperation,
  { column, value, after = [] }: Parking,
  suspends: boolean,
  { between, temporary }: BreakContext,
): void {
  const parked = parkingUpdate(graph, from);
  parked.after[column.index] = value;
  if (value !== null) temporary.give(parked, column, from);
  for (const { operation, uniqueKey } of after) graph.order(operation, parked, "slot", uniqueKey);
  if (suspends) parked.suspended = true;
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
  // NULL is nobody's value, and a temporary one neither: what is left are predicates that become true with it.
  if (column.table.uniqueKeys.some((key) => !factsOf(key).isPlain)) between.order(graph, parked, from, [column]);
  inheritLocators(graph, from, parked, column);
  for (const hold of graph.incoming(from))
    if (holdsOn(hold, column)) graph.order(hold.from, parked, hold.kind, hold.constraint); // leads to another operation
  followParked(graph, from, parked, { column, value });
}

/** The one UPDATE that moves a row out of the way, however many of its values are. */
function parkingUpdate(graph: FlushGraph, from: RowOperation): RowOperation {
  const known = findParking(graph, from);
  if (known !== null) return known;
  const { table, entity, keyColumns, movedBy } = from;
  const parked = new RowOperation(table, "update", entity, {
    role: from.kind === "delete" ? "vacate" : "park",
    keyColumns,
    // A row that is going to follow a changed key is parked before it does.
    key: movedBy === null ? from.key.slice() : keyColumns.map((column) => from.before[column.index]),
    before: from.before,
  });
  parked.versioned = from.versioned;
  parked.suspended = from.suspended; // rows may refer to the key that is parked
  graph.add(parked);
  for (const { kind, from: earlier } of [...graph.incoming(from)])
    if (kind === "restore" && earlier.role === "release link") graph.order(earlier, parked, "locate", null);
  graph.order(parked, from, "restore", null);
  if (movedBy !== null) graph.order(parked, movedBy, "locate", null);
  return parked;
}

/** The UPDATE that moves a row out of the way, if there is one. */
export function findParking(graph: FlushGraph, from: RowOperation): RowOperation | null {
  for (let at = 0, edge = graph.incomingAt(from, 0); edge !== undefined; edge = graph.incomingAt(from, ++at))
    if (edge.kind === "restore" && isParking(edge.from)) return edge.from;
  return null;
}

export function isParking({ role }: RowOperation): boolean {
  return role === "park" || role === "vacate";
}

function isMember(column: Column<unknown>, edge: Edge): boolean {
  const uniqueKey = edge.constraint as UniqueKey; // the constraint of a slot is a unique key
  return factsOf(uniqueKey).parts.some((part) => part.columns.includes(column));
}

/**
 * Operations that find a row by the key that is parked must run before it is. And a row that is written in two steps is
 * parked between them: the first gives it the key by which it is found, and the values that are parked.
 */
function inheritLocators(graph: FlushGraph, from: RowOperation, parked: RowOperation, column: Column<unknown>): void {
  if (!column.primaryKey && from.role !== "late link") return;
  for (const edge of [...graph.incoming(from)]) {
    const locates = edge.kind === "locate" || (edge.kind === "restore" && edge.from !== parked); // that writes the same row
    if (!edge.dropped && locates) graph.order(edge.from, parked, "locate", edge.constraint);
  }
}
