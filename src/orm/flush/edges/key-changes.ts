import { FlushCycleError } from "../../../errors/index.ts";
import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import { GeneratedValue, type KeyChange, RowOperation } from "../decompose/operation.ts";
import { type TupleKey, tupleKey } from "../decompose/tuple.ts";
import type { FlushGraph } from "../graph.ts";

/** How foreign keys behave where the flush runs. */
export interface ForeignKeyBehaviour {
  /** The database checks foreign keys at all (SQLite's pragma, MySQL's engines). */
  readonly enforced: boolean;
  /** Checks can be put off to the end of the transaction, for every foreign key (SQLite) or for those declared so. */
  canDefer(foreignKey: ForeignKeyConstraint): boolean;
}

/** A foreign key whose rows get new values because what they refer to changed its key. */
export interface FollowedKey {
  readonly foreignKey: ForeignKeyConstraint;
  /** The columns of the foreign key that change. */
  readonly columns: readonly Column<unknown>[];
  readonly changes: readonly KeyChange[];
}

/** Keys that change in this flush and what they are a part of. */
export interface KeyChanges {
  /** Foreign keys whose check must be put off while their rows follow. */
  readonly deferred: ReadonlySet<ForeignKeyConstraint>;
  /** Foreign keys along which the change travels, by the database or by a `propagate` operation. */
  readonly followed: ReadonlyMap<ForeignKeyConstraint, FollowedKey>;
}

/** A changed set of columns, on its way from a table to the tables that refer to it. */
interface Wave {
  readonly table: Table;
  readonly columns: readonly Column<unknown>[];
  readonly changes: readonly KeyChange[];
  /** The operations that the rows referring to `columns` must wait for. */
  readonly sources: readonly RowOperation[];
}

/**
 * Carries changed keys to every row that refers to them, at any depth, loaded or not. Where ON UPDATE does it, nothing
 * is added; where it does not, one UPDATE a foreign key follows the change: `UPDATE child SET fk = new WHERE fk = old`,
 * with enforced checks put off to the end of the transaction.
 * @param referring the foreign keys that refer to a table
 * @throws FlushCycleError when the foreign key is enforced and the database has no way to put its check off
 */
export function addKeyChanges(
  graph: FlushGraph,
  byTable: Map<Table, RowOperation[]>,
  referring: (table: Table) => readonly ForeignKeyConstraint[],
  behaviour: ForeignKeyBehaviour,
): KeyChanges {
  const deferred = new Set<ForeignKeyConstraint>();
  const followed = new Map<ForeignKeyConstraint, FollowedKey>();
  const waves: Wave[] = [];
  for (const [table, operations] of byTable) {
    if (!operations.some((operation) => operation.kind === "update")) continue;
    for (const columns of referredColumnSets(referring(table))) {
      const wave = startWave(table, columns, operations);
      if (wave !== null) waves.push(wave);
    }
  }
  for (let wave = waves.shift(); wave !== undefined; wave = waves.shift()) {
    for (const foreignKey of referring(wave.table)) {
      const columns = followingColumns(foreignKey, wave.columns);
      // A self-reference along the same columns is carried by one statement for all depths.
      if (columns === null || followed.has(foreignKey)) continue;
      followed.set(foreignKey, { foreignKey, columns, changes: seenByRows(foreignKey, wave.changes) });
      const sources = follow(graph, byTable, foreignKey, columns, wave, behaviour, deferred);
      waves.push({ table: foreignKey.table, columns, changes: wave.changes, sources });
    }
  }
  return { deferred, followed };
}

/** The distinct column sets of a table that others refer to. */
function referredColumnSets(foreignKeys: readonly ForeignKeyConstraint[]): readonly (readonly Column<unknown>[])[] {
  const sets = new Map<string, readonly Column<unknown>[]>();
  for (const { referredColumns } of foreignKeys) {
    sets.set(referredColumns.map((column) => column.index).join(), referredColumns);
  }
  return [...sets.values()];
}

function startWave(
  table: Table,
  columns: readonly Column<unknown>[],
  operations: readonly RowOperation[],
): Wave | null {
  const changes: KeyChange[] = [];
  const sources: RowOperation[] = [];
  for (const operation of operations) {
    if (operation.kind !== "update" || !operation.changes(columns)) continue;
    const before = columns.map((column) => operation.before[column.index]);
    const after = columns.map((column) => operation.current(column));
    if (before.some((value) => value === null || value === undefined)) continue; // nothing can refer to it
    if (after.some((value) => value === undefined || value instanceof GeneratedValue)) continue;
    changes.push({ before, after });
    sources.push(operation);
  }
  return changes.length === 0 ? null : { table, columns, changes, sources };
}

