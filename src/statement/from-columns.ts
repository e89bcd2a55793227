import type { ColumnElement } from "../expression/from.ts";

/** The key under which a column is found in `.c`: the property name of a table's column, else its name. */
export function columnKey(column: ColumnElement<unknown>): string {
  const key: unknown = "key" in column ? column.key : undefined;
  return typeof key === "string" ? key : column.name;
}

/** Columns by their keys. */
export function columnsByKey<C extends ColumnElement<unknown>>(columns: readonly C[]): Readonly<Record<string, C>> {
  return Object.fromEntries(columns.map((column) => [columnKey(column), column]));
}
