import type { Dialect } from "../../../engine/dialect.ts";
import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { imageTuple, type TupleKey } from "../decompose/tuple.ts";
import { isActive } from "../edges/referential-action.ts";
import { getOrAdd } from "../get-or-add.ts";

/** The foreign keys within a table whose ON UPDATE does its work when a statement that writes `columns` ends. */
export function followedWithin(
  { capabilities }: Dialect,
  columns: readonly Column<unknown>[],
): readonly ForeignKeyConstraint[] {
  const table = columns[0]?.table;
  if (table === undefined || capabilities.foreignKeyActions !== "statement") return [];
  const isWritten = (column: Column<unknown>): boolean => columns.includes(column);
  return table.foreignKeys.filter(
    ({ referredTable, referredColumns, onUpdate }) =>
      referredTable === table && isActive(onUpdate) && referredColumns.some(isWritten),
  );
}

/**
 * Rows that change their keys, as few statements as write no row together with one that it refers to. PostgreSQL checks
 * what a row refers to when the statement ends, also where that stays as it is, if the transaction has written the row
 * before; the one that it refers to may have another key by then, and the row not have followed yet.
 */
export function apart(
  rows: readonly RowOperation[],
  foreignKeys: readonly ForeignKeyConstraint[],
): readonly (readonly RowOperation[])[] {
  const neighbours = new Map<RowOperation, RowOperation[]>();
  for (const { columns, referredColumns } of foreignKeys) {
    const byKey = new Map(rows.map((row) => [keyIn(row, referredColumns), row]));
    for (const row of rows) {
      const held = keyIn(row, columns, referredColumns);
      const other = held === null ? undefined : byKey.get(held);
      if (other === undefined || other === row) continue;
      getOrAdd(neighbours, row, () => []).push(other);
      getOrAdd(neighbours, other, () => []).push(row);
    }
  }
  if (neighbours.size === 0) return [rows];
  const statements: RowOperation[][] = [];
  const chosen = new Map<RowOperation, number>();
  for (const row of rows) {
    const taken = neighbours.get(row)?.map((other) => chosen.get(other));
    let at = 0;
    while (taken?.includes(at) === true) at++;
    chosen.set(row, at);
    const statement = statements[at];
    if (statement === undefined) statements.push([row]);
    else statement.push(row);
  }
  return statements;
}

function keyIn({ before }: RowOperation, columns: readonly Column<unknown>[], types = columns): TupleKey | null {
  const tuple = imageTuple(before, columns, types);
  return tuple.kind === "key" ? tuple.key : null;
}
