import { BatchCompiler, type BatchStatement } from "../../compiler/batch-compiler.ts";
import { tableName } from "../../compiler/table-name.ts";
import type { Column } from "../../schema/column.ts";
import { parameterType } from "./types.ts";

/** The statements of the flush in the SQL of PostgreSQL. */
export class PostgresqlBatchCompiler extends BatchCompiler {
  /**
   * Rows whose keys the database makes come out of a sorted query: PostgreSQL then draws the keys in that order, so that
   * they ascend with the rows given. Of the rows of a plain VALUES list it promises nothing.
   */
  protected override insertedRows(
    columns: readonly Column[],
    rowCount: number,
    returning: readonly Column[],
    nextPlaceholder: () => string,
  ): string {
    const drawsKeys = returning.some(({ autoincrement }) => autoincrement);
    if (rowCount === 1 || !drawsKeys) return super.insertedRows(columns, rowCount, returning, nextPlaceholder);
    const rows = Array.from({ length: rowCount }, (_, row) => {
      // The first row tells the types of all.
      const values = columns.map((column) => (row === 0 ? this.value(column, nextPlaceholder()) : nextPlaceholder()));
      return `(${values.join(", ")}, ${row})`;
    });
    const names = columns.map((_, index) => `c${index}`).join(", ");
    return `(${this.names(columns)}) SELECT ${names} FROM (VALUES ${rows.join(", ")}) AS v(${names}, n) ORDER BY n`;
  }

  override drawKeys(column: Column): BatchStatement {
    const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
    const table = tableName(this.dialect, column.table);
    return {
      sql: `SELECT nextval(pg_get_serial_sequence(${literal(table)}, ${literal(column.name)})) FROM generate_series(1, $1::int)`,
      order: "rows",
      parameterCount: 1,
    };
  }

  protected override value({ sqlType }: Column, placeholder: string): string {
    const type = parameterType(sqlType);
    return type === null ? placeholder : `${placeholder}::${type}`;
  }
}
