import {
  committedValue,
  type Entity,
  readRaw,
  resetChanges,
  Status,
  settleInserted,
  writeRaw,
} from "../instance/index.ts";
import { type Mapper, mapperOf, type Property } from "../mapping/index.ts";
import type { NetChanges } from "./collect/net-changes.ts";
import type { FlushContext } from "./context.ts";
import { GeneratedValue, type RowOperation, resolve } from "./decompose/operation.ts";
import { toOne } from "./decompose/to-one.ts";
import type { KeyChanges } from "./edges/key-changes.ts";
import { followKeys } from "./follow-keys.ts";
import { getOrAdd } from "./get-or-add.ts";
import type { FlushGraph } from "./graph.ts";
import { holdersOf, partFromDeleted } from "./part-from-deleted.ts";
import { keyOf, rekey } from "./rekey.ts";
import { showUpserted } from "./show-upserted.ts";
import { absorb } from "./unite/absorb.ts";
import { uniteLate } from "./unite/late.ts";

/**
 * The last stage: objects learn what the database now has. New objects become persistent and get their keys and
 * defaults, deleted ones leave, keys that changed reach every loaded object at every depth. What was there before is
 * noted in the undo log first.
 * @returns the new objects whose rows may have been there before
 */
export function syncBack(
  context: FlushContext,
  graph: FlushGraph,
  changes: NetChanges,
  keyChanges: KeyChanges,
): readonly Entity[] {
  const deleted = new Set(changes.deletes);
  const gone = new Set([...deleted, ...changes.discarded]);
  const written = new Set<Entity>([...changes.inserts, ...changes.updates, ...context.dirty]);
  for (const entity of gone) written.delete(entity);
  for (const entity of [...deleted, ...written]) recordCommitted(context, entity);
  const rows = rowsByEntity(graph);
  const holders = holdersOf(gone);
  for (const entity of deleted) leave(context, entity);
  for (const entity of changes.discarded) discard(context, entity);
  const moved: Entity[] = [];
  for (const entity of changes.updates)
    if (refresh(context, entity, rows.get(entity) ?? [], changes)) moved.push(entity);
  const followed = followKeys(context, keyChanges.followed, (entity, { foreignKey }) =>
    (rows.get(entity) ?? []).some(
      (row) =>
        row.table === foreignKey.table &&
        (row.kind === "insert" || foreignKey.columns.some((column) => row.after[column.index] !== undefined)),
    ),
  );
  rekey(context, [...moved, ...followed]);
  const rowsOf = (entity: Entity): readonly RowOperation[] => rows.get(entity) ?? [];
  const united = uniteLate(context, changes, rowsOf);
  for (const entity of united.survivors.keys()) written.delete(entity);
  absorb(context, united, [...changes.inserts, ...changes.updates, ...context.dirty]);
  const inserted = changes.inserts.filter((entity) => !united.survivors.has(entity));
  for (const entity of inserted) enter(context, entity, rowsOf(entity), changes);
  const upserted = inserted.filter((entity) => rowsOf(entity)[0]?.conflict != null);
  for (const entity of new Set([...upserted, ...united.survivors.values()])) showUpserted(context, entity);
  for (const entity of written) {
    alignReferences(entity);
    resetChanges(entity);
  }
  partFromDeleted(context, holders, gone);
  settleInserted(inserted, new Set(upserted));
  context.pending.clear();
  context.dirty.clear();
  context.deleted.clear();
  return upserted;
}

/** The operations that wrote an object's rows, in the order in which they ran. */
function rowsByEntity(graph: FlushGraph): Map<Entity, RowOperation[]> {
  const rows = new Map<Entity, RowOperation[]>();
  for (const operation of graph.operations) {
    if (operation.entity === null || operation.role === "park" || operation.role === "vacate") continue;
    getOrAdd(rows, operation.entity, () => []).push(operation);
  }
  return rows;
}

const NO_VALUES: ReadonlyMap<Property, unknown> = new Map();

function recordCommitted(context: FlushContext, entity: Entity): void {
  const properties = entity.$changes?.keys() ?? [];
  context.undo.record(entity, new Map([...properties].map((property) => [property, committedValue(entity, property)])));
}

function enter(context: FlushContext, entity: Entity, rows: readonly RowOperation[], changes: NetChanges): void {
  const mapper = mapperOf(entity);
  const made = new Map<Property, unknown>();
  applyRows(entity, mapper, rows, made);
  unlink(entity, changes, made);
  context.undo.record(entity, made); // taken back before the status is: what the database made goes, what the user set stays
  context.identityMap.removePending(entity);
  const key = keyOf(entity);
  if (key === null) throw new Error(`The row of ${mapper.name} came back without its primary key.`);
  entity.$status = Status.persistent;
  entity.$key = key;
  context.identityMap.add(entity, key);
}

/** Returns true if the object's key changed. */
function refresh(context: FlushContext, entity: Entity, rows: readonly RowOperation[], changes: NetChanges): boolean {
  const mapper = mapperOf(entity);
  const before = new Map<Property, unknown>();
  applyRows(entity, mapper, rows, before);
  unlink(entity, changes, before);
  context.undo.record(entity, before);
  return keyOf(entity) !== entity.$key;
}

/** Relationships to deleted objects are empty now, and so are their foreign keys. */
function unlink(entity: Entity, changes: NetChanges, before: Map<Property, unknown>): void {
  const mapper = mapperOf(entity);
  for (const property of changes.unlinked.get(entity) ?? []) {
    const emptied = [property, ...property.pairs.map(({ local }) => mapper.findColumnProperty(local))];
    for (const one of emptied) {
      if (one === null) continue;
      if (!before.has(one)) before.set(one, readRaw(entity, one));
      writeRaw(entity, one, null);
    }
  }
}

/** Puts what was written and what the database made into the object; `before` gets what other values were there. */
function applyRows(
  entity: Entity,
  mapper: Mapper,
  rows: readonly RowOperation[],
  before: Map<Property, unknown>,
): void {
  for (const row of rows) {
    for (const column of row.table.columns) {
      const made = row.generated?.[column.index];
      const value = made === undefined ? resolve(row.after[column.index]) : made;
      if (value === undefined || value instanceof GeneratedValue) continue;
      const property = mapper.findColumnProperty(column);
      if (property === null) continue;
      const current = readRaw(entity, property);
      if (current === value) continue;
      if (!before.has(property)) before.set(property, current);
      writeRaw(entity, property, value);
    }
  }
}

/**
 * A foreign key column that was set through a relationship has the key that the other object had then; what was flushed
 * is the key that it has now.
 */
function alignReferences(entity: Entity): void {
  const { $changes: changes } = entity;
  if (changes === null) return;
  for (const property of toOne(mapperOf(entity))) {
    const target = readRaw(entity, property) as Entity | null | undefined; // a to-one slot holds an object
    if (target === null || target === undefined) continue;
    for (const { local, remote } of property.pairs) {
      const own = mapperOf(entity).findColumnProperty(local);
      const referred = mapperOf(target).findColumnProperty(remote);
      if (own === null || referred === null || !changes.has(own)) continue;
      const value = readRaw(target, referred);
      if (value !== undefined) writeRaw(entity, own, value);
    }
  }
}

function leave(context: FlushContext, entity: Entity): void {
  if (entity.$key !== null) context.identityMap.delete(entity, entity.$key);
  entity.$status = Status.deleted;
}

function discard(context: FlushContext, entity: Entity): void {
  context.undo.record(entity, NO_VALUES);
  context.identityMap.removePending(entity);
  entity.$status = Status.transient;
  entity.$session = null;
}
