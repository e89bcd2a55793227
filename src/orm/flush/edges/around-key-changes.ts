import type { Column, ForeignKeyConstraint, UniqueKey } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import {
  currentTuple,
  imageTuple,
  isKnown,
  readTuple,
  type Tuple,
  type TupleKey,
  tupleKey,
} from "../decompose/tuple.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { FlushGraph } from "../graph.ts";
import type { FollowedKey, SourcedChange } from "./key-changes.ts";
import { factsOf } from "./unique-key.ts";

/**
 * Orders the rows that this flush writes around a change of what their foreign key holds:
 * - one that sets the foreign key to a value that is about to change (because another row takes that key) comes after
 *   the change, which would be applied to its new value otherwise;
 * - one that is found by a value that changes comes before, or else is found by the new value;
 * - one that has the new value in a unique key already, and gives it up, comes before: rows that follow may take it.
 * All others do not care.
 * @param types the columns that those of the foreign key refer to
 * @param columnsOf by how many columns of the foreign key the row follows a change; 0 if it does not, or nobody knows
 */
export function orderAround(
  graph: FlushGraph,
  rows: readonly RowOperation[],
  { foreignKey, columns }: Pick<FollowedKey, "foreignKey" | "columns">,
  types: readonly Column<unknown>[],
  changes: readonly SourcedChange[],
  columnsOf: (row: RowOperation) => number,
): void {
  const around = aroundOf(graph, rows, foreignKey, columns, types, changes);
  for (const row of rows) {
    if (row.kind === "propagate") continue;
    const isAsked = asksForHeld(around, row);
    const followed = isAsked ? columnsOf(row) : 0;
    const isElsewhere = followed > columns.length; // while this change is carried
    const held = isAsked && !isElsewhere ? imageTuple(row.before, columns, types) : NOT_ASKED;
    if (followed === 0) leaveForArriving(around, row, held); // else it makes way by following
    const taken = takes(row, foreignKey)
      ? find(
          around.moved,
          readTuple(columns, types, (column) => row.current(column)),
        )
      : null;
    if (taken !== null) graph.order(taken.last, row, "carry", foreignKey);
    orderAroundHeld(around, row, held, taken);
  }
}

/** The changes of a foreign key, and what the rows that this flush writes are to them. */
interface Around {
  readonly graph: FlushGraph;
  readonly foreignKey: ForeignKeyConstraint;
  readonly columns: readonly Column<unknown>[];
  /** The columns that they refer to. */
  readonly types: readonly Column<unknown>[];
  /** By the value before. */
  readonly moved: ReadonlyMap<TupleKey, SourcedChange>;
  /** By the value afterwards, where that may be in a unique key. */
  readonly arriving: ReadonlyMap<TupleKey, SourcedChange>;
  readonly uniqueKeys: readonly UniqueKey[];
  readonly staying: Staying;
  readonly suspends: boolean;
}

const NOT_ASKED: Tuple = { kind: "unknown" };

/** A row as it was is made up when somebody asks for it. */
function asksForHeld({ arriving, suspends, columns }: Around, row: RowOperation): boolean {
  return row.kind !== "insert" && (arriving.size > 0 || suspends || isFoundBy(row, columns));
}

/** The row is found by one of the columns. */
function isFoundBy(row: RowOperation, columns: readonly Column<unknown>[]): boolean {
  return row.keyColumns.some((column) => columns.includes(column));
}

function aroundOf(
  graph: FlushGraph,
  rows: readonly RowOperation[],
  foreignKey: ForeignKeyConstraint,
  columns: readonly Column<unknown>[],
  types: readonly Column<unknown>[],
  changes: readonly SourcedChange[],
): Around {
  const moved = new Map<TupleKey, SourcedChange>();
  const arriving = new Map<TupleKey, SourcedChange>();
  const uniqueKeys = foreignKey.table.uniqueKeys.filter((uniqueKey) =>
    factsOf(uniqueKey).dependsOn.some((column) => columns.includes(column)),
  );
  for (const change of changes) {
    moved.set(tupleKey(types, change.before), change);
    if (uniqueKeys.length > 0 && isKnown(change.after)) arriving.set(tupleKey(types, change.after), change);
  }
  const isMet = (row: RowOperation): boolean => find(arriving, imageTuple(row.before, columns, types)) !== null;
  const staying = stayingRows(rows, uniqueKeys, isMet);
  const suspends = changes.some(({ first }) => first.suspended);
  return { graph, foreignKey, columns, types, moved, arriving, uniqueKeys, staying, suspends };
}

/** Rows that follow may take what the row gives up of a unique key. */
function leaveForArriving({ graph, arriving, uniqueKeys }: Around, row: RowOperation, held: Tuple): void {
  const change = find(arriving, held);
  if (change === null || change.first === row) return;
  for (const uniqueKey of uniqueKeys) if (leaves(row, uniqueKey)) graph.order(row, change.first, "slot", uniqueKey);
}

