import { ColumnElement, evaluate, type SqlExpression, UNKNOWN, visit } from "../../../expression/index.ts";
import { type Column, columnOf, type Table } from "../../../schema/index.ts";
import { GeneratedValue, origin, type RowImage, type RowOperation } from "../decompose/operation.ts";

/** A CHECK constraint as the planner reads it. */
export interface Check {
  readonly condition: SqlExpression<unknown>;
  readonly columns: readonly Column<unknown>[];
}

const known = new WeakMap<Table, readonly Check[]>();

/** The table's CHECK constraints that speak of some of the columns; what only the database understands speaks of none. */
export function checksOver(table: Table, columns: readonly Column<unknown>[]): readonly Check[] {
  if (table.checks.length === 0) return NONE;
  let checks = known.get(table);
  if (checks === undefined) {
    checks = table.checks.map(({ condition }) => ({ condition, columns: columnsIn(condition) }));
    known.set(table, checks);
  }
  return checks.filter((check) => check.columns.some((column) => columns.includes(column)));
}

const NONE: readonly Check[] = [];

function columnsIn(condition: SqlExpression<unknown>): readonly Column<unknown>[] {
  const columns = new Set<Column<unknown>>();
  visit(condition, (node) => {
    if (node instanceof ColumnElement) columns.add(columnOf(node));
  });
  return [...columns];
}

/**
 * Does the row surely break a CHECK constraint as it is written for a while? One that is not true because of NULL holds.
 * @param written what it has in the meantime; what is not written, it has as before
 */
export function breaksCheck(row: RowOperation, columns: readonly Column<unknown>[], written: RowImage): boolean {
  return checksOver(row.table, columns).some(
    ({ condition }) => evaluate(condition, (element) => knownValue(row, columnOf(element), written)) === false,
  );
}

/** What a row has in a column when that much of it is written; {@link UNKNOWN} if only the database knows. */
export function knownValue(row: RowOperation, column: Column<unknown>, written: RowImage): unknown {
  const own = origin(written[column.index]);
  const value = own === undefined ? origin(row.before[column.index]) : own;
  if (value instanceof GeneratedValue) return UNKNOWN;
  if (value !== undefined) return value;
  const isLeftOut = row.kind === "insert" && column.nullable && !column.generated;
  return isLeftOut ? null : UNKNOWN;
}

/** The columns that may be NULL together under the table's CHECK constraints, or else one of them that may. */
export function nullTogether(
  row: RowOperation,
  columns: readonly Column<unknown>[],
  written: RowImage,
): readonly Column<unknown>[] {
  if (columns.length === 0 || row.table.checks.length === 0) return columns;
  const isLegal = (some: readonly Column<unknown>[]): boolean => !breaksCheck(row, some, withNull(written, some));
  if (isLegal(columns)) return columns;
  const one = columns.find((column) => isLegal([column]));
  return one === undefined ? [] : [one];
}

function withNull(written: RowImage, columns: readonly Column<unknown>[]): RowImage {
  const image = [...written];
  for (const { index } of columns) image[index] = null;
  return image;
}
