import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import type { KeyChange, RowImage, RowOperation } from "../decompose/operation.ts";
import type { Touched } from "../decompose/touched.ts";
import type { FlushGraph } from "../graph.ts";
import { Carrier } from "./carrier.ts";
import {
  type ForeignKeyBehaviour,
  followingColumns,
  type Path,
  type WayOfFollowing,
  waysOfFollowing,
} from "./way-of-following.ts";

/** Columns of a foreign key whose rows get new values because what they refer to changed its key. */
export interface FollowedKey {
  readonly foreignKey: ForeignKeyConstraint;
  /** The columns of the foreign key that change. */
  readonly columns: readonly Column<unknown>[];
  readonly changes: readonly KeyChange[];
}

/** A foreign key along which nothing can carry a changed key: there must be no row left that refers to it. */
export interface BlockedKey extends FollowedKey {
  readonly changes: readonly SourcedChange[];
  /** The columns that `columns` refer to. */
  readonly types: readonly Column<unknown>[];
  /** Another one, where a row is in the way only if the change reaches it by both: `columns` are those of both. */
  readonly other: ForeignKeyConstraint | null;
}

/** Keys that change in this flush and what they are a part of. */
export interface KeyChanges {
  /** Foreign keys whose check must be put off while their rows follow. */
  readonly deferred: ReadonlySet<ForeignKeyConstraint>;
  /** What follows, by the database or by a `propagate` operation; several columns before some of them alone. */
  readonly followed: readonly FollowedKey[];
  /** What cannot follow. */
  readonly blocked: readonly BlockedKey[];
  /**
   * Would rows that follow by one foreign key be found, or not be found, by another one that shares columns with it? So it is
   * where UPDATEs of the flush and ON UPDATE carry changes to the same columns, of which one ends where another one begins,
   * and where the rows of one are out of the way for a while.
   */
  readonly areEntangled: boolean;
  /** Do the rows that refer to a changed key follow it along this foreign key? */
  isFollowed(foreignKey: ForeignKeyConstraint): boolean;
  /** The same, or do they have to be gone, since nothing can carry the change along this foreign key? */
  isReached(foreignKey: ForeignKeyConstraint): boolean;
  /** By what the row that `operation` refers to gets the key by which it does, if it gets it by following. */
  bringersOf(foreignKey: ForeignKeyConstraint, operation: RowOperation): readonly RowOperation[];
  /** A row of the table as it will be by following changed keys alone; null if nothing of it changes. */
  moved(table: Table, row: RowImage): RowImage | null;
}

/** A changed key, and the operations before which rows hold the old values and after which they hold the new ones. */
export interface SourcedChange extends KeyChange {
  readonly first: RowOperation;
  readonly last: RowOperation;
}

/** A changed set of columns, on its way from a table to the tables that refer to it. */
export interface Wave extends Path {
  readonly changes: readonly SourcedChange[];
  readonly way: WayOfFollowing;
  /** The columns of the key that changed at first, in the order of `columns`. */
  readonly sourceColumns: readonly Column<unknown>[];
}

/**
 * Carries changed keys to every row that refers to them, at any depth, loaded or not. Where ON UPDATE does it, nothing
 * is added; where it does not, one UPDATE a foreign key follows the change: `UPDATE child SET fk = new WHERE fk = old`,
 * with enforced checks put off to the end of the transaction; or all of them are parts of the statement that changes the
 * key; or the checks are suspended. What can follow in none of these ways is `blocked`.
 * @param referring the foreign keys that refer to a table
 */
