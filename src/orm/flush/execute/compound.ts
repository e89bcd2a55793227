import type { CompoundPart, RowChange } from "../../../compiler/compound-statement.ts";
import type { Dialect } from "../../../engine/dialect.ts";
import type { Table } from "../../../schema/index.ts";
import { type RowOperation, resolve } from "../decompose/operation.ts";
import { tupleKey } from "../decompose/tuple.ts";
import { getOrAdd } from "../get-or-add.ts";
import { boundValues } from "./bind.ts";
import type { ExecuteContext } from "./execute-context.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { returnedColumns } from "./insert.ts";
import { alwaysGenerated, isOwn } from "./own-keys.ts";
import { readRows } from "./read-rows.ts";
import { writtenColumns } from "./shape.ts";
import { stale } from "./stale.ts";

/** A part of the statement, and the operations whose rows it must find. */
interface Part {
  readonly part: CompoundPart;
  readonly checked: readonly RowOperation[];
}

/** Each row is looked for among all that the statement says of rows: a large one takes time by its square. */
const MOST_PARAMETERS = 2_000;

/**
 * Operations of several tables as one statement, or as a few: those of one group stay together. Every row that is changed
 * must be there.
 */
export function* compoundStatements(dialect: Dialect, operations: readonly RowOperation[]): Generator<FlushStatement> {
  const most = Math.min(MOST_PARAMETERS, dialect.capabilities.maxParameters);
  for (const chunk of chunksOfGroups(operations, most)) {
    const parts = partsOf(chunk);
    for (const { part, checked } of parts) if (part.kind === "update") yield* lockVersions(dialect, checked);
    const parameters: unknown[] = [];
    const sql = dialect.batches.compound(
      parts.map(({ part }) => part),
      (column, value) => parameters.push(...boundValues(dialect, [column], [value])),
    );
    yield {
      sql,
      parameters: () => parameters,
      isAwaited: true,
      receive: async ({ rows }, context) => {
        for (const [i, { checked }] of parts.entries()) {
          const found = Number(rows[0]?.[i] ?? 0);
          if (checked.length > 0 && found !== checked.length) throw stale(checked, found, "changed");
        }
        await readGenerated(context, chunk);
      },
    };
  }
}

/** A row that has another version by now would not change, but what refers to it would: it must be known before. */
function* lockVersions(dialect: Dialect, operations: readonly RowOperation[]): Generator<FlushStatement> {
  const versioned = operations.filter((operation) => operation.versioned);
  const [first] = versioned;
  if (first === undefined) return;
  const { table, keyColumns } = first; // versioned rows of a table are found by the same columns
  yield {
    sql: dialect.batches.lock(table, keyColumns, versioned.length).sql,
    parameters: () => versioned.flatMap(({ key }) => boundValues(dialect, keyColumns, key.map(resolve))),
    isAwaited: true,
    receive: ({ rows }) => {
      if (rows.length !== versioned.length) throw stale(versioned, rows.length, "changed");
    },
  };
}

function* chunksOfGroups(
  operations: readonly RowOperation[],
  maxParameters: number,
): Generator<readonly RowOperation[]> {
  const groups = new Map<object, RowOperation[]>();
  for (const operation of operations) getOrAdd(groups, operation.group ?? operation, () => []).push(operation);
  let chunk: RowOperation[] = [];
  let room = maxParameters;
  for (const group of groups.values()) {
    const need = group.reduce((sum, operation) => sum + parametersOf(operation), 0);
    if (chunk.length > 0 && need > room) {
      yield chunk;
      chunk = [];
      room = maxParameters;
    }
    chunk.push(...group);
    room -= need;
  }
  yield chunk;
}

/** Keys stand in the text up to three times for each column: where the row is found, in each CASE, and in what is counted. */
function parametersOf({ propagation, keyColumns, table }: RowOperation): number {
  if (propagation !== null)
    return propagation.changes.length * propagation.columns.length * (propagation.columns.length + 2);
  return table.columns.length * (keyColumns.length + 1) + keyColumns.length * 2;
}

