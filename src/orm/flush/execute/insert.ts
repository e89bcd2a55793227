import type { RepeatedInsert } from "../../../compiler/batch-statement.ts";
import type { Dialect } from "../../../engine/dialect.ts";
import type { ExecuteOptions } from "../../../engine/index.ts";
import type { Column, Table } from "../../../schema/index.ts";
import { type RowImage, type RowOperation, resolve } from "../decompose/operation.ts";
import { type TupleKey, tupleKey } from "../decompose/tuple.ts";
import { arrayParameters } from "./array-parameters.ts";
import { Binder } from "./bind.ts";
import { chunks, rowsPerStatement } from "./chunks.ts";
import { decodeRows } from "./decode-rows.ts";
import type { ExecuteContext } from "./execute-context.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { FormMemory } from "./form-memory.ts";
import { insertWithoutReturning } from "./insert-without-returning.ts";
import { alwaysGenerated, isOwn } from "./own-keys.ts";
import { writtenColumns } from "./shape.ts";

/**
 * INSERTs of rows that write the same columns; they take down what the database makes for the others.
 *
 * No database promises the order of RETURNING, so rows are matched by what identifies them: a key that the client knows;
 * a generated key that grows with the order of the VALUES list; otherwise each row has a statement of its own.
 */
export function* insertStatements(dialect: Dialect, operations: readonly RowOperation[]): Generator<FlushStatement> {
  const [first] = operations;
  if (first === undefined) return;
  const { table } = first;
  const form = insertForms.of(dialect, first);
  const { always, returning, match, size, binder, wanted } = form;
  if (returning.length > 0 && !dialect.capabilities.returning) {
    yield* insertWithoutReturning(dialect, operations, returning);
    return;
  }
  for (const rows of chunks(operations, size)) {
    yield insertStatement(dialect, table, form, {
      count: rows.length,
      isRepeatable: canRepeat(rows),
      givesIdentity: always.length > 0 && isOwn(rows, always),
      parameters: () => {
        const parameters: unknown[] = [];
        for (let i = 0; i < rows.length; i++) binder.pushImage(parameters, (rows[i] as RowOperation).after); // `i` counts them
        return parameters;
      },
      takeDown: (made, context) => {
        takeDown(context, rows, wanted, made, match);
      },
    });
  }
}

/** The rows that one statement inserts. */
export interface RowsToInsert {
  readonly count: number;
  /** May each of them be inserted by a statement of its own? */
  readonly isRepeatable: boolean;
  /** They have values of the database's own for columns to which it wants to give values by itself. */
  readonly givesIdentity: boolean;
  /** Their parameters, row by row. */
  parameters(): unknown[];
  /** Takes what comes back of the wanted columns, as the driver has it. */
  takeDown(made: unknown[][], context: ExecuteContext): void;
}

/** One INSERT of rows of a table that write the same columns. */
export function insertStatement(
  { batches }: Dialect,
  table: Table,
  { columns, wanted, options }: InsertForm,
  rows: RowsToInsert,
): FlushStatement {
  const { count } = rows;
  const arrays = batches.insertFromArrays(table, columns, count, wanted);
  const repeated = arrays === null && rows.isRepeatable ? batches.insertRepeated(table, columns, count, wanted) : null;
  return {
    sql: arrays?.sql ?? repeated?.sql ?? batches.insert(table, columns, count, wanted, null, rows.givesIdentity).sql,
    parameters: () => {
      const parameters = rows.parameters();
      return arrays === null ? parameters : arrayParameters(arrays, parameters, columns.length);
    },
    options: repeated === null ? options : { ...options, ...repetition(repeated, count) },
    receive: (result, context) => {
      if (wanted.length > 0) rows.takeDown(result.rows, context);
    },
  };
}

/** Rows that refer to each other need one statement, at whose end the database checks that. */
function canRepeat(rows: readonly RowOperation[]): boolean {
  return rows.every(({ group }) => group === null);
}

function repetition({ withoutReturning, block }: RepeatedInsert, rows: number): ExecuteOptions {
  return {
    rows,
    ...(withoutReturning !== undefined && { withoutReturning }),
    ...(block !== undefined && { block }),
  };
}

