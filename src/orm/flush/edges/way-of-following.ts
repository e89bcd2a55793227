import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import { isActive } from "./referential-action.ts";

/** How foreign keys behave where the flush runs. */
export interface ForeignKeyBehaviour {
  /** The database checks the foreign key (SQLite's pragma, the engines of MySQL's tables). */
  isEnforced(foreignKey: ForeignKeyConstraint): boolean;
  /** Checks can be put off to the end of the transaction, for every foreign key (SQLite) or for those declared so. */
  canDefer(foreignKey: ForeignKeyConstraint): boolean;
  /** Several tables can be written by one statement, at whose end foreign keys are checked (PostgreSQL). */
  readonly sharesStatement: boolean;
  /** Checks may be suspended for some statements, since the session says so (MariaDB, MySQL). */
  readonly suspends: boolean;
  /** ON UPDATE reaches the table where the change began, or a row that it has changed, again. InnoDB refuses that. */
  readonly cascadesInCircles: boolean;
}

/**
 * How the rows that refer to a changed key follow it:
 * - `each`: each foreign key in its own way, by ON UPDATE or by an UPDATE;
 * - `compound`: all of them by the statement that changes the key;
 * - `suspended`: each by an UPDATE, while the database checks no foreign key and carries out no ON UPDATE.
 */
export type WayOfFollowing = "each" | "compound" | "suspended";

/** A changed set of columns, and those by which the change came to them. */
export interface Path {
  readonly table: Table;
  readonly columns: readonly Column<unknown>[];
  /** What has changed before, beginning with the key that changed at first. */
  readonly passed: readonly Path[];
}

/** A foreign key, and those of its columns that hold what changes. */
export interface Step {
  readonly foreignKey: ForeignKeyConstraint;
  readonly columns: readonly Column<unknown>[];
}

/** ON UPDATE changes the rows of this foreign key. */
export function isCarriedByDatabase(
  foreignKey: ForeignKeyConstraint,
  path: Path,
  behaviour: ForeignKeyBehaviour,
): boolean {
  if (!behaviour.isEnforced(foreignKey) || !isActive(foreignKey.onUpdate)) return false;
  return behaviour.cascadesInCircles || ![...path.passed, path].some(({ table }) => table === foreignKey.table);
}

/**
 * Another foreign key of the table, which the change reaches as well. InnoDB cannot carry it along both for one row if they
 * share a column that changes, whichever comes first: it checks the other one, to whose key it has not come yet or not come
 * back. Nor if it changes the primary key by this one and the other one refers to something that the change has passed: it
 * writes the whole row again, which must not refer to the key of before.
 */
export function rivalOf(foreignKey: ForeignKeyConstraint, path: Path, behaviour: ForeignKeyBehaviour): Step | null {
  if (behaviour.cascadesInCircles || !isCarriedByDatabase(foreignKey, path, behaviour)) return null;
  const changed = followingColumns(foreignKey, path.columns);
  if (changed === null) return null;
  const isInPrimaryKey = changed.some((column) => column.primaryKey);
  const paths = [path, ...path.passed];
  for (const other of foreignKey.table.foreignKeys) {
    if (other === foreignKey || !behaviour.isEnforced(other)) continue;
    if (changed.some((column) => other.columns.includes(column)) && isFed(other, changed, paths, new Set()))
      return { foreignKey: other, columns: changed };
    if (!isInPrimaryKey) continue;
    for (const { table, columns } of paths) {
      const following = other.referredTable === table ? followingColumns(other, columns) : null;
      if (following !== null) return { foreignKey: other, columns: following };
    }
  }
  return null;
}

/** Do some columns of a foreign key hold what changes, or what follows it by other foreign keys? */
function isFed(
  { columns, referredTable, referredColumns }: ForeignKeyConstraint,
  changed: readonly Column<unknown>[],
  paths: readonly Path[],
  seen: Set<ForeignKeyConstraint>,
): boolean {
  const referred = referredColumns.filter((_, i) => changed.includes(columns[i] as Column<unknown>)); // `i` counts both
  if (paths.some((path) => path.table === referredTable && path.columns.some((one) => referred.includes(one))))
    return true;
  return referredTable.foreignKeys.some((foreignKey) => {
    if (seen.has(foreignKey) || !foreignKey.columns.some((column) => referred.includes(column))) return false;
    seen.add(foreignKey);
    return isFed(foreignKey, referred, paths, seen);
  });
}

