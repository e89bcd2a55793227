import { declareFields } from "../expression/node.ts";
import { SqlExpression } from "../expression/sql-expression.ts";
import type { SqlType } from "../expression/sql-type.ts";
import type { Column } from "../schema/column.ts";
import type { ColumnDefault } from "../schema/column-definition.ts";

/** Among the columns of a query that gives the rows of an INSERT: what a column that it does not fill gets by default. */
export class SelectedDefault extends SqlExpression<unknown> {
  readonly kind = "selectedDefault";
  readonly column: Column;
  readonly value: ColumnDefault;

  constructor(column: Column, value: ColumnDefault) {
    super();
    this.column = column;
    this.value = value;
  }

  get sqlType(): SqlType<unknown> {
    return this.column.sqlType;
  }

  static {
    declareFields(SelectedDefault, { column: "reference" });
  }
}

/** The columns that declare a default and are not among those given. */
export function defaultedColumns(
  columns: readonly Column[],
  given: readonly Column[],
): readonly { readonly column: Column; readonly value: ColumnDefault }[] {
  return columns.flatMap((column) =>
    column.default !== null && !given.includes(column) ? [{ column, value: column.default }] : [],
  );
}
