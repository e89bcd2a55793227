import { evaluate, UNKNOWN } from "../../../expression/index.ts";
import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import { type KeyChange, type RowImage, RowOperation, StatementGroup } from "../decompose/operation.ts";
import { currentTuple, imageTuple, isKnown, tupleKey } from "../decompose/tuple.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { FlushGraph } from "../graph.ts";
import { orderAround, orderAroundBlocked } from "./around-key-changes.ts";
import { type Carried, isChain, newCarried, sentBy, setKey } from "./carried.ts";
import type { BlockedKey, FollowedKey, KeyChanges, SourcedChange, Wave } from "./key-changes.ts";
import { letsGo, setsDefault } from "./referential-action.ts";
import { rounds } from "./rounds.ts";
import type { Referring } from "./temporary-tuples.ts";
import { type ForeignKeyBehaviour, isCarriedByDatabase, pathTo, rivalOf, type Step } from "./way-of-following.ts";
import { detour, followParts, isSame, orderTogether } from "./wide-and-narrow.ts";

/** Decides for each foreign key how its rows follow, and remembers what was carried along it. */
export class Carrier implements KeyChanges {
  readonly deferred = new Set<ForeignKeyConstraint>();
  readonly blocked: BlockedKey[] = [];
  readonly #carried = new Map<ForeignKeyConstraint, Map<string, Carried>>();
  readonly #graph: FlushGraph;
  readonly #byTable: Map<Table, RowOperation[]>;
  readonly #referring: Referring;
  readonly #behaviour: ForeignKeyBehaviour;
  /** Orders of rows around changes, those around changes of more columns last. */
  readonly #around: (() => void)[] = [];

  constructor(
    graph: FlushGraph,
    byTable: Map<Table, RowOperation[]>,
    referring: Referring,
    behaviour: ForeignKeyBehaviour,
  ) {
    this.#graph = graph;
    this.#byTable = byTable;
    this.#referring = referring;
    this.#behaviour = behaviour;
  }

  get followed(): readonly FollowedKey[] {
    return [...this.#carried.values()].flatMap((bySet) => [...bySet.values()]).sort(byMoreColumns);
  }

  get areEntangled(): boolean {
    for (const bySet of this.#carried.values()) {
      for (const own of bySet.values()) {
        if (own.propagates.length === 0) continue;
        const isMet = (twin: Carried): boolean =>
          twin.propagates.length === 0 && isChain(own.columns, [...own.changes, ...twin.changes]);
        if (this.#twinsOf(own).some(isMet) || (own.goesAside && this.#hidesRows(own))) return true;
      }
    }
    return false;
  }

  /** Does another foreign key look for its rows by columns in which they have temporary values? */
  #hidesRows({ foreignKey, columns }: Carried): boolean {
    return foreignKey.table.foreignKeys.some(
      (other) =>
        other !== foreignKey &&
        this.#partsOf(other).some(
          (part) => part.columns.length > 1 && part.columns.some((column) => columns.includes(column)),
        ),
    );
  }

  isFollowed(foreignKey: ForeignKeyConstraint): boolean {
    return this.#carried.has(foreignKey);
  }

  isReached(foreignKey: ForeignKeyConstraint): boolean {
    return this.isFollowed(foreignKey) || this.blocked.some((key) => key.foreignKey === foreignKey);
  }

  moved(table: Table, row: RowImage): RowImage | null {
    let image: unknown[] | null = null;
    for (const foreignKey of table.foreignKeys) {
      const parts = this.#partsOf(foreignKey);
      if (parts.length === 0) continue;
      const { columns } = foreignKey;
      const tuple = columns.map(({ index }) => row[index]);
      const moved = followParts(columns, tuple, parts);
      if (moved === null) continue;
      image ??= [...row];
      for (const [i, { index }] of columns.entries()) if (moved[i] !== tuple[i]) image[index] = moved[i];
    }
    return image;
  }

