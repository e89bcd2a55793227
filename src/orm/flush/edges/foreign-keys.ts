import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import type { Touched } from "../decompose/touched.ts";
import { currentTuple, imageTuple, type KeyType, makerOf, readTuple, type Tuple } from "../decompose/tuple.ts";
import { TupleMap } from "../decompose/tuple-map.ts";
import type { FlushGraph } from "../graph.ts";
import type { SchemaFacts } from "../schema-facts.ts";
import type { EdgeKind } from "./edge.ts";
import { isActive, setsNull, takesAlong } from "./referential-action.ts";
import type { Dangling } from "./refuse-dangling.ts";
import { finalReader, type Moved } from "./unique-slots.ts";

/** What foreign keys ask for where the flush runs. */
export interface ForeignKeyOrders {
  /** The references of a table that are foreign keys to nobody but the mapping. */
  readonly looseOf: (table: Table) => readonly ForeignKeyConstraint[];
  /** The database checks the foreign key. */
  readonly isEnforced: (foreignKey: ForeignKeyConstraint) => boolean;
  /** It checks them after each row: a row that refers to itself is then in its own way when it is deleted. */
  readonly isCheckedByRow: boolean;
  /** The rows follow a changed key by themselves, so that nothing has to let go of it. */
  readonly isFollowed: (foreignKey: ForeignKeyConstraint) => boolean;
  /** They do, or there must be none of them when it changes. */
  readonly isReached: (foreignKey: ForeignKeyConstraint) => boolean;
  /** Its check is put off while they do. */
  readonly isDeferred: (foreignKey: ForeignKeyConstraint) => boolean;
  /** What says which keys are equal to the database. */
  readonly typesOf: (foreignKey: ForeignKeyConstraint) => readonly KeyType[];
  /** By what the row that an operation refers to gets its key, if by following another one. */
  readonly bringersOf: (foreignKey: ForeignKeyConstraint, operation: RowOperation) => readonly RowOperation[];
  /** A row as it will be by following changed keys. */
  readonly moved: Moved;
  /** Filled with rows that are to refer to one that goes, where nothing says what becomes of them. */
  readonly dangling: Dangling[];
}

/**
 * Foreign key orders, row by row: a row that is referred to exists before the row that refers to it, and a row that is
 * deleted or re-keyed has been let go of before. Both are hash joins over the rows of this flush, whether or not a
 * relationship is mapped. Where the database does not check foreign keys, all this is a preference.
 */
export function addForeignKeyEdges(
  graph: FlushGraph,
  byTable: ReadonlyMap<Table, readonly RowOperation[]>,
  orders: ForeignKeyOrders,
): void {
  for (const [table, operations] of byTable) {
    for (const foreignKey of table.foreignKeys) {
      const referred = byTable.get(foreignKey.referredTable);
      if (referred !== undefined) join(graph, foreignKey, operations, referred, orders);
      if (orders.isReached(foreignKey)) orderBehindBringers(graph, foreignKey, operations, orders);
    }
    for (const reference of orders.looseOf(table)) orderBehindMakers(graph, reference, operations);
  }
}

/** A key that the database makes is to be there, whether or not it checks what refers to it. */
function orderBehindMakers(
  graph: FlushGraph,
  reference: ForeignKeyConstraint,
  operations: readonly RowOperation[],
): void {
  for (const operation of operations) {
    if (operation.kind === "propagate" || !writesForeignKey(operation, reference)) continue;
    const maker = makerOf(operation, reference.columns);
    if (maker !== null) graph.order(maker, operation, "refer", reference);
  }
}

/**
 * Is a legal order found by tables alone: deletes upwards, then updates, then inserts downwards? So it is where every
 * foreign key leads up to another table and no reference or key changes by an UPDATE, which most flushes are.
 * @param schema the order of the tables, and the references that are no part of it
 */
export function isOrderedByTables(
  written: ReadonlyMap<Table, Touched>,
  schema: Pick<SchemaFacts, "rank" | "loose">,
): boolean {
  for (const [table, touched] of written) {
    if (touched.refersToDeleted) return false;
    if (schema.loose(table).some(({ referredTable: one }) => written.get(one)?.hasInserts === true)) return false;
    for (const { columns, referredTable, referredColumns, onDelete } of table.foreignKeys) {
      const referred = written.get(referredTable);
      if (referred === undefined) continue;
      if (schema.rank(referredTable) >= schema.rank(table)) return false;
      if (touched.updates(columns) || referred.updates(referredColumns)) return false;
      if (takesAlong(onDelete) && touched.hasUpdates && referred.hasDeletes) return false;
    }
  }
  return true;
}

interface ForeignKeyKinds {
  readonly refer: EdgeKind;
  readonly release: EdgeKind;
}