export function addKeyChanges(
  graph: FlushGraph,
  byTable: Map<Table, RowOperation[]>,
  referring: (table: Table) => readonly ForeignKeyConstraint[],
  behaviour: ForeignKeyBehaviour,
): KeyChanges {
  if (!graph.operations.some(({ kind }) => kind === "update")) return NO_CHANGES;
  const starts: (Path & Pick<Wave, "changes">)[] = [];
  const add = (writes: Writes): void => {
    for (const [table, operations] of byTable) {
      for (const columns of referredColumnSets(referring(table))) {
        const changes = changesOf(columns, operations, writes);
        if (changes.length === 0) continue;
        starts.push({ table, columns, passed: [], changes });
      }
    }
  };
  add(writesAnother);
  if (starts.length === 0) return NO_CHANGES;
  add(writesAgain);
  const carrier = new Carrier(graph, byTable, referring, behaviour);
  // What changes of fewer columns do to a row is known before those of more are carried to it.
  starts.sort((a, b) => a.columns.length - b.columns.length);
  for (const [i, way] of waysOfFollowing(starts, referring, behaviour).entries()) {
    const start = starts[i] as (typeof starts)[number]; // one way for each
    const waves: Wave[] = [{ ...start, way, sourceColumns: start.columns }];
    for (const wave of waves) {
      for (const foreignKey of referring(wave.table)) {
        const columns = followingColumns(foreignKey, wave.columns);
        const next = columns === null ? null : carrier.follow(wave, foreignKey, columns);
        if (next !== null) waves.push(next);
      }
    }
  }
  carrier.orderRows();
  return carrier;
}

/** May a key change to which others refer? If not, none of the rows need be looked at. */
export function mayChangeKeys(
  written: ReadonlyMap<Table, Touched>,
  referring: (table: Table) => readonly ForeignKeyConstraint[],
): boolean {
  for (const [table, touched] of written)
    if (touched.hasUpdates && referredColumnSets(referring(table)).some((columns) => touched.updates(columns)))
      return true;
  return false;
}

export const NO_CHANGES: KeyChanges = {
  deferred: new Set(),
  followed: [],
  blocked: [],
  areEntangled: false,
  isFollowed: () => false,
  isReached: () => false,
  bringersOf: () => [],
  moved: () => null,
};

type ColumnSets = readonly (readonly Column<unknown>[])[];

/** By the foreign keys that refer to a table, in the list that is always the same. */
const knownSets = new WeakMap<readonly ForeignKeyConstraint[], ColumnSets>();

/** The distinct column sets of a table that others refer to. */
function referredColumnSets(foreignKeys: readonly ForeignKeyConstraint[]): ColumnSets {
  let sets = knownSets.get(foreignKeys);
  if (sets === undefined) {
    sets = findSets(foreignKeys);
    knownSets.set(foreignKeys, sets);
  }
  return sets;
}

function findSets(foreignKeys: readonly ForeignKeyConstraint[]): ColumnSets {
  const sets = new Map<string, readonly Column<unknown>[]>();
  for (const { referredColumns } of foreignKeys)
    sets.set(referredColumns.map((column) => column.index).join(), referredColumns);
  return [...sets.values()];
}

type Writes = (operation: RowOperation, columns: readonly Column<unknown>[]) => boolean;

const writesAnother: Writes = (operation, columns) => operation.changes(columns);

/**
 * A key that is written as it was, and has a part that comes from another row: from another one than before, so that it
 * must not follow the change of that one.
 */
const writesAgain: Writes = (operation, columns) =>
  !operation.changes(columns) &&
  columns.some((column) => operation.after[column.index] !== undefined && column.foreignKeys.length > 0);

/** The keys over `columns` that the operations change, or write again. */
function changesOf(
  columns: readonly Column<unknown>[],
  operations: readonly RowOperation[],
  writes: Writes,
): SourcedChange[] {
  const changes: SourcedChange[] = [];
  for (let i = 0; i < operations.length; i++) {
    const operation = operations[i] as RowOperation; // `i` counts them
    if (operation.kind !== "update" || !writes(operation, columns)) continue;
    const before = columns.map((column) => operation.before[column.index]);
    const after = columns.map((column) => operation.current(column));
    if (before.some((value) => value === null || value === undefined)) continue; // nothing can refer to it
    if (after.includes(undefined)) continue;
    const anew = columns.map((column) => operation.after[column.index] !== undefined);
    changes.push({ before, after, anew, first: operation, last: operation });
  }
  return changes;
}
