import { type Entity, keyInAttributes, resetChanges, Status, settleInserted } from "../../instance/index.ts";
import type { Mapper } from "../../mapping/index.ts";
import type { FlushContext } from "../context.ts";
import { holdersOf, partFromDeleted } from "../part-from-deleted.ts";
import { leave, recordCommitted } from "../sync.ts";
import { NO_VALUES, type NotedValues } from "../undo-log.ts";
import type { ShownColumn } from "./class-plan.ts";
import type { InsertedClass, InsertedRows } from "./inserted-rows.ts";
import type { UpdatedRows } from "./updated-rows.ts";

/** Tells the objects what was written without a plan, as `syncBack` does for all others. */
export function showWritten(
  context: FlushContext,
  updates: readonly UpdatedRows[],
  inserts: readonly InsertedClass[],
): void {
  for (const rows of updates) showUpdated(context, rows);
  // What changed nothing but its collections, or nothing after all, has written no row.
  context.dirty.forEach((entity) => {
    settle(context, entity);
  });
  for (const { plan, rows } of inserts) for (const one of rows.values()) showInserted(context, plan.mapper, one);
  settleInserted(context.pending);
}

function showUpdated(context: FlushContext, { entities, shape, values }: UpdatedRows): void {
  const { columns } = shape;
  let at = 0;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i] as Entity; // `i` counts them
    settle(context, entity);
    const noted = context.undo.noteAnew();
    for (let j = 0; j < columns.length; j++) show(entity, columns[j] as ShownColumn, values[at++], noted); // as above
    if (!noted.isEmpty) context.undo.recordNoted(entity);
  }
}

/** What a stored object has now is committed. */
function settle({ undo }: FlushContext, entity: Entity): void {
  const { $changes: changes } = entity;
  if (changes === null) return;
  undo.recordValues(entity, changes.size === 0 ? NO_VALUES : changes.release()); // a new log begins with the next change
  resetChanges(entity);
}

function showInserted(
  { undo, identityMap }: FlushContext,
  mapper: Mapper,
  { entities, shape, values, made }: InsertedRows,
): void {
  const { columns, shown } = shape;
  let at = 0;
  let madeAt = 0;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i] as Entity; // `i` counts them
    const noted = undo.noteAnew();
    for (let j = 0; j < columns.length; j++) show(entity, columns[j] as ShownColumn, values[at++], noted); // as above
    for (let j = 0; j < shown.length; j++) {
      const column = shown[j] as ShownColumn | null; // as above
      if (column !== null) show(entity, column, made[madeAt], noted);
      madeAt++;
    }
    undo.recordNoted(entity); // taken back before the status is: what the database made goes, what the user set stays
    identityMap.removePending(entity);
    const key = keyInAttributes(entity, mapper);
    if (key === null) throw new Error(`The row of ${mapper.name} came back without its primary key.`);
    entity.$status = Status.persistent;
    entity.$key = key;
    identityMap.add(entity, key);
    resetChanges(entity);
  }
}

/** Mostly it is what the object has. */
function show(entity: Entity, { property, read, write }: ShownColumn, value: unknown, noted: NotedValues): void {
  const current = read(entity);
  if (current === value) return;
  noted.note(property, current);
  write(entity, value);
}

/** Tells the objects what was deleted, where nothing else was written. */
export function showDeleted(context: FlushContext, gone: ReadonlySet<Entity>): void {
  const { dirty, undo } = context;
  // Collections have changed, say, of which the deleted objects were members.
  const touched = dirty.length === 0 ? dirty : dirty.filter((entity) => !gone.has(entity));
  const holders = holdersOf(gone);
  gone.forEach((entity) => {
    recordCommitted(context, entity);
    leave(context, entity);
  });
  touched.forEach((entity) => {
    undo.recordValues(entity, entity.$changes === null ? NO_VALUES : entity.$changes.release());
    resetChanges(entity);
  });
  partFromDeleted(context, holders, gone);
}