/** What all INSERTs of one shape have in common. */
export interface InsertForm {
  readonly columns: readonly Column<unknown>[];
  /** Those that the database wants to give values by itself. */
  readonly always: readonly Column<unknown>[];
  /** What objects get to know. */
  readonly returning: readonly Column<unknown>[];
  readonly match: Match | null;
  /** What comes back: that, and what rows are matched by. */
  readonly wanted: readonly Column<unknown>[];
  /** How many rows a statement writes at most. */
  readonly size: number;
  readonly binder: Binder;
  readonly options: ExecuteOptions | undefined;
}

export const insertForms = new FormMemory((dialect, operation): InsertForm => {
  const { capabilities } = dialect;
  const columns = writtenColumns(operation);
  const returning = returnedColumns(operation);
  const match = returning.length === 0 ? NO_MATCH : matching(operation, capabilities.generatedKeysAscend);
  const oneByOne = match === null || columns.length === 0 || !capabilities.multiRowInsert;
  const wanted =
    match === null ? returning : [...match.columns.filter((column) => !returning.includes(column)), ...returning];
  return {
    columns,
    always: alwaysGenerated(columns),
    returning,
    match,
    wanted,
    size: oneByOne ? 1 : rowsPerStatement(dialect, columns.length),
    binder: new Binder(dialect, columns),
    options: dialect.executeOptions(wanted),
  };
});

/** How the rows that come back find their operations. */
interface Match {
  readonly columns: readonly Column<unknown>[];
  readonly by: "known key" | "growing key" | "nothing";
}

const NO_MATCH: Match = { columns: [], by: "nothing" };

function matching(operation: RowOperation, keysAscend: boolean): Match | null {
  const { primaryKey } = operation.table;
  const made = primaryKey.filter((column) => operation.after[column.index] === undefined);
  if (primaryKey.length > 0 && made.length === 0) return { columns: primaryKey, by: "known key" };
  const [only] = made;
  if (keysAscend && made.length === 1 && primaryKey.length === 1 && only?.autoincrement !== false)
    return { columns: primaryKey, by: "growing key" };
  return null;
}

/** Columns that the database fills in: keys, server defaults, computed values. */
export function returnedColumns(operation: RowOperation): readonly Column<unknown>[] {
  if (operation.entity === null) return [];
  return operation.table.columns.filter(
    (column) => operation.after[column.index] === undefined && (column.generated || column.computed !== null),
  );
}

function takeDown(
  context: ExecuteContext,
  operations: readonly RowOperation[],
  columns: readonly Column<unknown>[],
  raw: unknown[][],
  match: Match | null,
): void {
  const rows = decodeRows(context, columns, raw);
  const find = finder(operations, columns, rows, match);
  const isImage = columns.every(({ index }, position) => index === position); // mostly it is the key alone
  for (let i = 0; i < operations.length; i++) {
    const operation = operations[i] as RowOperation; // `i` counts them
    const row = find(operation, i);
    if (row === undefined)
      throw new Error(
        `The database returned ${rows.length} of ${operations.length} rows inserted into ${operation.table.name}.`,
      );
    operation.generated = isImage ? row : imageOf(columns, row);
  }
}

function imageOf(columns: readonly Column<unknown>[], row: readonly unknown[]): RowImage {
  const image: unknown[] = [];
  for (const [i, { index }] of columns.entries()) image[index] = row[i];
  return image;
}

type Find = (operation: RowOperation, position: number) => unknown[] | undefined;

function finder(
  operations: readonly RowOperation[],
  columns: readonly Column<unknown>[],
  rows: unknown[][],
  match: Match | null,
): Find {
  if (operations.length === 1) return () => rows[0];
  const positions = (match?.columns ?? []).map((column) => columns.indexOf(column));
  if (match?.by === "growing key") {
    const sorted = inKeyOrder(rows, positions[0] ?? 0);
    return (_, i) => sorted[i];
  }
  const keys = match?.columns ?? [];
  const byKey = new Map<TupleKey, unknown[]>();
  for (const row of rows)
    byKey.set(
      tupleKey(
        keys,
        positions.map((position) => row[position]),
      ),
      row,
    );
  return (operation) =>
    byKey.get(
      tupleKey(
        keys,
        keys.map((column) => resolve(operation.after[column.index])),
      ),
    );
}

/** The rows in the order of their keys, in which they mostly come. */
export function inKeyOrder(rows: unknown[][], position: number): unknown[][] {
  for (let i = 1; i < rows.length; i++) {
    if (Number(rows[i - 1]?.[position]) > Number(rows[i]?.[position]))
      return rows.sort((a, b) => (Number(a[position]) < Number(b[position]) ? -1 : 1));
  }
  return rows;
}
