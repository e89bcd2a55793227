import type { ArrayStatement } from "../../../compiler/batch-compiler.ts";

/** The parameters of a statement that takes an array for each column, out of the bound values of its rows. */
export function arrayParameters(statement: ArrayStatement, rows: readonly (readonly unknown[])[]): unknown[] {
  const columns = rows[0]?.keys() ?? [];
  return Array.from(columns, (column) => statement.parameter(rows.map((values) => values[column])));
}