const CHECKED: ForeignKeyKinds = { refer: "refer", release: "release" };
/** The same order is kept where nothing speaks against it: a key that is free too early may be given to another row. */
const UNCHECKED: ForeignKeyKinds = { refer: "uncheckedRefer", release: "uncheckedRelease" };

function join(
  graph: FlushGraph,
  foreignKey: ForeignKeyConstraint,
  operations: readonly RowOperation[],
  referred: readonly RowOperation[],
  orders: ForeignKeyOrders,
): void {
  const { isEnforced: isEnforcedKey, isCheckedByRow, isFollowed, typesOf, moved } = orders;
  const isEnforced = isEnforcedKey(foreignKey);
  const kinds = isEnforced ? CHECKED : UNCHECKED;
  const deletesBySelf = isActive(foreignKey.onDelete);
  const isTakenAlong = isEnforced && takesAlong(foreignKey.onDelete);
  const keys = indexReferred(foreignKey, typesOf(foreignKey), referred, isFollowed(foreignKey), moved);
  for (let i = 0; i < operations.length; i++) {
    const operation = operations[i] as RowOperation; // `i` counts them
    if (operation.kind === "propagate") continue;
    if (writesForeignKey(operation, foreignKey)) {
      orderBehindReferred(graph, foreignKey, operation, keys, kinds.refer);
      if (isEnforced && keys.released.size > 0) orderBeforeDeleted(graph, foreignKey, operation, keys, orders);
    }
    if (keys.released.size > 0 && operation.kind !== "insert" && leaves(operation, foreignKey)) {
      const tuple = imageTuple(operation.before, foreignKey.columns, keys.types);
      const target = tuple.kind === "key" ? keys.released.get(tuple.key) : undefined;
      if (target === undefined) continue;
      // ON DELETE takes the row along, or unlinks it: then nothing is wrong if the row that it refers to goes first.
      const mayBeLate =
        deletesBySelf && target.kind === "delete" && operation.kind === "delete" && !operation.versioned;
      const late = isTakenAlong ? "goAlong" : UNCHECKED.release;
      if (target !== operation) graph.order(operation, target, mayBeLate ? late : kinds.release, foreignKey);
      else if (isEnforced && isCheckedByRow && !deletesBySelf && operation.kind === "delete")
        graph.order(operation, operation, "release", foreignKey);
    } else if (isTakenAlong && keys.released.size > 0 && operation.kind === "update") {
      orderBeforeTaken(graph, foreignKey, operation, keys);
    }
  }
}

/**
 * What the row comes to refer to is deleted, and no other row gets that key: ON DELETE says what becomes of the row, which
 * has to be there then. If it says nothing, there is no order, unless the check is put off until another flush.
 */
function orderBeforeDeleted(
  graph: FlushGraph,
  foreignKey: ForeignKeyConstraint,
  operation: RowOperation,
  { released, written, types }: ReferredKeys,
  { bringersOf, isReached, dangling }: ForeignKeyOrders,
): void {
  const tuple = currentTuple(operation, foreignKey.columns, types);
  const target = tuple.kind === "key" ? released.get(tuple.key) : undefined;
  if (target?.kind !== "delete" || tuple.kind !== "key" || written.get(tuple.key) !== undefined) return;
  if (isReached(foreignKey) && bringersOf(foreignKey, operation).length > 0) return;
  const { onDelete, deferrable, columns } = foreignKey;
  if (!isActive(onDelete)) {
    if (!deferrable) dangling.push({ operation, target, foreignKey });
  } else if (setsNull(onDelete) && columns.every(({ nullable }) => nullable)) {
    for (const { index } of columns) operation.after[index] = null; // what is written need not be emptied
  } else graph.order(operation, target, "actOn", foreignKey);
}

/** ON DELETE is going to delete the row: nothing would be found of it afterwards. */
function orderBeforeTaken(
  graph: FlushGraph,
  foreignKey: ForeignKeyConstraint,
  operation: RowOperation,
  { released, types }: ReferredKeys,
): void {
  const tuple = imageTuple(operation.before, foreignKey.columns, types);
  const target = tuple.kind === "key" ? released.get(tuple.key) : undefined;
  if (target?.kind === "delete") graph.order(operation, target, "takeAlong", foreignKey);
}

