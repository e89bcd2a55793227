import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import { ALONE, temporaryValue } from "../break/temporary-value.ts";
import type { KeyChange } from "../decompose/operation.ts";
import { generatedKey, isKnown, type TupleKey, tupleKey } from "../decompose/tuple.ts";
import { factsOf } from "./unique-key.ts";

/**
 * Puts changes of referring rows into rounds, one statement each. One round is enough unless the columns are a part of
 * a unique key and one change ends where another begins: unique keys are checked row by row, so the latter goes first,
 * and of keys that are exchanged one is parked for a while.
 */
export function rounds(
  { table }: ForeignKeyConstraint,
  columns: readonly Column<unknown>[],
  changes: readonly KeyChange[],
): readonly (readonly KeyChange[])[] {
  const isUnique = table.uniqueKeys.some((key) => factsOf(key).dependsOn.some((column) => columns.includes(column)));
  if (!isUnique || changes.length === 1) return [changes];
  const byBefore = new Map<TupleKey, KeyChange>(changes.map((change) => [tupleKey(columns, change.before), change]));
  const ordered: KeyChange[][] = [];
  const done = new Map<KeyChange, number>();
  let taken: Set<TupleKey> | null = null;
  const put = (change: KeyChange, round: number): void => {
    let own = ordered[round];
    if (own === undefined) {
      own = [];
      ordered[round] = own;
    }
    own.push(change);
  };
  for (const start of changes) {
    const path: KeyChange[] = [];
    const onPath = new Set<KeyChange>();
    let at: KeyChange | undefined = start;
    while (at !== undefined && !done.has(at) && !onPath.has(at)) {
      path.push(at);
      onPath.add(at);
      at = after(byBefore, columns, at);
    }
    let round = at === undefined ? 0 : (done.get(at) ?? -1) + 1;
    let parked: KeyChange | null = null;
    if (at !== undefined && onPath.has(at)) {
      const last = path.at(-1) as KeyChange; // the path goes round, so it is not empty
      taken ??= tuplesIn(columns, changes);
      const between = parkedTuple(columns, last.before, last.after, taken);
      if (between === null) return [changes];
      put({ before: last.before, after: between }, 0);
      parked = { before: between, after: last.after };
      path.pop();
      done.set(last, 0);
      round = 1;
    }
    for (const change of path.reverse()) {
      put(change, round);
      done.set(change, round);
      round++;
      if (parked !== null && change === at) {
        put(parked, round);
        parked = null;
      }
    }
    if (parked !== null) put(parked, round);
  }
  return ordered;
}

function after(
  byBefore: ReadonlyMap<TupleKey, KeyChange>,
  columns: readonly Column<unknown>[],
  change: KeyChange,
): KeyChange | undefined {
  if (!isKnown(change.after)) return undefined;
  const next = byBefore.get(tupleKey(columns, change.after));
  return next === change ? undefined : next;
}

function tuplesIn(columns: readonly Column<unknown>[], changes: readonly KeyChange[]): Set<TupleKey> {
  const tuples = changes.flatMap(({ before, after }) => [before, after]);
  return new Set(tuples.map((tuple) => generatedKey(columns, tuple)));
}

/**
 * A tuple that no row has.
 * @param target what the row will have in the end: what it keeps of `tuple`, it keeps on the way as well where it can,
 *   for others that know it by that
 * @param taken tuples that it must not be; it is added to them
 */
export function parkedTuple(
  columns: readonly Column<unknown>[],
  tuple: readonly unknown[],
  target: readonly unknown[] = [],
  taken = new Set<TupleKey>(),
): readonly unknown[] | null {
  const isKept = (i: number): boolean => tuple[i] === target[i];
  const byPreference = [...columns.entries()].sort(([a], [b]) => Number(isKept(a)) - Number(isKept(b)));
  for (const [i, column] of byPreference) {
    const keyWith = (value: unknown): TupleKey => generatedKey(columns, tuple.with(i, value));
    const value = temporaryValue(column, { ...ALONE, accepts: (candidate) => !taken.has(keyWith(candidate)) });
    if (value === undefined) continue;
    taken.add(keyWith(value));
    return tuple.with(i, value);
  }
  return null;
}
