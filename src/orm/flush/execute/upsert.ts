import type { Dialect } from "../../../engine/dialect.ts";
import { InvalidStateError, StaleDataError, UniqueViolation } from "../../../errors/index.ts";
import type { Column } from "../../../schema/index.ts";
import { describe } from "../../instance/index.ts";
import { mapperOf } from "../../mapping/index.ts";
import { chunksOf } from "../../query/index.ts";
import { type RowConflict, type RowOperation, resolve } from "../decompose/operation.ts";
import { type TupleKey, tupleKey } from "../decompose/tuple.ts";
import { describeTuple } from "../describe.ts";
import { Binder, boundValues } from "./bind.ts";
import { chunks } from "./chunks.ts";
import { decodeRows } from "./decode-rows.ts";
import type { ExecuteContext } from "./execute-context.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { readRows } from "./read-rows.ts";
import { writtenColumns } from "./shape.ts";

/**
 * INSERTs of rows that may be there already, as others do at the same time; they take down what the rows really have: by
 * RETURNING, else by reading them again. Rows find their operations by the target, which the client knows.
 * @throws UniqueViolation where another unique key than the target has met a row, InvalidStateError where the row is one
 * of another class, StaleDataError where somebody else has deleted the row meanwhile
 */
export function* upsertStatements(dialect: Dialect, operations: readonly RowOperation[]): Generator<FlushStatement> {
  const [first] = operations;
  const conflict = first?.conflict ?? null;
  if (first === undefined || conflict === null) return;
  const { table } = first;
  const { capabilities, batches } = dialect;
  const columns = writtenColumns(first);
  const wanted = shownColumns(first);
  const returning = capabilities.returning ? wanted : [];
  const assigned = [...conflict.assign.keys()];
  const binder = new Binder(dialect, columns);
  const assignedValues = boundValues(dialect, assigned, [...conflict.assign.values()]);
  const room = Math.floor((capabilities.maxParameters - assigned.length) / columns.length);
  const size = capabilities.multiRowInsert ? Math.max(1, room) : 1;
  const options = dialect.executeOptions(returning);
  for (const rows of chunks(operations, size)) {
    yield {
      sql: batches.insert(table, columns, rows.length, returning, { ...conflict, assign: assigned }).sql,
      parameters: () => {
        const parameters: unknown[] = [];
        for (const { after } of rows) binder.pushImage(parameters, after);
        parameters.push(...assignedValues);
        return parameters;
      },
      options,
      isAwaited: true,
      receive: async (result, context) => {
        if (wanted.length === 0) return;
        const returned = returning.length === 0 ? [] : decodeRows(context, wanted, result.rows);
        const left = takeDown(rows, conflict, wanted, returned);
        if (left.length > 0) await readAgain(context, left, conflict, wanted);
      },
    };
  }
}

/** The columns that the object shows. Rows of association tables have none. */
function shownColumns({ table, entity, after }: RowOperation): readonly Column<unknown>[] {
  if (entity === null) return [];
  const mapper = mapperOf(entity);
  return table.columns.filter(
    (column) => mapper.findColumnProperty(column) !== null && (!column.deferred || after[column.index] !== undefined),
  );
}

/** Returns the operations whose rows are not among these. */
function takeDown(
  operations: readonly RowOperation[],
  { target }: RowConflict,
  columns: readonly Column<unknown>[],
  rows: readonly (readonly unknown[])[],
): readonly RowOperation[] {
  const positions = target.map((column) => columns.indexOf(column));
  const byTarget = new Map<TupleKey, readonly unknown[]>();
  for (const row of rows)
    byTarget.set(
      tupleKey(
        target,
        positions.map((position) => row[position]),
      ),
      row,
    );
  return operations.filter((operation) => {
    const row = byTarget.get(tupleKey(target, targetOf(operation, target)));
    if (row !== undefined) note(operation, columns, row);
    return row === undefined;
  });
}