/** What the row refers to is written before it, if this flush writes it. */
function orderBehindReferred(
  graph: FlushGraph,
  foreignKey: ForeignKeyConstraint,
  operation: RowOperation,
  { written, types }: ReferredKeys,
  kind: EdgeKind,
): void {
  if (written.size === 0) {
    // Only keys that the database makes can be new.
    const maker = makerOf(operation, foreignKey.columns);
    if (maker !== null) graph.order(maker, operation, "refer", foreignKey);
    return;
  }
  const tuple = currentTuple(operation, foreignKey.columns, types);
  // The value itself has to be there, whatever becomes of the check of the foreign key.
  if (tuple.kind === "generated") graph.order(tuple.operation, operation, "refer", foreignKey);
  const target = writer(written, tuple);
  if (target !== null && target !== operation) graph.order(target, operation, kind, foreignKey);
}

/** What the row refers to may get its key by following another one. */
function orderBehindBringers(
  graph: FlushGraph,
  foreignKey: ForeignKeyConstraint,
  operations: readonly RowOperation[],
  { isEnforced, isDeferred, bringersOf }: ForeignKeyOrders,
): void {
  const { refer } = isEnforced(foreignKey) && !isDeferred(foreignKey) ? CHECKED : UNCHECKED;
  for (const operation of operations) {
    if (operation.kind === "propagate" || !writesForeignKey(operation, foreignKey)) continue;
    for (const bringer of bringersOf(foreignKey, operation))
      if (bringer !== operation) graph.order(bringer, operation, refer, foreignKey);
  }
}

interface ReferredKeys {
  readonly types: readonly KeyType[];
  /** Keys that come into being, with the operation that writes them. */
  readonly written: TupleMap<RowOperation>;
  /** Keys that go away. */
  readonly released: TupleMap<RowOperation>;
}

function indexReferred(
  foreignKey: ForeignKeyConstraint,
  types: readonly KeyType[],
  referred: readonly RowOperation[],
  followed: boolean,
  moved: Moved,
): ReferredKeys {
  const columns = foreignKey.referredColumns;
  const written = new TupleMap<RowOperation>(referred.length);
  const released = new TupleMap<RowOperation>(referred.length);
  for (let i = 0; i < referred.length; i++) {
    const operation = referred[i] as RowOperation; // `i` counts them
    if (operation.kind === "propagate" || (operation.kind === "insert" && isMade(operation, columns))) continue;
    const rekeyed = operation.kind === "update" && operation.changes(columns);
    if (operation.kind === "insert" || (rekeyed && !keepsKey(operation, columns, types))) {
      const tuple = keyAfter(operation, columns, types, moved);
      if (tuple.kind === "key" || tuple.kind === "generated") written.set(tuple.key, operation);
    }
    if (operation.kind === "delete" || (rekeyed && !followed)) {
      const tuple = imageTuple(operation.before, columns, types);
      if (tuple.kind === "key") released.set(tuple.key, operation);
    }
  }
  return { types, written, released };
}

/** The key that a row has in the end: what it does not write of it may follow another one. */
function keyAfter(
  operation: RowOperation,
  columns: readonly Column<unknown>[],
  types: readonly KeyType[],
  moved: Moved,
): Tuple {
  return readTuple(columns, types, finalReader(operation, moved));
}

/** The new key is the old one to the database, so that rows may refer to it at any time: no more than its case changes. */
function keepsKey(operation: RowOperation, columns: readonly Column<unknown>[], types: readonly KeyType[]): boolean {
  if (types === columns) return false;
  const [before, after] = [imageTuple(operation.before, columns, types), currentTuple(operation, columns, types)];
  return before.kind === "key" && after.kind === "key" && before.key === after.key;
}

/** The database makes the key: those who refer to it know the row itself. */
function isMade({ after }: RowOperation, columns: readonly Column<unknown>[]): boolean {
  const [only] = columns;
  return columns.length === 1 && only !== undefined && after[only.index] === undefined;
}

function writer(written: TupleMap<RowOperation>, tuple: Tuple): RowOperation | null {
  if (tuple.kind !== "key" && tuple.kind !== "generated") return null;
  const found = written.get(tuple.key) ?? null;
  return tuple.kind === "generated" && found === tuple.operation ? null : found; // ordered already
}

function writesForeignKey(operation: RowOperation, foreignKey: ForeignKeyConstraint): boolean {
  if (operation.kind === "delete") return false;
  return operation.kind === "insert" || refersAnew(operation, foreignKey);
}

/** The operation deletes the row, or makes it refer to something else than before. */
function leaves(operation: RowOperation, foreignKey: ForeignKeyConstraint): boolean {
  return operation.kind === "delete" || refersAnew(operation, foreignKey);
}

/** A value that is written although the row has it means another row, which takes that key from the one of before. */
function refersAnew({ after }: RowOperation, { columns }: ForeignKeyConstraint): boolean {
  for (let i = 0; i < columns.length; i++) if (after[(columns[i] as Column<unknown>).index] !== undefined) return true; // `i` counts them
  return false;
}