/** What the database has filled in: the parts of such a statement return nothing, so it is read. */
async function readGenerated(context: ExecuteContext, operations: readonly RowOperation[]): Promise<void> {
  const inserts = operations.filter(({ kind }) => kind === "insert");
  for (const rows of byTableAnd(inserts, shapeOf)) {
    const [first] = rows;
    const columns = first === undefined ? [] : returnedColumns(first);
    if (first === undefined || columns.length === 0) continue;
    const { primaryKey } = first.table;
    const keyOf = ({ after }: RowOperation): unknown[] => primaryKey.map((column) => resolve(after[column.index]));
    const byKey = new Map(rows.map((row) => [tupleKey(primaryKey, keyOf(row)), row]));
    const wanted = [...primaryKey, ...columns];
    for (const values of await readRows(context, primaryKey, rows.map(keyOf), wanted, { lock: false })) {
      const row = byKey.get(tupleKey(primaryKey, values));
      if (row === undefined) continue;
      row.generated = [];
      for (const [i, column] of wanted.entries()) row.generated[column.index] = values[i];
    }
  }
}

/** Inserts and deletes table by table; all updates of a table that rows follow into are one part. */
function partsOf(operations: readonly RowOperation[]): Part[] {
  const followed = new Set<Table>();
  for (const { kind, table } of operations) if (kind === "propagate") followed.add(table);
  return byTableAnd(operations, (operation) => {
    const isUpdate = operation.kind === "update" || operation.kind === "propagate";
    if (!isUpdate) return `${operation.kind}/${shapeOf(operation)}`;
    return followed.has(operation.table) ? "update" : `update/${shapeOf(operation)}`;
  }).map(partOf);
}

function byTableAnd(
  operations: readonly RowOperation[],
  signature: (operation: RowOperation) => string,
): readonly RowOperation[][] {
  const tables = new Map<Table, Map<string, RowOperation[]>>();
  for (const operation of operations) {
    const bySignature = getOrAdd(tables, operation.table, () => new Map<string, RowOperation[]>());
    getOrAdd(bySignature, signature(operation), () => []).push(operation);
  }
  return [...tables.values()].flatMap((bySignature) => [...bySignature.values()]);
}

function shapeOf(operation: RowOperation): string {
  const keys = operation.keyColumns.map((column) => column.index).join();
  return `${keys}/${writtenColumns(operation)
    .map((column) => column.index)
    .join()}`;
}

function partOf(operations: readonly RowOperation[]): Part {
  const [first] = operations as readonly [RowOperation]; // a part has an operation
  const { table, keyColumns } = first;
  switch (first.kind) {
    case "insert": {
      const columns = writtenColumns(first);
      const rows = operations.map(({ after }) => columns.map((column) => resolve(after[column.index])));
      const always = alwaysGenerated(columns);
      const givesIdentity = always.length > 0 && isOwn(operations, always);
      return { part: { kind: "insert", table, columns, rows, givesIdentity }, checked: [] };
    }
    case "delete": {
      const keys = operations.map(({ key }) => key.map(resolve));
      return { part: { kind: "delete", table, keyColumns, keys }, checked: operations.filter((one) => one.versioned) };
    }
    default: {
      const changed = operations.filter(({ kind }) => kind === "update");
      const moves = operations.flatMap(({ propagation }) =>
        propagation === null
          ? []
          : [
              {
                columns: propagation.columns,
                changes: propagation.changes.map(({ before, after }) => ({
                  before: before.map(resolve),
                  after: after.map(resolve),
                })),
              },
            ],
      );
      return { part: { kind: "update", table, rows: changed.map(rowChange), moves }, checked: changed };
    }
  }
}

function rowChange(operation: RowOperation): RowChange {
  const { table, keyColumns, key, after } = operation;
  const columns = writtenColumns(operation);
  return {
    keyColumns,
    key: key.map(resolve),
    columns,
    values: columns.map((column) => resolve(after[column.index])),
    keyAfter: table.primaryKey.map((column) => {
      const written = resolve(after[column.index]);
      return written === undefined ? resolve(key[keyColumns.indexOf(column)]) : written;
    }),
  };
}