function targetOf({ after }: RowOperation, target: readonly Column<unknown>[]): unknown[] {
  return target.map((column) => resolve(after[column.index]));
}

function note(operation: RowOperation, columns: readonly Column<unknown>[], row: readonly unknown[]): void {
  operation.generated = [];
  for (const [i, column] of columns.entries()) operation.generated[column.index] = row[i];
  checkClass(operation);
}

/** The row that was there belongs to an object of another class: this one's tables are not all that it has. */
function checkClass({ entity, table, generated }: RowOperation): void {
  const mapper = entity === null ? null : mapperOf(entity);
  const on = mapper?.polymorphic?.on.column;
  if (entity === null || mapper === null || on === undefined || on.table !== table) return;
  const value = generated?.[on.index];
  if (value === undefined || value === null || value === mapper.polymorphic?.identity) return;
  const other = mapper.polymorphic?.map.get(value)?.name ?? `an object with ${on.name} = ${String(value)}`;
  throw new InvalidStateError(
    `${describe(entity)} cannot be stored: the row that onConflict found for it is ${other}, not ${mapper.name}. ` +
      `Use an object of the class that is stored, or delete that row first.`,
  );
}

/** Reads rows that nothing was returned of. */
async function readAgain(
  context: ExecuteContext,
  operations: readonly RowOperation[],
  conflict: RowConflict,
  columns: readonly Column<unknown>[],
): Promise<void> {
  const [first] = operations;
  if (first === undefined) return;
  const { dialect } = context;
  const { target } = conflict;
  const left: RowOperation[] = [];
  for (const chunk of chunksOf(operations, target.length, dialect)) {
    const rows = await readTargets(context, conflict, columns, chunk);
    left.push(...takeDown(chunk, conflict, columns, rows));
  }
  for (const operation of left) {
    // The database may hold values equal that differ in case: which one it meant, only it can tell.
    const [row] = await readTargets(context, conflict, columns, [operation]);
    if (row === undefined) throw notFound(operation, target, dialect.capabilities.conflictTarget);
    note(operation, columns, row);
  }
  if (!dialect.capabilities.conflictTarget) for (const operation of operations) checkWritten(operation, conflict);
}

function readTargets(
  context: ExecuteContext,
  { target }: RowConflict,
  columns: readonly Column<unknown>[],
  operations: readonly RowOperation[],
): Promise<readonly (readonly unknown[])[]> {
  const keys = operations.map((operation) => targetOf(operation, target));
  // Where the upsert does not name its key, transactions read what was there when they began: a lock reads what is there.
  return readRows(context, target, keys, columns, { lock: !context.dialect.capabilities.conflictTarget });
}

/** Was the row left alone because another one has a unique value of the new row? */
function checkWritten(operation: RowOperation, { set, target }: RowConflict): void {
  const { table, after, generated } = operation;
  for (const { columns } of table.uniqueKeys) {
    const isOther = columns?.every((column) => set.includes(column)) === true;
    const differs = columns?.some((column) => {
      const [written, stored] = [resolve(after[column.index]), generated?.[column.index]];
      if (written === null || stored === null || stored === undefined) return written !== stored;
      return !column.sqlType.equals(written, stored);
    });
    if (isOther && differs === true) throw notFound(operation, target, false);
  }
}

function notFound(operation: RowOperation, target: readonly Column<unknown>[], isByTarget: boolean): Error {
  const { table, after, entity } = operation;
  const name = entity === null ? table.name : describe(entity);
  const tuple = describeTuple(target, (column) => resolve(after[column.index]));
  if (isByTarget) {
    return new StaleDataError(
      `The row of ${name} with ${tuple} was there when it was to be inserted and is gone now: somebody else has deleted ` +
        "it. Roll back and repeat the change.",
    );
  }
  return new UniqueViolation(
    `The row of ${name} with ${tuple} was not written: another row of "${table.name}" has a value of another unique key ` +
      "than that of onConflict.",
    { table: table.name },
  );
}
