import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import type { KeyChange, RowOperation } from "../decompose/operation.ts";
import { isKnown, type TupleKey, tupleKey } from "../decompose/tuple.ts";
import type { FlushGraph } from "../graph.ts";
import type { TemporaryTuples } from "./temporary-tuples.ts";

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

/** What a foreign key carries along some of its columns. */
export interface Part {
  readonly columns: readonly Column<unknown>[];
  readonly changes: readonly KeyChange[];
  /** By the values before; what the values after say of columns that follow still fewer columns as well is true. */
  readonly known: ReadonlyMap<TupleKey, KeyChange>;
  /** What rows have in these columns for a while. */
  readonly temporary: TemporaryTuples;
}

/**
 * What becomes of a tuple by changes of some of its columns; null if nothing does. What a change of more columns has
 * written stays, also if it is what was there: changes of fewer columns are about other rows.
 * @param parts what changes, more columns first
 * @param isWritten the columns that stay as they are
 */
export function followParts(
  all: readonly Column<unknown>[],
  tuple: readonly unknown[],
  parts: readonly Part[],
  isWritten: readonly boolean[] = [],
): readonly unknown[] | null {
  const written = [...isWritten];
  let moved: unknown[] | null = null;
  for (const { columns, known } of parts) {
    const positions = columns.map((column) => all.indexOf(column));
    if (positions.some((position) => position < 0 || written[position] === true)) continue;
    const values = positions.map((position) => tuple[position]);
    const change = isKnown(values) ? known.get(tupleKey(columns, values)) : undefined;
    if (change === undefined) continue;
    moved ??= [...tuple];
    for (const [i, position] of positions.entries()) {
      moved[position] = change.after[i];
      written[position] = true;
    }
  }
  return moved;
}

/**
 * Rows that follow a change of several columns go out of the way of changes of some of these, and come back to where they
 * belong afterwards: the latter can tell neither the ones nor the others by what they have in the few columns.
 * @param parts the changes of fewer columns
 * @returns the way there and the way back; null if there are no values for that
 */
export function detour(
  all: readonly Column<unknown>[],
  changes: readonly KeyChange[],
  parts: readonly Part[],
): readonly [there: readonly KeyChange[], back: readonly KeyChange[]] | null {
  for (const { temporary, changes: own } of parts) temporary.take(own);
  const there: KeyChange[] = [];
  const back: KeyChange[] = [];
  for (const { before, after } of changes) {
    let aside = before;
    for (const { columns, temporary } of parts) {
      const part = temporary.find(takePart(all, before, columns));
      if (part === null) return null;
      aside = withPart(all, aside, columns, part);
    }
    there.push({ before, after: aside });
    back.push({ before: aside, after });
  }
  return [there, back];
}
