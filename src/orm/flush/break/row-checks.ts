import {
  BindParameter,
  ColumnElement,
  DateTimeType,
  evaluate,
  NumericType,
  type SqlExpression,
  type SqlType,
  TimeType,
  transform,
  UNKNOWN,
  visit,
} from "../../../expression/index.ts";
import { type Column, columnOf, type Table } from "../../../schema/index.ts";
import { GeneratedValue, origin, type RowImage, type RowOperation } from "../decompose/operation.ts";

/** A CHECK constraint as the planner reads it. */
export interface Check {
  /** With literals as {@link comparable} makes them. */
  readonly condition: SqlExpression<unknown>;
  readonly columns: readonly Column<unknown>[];
}

const known = new WeakMap<Table, readonly Check[]>();

/** The table's CHECK constraints that speak of some of the columns; what only the database understands speaks of none. */
export function checksOver(table: Table, columns: readonly Column<unknown>[]): readonly Check[] {
  if (table.checks.length === 0) return NONE;
  return checksOf(table).filter((check) => check.columns.some((column) => columns.includes(column)));
}

/** Are there CHECK constraints in raw SQL, which may speak of any column? */
export function hasOpaqueChecks(table: Table): boolean {
  return table.checks.length > 0 && checksOf(table).some(({ columns }) => columns.length === 0);
}

function checksOf(table: Table): readonly Check[] {
  let checks = known.get(table);
  if (checks === undefined) {
    checks = table.checks.map(({ condition }) => ({
      condition: withNumbers(condition),
      columns: columnsIn(condition),
    }));
    known.set(table, checks);
  }
  return checks;
}

const NONE: readonly Check[] = [];

/** Decimal numbers and times are texts in a program, which have no order: a number in their place has one. */
export function comparable(type: SqlType<unknown>, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (type instanceof NumericType) return Number(value);
  if (type instanceof TimeType) return Date.parse(`1970-01-01T${value}Z`);
  return type instanceof DateTimeType ? Date.parse(`${value.replace(" ", "T")}Z`) : value;
}

function withNumbers(condition: SqlExpression<unknown>): SqlExpression<unknown> {
  return transform(condition, (node) => {
    if (!(node instanceof BindParameter)) return undefined;
    const value = comparable(node.sqlType, node.value);
    return value === node.value ? undefined : new BindParameter(value, node.sqlType);
  });
}

/** The values that a check compares with. */
export function literalsIn({ condition }: Check): readonly unknown[] {
  const literals: unknown[] = [];
  visit(condition, (node) => {
    if (node instanceof BindParameter && node.value !== null) literals.push(node.value);
  });
  return literals;
}

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
    ({ condition }) =>
      evaluate(condition, (element) => {
        const column = columnOf(element);
        return comparable(column.sqlType, knownValue(row, column, written));
      }) === false,
  );
}

/**
 * The same where it also has the values in the columns.
 * @param values without them, NULL
 */
export function breaksCheckWith(
  row: RowOperation,
  columns: readonly Column<unknown>[],
  values: readonly unknown[],
  written: RowImage,
): boolean {
  if (row.table.checks.length === 0) return false;
  const image = [...written];
  for (const [i, { index }] of columns.entries()) image[index] = values[i] ?? null;
  return breaksCheck(row, columns, image);
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
  const isLegal = (some: readonly Column<unknown>[]): boolean => !breaksCheckWith(row, some, [], written);
  if (isLegal(columns)) return columns;
  const one = columns.find((column) => isLegal([column]));
  return one === undefined ? [] : [one];
}
