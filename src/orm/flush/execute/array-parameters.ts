import type { ArrayStatement } from "../../../compiler/batch-statement.ts";

/**
 * The parameters of a statement that takes an array for each column.
 * @param values the bound values, row by row
 * @param width how many a row has
 */
export function arrayParameters(statement: ArrayStatement, values: readonly unknown[], width: number): unknown[] {
  return Array.from({ length: width }, (_, position) => {
    const column: unknown[] = [];
    for (let at = position; at < values.length; at += width) column.push(values[at]);
    return statement.parameter(column);
  });
}
