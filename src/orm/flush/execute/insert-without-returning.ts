import type { Dialect, DriverResult } from "../../../engine/index.ts";
import { CompileError } from "../../../errors/index.ts";
import type { Column } from "../../../schema/index.ts";
import { chunksOf } from "../../query/index.ts";
import { type RowOperation, resolve } from "../decompose/operation.ts";
import { type TupleKey, tupleKey } from "../decompose/tuple.ts";
import { Binder } from "./bind.ts";
import { chunks, rowsPerStatement } from "./chunks.ts";
import type { ExecuteContext } from "./execute-context.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { readRows } from "./read-rows.ts";
import { writtenColumns } from "./shape.ts";

/**
 * INSERTs where the database has no RETURNING: it tells the first key that a statement has made, and those of the other
 * rows follow it one by one. What else it has made is read afterwards, by the keys.
 *
 * @param wanted the columns that the database fills in
 */
export function* insertWithoutReturning(
  dialect: Dialect,
  operations: readonly RowOperation[],
  wanted: readonly Column<unknown>[],
): Generator<FlushStatement> {
  const [first] = operations;
  if (first === undefined) return;
  const { table } = first;
  const { capabilities, batches } = dialect;
  const columns = writtenColumns(first);
  const counted = countedKey(first);
  const others = wanted.filter((column) => column !== counted);
  const isBatch = columns.length > 0 && (counted === null || capabilities.generatedKeysAscend);
  const size = isBatch ? rowsPerStatement(dialect, columns.length) : 1;
  const binder = new Binder(dialect, columns);
  for (const rows of chunks(operations, size)) {
    yield {
      sql: batches.insert(table, columns, rows.length).sql,
      parameters: () => {
        const parameters: unknown[] = [];
        for (const { after } of rows) binder.pushImage(parameters, after);
        return parameters;
      },
      isAwaited: true,
      receive: async (result, context) => {
        for (const row of rows) row.generated = [];
        if (counted !== null) takeKeys(dialect, rows, counted, result);
        if (others.length > 0) await readOthers(context, rows, others);
      },
    };
  }
}

/**
 * The column of the key that the database counts up; null: the whole key is known.
 *
 * @throws CompileError for a key that it makes in another way, and so never tells
 */
function countedKey({ table, after }: RowOperation): Column<unknown> | null {
  const made = table.primaryKey.filter((column) => after[column.index] === undefined);
  const [only] = made;
  if (only === undefined) return null;
  if (made.length === 1 && only.autoincrement !== false) return only;
  const names = made.map(({ name }) => `"${name}"`).join(", ");
  throw new CompileError(
    `Without RETURNING, the database does not tell the value of ${names} that it makes for a new row of "${table.name}": ` +
      "give such keys a default that the program makes, .default(() => ...).",
  );
}

function takeKeys(
  dialect: Dialect,
  rows: readonly RowOperation[],
  column: Column<unknown>,
  { lastInsertId }: DriverResult,
): void {
  if (lastInsertId === undefined || Number(lastInsertId) === 0) {
    throw new Error(`The database has not told the key of the row inserted into ${column.table.name}.`);
  }
  const decode = dialect.resultProcessor(column.sqlType);
  for (const [index, row] of rows.entries()) {
    const key = BigInt(lastInsertId) + BigInt(index);
    const value = Number.isSafeInteger(Number(key)) ? Number(key) : key;
    if (row.generated) row.generated[column.index] = decode === null ? value : decode(value);
  }
}

async function readOthers(
  context: ExecuteContext,
  rows: readonly RowOperation[],
  columns: readonly Column<unknown>[],
): Promise<void> {
  const keyColumns = rows[0]?.table.primaryKey ?? [];
  const keyOf = ({ after, generated }: RowOperation) =>
    keyColumns.map((column) => generated?.[column.index] ?? resolve(after[column.index]));
  const byKey = new Map<TupleKey, readonly unknown[]>();
  for (const chunk of chunksOf(rows, keyColumns.length, context.dialect)) {
    const read = await readRows(context, keyColumns, chunk.map(keyOf), [...keyColumns, ...columns], { lock: false });
    for (const row of read) byKey.set(tupleKey(keyColumns, row.slice(0, keyColumns.length)), row);
  }
  for (const row of rows) {
    const values = byKey.get(tupleKey(keyColumns, keyOf(row)));
    if (values === undefined) throw new Error(`A row inserted into ${row.table.name} cannot be found by its key.`);
    for (const [i, column] of columns.entries()) {
      if (row.generated) row.generated[column.index] = values[keyColumns.length + i];
    }
  }
}
