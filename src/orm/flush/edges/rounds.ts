import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import type { KeyChange } from "../decompose/operation.ts";
import { isKnown, type TupleKey, tupleKey } from "../decompose/tuple.ts";
import type { TemporaryTuples } from "./temporary-tuples.ts";
import { factsOf } from "./unique-key.ts";

/**
 * Puts changes of referring rows into rounds, one statement each. One round is enough unless the columns are a part of
 * a unique key and one change ends where another begins: unique keys are checked row by row, so the latter goes first,
 * and of keys that are exchanged one is parked for a while.
 * @param temporary tuples of the columns to park on
 */
export function rounds(
  { table }: ForeignKeyConstraint,
  columns: readonly Column<unknown>[],
  changes: readonly KeyChange[],
  temporary: TemporaryTuples,
): readonly (readonly KeyChange[])[] {
  const isUnique = table.uniqueKeys.some((key) => factsOf(key).dependsOn.some((column) => columns.includes(column)));
  if (!isUnique || changes.length === 1) return [changes];
  const byBefore = new Map<TupleKey, KeyChange>(changes.map((change) => [tupleKey(columns, change.before), change]));
  const ordered: KeyChange[][] = [];
  const done = new Map<KeyChange, number>();
  let hasParked = false;
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
      if (!hasParked) temporary.take(changes);
      hasParked = true;
      const between = temporary.find(last.before, last.after);
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