/** What the row has in the foreign key changes: it is written before, or found by the new value. */
function orderAroundHeld(around: Around, row: RowOperation, held: Tuple, taken: SourcedChange | null): void {
  const { graph, foreignKey, columns, staying } = around;
  const found = find(around.moved, held);
  if (found === null || found.first === row) return;
  if (taken !== null) {
    // On its way it would meet a row that has the same value all the time: it is out of the way before.
    for (const uniqueKey of met(staying, row, columns, found)) graph.order(row, found.first, "slot", uniqueKey);
  }
  // While it refers to a key that is gone, InnoDB refuses to write it again into the index of the foreign key.
  if (found.first.suspended && row.kind === "update") row.suspended = true;
  if (!isFoundBy(row, columns)) return;
  if (taken === null && !arrives(row, around, found)) {
    graph.order(row, found.first, "locate", foreignKey);
    return;
  }
  rekey(row, columns, found);
  if (found !== taken) graph.order(found.last, row, "carry", foreignKey);
}

/**
 * Orders the rows that this flush writes around a change that must find no row by which it would have to be followed: those
 * that hold the value before let go of it before, and those that take it, since another row gets that key, come after.
 */
export function orderAroundBlocked(
  graph: FlushGraph,
  rows: readonly RowOperation[],
  foreignKey: ForeignKeyConstraint,
  columns: readonly Column<unknown>[],
  types: readonly Column<unknown>[],
  changes: readonly SourcedChange[],
): void {
  const moved = new Map(changes.map((change) => [tupleKey(types, change.before), change]));
  for (const row of rows) {
    if (row.kind === "propagate") continue;
    const isTaking = takes(row, foreignKey);
    if (row.kind === "delete" || (row.kind === "update" && isTaking)) {
      const left = find(moved, imageTuple(row.before, columns, types));
      if (left !== null && left.first !== row) graph.order(row, left.first, "release", foreignKey);
    }
    if (!isTaking) continue;
    const tuple = readTuple(columns, types, (column) => row.current(column));
    const taken = find(moved, tuple);
    if (taken !== null && taken.last !== row) graph.order(taken.last, row, "carry", foreignKey);
  }
}

/** The rows that are written and keep what they have of unique keys, by what that is. */
type Staying = ReadonlyMap<UniqueKey, ReadonlyMap<TupleKey, RowOperation>>;

function stayingRows(
  rows: readonly RowOperation[],
  uniqueKeys: readonly UniqueKey[],
  isMet: (row: RowOperation) => boolean,
): Staying {
  const staying = new Map<UniqueKey, Map<TupleKey, RowOperation>>();
  for (const row of uniqueKeys.length === 0 ? [] : rows) {
    if (row.kind !== "update" || !isMet(row)) continue;
    for (const uniqueKey of uniqueKeys) {
      if (uniqueKey.columns === null || leaves(row, uniqueKey)) continue;
      const tuple = imageTuple(row.before, uniqueKey.columns);
      if (tuple.kind === "key") getOrAdd(staying, uniqueKey, () => new Map()).set(tuple.key, row);
    }
  }
  return staying;
}

/** The unique keys of which the row, when it has followed the change, would have what a staying row has. */
function met(
  staying: Staying,
  row: RowOperation,
  columns: readonly Column<unknown>[],
  { after }: SourcedChange,
): readonly UniqueKey[] {
  const image = [...row.before];
  for (const [i, { index }] of columns.entries()) image[index] = after[i];
  return [...staying].flatMap(([uniqueKey, byValue]) => {
    const tuple = imageTuple(image, uniqueKey.columns ?? []);
    const other = tuple.kind === "key" ? byValue.get(tuple.key) : undefined;
    return other === undefined || other === row ? [] : [uniqueKey];
  });
}

/** The row is deleted, or changes what it has of a unique key; with a NULL in it, it has nothing of it. */
function leaves(row: RowOperation, uniqueKey: UniqueKey): boolean {
  const { parts, dependsOn } = factsOf(uniqueKey);
  const isNull = parts.some(({ column }) => column !== null && row.before[column.index] === null);
  if (isNull && !uniqueKey.nullsNotDistinct) return false;
  return row.kind === "delete" || row.changes(dependsOn);
}

/** Also one that writes what the row has: it means another row of that key than before. */
function takes(row: RowOperation, foreignKey: ForeignKeyConstraint): boolean {
  const writes = row.kind === "update" && foreignKey.columns.some((column) => row.after[column.index] !== undefined);
  return writes || row.kind === "insert";
}

function find(moved: ReadonlyMap<TupleKey, SourcedChange>, tuple: Tuple): SourcedChange | null {
  return tuple.kind === "key" ? (moved.get(tuple.key) ?? null) : null;
}

/** The row itself writes the value that it gets by following: it refers to the same row as before. */
function arrives(row: RowOperation, { foreignKey, columns, types }: Around, { after }: SourcedChange): boolean {
  if (row.kind !== "update" || !takes(row, foreignKey) || !isKnown(after)) return false;
  const tuple = currentTuple(row, columns, types);
  return tuple.kind === "key" && tuple.key === tupleKey(types, after);
}

/** Makes an operation that runs after the change find its row by the new key. */
function rekey(row: RowOperation, columns: readonly Column<unknown>[], { after, first }: SourcedChange): void {
  row.movedBy ??= first;
  columns.forEach((column, i) => {
    const position = row.keyColumns.indexOf(column);
    if (position >= 0) row.key[position] = after[i];
  });
}
