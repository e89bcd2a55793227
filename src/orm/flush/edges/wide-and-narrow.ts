import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import { type KeyChange, RowOperation } from "../decompose/operation.ts";
import { isKnown, type TupleKey, tupleKey } from "../decompose/tuple.ts";
import type { FlushGraph } from "../graph.ts";
import { parkedTuple } from "./rounds.ts";

/** The key is written again as it was. */
export function isSame({ before, after }: KeyChange): boolean {
  return after.every((value, i) => value === before[i]);
}

/** What a tuple of all columns has in some of them. */
function takePart(
  all: readonly Column<unknown>[],
  tuple: readonly unknown[],
  some: readonly Column<unknown>[],
): readonly unknown[] {
  return some.map((column) => tuple[all.indexOf(column)]);
}

/** The tuple with other values in some of its columns. */
function withPart(
  all: readonly Column<unknown>[],
  tuple: readonly unknown[],
  some: readonly Column<unknown>[],
  part: readonly unknown[],
): readonly unknown[] {
  return all.map((column, i) => (some.includes(column) ? part[some.indexOf(column)] : tuple[i]));
}

/**
 * Orders a change of several columns and one of some of them, each of one key: the former finds its rows by all columns,
 * before the latter changes them, unless the row with that key follows the latter itself, or takes what it gives up.
 * @param mover what the row whose key has several columns follows before it changes that key, if it does
 */
export function orderTogether(
  graph: FlushGraph,
  narrow: RowOperation,
  wide: RowOperation,
  mover: RowOperation | null,
  foreignKey: ForeignKeyConstraint,
): void {
  const [few, many] = [narrow.propagation, wide.propagation];
  const [some, all] = [few?.changes[0], many?.changes[0]];
  if (few == null || many == null || some === undefined || all === undefined) return;
  const { columns } = few;
  const partOf = (tuple: readonly unknown[]): TupleKey => tupleKey(columns, takePart(many.columns, tuple, columns));
  const before = tupleKey(columns, some.before);
  const found = partOf(all.before);
  if (mover !== null && mover.group === narrow.group) {
    const moved = withPart(many.columns, all.before, columns, some.after);
    wide.propagation = { ...many, changes: [{ before: moved, after: all.after }] };
    graph.order(narrow, wide, "carry", foreignKey);
  } else if (partOf(all.after) === before && found !== before) graph.order(narrow, wide, "carry", foreignKey);
  else if (mover === null && (found === before || found === tupleKey(columns, some.after)))
    graph.order(wide, narrow, "locate", foreignKey);
}

/**
 * Where a change of several columns ends in a value that a change of some of them begins with, rows that have that value
 * already take another one for a while, so that the two can be told apart.
 */
export function stepAside(graph: FlushGraph, narrow: RowOperation, wide: RowOperation): void {
  const [few, many] = [narrow.propagation, wide.propagation];
  if (few === null || many === null) return;
  const { columns } = few;
  const keyOf = (tuple: readonly unknown[]): TupleKey | null => (isKnown(tuple) ? tupleKey(columns, tuple) : null);
  const partOf = (tuple: readonly unknown[]): TupleKey | null => keyOf(takePart(many.columns, tuple, columns));
  // The row follows the other change as well if this one is about the other columns only.
  const follows = (change: KeyChange): boolean => partOf(change.before) === partOf(change.after) && !isSame(change);
  const leadsTo = new Set(many.changes.filter((change) => !follows(change)).map(({ after }) => partOf(after)));
  const detours = new Map<TupleKey | null, KeyChange>();
  for (const { before } of few.changes) {
    const between = leadsTo.has(keyOf(before)) ? parkedTuple(columns, before) : null;
    if (between !== null) detours.set(keyOf(before), { before, after: between });
  }
  if (detours.size === 0) return;
  const aside = (tuple: readonly unknown[]): readonly unknown[] => {
    const detour = detours.get(partOf(tuple));
    return detour === undefined ? tuple : withPart(many.columns, tuple, columns, detour.after);
  };
  const early = new RowOperation(narrow.table, "propagate");
  early.suspended = narrow.suspended;
  early.propagation = { ...few, changes: [...detours.values()] };
  narrow.propagation = {
    ...few,
    changes: few.changes.map(({ before, after }) => ({ before: detours.get(keyOf(before))?.after ?? before, after })),
  };
  wide.propagation = {
    ...many,
    changes: many.changes.map((change) => ({
      before: aside(change.before),
      after: follows(change) ? aside(change.after) : change.after,
    })),
  };
  graph.add(early);
  graph.order(early, wide, "locate", few.foreignKey);
}