/**
 * The columns of `foreignKey` that hold the changed columns, in their order; null if it does not refer to them all.
 * A foreign key that shares only a part of a changed composite key is fed by another foreign key.
 */
function followingColumns(
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

/** ON UPDATE SET NULL lets go of a changed key instead of following it. */
function seenByRows({ onUpdate }: ForeignKeyConstraint, changes: readonly KeyChange[]): readonly KeyChange[] {
  if (onUpdate === null || !/set null/i.test(onUpdate)) return changes;
  return changes.map(({ before }) => ({ before, after: before.map(() => null) }));
}

function follow(
  graph: FlushGraph,
  byTable: Map<Table, RowOperation[]>,
  foreignKey: ForeignKeyConstraint,
  columns: readonly Column<unknown>[],
  wave: Wave,
  behaviour: ForeignKeyBehaviour,
  deferred: Set<ForeignKeyConstraint>,
): readonly RowOperation[] {
  const byDatabase = behaviour.enforced && isActive(foreignKey.onUpdate);
  const rows = byTable.get(foreignKey.table) ?? [];
  if (byDatabase) {
    orderAround(graph, rows, foreignKey, columns, wave, wave.sources);
    return wave.sources;
  }
  if (behaviour.enforced) {
    if (!behaviour.canDefer(foreignKey)) throw cannotFollow(foreignKey, wave);
    deferred.add(foreignKey);
  }
  const propagate = new RowOperation({ table: foreignKey.table, kind: "propagate" });
  propagate.propagation = { foreignKey, columns, changes: wave.changes };
  graph.add(propagate);
  for (const source of wave.sources) graph.order(source, propagate, "carry", foreignKey);
  orderAround(graph, rows, foreignKey, columns, wave, [propagate]);
  return [propagate];
}

/** ON UPDATE CASCADE, SET NULL and SET DEFAULT change the referring rows by themselves. */
function isActive(action: string | null): boolean {
  return action !== null && /cascade|set/i.test(action);
}

/**
 * Rows of the referring table that this flush writes too: one that is found by a changing key is written before the
 * change; one that sets the foreign key itself comes after it, or the change would be applied to its new value, and is
 * then found by the new key.
 */
function orderAround(
  graph: FlushGraph,
  rows: readonly RowOperation[],
  foreignKey: ForeignKeyConstraint,
  columns: readonly Column<unknown>[],
  wave: Wave,
  changers: readonly RowOperation[],
): void {
  const moved = new Map<TupleKey, KeyChange>();
  for (const change of wave.changes) moved.set(tupleKey(wave.columns, change.before), change);
  for (const row of rows) {
    if (row.kind === "propagate" || changers.includes(row)) continue;
    if (row.kind !== "delete" && (row.kind === "insert" || row.changes(foreignKey.columns))) {
      for (const changer of changers) {
        if (changer.kind === "propagate") graph.order(changer, row, "carry", foreignKey);
      }
      if (row.kind === "update") rekey(row, columns, wave, moved);
    } else if (row.keyColumns.some((column) => columns.includes(column))) {
      for (const changer of changers) graph.order(row, changer, "locate", foreignKey);
    }
  }
}

/** Makes an operation that runs after the change find its row by the new key. */
function rekey(
  row: RowOperation,
  columns: readonly Column<unknown>[],
  wave: Wave,
  moved: ReadonlyMap<TupleKey, KeyChange>,
): void {
  if (!columns.every((column) => row.keyColumns.includes(column))) return;
  const values = columns.map((column) => row.key[row.keyColumns.indexOf(column)]);
  const change = moved.get(tupleKey(wave.columns, values));
  if (change === undefined) return;
  columns.forEach((column, i) => {
    row.key[row.keyColumns.indexOf(column)] = change.after[i];
  });
}

function cannotFollow(foreignKey: ForeignKeyConstraint, wave: Wave): FlushCycleError {
  const name = foreignKey.name ?? foreignKey.columns.map((column) => column.name).join(", ");
  const change = wave.changes[0];
  return new FlushCycleError(
    `The key of ${wave.table.name} changes from ${JSON.stringify(change?.before)} to ${JSON.stringify(change?.after)}, but the foreign key ` +
      `${name} of ${foreignKey.table.name} is enforced, has no ON UPDATE CASCADE and cannot be deferred. Declare it with ` +
      `{ onUpdate: "cascade" } or { deferrable: true }.`,
  );
}
