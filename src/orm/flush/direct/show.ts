import { type Entity, keyInAttributes, resetChanges, Status, settleInserted } from "../../instance/index.ts";
import type { FlushContext } from "../context.ts";
import { holdersOf, partFromDeleted } from "../part-from-deleted.ts";
import { leave, recordCommitted } from "../sync.ts";
import { NO_VALUES, type NotedValues } from "../undo-log.ts";
import type { ClassPlan, ShownColumn, WrittenColumn } from "./class-plan.ts";
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
  for (const { plan, rows } of inserts) for (const one of rows.values()) showInserted(context, plan, one);
  settleInserted(context.pending);
}

function showUpdated(context: FlushContext, { entities, shape, values }: UpdatedRows): void {
  const { undo } = context;
  const { columns, plan } = shape;
  const made = positionsOf(columns, (column) => plan.onUpdate.includes(column));
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i] as Entity; // `i` counts them
    settle(context, entity);
    if (made.length === 0) continue;
    const noted = undo.noteAnew();
    showRow(entity, columns, made, values, i, noted);
    if (!noted.isEmpty) undo.recordNoted(entity);
  }
}

/** Where those columns are whose values may be others than the attributes have. */
function positionsOf(columns: readonly WrittenColumn[], isMeant: (column: WrittenColumn) => boolean): number[] {
  const positions: number[] = [];
  for (let i = 0; i < columns.length; i++) if (isMeant(columns[i] as WrittenColumn)) positions.push(i); // `i` counts them
  return positions;
}

/** @param values of all rows, one after the other */
function showRow(
  entity: Entity,
  columns: readonly ShownColumn[],
  positions: readonly number[],
  values: readonly unknown[],
  row: number,
  noted: NotedValues,
): void {
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number; // `i` counts them
    show(entity, columns[position] as ShownColumn, values[row * columns.length + position], noted); // it is one of them
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
  { mapper, columns: all }: ClassPlan,
  { entities, shape, values, made, defaults }: InsertedRows,
): void {
  const { columns, shown } = shape;
  const isDefault = (column: WrittenColumn): boolean => (defaults & (1 << all.indexOf(column))) !== 0;
  const derived = positionsOf(columns, (column) => column.reference !== null || isDefault(column));
  let madeAt = 0;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i] as Entity; // `i` counts them
    const noted = undo.noteAnew();
    showRow(entity, columns, derived, values, i, noted);
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
