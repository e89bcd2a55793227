import type { ColumnElement } from "./from.ts";
import type { SqlExpression } from "./sql-expression.ts";

/** The result of an evaluation that only the database can do. */
export const UNKNOWN: unique symbol = Symbol("alkahest.unknown");

export function evaluate(
  _expression: SqlExpression<unknown>,
  _read: (column: ColumnElement<unknown>) => unknown,
): unknown {
  return UNKNOWN;
}
