import { collectBinds } from "../expression/fingerprint.ts";
import { BindParameter, NullLiteral, type SqlExpression } from "../expression/sql-expression.ts";
import { copyWith } from "../expression/traverse.ts";
import { Insert } from "../statement/insert.ts";

/**
 * An INSERT of more rows than one statement has room for, as several; null if one has room for all.
 *
 * @param maxParameters the most placeholders that one statement may have
 */
export function splitInsert(statement: unknown, maxParameters: number): readonly Insert<any, any, any>[] | null {
  if (!(statement instanceof Insert) || statement.rowCount < 2) return null;
  const { table, columns, cells, rowCount, conflict, outputs } = statement;
  const made = table.columns.filter((column) => column.default !== null && !columns.includes(column)).length;
  const widths = Array.from({ length: rowCount }, () => made);
  for (const [index, cell] of cells.entries()) widths[Math.floor(index / columns.length)]! += width(cell); // a row each
  let total = conflict === null ? 0 : collectBinds(conflict).length;
  for (const { expression } of outputs) total += collectBinds(expression).length;
  const room = maxParameters - total;
  for (const one of widths) total += one;
  if (total <= maxParameters) return null;
  const size = Math.floor(room / widths.reduce((widest, one) => Math.max(widest, one)));
  // A single row that is too wide is for the database to refuse.
  if (size < 1) return null;
  return Array.from({ length: Math.ceil(rowCount / size) }, (_, index) =>
    copyWith(statement, {
      cells: cells.slice(index * size * columns.length, (index + 1) * size * columns.length),
      rowCount: Math.min(size, rowCount - index * size),
    }),
  );
}

function width(cell: SqlExpression<unknown>): number {
  if (cell instanceof BindParameter) return 1;
  if (cell instanceof NullLiteral) return 0;
  // The place of a default has no parameter in it, and may become one.
  return Math.max(1, collectBinds(cell).length);
}
