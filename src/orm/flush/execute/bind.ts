import type { Dialect } from "../../../engine/dialect.ts";
import type { Column } from "../../../schema/index.ts";

/** Makes the parameters of one row, in the order of the columns, as the driver wants them. */
export type BindRow = (read: (column: Column<unknown>, position: number) => unknown) => unknown[];

export function binders(dialect: Dialect, columns: readonly Column<unknown>[]): BindRow {
  const processors = columns.map((column) => dialect.bindProcessor(column.sqlType));
  return (read) =>
    columns.map((column, i) => {
      const value = read(column, i);
      const processor = processors[i];
      return value === null || value === undefined || processor === null || processor === undefined
        ? (value ?? null)
        : processor(value);
    });
}

/** The values of one row, by the types of columns. */
export function boundValues(
  dialect: Dialect,
  types: readonly Column<unknown>[],
  values: readonly unknown[],
): unknown[] {
  return binders(dialect, types)((_, i) => values[i]);
}
