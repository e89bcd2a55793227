import { BatchCompiler, sourceNames } from "../../compiler/batch-compiler.ts";
import type { ArrayStatement, BatchStatement } from "../../compiler/batch-statement.ts";
import { tableName } from "../../compiler/table-name.ts";
import type { SqlType } from "../../expression/sql-type.ts";
import { ArrayType } from "../../expression/types/array.ts";
import type { Column } from "../../schema/column.ts";
import type { Table } from "../../schema/table.ts";
import { writeArrayText } from "./array-text.ts";
import { elementText, parameterType } from "./types.ts";

/** Of fewer rows to insert, a list of values is as fast. */
const FEWEST_INSERTED = 20;
/** Of fewer rows to update, a list of values is faster. */
const FEWEST_UPDATED = 1000;

/** A type behind which brackets may stand. */
const PLAIN_NAME = /^[\w."]+$/;

/** The statements of the flush in the SQL of PostgreSQL. */
export class PostgresqlBatchCompiler extends BatchCompiler {
  protected override overriding(): string {
    return " OVERRIDING SYSTEM VALUE";
  }

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
    return `SELECT ${names} FROM (VALUES ${rows.join(", ")}) AS v(${names}, n) ORDER BY n`;
  }

  /**
   * One text for any number of rows, which is prepared once; from some rows on also the faster one to read: 1,000 rows of
   * four columns take half the time.
   */
  override insertFromArrays(
    table: Table,
    columns: readonly Column[],
    rowCount: number,
    returning: readonly Column[],
  ): ArrayStatement | null {
    if (rowCount < FEWEST_INSERTED || !returning.some(({ autoincrement }) => autoincrement)) return null;
    const arrays = this.#arrays(columns);
    if (arrays === null) return null;
    const names = columns.map((_, index) => `c${index}`).join(", ");
    return {
      sql:
        `INSERT INTO ${tableName(this.dialect, table)} (${this.names(columns)}) SELECT ${names} ` +
        `FROM unnest(${arrays}) WITH ORDINALITY AS v(${names}, n) ORDER BY n RETURNING ${this.names(returning)}`,
      parameter: arrayParameter,
    };
  }

  /** One text for any number of rows, which is prepared once; also faster to read from 20 rows on: 5,000 keys take 60 %. */
  override deleteFromArrays(table: Table, keyColumns: readonly Column[], rowCount: number): ArrayStatement | null {
    const arrays = rowCount === 1 ? null : this.#arrays(keyColumns);
    if (arrays === null) return null;
    const condition =
      keyColumns.length === 1
        ? `${this.names(keyColumns)} = ANY(${arrays})`
        : `(${this.names(keyColumns)}) IN (SELECT * FROM unnest(${arrays}))`;
    return { sql: `DELETE FROM ${tableName(this.dialect, table)} WHERE ${condition}`, parameter: arrayParameter };
  }

  override updateFromArrays(
    table: Table,
    keyColumns: readonly Column[],
    setColumns: readonly Column[],
    rowCount: number,
  ): ArrayStatement | null {
    const arrays = rowCount < FEWEST_UPDATED ? null : this.#arrays([...keyColumns, ...setColumns]);
    if (arrays === null) return null;
    const source = `unnest(${arrays}) AS v(${sourceNames(keyColumns, setColumns)})`;
    return { sql: this.updateFrom(table, keyColumns, setColumns, source), parameter: arrayParameter };
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

  /** A parameter for each column, `$1::integer[], $2::text[]`; null if a column's type has no array of its values. */
  #arrays(columns: readonly Column[]): string | null {
    const types = columns.map(({ sqlType }) => arrayTypeOf(sqlType));
    if (types.includes(null)) return null;
    return types.map((type, index) => `${this.dialect.placeholder(index + 1)}::${type}`).join(", ");
  }
}

/** The type of arrays whose elements are values of the type, `integer[]`; null if there is none. */
export function arrayTypeOf(type: SqlType<unknown>): string | null {
  const element = type instanceof ArrayType ? null : parameterType(type);
  // Arrays of arrays would lose their rows, and behind more than a name (a collation) no brackets may stand.
  return element !== null && PLAIN_NAME.test(element) ? `${element}[]` : null;
}

function arrayParameter(values: readonly unknown[]): string {
  // Long lists mostly are of one of these kinds, of which nothing has to be looked at or escaped one by one.
  if (values.every(isBare)) return `{${values.join(",")}}`;
  if (values.every(isPlainText)) return `{"${values.join('","')}"}`;
  return writeArrayText(values.map((value) => (value === null ? null : elementText(value))));
}

/** Is it written without quotes? */
function isBare(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
}

/** Is it text in which nothing has to be escaped? */
function isPlainText(value: unknown): boolean {
  return typeof value === "string" && !value.includes('"') && !value.includes("\\");
}
