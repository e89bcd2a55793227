import { ColumnElement, type FromClause } from "../expression/from.ts";
import type { SqlType } from "../expression/sql-type.ts";
import { columnKey } from "./from-columns.ts";
import type { OutputColumn } from "./output-columns.ts";

/** A column of something derived: of an alias, a subquery, a common table expression, a VALUES list. */
export class DerivedColumn<T> extends ColumnElement<T> {
  readonly kind = "column";
  readonly name: string;
  /** Under which it is found in `.c`. */
  readonly key: string;
  readonly table: FromClause;
  readonly sqlType: SqlType<unknown>;
  readonly origin: ColumnElement<unknown>;

  /** @param source the column whose values it passes on; null for a computed one */
  constructor(table: FromClause, name: string, sqlType: SqlType<unknown>, source: ColumnElement<unknown> | null) {
    super();
    this.table = table;
    this.name = name;
    this.key = source !== null && source.name === name ? columnKey(source) : name;
    this.sqlType = sqlType;
    this.origin = source?.origin ?? this;
  }
}

/** The columns of an alias. */
export function aliasedColumns(
  table: FromClause,
  columns: readonly ColumnElement<unknown>[],
): readonly DerivedColumn<unknown>[] {
  return columns.map((column) => new DerivedColumn(table, column.name, column.sqlType, column));
}

/** The columns of a subquery. */
export function outputsAsColumns(
  table: FromClause,
  outputs: readonly OutputColumn[],
): readonly DerivedColumn<unknown>[] {
  return outputs.map(({ name, expression }) => {
    const source = expression instanceof ColumnElement ? expression : null;
    return new DerivedColumn(table, name, expression.sqlType, source);
  });
}
