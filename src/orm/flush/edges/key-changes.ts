import { FlushCycleError } from "../../../errors/index.ts";
import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import { type KeyChange, type RowImage, RowOperation } from "../decompose/operation.ts";
import { imageTuple, type TupleKey, tupleKey } from "../decompose/tuple.ts";
import { describeCell } from "../describe.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { FlushGraph } from "../graph.ts";
import { orderAround } from "./around-key-changes.ts";
import { rounds } from "./rounds.ts";

/** How foreign keys behave where the flush runs. */
export interface ForeignKeyBehaviour {
  /** The database checks foreign keys at all (SQLite's pragma, MySQL's engines). */
  readonly enforced: boolean;
  /** Checks can be put off to the end of the transaction, for every foreign key (SQLite) or for those declared so. */
  canDefer(foreignKey: ForeignKeyConstraint): boolean;
}

/** Columns of a foreign key whose rows get new values because what they refer to changed its key. */
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
  /** What follows, by the database or by a `propagate` operation; several columns before some of them alone. */
  readonly followed: readonly FollowedKey[];
  /** Do the rows that refer to a changed key follow it along this foreign key? */
  isFollowed(foreignKey: ForeignKeyConstraint): boolean;
  /** A row of the table as it will be by following changed keys alone; null if nothing of it changes. */
  moved(table: Table, row: RowImage): RowImage | null;
}

/** A changed key, and the operations before which rows hold the old values and after which they hold the new ones. */
export interface SourcedChange extends KeyChange {
  readonly first: RowOperation;
  readonly last: RowOperation;
}

/** A changed set of columns, on its way from a table to the tables that refer to it. */
interface Wave {
  readonly table: Table;
  readonly columns: readonly Column<unknown>[];
  readonly changes: readonly SourcedChange[];
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
  const waves: Wave[] = [];
  for (const [table, operations] of byTable) {
    for (const columns of referredColumnSets(referring(table))) {
      const wave = startWave(table, columns, operations);
      if (wave !== null) waves.push(wave);
    }
  }
  if (waves.length === 0) return NO_CHANGES;
  const carrier = new Carrier(graph, byTable, behaviour);
  for (const wave of waves) {
    for (const foreignKey of referring(wave.table)) {
      const columns = followingColumns(foreignKey, wave.columns);
      const next = columns === null ? null : carrier.follow(wave, foreignKey, columns);
      if (next !== null) waves.push(next);
    }
  }
  return carrier;
}

const NO_CHANGES: KeyChanges = { deferred: new Set(), followed: [], isFollowed: () => false, moved: () => null };

/** The distinct column sets of a table that others refer to. */
function referredColumnSets(foreignKeys: readonly ForeignKeyConstraint[]): readonly (readonly Column<unknown>[])[] {
  const sets = new Map<string, readonly Column<unknown>[]>();
  for (const { referredColumns } of foreignKeys) sets.set(setKey(referredColumns), referredColumns);
  return [...sets.values()];
}

function setKey(columns: readonly Column<unknown>[]): string {
  return columns.map((column) => column.index).join();
}

