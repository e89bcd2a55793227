import type { Column } from "../../../schema/index.ts";
import { conflictColumns, type Mapper } from "../../mapping/index.ts";
import { onUpdateValue } from "./defaults.ts";
import type { RowOperation } from "./operation.ts";
import type { ColumnWrite, TableWrites } from "./table-writes.ts";

/**
 * Makes the INSERT of a class with `onConflict` an upsert: the row of the first table is found by the target, those of
 * subclasses by the key that it turns out to have. What is to be overwritten follows with {@link completeUpsert}.
 */
export function beginUpsert(operation: RowOperation, mapper: Mapper): void {
  if (mapper.onConflict === null || operation.kind !== "insert") return;
  const { table } = operation;
  const target = table === mapper.root.table ? conflictColumns(mapper.onConflict) : table.primaryKey;
  operation.conflict = { target, set: [], increment: [], assign: new Map() };
}

/** The row operations of one object that is upserted, and what belongs to each. */
export interface UpsertedRow {
  readonly operation: RowOperation;
  readonly writes: TableWrites;
}

/**
 * Says what an upsert overwrites: what the program has set, and with it what an UPDATE would write by itself. A column
 * that nobody has set keeps what is stored, and so do the primary key and the target.
 * @param isSet whether the program has set an attribute or, through a relationship, a column
 * @param onUpdate the `onUpdate` value of a column, the same for all rows of a flush, so that they can share a statement
 */
export function completeUpsert(
  mapper: Mapper,
  rows: readonly UpsertedRow[],
  isSet: (write: ColumnWrite) => boolean,
  onUpdate: (column: Column<unknown>) => unknown,
): void {
  const [first] = rows;
  if (first === undefined || first.operation.conflict === null) return;
  if (!hasTarget(first.operation)) {
    for (const { operation } of rows) operation.conflict = null; // NULL meets no other row
    return;
  }
  if (mapper.onConflict?.do !== "update") return;
  for (const { operation, writes } of rows) {
    const { conflict } = operation;
    if (conflict === null) continue;
    const set = writes.columns.filter((write) => isOverwritten(write, operation, mapper) && isSet(write));
    operation.conflict = { ...conflict, set: set.map(({ column }) => column) };
  }
  if (rows.every(({ operation }) => operation.conflict?.set.length === 0)) return;
  for (const { operation, writes } of rows) addToUpdate(operation, writes, mapper, onUpdate);
}

function isOverwritten({ column, property }: ColumnWrite, { after, conflict }: RowOperation, mapper: Mapper): boolean {
  if (after[column.index] === undefined || column.primaryKey || property === mapper.versionId) return false;
  return conflict?.target.includes(column) !== true;
}

/** Is every part of the target known to be something, so that a row can be there already? */
function hasTarget({ conflict, after }: RowOperation): boolean {
  return conflict?.target.every(({ index }) => after[index] !== undefined && after[index] !== null) === true;
}

function addToUpdate(
  operation: RowOperation,
  { columns }: TableWrites,
  mapper: Mapper,
  onUpdate: (column: Column<unknown>) => unknown,
): void {
  const { conflict } = operation;
  if (conflict === null) return;
  const increment: Column<unknown>[] = [];
  const assign = new Map<Column<unknown>, unknown>();
  for (const { column, property } of columns) {
    if (property === mapper.versionId) increment.push(column);
    else if (conflict.set.length > 0 && !conflict.set.includes(column) && !conflict.target.includes(column)) {
      const value = onUpdate(column);
      if (value !== undefined && !column.primaryKey) assign.set(column, value);
    }
  }
  operation.conflict = { ...conflict, increment, assign };
}

/** Values of `onUpdate`, made once for each column. */
export function onUpdateValues(): (column: Column<unknown>) => unknown {
  const values = new Map<Column<unknown>, unknown>();
  return (column) => {
    if (column.onUpdate === null) return undefined;
    if (!values.has(column)) values.set(column, onUpdateValue(column));
    return values.get(column);
  };
}

/** Rows of association tables that may be there already: where one of the two rows may be, or nobody has loaded them. */
export function upsertLink(operation: RowOperation): void {
  const { table } = operation;
  const key = table.uniqueKeys.find(
    ({ columns, where, deferrable }) =>
      where === null && !deferrable && columns?.every((column) => operation.after[column.index] !== undefined) === true,
  );
  if (key?.columns == null) return;
  operation.conflict = { target: key.columns, set: [], increment: [], assign: new Map() };
}
