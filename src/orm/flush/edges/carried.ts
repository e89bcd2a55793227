import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import type { KeyChange, RowOperation } from "../decompose/operation.ts";
import { isKnown, type TupleKey, tupleKey } from "../decompose/tuple.ts";
import type { FollowedKey, SourcedChange } from "./key-changes.ts";
import { type Referring, TemporaryTuples } from "./temporary-tuples.ts";
import { isSame, type Part } from "./wide-and-narrow.ts";

/** What one foreign key carries along some of its columns. */
export interface Carried extends FollowedKey, Part {
  readonly changes: KeyChange[];
  /** Keys that are carried already: a self-reference, or a second way to the same rows, brings them again. */
  readonly known: Map<TupleKey, KeyChange>;
  /** Changes by the keys that rows get. */
  readonly arriving: Map<TupleKey, SourcedChange>;
  /** What UPDATEs of the flush carry, by the keys that rows had. */
  readonly sent: Map<TupleKey, SourcedChange>;
  readonly propagates: RowOperation[];
  /** Its rows are out of the way while changes of fewer columns are carried. */
  goesAside: boolean;
}

/** The order of the columns is that of the key which changed at first: two foreign keys may have them in another one. */
export function setKey(columns: readonly Column<unknown>[]): string {
  return columns.map((column) => column.index).join();
}

/** Does one change end where another one begins? */
export function isChain(columns: readonly Column<unknown>[], changes: readonly KeyChange[]): boolean {
  const begins = new Set(changes.map(({ before }) => tupleKey(columns, before)));
  return changes.some(
    (change) => !isSame(change) && isKnown(change.after) && begins.has(tupleKey(columns, change.after)),
  );
}

/** The same change, if an UPDATE carries it along another foreign key. */
export function sentBy(
  { sent }: Carried,
  columns: readonly Column<unknown>[],
  { before, after }: SourcedChange,
): readonly SourcedChange[] {
  const known = sent.get(tupleKey(columns, before));
  return known !== undefined && isSame({ before: known.after, after }) ? [known] : [];
}

export function newCarried(
  foreignKey: ForeignKeyConstraint,
  columns: readonly Column<unknown>[],
  referring: Referring,
): Carried {
  return {
    foreignKey,
    columns,
    changes: [],
    known: new Map(),
    arriving: new Map(),
    sent: new Map(),
    temporary: new TemporaryTuples(columns, referring),
    propagates: [],
    goesAside: false,
  };
}
