import { type SqlExpression, toCell } from "../../expression/sql-expression.ts";
import { copyWith } from "../../expression/traverse.ts";
import type { Column } from "../../schema/index.ts";
import { Select, select } from "../../statement/index.ts";
import { DefaultValue, type Insert } from "../../statement/insert.ts";
import { ExpressionItem } from "../../statement/select-item.ts";
import { Mapper } from "../mapping/index.ts";

/** Any INSERT: its columns and rows do not matter to types here. */
type AnyInsert = Insert<any, any, any>;

/**
 * An INSERT for a class of a family with the discriminator of that class in the rows that have none: without it, they
 * would be rows of no class. What a row says itself, stays.
 */
export function withDiscriminator<I extends AnyInsert>(statement: I): I {
  const mapper = statement.entity?.mapping;
  if (!(mapper instanceof Mapper) || mapper.polymorphic === null) return statement;
  const { on, identity } = mapper.polymorphic;
  const { column } = on;
  if (identity === undefined || column.table !== statement.table) return statement;
  const value = toCell(identity, column.sqlType);
  return statement.source === null ? intoRows(statement, column, value) : intoQuery(statement, column, value);
}

function intoRows<I extends AnyInsert>(statement: I, column: Column, value: SqlExpression<unknown>): I {
  const { columns, cells, rowCount } = statement;
  const place = columns.indexOf(column);
  if (place >= 0) {
    const isMissing = (cell: SqlExpression<unknown>, i: number): boolean =>
      i % columns.length === place && cell instanceof DefaultValue;
    return copyWith(statement, { cells: cells.map((cell, i) => (isMissing(cell, i) ? value : cell)) });
  }
  const rows = Array.from({ length: rowCount }, (_, row) => [
    ...cells.slice(row * columns.length, (row + 1) * columns.length),
    value,
  ]);
  return copyWith(statement, { columns: [...columns, column], cells: rows.flat() });
}

function intoQuery<I extends AnyInsert>(statement: I, column: Column, value: SqlExpression<unknown>): I {
  const { columns, source } = statement;
  if (source === null || columns.includes(column)) return statement;
  const query =
    source instanceof Select
      ? source.with({ items: [...source.items, new ExpressionItem(value)], shape: "tuple", keys: [] })
      : select(...source.subquery().columns, value);
  return copyWith(statement, { columns: [...columns, column], source: query });
}
