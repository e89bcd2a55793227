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

/** The rows that step aside before one change of few columns, and where to. */
export interface Aside {
  /** By the values of before. */
  readonly detours: Map<TupleKey, KeyChange>;
  readonly early: RowOperation;
}

/**
 * Where a change of several columns ends in a value that a change of some of them begins with, rows that have that value
 * already take another one for a while, so that the two can be told apart.
 * @param wide all changes of several columns that are known so far
 * @param known who steps aside already for those that were known before
 */
export function stepAside(
  graph: FlushGraph,
  narrow: RowOperation,
  wide: readonly RowOperation[],
  known: Aside | null,
): Aside | null {
  const few = narrow.propagation;
  const [all] = wide;
  if (few === null || all?.propagation == null) return known;
  const { columns } = few;
  const wideColumns = all.propagation.columns; // those of all of them
  const keyOf = (tuple: readonly unknown[]): TupleKey | null => (isKnown(tuple) ? tupleKey(columns, tuple) : null);
  const partOf = (tuple: readonly unknown[]): TupleKey | null => keyOf(takePart(wideColumns, tuple, columns));
  // The row follows the other change as well if this one is about the other columns only.
  const follows = (change: KeyChange): boolean =>
    partOf(change.before) === partOf(change.after) &&
    !isSame(change) &&
    !columns.some((column) => change.anew?.[wideColumns.indexOf(column)] === true);
  const changes = wide.flatMap(({ propagation }) => propagation?.changes ?? []);
  const leadsTo = new Set(changes.filter((change) => !follows(change)).map(({ after }) => partOf(after)));
  const detours = new Map<TupleKey, KeyChange>();
  for (const { before } of few.changes) {
    const key = keyOf(before);
    const between = key !== null && leadsTo.has(key) ? parkedTuple(columns, before) : null;
    if (key !== null && between !== null) detours.set(key, { before, after: between });
  }
  if (detours.size === 0 && known === null) return null;
  const early = known?.early ?? graph.add(new RowOperation(narrow.table, "propagate"));
  const allDetours = new Map([...(known?.detours ?? []), ...detours]);
  early.suspended = narrow.suspended;
  early.propagation = { ...few, changes: [...allDetours.values()] };
  const detourOf = (key: TupleKey | null): KeyChange | undefined => (key === null ? undefined : allDetours.get(key));
  narrow.propagation = {
    ...few,
    changes: few.changes.map(({ before, after }) => ({ before: detourOf(keyOf(before))?.after ?? before, after })),
  };
  const aside = (tuple: readonly unknown[]): readonly unknown[] => {
    const detour = detourOf(partOf(tuple));
    return detour === undefined ? tuple : withPart(wideColumns, tuple, columns, detour.after);
  };
  for (const one of wide) {
    if (one.propagation === null) continue;
    one.propagation = {
      ...one.propagation,
      changes: one.propagation.changes.map((change) => ({
        ...change,
        before: aside(change.before),
        after: follows(change) ? aside(change.after) : change.after,
      })),
    };
    graph.order(early, one, "locate", few.foreignKey);
  }
  return { detours: allDetours, early };
}
