import { type ArrayStatement, BatchCompiler, type BatchStatement } from "../../compiler/batch-compiler.ts";
import { tableName } from "../../compiler/table-name.ts";
import { ArrayType } from "../../expression/types/array.ts";
import type { Column } from "../../schema/column.ts";
import type { Table } from "../../schema/table.ts";
import { writeArrayText } from "./array-text.ts";
import { elementText, parameterType } from "./types.ts";

/** Of fewer rows, a list of values is as fast. */
const FEWEST_ROWS = 20;

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

  /**
   * One text for any number of rows, which is prepared once; from some rows on also the faster one to read: 1,000 rows of
   * four columns take half the time. Arrays of arrays would lose their rows, and what has no type has no array.
   */
  override insertFromArrays(
    table: Table,
    columns: readonly Column[],
    rowCount: number,
    returning: readonly Column[],
  ): ArrayStatement | null {
    if (rowCount < FEWEST_ROWS || !returning.some(({ autoincrement }) => autoincrement)) return null;
    const types = columns.map(({ sqlType }) => (sqlType instanceof ArrayType ? null : parameterType(sqlType)));
    if (types.includes(null)) return null;
    const arrays = types.map((type, index) => `${this.dialect.placeholder(index + 1)}::${type}[]`).join(", ");
    const names = columns.map((_, index) => `c${index}`).join(", ");
    return {
      sql:
        `INSERT INTO ${tableName(this.dialect, table)} (${this.names(columns)}) SELECT ${names} ` +
        `FROM unnest(${arrays}) WITH ORDINALITY AS v(${names}, n) ORDER BY n RETURNING ${this.names(returning)}`,
      parameter: (values) => writeArrayText(values.map((value) => (value === null ? null : elementText(value)))),
    };
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
