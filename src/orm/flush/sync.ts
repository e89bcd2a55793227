import type { Table } from "../../schema/index.ts";
import {
  type Entity,
  keyInAttributes,
  type Reader,
  readerOf,
  readRaw,
  resetChanges,
  Status,
  settleInserted,
  type Writer,
  writeRaw,
  writerOf,
} from "../instance/index.ts";
import { referenceColumns } from "../instance/references.ts";
import { ByMapper, type ColumnProperty, type Mapper, mapperOf, type RelationshipProperty } from "../mapping/index.ts";
import type { NetChanges } from "./collect/net-changes.ts";
import type { FlushContext } from "./context.ts";
import type { Decomposition } from "./decompose/decompose.ts";
import type { ObjectRows } from "./decompose/object-rows.ts";
import { GeneratedValue, type RowOperation, resolve } from "./decompose/operation.ts";
import { toOne } from "./decompose/to-one.ts";
import type { Touched } from "./decompose/touched.ts";
import type { FollowedKey, KeyChanges } from "./edges/key-changes.ts";
import { emptiedKeys } from "./emptied-keys.ts";
import { followKeys } from "./follow-keys.ts";
import { getOrAdd } from "./get-or-add.ts";
import { madeByUpdate, StaleValues } from "./made-by-update.ts";
import { holdersOf, partFromDeleted } from "./part-from-deleted.ts";
import { refersAnew } from "./refers-anew.ts";
import { rekey } from "./rekey.ts";
import { agreeWithRow } from "./show-upserted.ts";
import { NO_VALUES, type NotedValues } from "./undo-log.ts";
import { absorb } from "./unite/absorb.ts";
import { uniteLate } from "./unite/late.ts";

/**
 * The last stage: objects learn what the database now has. New objects become persistent and get their keys and
 * defaults, deleted ones leave, keys that changed reach every loaded object at every depth. What was there before is
 * noted in the undo log first.
 * @returns what objects cannot be told without asking the database
 */
export function syncBack(
  context: FlushContext,
  rows: WrittenRows,
  changes: NetChanges,
  keyChanges: KeyChanges,
): ToBeRead {
  const stale = new StaleValues();
  const { deletes, discarded, gone, updates } = changes;
  const written = writtenOf(updates, context.dirty, gone);
  deletes.forEach((entity) => {
    recordCommitted(context, entity);
  });
  if (changes.united.survivors.size > 0 || changes.upserts.length > 0) {
    written.forEach((entity) => {
      recordCommitted(context, entity);
    });
  } else {
    // Below, each of them begins a new log.
    written.forEach((entity) => {
      context.undo.recordValues(entity, entity.$changes === null ? NO_VALUES : entity.$changes.release());
    });
  }
  const holders = holdersOf(gone);
  deletes.forEach((entity) => {
    leave(context, entity);
  });
  discarded.forEach((entity) => {
    discard(context, entity);
  });
  const moved = updates.filter((entity) => refresh(context, entity, rows, changes, stale));
  const emptied = deletes.length === 0 ? [] : emptiedKeys(context, rows.operations, rows.touched);
  const wroteItself = (entity: Entity, { foreignKey }: FollowedKey): boolean =>
    rows
      .of(entity)
      .some(
        (row) =>
          row.table === foreignKey.table && refersAnew(entity, row, foreignKey, changes.united.values.has(entity)),
      );
  const followed = followKeys(
    context,
    [...keyChanges.followed, ...emptied],
    wroteItself,
    (entity, property) => rows.before(entity, property),
    stale,
  );
  rekey(context, [...moved, ...followed]);
  const united = uniteLate(context, changes, (entity) => rows.of(entity));
  const { survivors } = united;
  if (survivors.size > 0) absorb(context, united, [...changes.inserts, ...updates, ...context.dirty]);
  const isOwn = (entity: Entity): boolean => !survivors.has(entity);
  const inserted = survivors.size === 0 ? changes.inserts : changes.inserts.filter(isOwn);
  const upserted: Entity[] = [];
  // Mostly nothing has to be looked at between the two: a large flush should not go through its objects once more.
  const isPlain = changes.upserts.length === 0 && survivors.size === 0;
  inserted.forEach((entity) => {
    if (enter(context, entity, rows, changes, keyChanges, stale)) upserted.push(entity);
    if (isPlain) resetChanges(entity);
  });
  if (!isPlain) {
    for (const entity of new Set([...upserted, ...survivors.values()])) agreeWithRow(context, entity);
    inserted.forEach(resetChanges);
  }
  (survivors.size === 0 ? written : written.filter(isOwn)).forEach(resetChanges);
  if (gone.size > 0) partFromDeleted(context, holders, gone);
  settleInserted(inserted, upserted);
  return { upserted, stale };
}

/** What the database knows better than the flush. */
export interface ToBeRead {
  /** The new objects whose rows may have been there before. */
  readonly upserted: readonly Entity[];
  readonly stale: StaleValues;
}

