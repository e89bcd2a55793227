import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import { type KeyChange, RowOperation } from "../decompose/operation.ts";
import { isKnown, type TupleKey, tupleKey } from "../decompose/tuple.ts";
import type { FlushGraph } from "../graph.ts";
import { type Referring, TemporaryTuples } from "./temporary-tuples.ts";

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
  referring: Referring,
): Aside | null {
  const few = narrow.propagation;
  const [all] = wide;
  if (few === null || all?.propagation == null) return known;
  const part = new Part(few.columns, all.propagation.columns); // all wide changes have the same columns
  const found = detoursOf(part, few.changes, wide, referring);
  if (found.size === 0 && known === null) return null;
  const detours = new Map([...(known?.detours ?? []), ...found]);
  const early = known?.early ?? graph.add(new RowOperation(narrow.table, "propagate"));
  early.suspended = narrow.suspended;
  early.propagation = { ...few, changes: [...detours.values()] };
  const detourOf = (key: TupleKey | null): KeyChange | undefined => (key === null ? undefined : detours.get(key));
  narrow.propagation = {
    ...few,
    changes: few.changes.map(({ before, after }) => ({ before: detourOf(part.key(before))?.after ?? before, after })),
  };
  const aside = (tuple: readonly unknown[]): readonly unknown[] => {
    const detour = detourOf(part.keyIn(tuple));
    return detour === undefined ? tuple : part.replacedIn(tuple, detour.after);
  };
  for (const one of wide) {
    if (one.propagation === null) continue;
    one.propagation = {
      ...one.propagation,
      changes: one.propagation.changes.map((change) => ({
        ...change,
        before: aside(change.before),
        after: part.isKeptBy(change) ? aside(change.after) : change.after,
      })),
    };
    graph.order(early, one, "locate", few.foreignKey);
  }
  return { detours, early };
}

/** Who of those that a change of few columns is about has to step aside, since a change of several columns ends there. */
function detoursOf(
  part: Part,
  changes: readonly KeyChange[],
  wide: readonly RowOperation[],
  referring: Referring,
): ReadonlyMap<TupleKey, KeyChange> {
  const leadsTo = new Set<TupleKey | null>();
  for (const { propagation } of wide)
    for (const change of propagation?.changes ?? []) if (!part.isKeptBy(change)) leadsTo.add(part.keyIn(change.after));
  const detours = new Map<TupleKey, KeyChange>();
  let temporary: TemporaryTuples | null = null;
  for (const { before } of changes) {
    const key = part.key(before);
    if (key === null || !leadsTo.has(key)) continue;
    temporary ??= new TemporaryTuples(part.columns, changes, referring);
    const between = temporary.find(before);
    if (between !== null) detours.set(key, { before, after: between });
  }
  return detours;
}

/** Some columns of a key, as a part of all of them. */
class Part {
  readonly columns: readonly Column<unknown>[];
  readonly #all: readonly Column<unknown>[];

  constructor(columns: readonly Column<unknown>[], all: readonly Column<unknown>[]) {
    this.columns = columns;
    this.#all = all;
  }

  /** The hash key of values of these columns; null if they are not all known. */
  key(values: readonly unknown[]): TupleKey | null {
    return isKnown(values) ? tupleKey(this.columns, values) : null;
  }

  /** That of a tuple of all columns. */
  keyIn(tuple: readonly unknown[]): TupleKey | null {
    return this.key(takePart(this.#all, tuple, this.columns));
  }

  /** The tuple of all columns with other values in these. */
  replacedIn(tuple: readonly unknown[], values: readonly unknown[]): readonly unknown[] {
    return withPart(this.#all, tuple, this.columns, values);
  }

  /** The change is about the other columns only: its rows follow a change of these as well. */
  isKeptBy(change: KeyChange): boolean {
    const isAnew = this.columns.some((column) => change.anew?.[this.#all.indexOf(column)] === true);
    return !isAnew && !isSame(change) && this.keyIn(change.before) === this.keyIn(change.after);
  }
}