function startWave(
  table: Table,
  columns: readonly Column<unknown>[],
  operations: readonly RowOperation[],
): Wave | null {
  const changes: SourcedChange[] = [];
  for (const operation of operations) {
    if (operation.kind !== "update" || !operation.changes(columns)) continue;
    const before = columns.map((column) => operation.before[column.index]);
    const after = columns.map((column) => operation.current(column));
    if (before.some((value) => value === null || value === undefined)) continue; // nothing can refer to it
    if (after.includes(undefined)) continue;
    changes.push({ before, after, first: operation, last: operation });
  }
  return changes.length === 0 ? null : { table, columns, changes };
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

/** What one foreign key carries along some of its columns. */
interface Carried extends FollowedKey {
  readonly changes: KeyChange[];
  /** Keys that are carried already: a self-reference, or a second way to the same rows, brings them again. */
  readonly known: Map<TupleKey, KeyChange>;
  readonly propagates: RowOperation[];
}

/** Decides for each foreign key how its rows follow, and remembers what was carried along it. */
class Carrier implements KeyChanges {
  readonly deferred = new Set<ForeignKeyConstraint>();
  readonly #carried = new Map<ForeignKeyConstraint, Map<string, Carried>>();
  readonly #graph: FlushGraph;
  readonly #byTable: Map<Table, RowOperation[]>;
  readonly #behaviour: ForeignKeyBehaviour;

  constructor(graph: FlushGraph, byTable: Map<Table, RowOperation[]>, behaviour: ForeignKeyBehaviour) {
    this.#graph = graph;
    this.#byTable = byTable;
    this.#behaviour = behaviour;
  }

  get followed(): readonly FollowedKey[] {
    const all = [...this.#carried.values()].flatMap((bySet) => [...bySet.values()]);
    return all.sort((a, b) => b.columns.length - a.columns.length);
  }

  isFollowed(foreignKey: ForeignKeyConstraint): boolean {
    return this.#carried.has(foreignKey);
  }

  moved(table: Table, row: RowImage): RowImage | null {
    let image: unknown[] | null = null;
    for (const foreignKey of table.foreignKeys) {
      for (const { columns, known } of this.#carried.get(foreignKey)?.values() ?? []) {
        const tuple = imageTuple(row, columns);
        const change = tuple.kind === "key" ? known.get(tuple.key) : undefined;
        if (change === undefined) continue;
        image ??= [...row];
        for (const [i, column] of columns.entries()) image[column.index] = change.after[i];
      }
    }
    return image;
  }

  /** Lets the rows of a foreign key follow; returns what changes in them, for those that refer to these rows. */
  follow(wave: Wave, foreignKey: ForeignKeyConstraint, columns: readonly Column<unknown>[]): Wave | null {
    const bySet = getOrAdd(this.#carried, foreignKey, () => new Map<string, Carried>());
    const carried = getOrAdd(bySet, setKey(columns), () => newCarried(foreignKey, columns));
    const seen: SourcedChange[] = [];
    for (const change of wave.changes) {
      const key = tupleKey(wave.columns, change.before);
      if (carried.known.has(key)) continue;
      const own = seenByRows(foreignKey, change);
      carried.known.set(key, own);
      carried.changes.push(own);
      seen.push(own);
    }
    if (seen.length === 0) return null;
    const changes = this.#isCarriedByDatabase(foreignKey) ? seen : this.#propagate(carried, seen, bySet);
    orderAround(this.#graph, this.#byTable.get(foreignKey.table) ?? [], foreignKey, columns, wave.columns, changes);
    return { table: foreignKey.table, columns, changes };
  }

  #isCarriedByDatabase(foreignKey: ForeignKeyConstraint): boolean {
    return this.#behaviour.enforced && isActive(foreignKey.onUpdate);
  }

  /** @throws FlushCycleError if nothing can carry the change */
  #propagate(
    { foreignKey, columns, propagates }: Carried,
    changes: readonly SourcedChange[],
    bySet: ReadonlyMap<string, Carried>,
  ): readonly SourcedChange[] {
    if (this.#behaviour.enforced) {
      if (!this.#behaviour.canDefer(foreignKey)) throw cannotFollow(foreignKey, changes);
      this.deferred.add(foreignKey);
    }
    const own = rounds(foreignKey, columns, changes).map((round) => this.#addPropagate(foreignKey, columns, round));
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return [];
    own.forEach((propagate, i) => {
      const next = own[i + 1];
      if (next !== undefined) this.#graph.order(propagate, next, "carry", foreignKey);
    });
    for (const source of new Set(changes.map((change) => change.last)))
      this.#graph.order(source, first, "carry", foreignKey);
    // A change of several columns finds its rows by all of them, so it comes before one that changes some of them.
    for (const other of bySet.values()) {
      if (other.columns.length > columns.length)
        for (const one of other.propagates) this.#graph.order(one, first, "locate", foreignKey);
      else if (other.columns.length < columns.length)
        for (const one of other.propagates) this.#graph.order(last, one, "locate", foreignKey);
    }
    propagates.push(...own);
    return changes.map(({ before, after }) => ({ before, after, first, last }));
  }

  #addPropagate(
    foreignKey: ForeignKeyConstraint,
    columns: readonly Column<unknown>[],
    changes: readonly KeyChange[],
  ): RowOperation {
    const propagate = new RowOperation({ table: foreignKey.table, kind: "propagate" });
    propagate.propagation = { foreignKey, columns, changes };
    return this.#graph.add(propagate);
  }
}

function newCarried(foreignKey: ForeignKeyConstraint, columns: readonly Column<unknown>[]): Carried {
  return { foreignKey, columns, changes: [], known: new Map(), propagates: [] };
}

/** ON UPDATE SET NULL lets go of a changed key instead of following it. */
function seenByRows({ onUpdate }: ForeignKeyConstraint, change: SourcedChange): SourcedChange {
  if (onUpdate === null || !/set null/i.test(onUpdate)) return change;
  return { ...change, after: change.before.map(() => null) };
}

/** ON UPDATE CASCADE, SET NULL and SET DEFAULT change the referring rows by themselves. */
function isActive(action: string | null): boolean {
  return action !== null && /cascade|set/i.test(action);
}

function cannotFollow(foreignKey: ForeignKeyConstraint, changes: readonly KeyChange[]): FlushCycleError {
  const name = foreignKey.name ?? foreignKey.columns.map((column) => column.name).join(", ");
  const [change] = changes;
  return new FlushCycleError(
    `The key of ${foreignKey.referredTable.name} changes from ${change?.before.map(describeCell)} to ${change?.after.map(describeCell)}, but the foreign key ` +
      `${name} of ${foreignKey.table.name} is enforced, has no ON UPDATE CASCADE and cannot be deferred. Declare it with ` +
      `{ onUpdate: "cascade" } or { deferrable: true }.`,
  );
}