/** The stored objects that the flush has looked at and that are still there, whether or not their rows were written. */
function writtenOf(updates: readonly Entity[], dirty: readonly Entity[], gone: ReadonlySet<Entity>): readonly Entity[] {
  // Mostly each object that was touched is updated.
  if (gone.size === 0 && updates.length === dirty.length && updates.every((entity, i) => entity === dirty[i]))
    return updates;
  return [...new Set([...updates, ...dirty])].filter((entity) => !gone.has(entity));
}

/** The operations that wrote the rows of objects. */
export class WrittenRows {
  readonly operations: readonly RowOperation[];
  readonly touched: ReadonlyMap<Table, Touched>;
  readonly #first: ObjectRows;
  /** What breaking cycles has added. */
  readonly #added = new Map<Entity, RowOperation[]>();

  /**
   * @param operations all operations of the flush
   * @param planned what was planned for each object and table at first
   * @param decomposed as many operations are that
   */
  constructor(
    operations: readonly RowOperation[],
    { byEntity, touched }: Pick<Decomposition, "byEntity" | "touched">,
    decomposed: number,
  ) {
    this.operations = operations;
    this.touched = touched;
    this.#first = byEntity;
    for (let i = decomposed; i < operations.length; i++) {
      const operation = operations[i] as RowOperation; // `i` counts them
      const { entity, role } = operation;
      if (entity === null || role === "row" || role === "park" || role === "vacate" || role === "early link") continue;
      getOrAdd(this.#added, entity, () => []).push(operation);
    }
  }

  /** The only operation that wrote rows of the object, for most; null if there were none or several. */
  only(entity: Entity): RowOperation | null {
    return this.#added.size === 0 ? this.#first.only(entity) : null;
  }

  /** What the row of an object had in a column that was written; else undefined. */
  before(entity: Entity, { columns }: ColumnProperty): unknown {
    for (const { kind, table, before, after } of this.of(entity)) {
      if (kind !== "update") continue;
      for (const column of columns)
        if (column.table === table && after[column.index] !== undefined) return before[column.index];
    }
    return undefined;
  }

  /** Those of one object, in the order in which they ran. */
  of(entity: Entity): readonly RowOperation[] {
    const first = this.#first.of(entity);
    const added = this.#added.size === 0 ? undefined : this.#added.get(entity);
    return added === undefined ? first : [...first, ...added];
  }
}

/** What objects of a class show of their rows. */
interface ShownRows {
  readonly mapper: Mapper;
  readonly tables: readonly ShownColumns[];
  /** The relationships whose foreign keys are in the rows. */
  readonly references: readonly RelationshipProperty[];
  /** What the database makes anew at each UPDATE. */
  readonly made: readonly ColumnProperty[];
}

interface ShownColumn {
  readonly index: number;
  readonly property: ColumnProperty;
  readonly read: Reader;
  readonly write: Writer;
}

interface ShownColumns {
  readonly table: Table;
  readonly columns: readonly ShownColumn[];
}

function shownRows(mapper: Mapper): ShownRows {
  const tables = mapper.tables.map((table) => ({
    table,
    columns: table.columns.flatMap((column) => {
      const property = mapper.findColumnProperty(column);
      if (property === null) return [];
      const { slot } = property;
      return { index: column.index, property, read: readerOf(slot), write: writerOf(slot) };
    }),
  }));
  return { mapper, tables, references: toOne(mapper), made: madeByUpdate.of(mapper) };
}

const shown = new ByMapper(shownRows);

export function recordCommitted(context: FlushContext, entity: Entity): void {
  context.undo.recordValues(entity, entity.$changes?.flat() ?? NO_VALUES);
}

/** Returns true if the row may have been there before. */
function enter(
  context: FlushContext,
  entity: Entity,
  written: WrittenRows,
  changes: NetChanges,
  keyChanges: KeyChanges,
  stale: StaleValues,
): boolean {
  const shownRows = shown.ofObject(entity);
  const { mapper } = shownRows;
  const noted = context.undo.noteAnew();
  const only = written.only(entity);
  applyRows(entity, shownRows, only, written, noted);
  if (only?.kind !== "insert") showKeptKeys(entity, shownRows, written.of(entity), keyChanges, noted);
  if (changes.unlinked.size > 0) unlink(entity, changes, noted);
  forgetMade(entity, shownRows, only, written, noted, stale);
  context.undo.recordNoted(entity); // taken back before the status is: what the database made goes, what the user set stays
  context.identityMap.removePending(entity);
  const key = keyInAttributes(entity, mapper);
  if (key === null) throw new Error(`The row of ${mapper.name} came back without its primary key.`);
  entity.$status = Status.persistent;
  entity.$key = key;
  context.identityMap.add(entity, key);
  if (mapper.onConflict === null) return false;
  const [root] = written.of(entity);
  return root !== undefined && root.conflict !== null;
}

/** Returns true if the object's key changed. */
function refresh(
  context: FlushContext,
  entity: Entity,
  written: WrittenRows,
  changes: NetChanges,
  stale: StaleValues,
): boolean {
  const rows = shown.ofObject(entity);
  const only = written.only(entity);
  const noted = context.undo.noteAnew();
  applyRows(entity, rows, only, written, noted);
  keepUnwritten(entity, rows, written);
  if (changes.unlinked.size > 0) unlink(entity, changes, noted);
  forgetMade(entity, rows, only, written, noted, stale);
  if (!noted.isEmpty) context.undo.recordNoted(entity);
  return (only === null || writesKey(only, rows.mapper)) && keyInAttributes(entity, rows.mapper) !== entity.$key;
}

/**
 * A foreign key that was set and not written is that of the row: through a relationship it was set to the key that the
 * other object had then, which is another one now.
 */
function keepUnwritten(entity: Entity, { references }: ShownRows, written: WrittenRows): void {
  const { $changes: changes } = entity;
  if (changes === null || references.length === 0) return;
  for (const property of references) {
    for (const local of referenceColumns(property).locals) {
      if (!changes.has(local) || written.of(entity).some((row) => writes(row, local))) continue;
      const value = changes.get(local);
      if (value !== undefined) writeRaw(entity, local, value);
    }
  }
}

function writes({ table, after }: RowOperation, { columns }: ColumnProperty): boolean {
  return columns.some((column) => column.table === table && after[column.index] !== undefined);
}

function writesKey({ after }: RowOperation, { primaryKey }: Mapper): boolean {
  for (let i = 0; i < primaryKey.length; i++)
    if (after[(primaryKey[i] as ColumnProperty).column.index] !== undefined) return true; // `i` counts them
  return false;
}

/** Relationships to deleted objects are empty now, and so are their foreign keys. */
function unlink(entity: Entity, { unlinked }: NetChanges, noted: NotedValues): void {
  const properties = unlinked.get(entity);
  if (properties === undefined) return;
  const mapper = mapperOf(entity);
  for (const property of properties) {
    const emptied = [property, ...property.pairs.map(({ local }) => mapper.findColumnProperty(local))];
    for (const one of emptied) {
      if (one === null) continue;
      noted.note(one, readRaw(entity, one));
      writeRaw(entity, one, null);
    }
  }
}

/**
 * Puts what was written and what the database made into the object, and notes what other values were there.
 * @param only the only operation that wrote rows of the object; null if there are several
 */
function applyRows(
  entity: Entity,
  { tables }: ShownRows,
  only: RowOperation | null,
  written: WrittenRows,
  noted: NotedValues,
): void {
  if (only !== null) applyRow(entity, tables, only, noted);
  else for (const row of written.of(entity)) applyRow(entity, tables, row, noted);
}

function applyRow(
  entity: Entity,
  tables: readonly ShownColumns[],
  { table, generated, after }: RowOperation,
  noted: NotedValues,
): void {
  const shownColumns = tables.length === 1 ? tables[0] : tables.find((one) => one.table === table);
  if (shownColumns === undefined) return;
  const { columns } = shownColumns;
  for (let i = 0; i < columns.length; i++) {
    const { index, property, read, write } = columns[i] as ShownColumn; // `i` counts them
    let value = generated === null ? undefined : generated[index];
    if (value === undefined) value = after[index];
    if (value instanceof GeneratedValue) value = resolve(value);
    if (value === undefined || value instanceof GeneratedValue) continue;
    const current = read(entity);
    if (current === value) continue;
    noted.note(property, current);
    write(entity, value);
  }
}

/** What the database made is taken back from an INSERT only: an UPDATE makes it anew. */
function forgetMade(
  entity: Entity,
  { made }: ShownRows,
  only: RowOperation | null,
  written: WrittenRows,
  noted: NotedValues,
  stale: StaleValues,
): void {
  if (made.length === 0 || only?.kind === "insert") return;
  for (const { kind, table } of written.of(entity)) if (kind === "update") stale.forget(entity, made, table, noted);
}

/** A new object that took over a row has the key of that row, which was not written again, or followed another one. */
function showKeptKeys(
  entity: Entity,
  { tables }: ShownRows,
  rows: readonly RowOperation[],
  keyChanges: KeyChanges,
  noted: NotedValues,
): void {
  for (const row of rows) {
    if (row.kind !== "update" || row.role !== "row") continue;
    const image = keyChanges.moved(row.table, row.before) ?? row.before;
    for (const { property, index, read, write } of tables.find(({ table }) => table === row.table)?.columns ?? []) {
      if (!property.column.primaryKey || row.after[index] !== undefined) continue;
      const [current, kept] = [read(entity), resolve(image[index])];
      if (kept === undefined || current === kept) continue;
      noted.note(property, current);
      write(entity, kept);
    }
  }
}

export function leave(context: FlushContext, entity: Entity): void {
  if (entity.$key !== null) context.identityMap.delete(entity, entity.$key);
  entity.$status = Status.deleted;
  context.undo.noteDeleted(entity);
}

function discard(context: FlushContext, entity: Entity): void {
  context.undo.recordValues(entity, NO_VALUES);
  context.identityMap.removePending(entity);
  entity.$status = Status.transient;
  entity.$session = null;
}