  bringersOf(foreignKey: ForeignKeyConstraint, operation: RowOperation): readonly RowOperation[] {
    const found: RowOperation[] = [];
    for (const own of foreignKey.referredTable.foreignKeys) {
      for (const { columns, arriving } of this.#carried.get(own)?.values() ?? []) {
        const local = columns.flatMap((column) => foreignKey.columns[foreignKey.referredColumns.indexOf(column)] ?? []);
        if (local.length < columns.length) continue;
        const tuple = currentTuple(operation, local, columns);
        const change = tuple.kind === "key" ? arriving.get(tuple.key) : undefined;
        if (change !== undefined) found.push(change.last);
      }
    }
    return found;
  }

  /** Lets the rows of a foreign key follow; returns what changes in them, for those that refer to these rows. */
  follow(wave: Wave, foreignKey: ForeignKeyConstraint, columns: readonly Column<unknown>[]): Wave | null {
    const changed = wave.changes.filter((change) => !isSame(change));
    const rows = this.#byTable.get(foreignKey.table) ?? [];
    if (this.#isBlocked(wave, foreignKey)) {
      if (changed.length === 0) return null;
      this.blocked.push({ foreignKey, columns, types: wave.columns, changes: changed, other: null });
      // Where the flush itself writes the key, the orders of foreign keys say the same.
      if (wave.passed.length > 0) orderAroundBlocked(this.#graph, rows, foreignKey, columns, wave.columns, changed);
      return null;
    }
    const other = wave.way === "each" ? rivalOf(foreignKey, wave, this.#behaviour) : null;
    if (other !== null && changed.length > 0) this.blocked.push(byBoth(wave, { foreignKey, columns }, other, changed));
    const bySet = getOrAdd(this.#carried, foreignKey, () => new Map<string, Carried>());
    const carried = getOrAdd(bySet, setKey(columns), () => newCarried(foreignKey, columns, this.#referring));
    const fewer = this.#fewerThan(carried);
    const seen: SourcedChange[] = [];
    for (const change of wave.changes) {
      const key = tupleKey(wave.columns, change.before);
      if (carried.known.has(key)) continue;
      const shown = seenByRows(foreignKey, columns, change);
      // Where ON UPDATE is not carried out, a default that nobody knows cannot be written.
      const own = this.#behaviour.isEnforced(foreignKey) || !shown.after.includes(undefined) ? shown : change;
      const after = fewer.length === 0 ? null : followParts(columns, own.after, fewer, own.anew);
      carried.known.set(key, after === null ? own : { ...own, after });
      carried.changes.push(own);
      seen.push(own);
    }
    if (seen.length === 0) return null;
    const changes = this.#carry(wave, carried, seen, bySet);
    const isCarriedAlone = wave.way !== "compound" && carried.propagates.length > 0;
    const final = wave.way === "compound" ? changes : this.#finalOf(wave, carried, changes);
    for (const change of final)
      if (isKnown(change.after)) carried.arriving.set(tupleKey(columns, change.after), change);
    const around = (columnsOf: (row: RowOperation) => number): void =>
      orderAround(this.#graph, rows, carried, wave.columns, final, columnsOf);
    if (isCarriedAlone) this.#around.push(() => around((row) => this.#followedColumns(row, carried)));
    else around(() => 0);
    return { ...pathTo(wave, foreignKey, columns), changes, way: wave.way, sourceColumns: wave.sourceColumns };
  }

  /** Puts the rows that this flush writes in order with what follows. */
  orderRows(): void {
    for (const order of this.#around.reverse()) order();
  }

  /** By how many columns of the foreign key the row follows a change, if more than that go aside. */
  #followedColumns({ before }: RowOperation, { foreignKey, columns: own }: Carried): number {
    const part = this.#partsOf(foreignKey).find(({ columns, known, goesAside }) => {
      if (columns.length > own.length && !goesAside) return false;
      const tuple = imageTuple(before, columns);
      return tuple.kind === "key" && known.has(tuple.key);
    });
    return part?.columns.length ?? 0;
  }

  /** What a foreign key carries, changes of more columns first. */
  #partsOf(foreignKey: ForeignKeyConstraint): readonly Carried[] {
    const parts = [...(this.#carried.get(foreignKey)?.values() ?? [])];
    return parts.length > 1 ? parts.sort(byMoreColumns) : parts;
  }

  /** What the same foreign key carries along some of the columns alone. */
  #fewerThan({ foreignKey, columns }: Carried): readonly Carried[] {
    return this.#partsOf(foreignKey).filter(
      (part) => part.columns.length < columns.length && part.columns.every((column) => columns.includes(column)),
    );
  }

  /** The changes together with what those of fewer columns make of what is not written anew. */
  #finalOf(wave: Wave, carried: Carried, changes: readonly SourcedChange[]): readonly SourcedChange[] {
    if (this.#fewerThan(carried).length === 0) return changes;
    return changes.map((change) => {
      const known = carried.known.get(tupleKey(wave.columns, change.before));
      return known === undefined ? change : { ...change, after: known.after };
    });
  }

  /** Nothing can carry the change along the foreign key. */
  #isBlocked(wave: Wave, foreignKey: ForeignKeyConstraint): boolean {
    if (!this.#behaviour.isEnforced(foreignKey)) return false;
    if (wave.way === "suspended") return setsDefault(foreignKey.onUpdate); // nobody would do it
    if (setsDefault(foreignKey.onUpdate) && foreignKey.columns.some(isUnknownKey)) return true;
    // A default that only the database knows can be carried further by nobody else.
    const isKnownToAll = wave.changes.every(({ after }) => !after.includes(undefined));
    if (wave.way === "compound") return !isKnownToAll;
    if (isCarriedByDatabase(foreignKey, wave, this.#behaviour)) return false;
    return !isKnownToAll || !this.#behaviour.canDefer(foreignKey);
  }

  #carry(
    wave: Wave,
    carried: Carried,
    changes: readonly SourcedChange[],
    bySet: ReadonlyMap<string, Carried>,
  ): readonly SourcedChange[] {
    if (wave.way === "compound") {
      if (setsDefault(carried.foreignKey.onUpdate)) return changes; // the database does it when the statement ends
      return this.#carryTogether(wave, carried, changes, bySet);
    }
    if (wave.way === "each") {
      if (isCarriedByDatabase(carried.foreignKey, wave, this.#behaviour)) return changes;
      if (this.#behaviour.isEnforced(carried.foreignKey)) this.deferred.add(carried.foreignKey);
    } else for (const { last } of changes) last.suspended = true;
    return this.#propagate(wave, carried, changes);
  }

  /**
   * One UPDATE for all changes, or as few as its unique keys allow, after the operations that change the keys. What rows
   * follow by another foreign key over the same columns is not carried to them once more: they may have by now what another
   * row gives up.
   */
  #propagate(wave: Wave, carried: Carried, all: readonly SourcedChange[]): readonly SourcedChange[] {
    const twins = this.#twinsOf(carried);
    if (twins.length === 0) return this.#send(wave, carried, all);
    const sent: SourcedChange[] = [];
    const changes: SourcedChange[] = [];
    for (const change of all) {
      const known = twins.flatMap((twin) => sentBy(twin, carried.columns, change))[0];
      if (known === undefined) changes.push(change);
      else sent.push(known);
    }
    // Changes of more columns are put in order with what carries those of fewer.
    for (const one of new Set(sent.flatMap(({ first, last }) => [first, last])))
      if (!carried.propagates.includes(one)) carried.propagates.push(one);
    return [...sent, ...this.#send(wave, carried, changes)];
  }

  /** What other foreign keys of the table carry along the same columns. */
  #twinsOf({ foreignKey, columns }: Carried): readonly Carried[] {
    const key = setKey(columns);
    return foreignKey.table.foreignKeys.flatMap((other) => {
      const twin = other === foreignKey ? undefined : this.#carried.get(other)?.get(key);
      return twin === undefined ? [] : [twin];
    });
  }

  #send(wave: Wave, carried: Carried, changes: readonly SourcedChange[]): readonly SourcedChange[] {
    const { foreignKey, columns } = carried;
    const fewer = this.#fewerThan(carried);
    const ways = fewer.length === 0 ? null : detour(columns, this.#finalOf(wave, carried, changes), fewer);
    if (ways !== null) carried.goesAside = true;
    const own = (ways ?? rounds(foreignKey, columns, changes, carried.temporary)).map((round) =>
      this.#addPropagate(wave, carried, round),
    );
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return [];
    own.forEach((propagate, i) => {
      propagate.suspended = wave.way === "suspended";
      const next = own[i + 1];
      if (next !== undefined) this.#graph.order(propagate, next, "carry", foreignKey);
    });
    for (const source of new Set(changes.map((change) => change.last)))
      this.#graph.order(source, first, "carry", foreignKey);
    for (const { propagates } of fewer) {
      for (const few of propagates) {
        this.#graph.order(first, few, "locate", foreignKey);
        if (ways !== null) this.#graph.order(few, last, "locate", foreignKey);
      }
    }
    carried.propagates.push(...own);
    return changes.map((change) => {
      const sent = { ...change, first, last };
      carried.sent.set(tupleKey(columns, change.before), sent);
      return sent;
    });
  }

  /** Each change is followed by the statement that makes it. */
  #carryTogether(
    wave: Wave,
    carried: Carried,
    changes: readonly SourcedChange[],
    bySet: ReadonlyMap<string, Carried>,
  ): readonly SourcedChange[] {
    return changes.map(({ before, after, last: source }) => {
      const group = source.group ?? new StatementGroup("compound");
      if (source.group === null) group.take(source);
      const propagate = this.#addPropagate(wave, carried, [{ before, after }]);
      group.take(propagate);
      this.#orderTogether(carried, propagate, bySet);
      carried.propagates.push(propagate);
      return { before, after, first: propagate, last: propagate };
    });
  }

  /** Of statements that make one change each, that of several columns finds its rows by all of them: it comes first. */
  #orderTogether({ foreignKey, columns }: Carried, own: RowOperation, bySet: ReadonlyMap<string, Carried>): void {
    for (const other of bySet.values()) {
      if (other.columns.length === columns.length) continue;
      for (const one of other.propagates) {
        const [wide, narrow] = other.columns.length > columns.length ? [one, own] : [own, one];
        const source = wide.group?.members[0]; // the row whose key changed at first
        orderTogether(this.#graph, narrow, wide, source?.movedBy ?? null, foreignKey);
      }
    }
  }

  #addPropagate(
    { sourceColumns }: Wave,
    { foreignKey, columns }: Carried,
    changes: readonly KeyChange[],
  ): RowOperation {
    const propagate = new RowOperation(foreignKey.table, "propagate");
    propagate.propagation = { foreignKey, columns, sourceColumns, changes };
    return this.#graph.add(propagate);
  }
}

function byMoreColumns(a: FollowedKey, b: FollowedKey): number {
  return b.columns.length - a.columns.length;
}

/** What is in the way of rows that the change reaches by two foreign keys. */
function byBoth(
  { columns: types }: Wave,
  { foreignKey, columns }: Step,
  other: Step,
  changes: readonly SourcedChange[],
): BlockedKey {
  return {
    foreignKey,
    other: other.foreignKey,
    columns: [...columns, ...other.columns],
    types: [...types, ...types],
    changes: changes.map((change) => ({
      ...change,
      before: [...change.before, ...change.before],
      after: [...change.after, ...change.after],
    })),
  };
}

/** ON UPDATE SET NULL and SET DEFAULT let go of a changed key instead of following it. */
function seenByRows(
  { onUpdate }: ForeignKeyConstraint,
  columns: readonly Column<unknown>[],
  change: SourcedChange,
): SourcedChange {
  if (!letsGo(onUpdate)) return change;
  return { ...change, after: columns.map((column) => (setsDefault(onUpdate) ? defaultOf(column) : null)) };
}

/** The object could not be found by its key any more. */
function isUnknownKey(column: Column<unknown>): boolean {
  return column.primaryKey && defaultOf(column) === undefined;
}

/** What the database writes for a column that nobody names; undefined if only the database knows. */
function defaultOf({ serverDefault }: Column<unknown>): unknown {
  if (serverDefault === null) return null;
  const value = evaluate(serverDefault, () => UNKNOWN);
  return value === UNKNOWN ? undefined : value;
}