/**
 * Chooses for each of several keys that change, and everything that refers to it. A row that is written while checks are
 * suspended is followed by no ON UPDATE, whatever of it changes: what refers to it is followed in that way as well.
 */
export function waysOfFollowing(
  starts: readonly Path[],
  referring: (table: Table) => readonly ForeignKeyConstraint[],
  behaviour: ForeignKeyBehaviour,
): readonly WayOfFollowing[] {
  const ways = starts.map((start) => wayOfFollowing(start, referring, behaviour));
  const written = new Set(starts.filter((_, i) => ways[i] === "suspended").map(({ table }) => table));
  for (const table of written) {
    for (const [i, start] of starts.entries()) {
      if (start.table !== table) continue;
      ways[i] = "suspended";
      for (const { foreignKey } of stepsFrom(start, referring)) written.add(foreignKey.table);
    }
  }
  return ways;
}

/**
 * Chooses for a key and everything that refers to it, at any depth: if one foreign key can follow in no way of its own,
 * the flush carries the change along all of them itself.
 */
function wayOfFollowing(
  start: Path,
  referring: (table: Table) => readonly ForeignKeyConstraint[],
  behaviour: ForeignKeyBehaviour,
): WayOfFollowing {
  if (!behaviour.sharesStatement && !behaviour.suspends) return "each";
  const reached = new Map<Table, ForeignKeyConstraint>();
  for (const { path, foreignKey } of stepsFrom(start, referring)) {
    if (behaviour.sharesStatement && isSecondWay(foreignKey, path, reached)) return "compound";
    const follows =
      !behaviour.isEnforced(foreignKey) ||
      (isCarriedByDatabase(foreignKey, path, behaviour) && rivalOf(foreignKey, path, behaviour) === null) ||
      behaviour.canDefer(foreignKey);
    if (!follows) return behaviour.sharesStatement ? "compound" : "suspended";
  }
  return "each";
}

/**
 * Rows follow the change by two foreign keys, or refer to each other by the key that follows. PostgreSQL changes one after the
 * other; of rows that the transaction has written it checks all foreign keys in between.
 * @param reached the tables whose rows follow, each with the first foreign key by which they do
 */
function isSecondWay(foreignKey: ForeignKeyConstraint, path: Path, reached: Map<Table, ForeignKeyConstraint>): boolean {
  const { table } = foreignKey;
  const known = reached.get(table);
  if (known === undefined) reached.set(table, foreignKey);
  const isWithin = table === path.table && path.passed.length > 0;
  return isWithin || (known !== undefined && known !== foreignKey);
}

/** Each foreign key by which a change goes on, and how it came there. */
function* stepsFrom(
  start: Path,
  referring: (table: Table) => readonly ForeignKeyConstraint[],
): Generator<{ readonly path: Path; readonly foreignKey: ForeignKeyConstraint }> {
  const seen = new Set<string>();
  const paths: Path[] = [start];
  for (const path of paths) {
    for (const foreignKey of referring(path.table)) {
      const columns = followingColumns(foreignKey, path.columns);
      if (columns === null) continue;
      yield { path, foreignKey };
      const key = columns.map(({ fullName }) => fullName).join();
      if (seen.has(key)) continue;
      seen.add(key);
      paths.push(pathTo(path, foreignKey, columns));
    }
  }
}

export function pathTo(path: Path, foreignKey: ForeignKeyConstraint, columns: readonly Column<unknown>[]): Path {
  return { table: foreignKey.table, columns, passed: [...path.passed, path] };
}

/**
 * The columns of `foreignKey` that hold the changed columns, in their order; null if it does not refer to them all.
 * A foreign key that shares only a part of a changed composite key is fed by another foreign key.
 */
export function followingColumns(
  foreignKey: ForeignKeyConstraint,
  changed: readonly Column<unknown>[],
): readonly Column<unknown>[] | null {
  const columns: Column<unknown>[] = [];
  for (const column of changed) {
    const position = foreignKey.referredColumns.indexOf(column);
    const own = foreignKey.columns[position];
    if (own === undefined) return null;
    columns.push(own);
  }
  return columns;
}
