import { BatchCompiler } from "../../compiler/batch-compiler.ts";
import type { ArrayStatement, BatchStatement, RepeatedInsert } from "../../compiler/batch-statement.ts";
import type { CompilerDialect } from "../../compiler/compiler-dialect.ts";
import { tableName } from "../../compiler/table-name.ts";
import { IntegerType } from "../../expression/types/numbers.ts";
import type { Column } from "../../schema/column.ts";
import type { Table } from "../../schema/table.ts";

/** Of fewer rows, a list of values is as fast. */
const FEWEST_REPEATED = 20;

/** How many rows an INSERT writes at once that is executed for many; more are no faster. */
const BLOCK = 50;

/** Of fewer keys, a list of them is as fast. */
const FEWEST_IN_JSON = 50;

/** What the compiler asks of its dialect besides what others do. */
interface SqliteBatchDialect extends CompilerDialect {
  /** The connections execute a statement for many rows. */
  readonly repeatsWrites: boolean;
}

/**
 * The statements of the flush in the SQL of SQLite. It parses a text with ten thousand values as slowly as it writes their
 * rows: a statement of one row that is executed for each takes a quarter (UPDATE) to a half (INSERT) of the time, one of
 * fifty rows half of that again. A DELETE takes the same either way.
 */
export class SqliteBatchCompiler extends BatchCompiler {
  readonly #sqlite: SqliteBatchDialect;

  constructor(dialect: SqliteBatchDialect) {
    super(dialect);
    this.#sqlite = dialect;
  }

  override insertRepeated(
    table: Table,
    columns: readonly Column[],
    rowCount: number,
    returning: readonly Column[],
  ): RepeatedInsert | null {
    if (!this.#sqlite.repeatsWrites || rowCount < FEWEST_REPEATED) return null;
    const { sql } = this.insert(table, columns, 1, returning);
    const [only] = returning;
    const isKey = returning.length === 1 && table.primaryKey.length === 1 && table.primaryKey[0] === only;
    if (returning.length > 0 && !isKey) return { sql };
    return {
      sql,
      ...(isKey && { withoutReturning: this.insert(table, columns, 1).sql }),
      ...(rowCount > BLOCK && { block: { sql: this.insert(table, columns, BLOCK).sql, rows: BLOCK } }),
    };
  }

  /** The keys as JSON: one text for any number of them, parsed in no time. */
  override deleteFromArrays(table: Table, keyColumns: readonly Column[], rowCount: number): ArrayStatement | null {
    const [only] = keyColumns;
    if (rowCount < FEWEST_IN_JSON || keyColumns.length > 1 || !(only?.sqlType instanceof IntegerType)) return null;
    return {
      sql: `DELETE FROM ${tableName(this.dialect, table)} WHERE ${this.name(only)} IN (SELECT value FROM json_each(?))`,
      parameter: (keys) => `[${keys.join(",")}]`, // integers, which the driver may want as bigint
    };
  }

  override updateRepeated(
    table: Table,
    keyColumns: readonly Column[],
    setColumns: readonly Column[],
    rowCount: number,
  ): BatchStatement | null {
    if (!this.#sqlite.repeatsWrites || rowCount < FEWEST_REPEATED) return null;
    return this.update(table, keyColumns, setColumns, 1);
  }

  /**
   * Where an UPDATE writes a key that rows of the same table refer to, but neither a reference of these nor anything by
   * ON UPDATE, SQLite finds the row itself among those that wait for the key, and counts it once too often
   * (docs/decisions/0017).
   */
  protected override idleColumns(table: Table, written: readonly Column[]): readonly Column[] {
    const own = table.foreignKeys.filter(({ referredTable }) => referredTable === table);
    const waiting = own.filter(({ referredColumns }) => referredColumns.some((column) => written.includes(column)));
    const isRight =
      waiting.some(({ onUpdate }) => onUpdate !== null && onUpdate !== "no action") ||
      own.some(({ columns }) => columns.some((column) => written.includes(column)));
    if (isRight) return [];
    return waiting.flatMap(({ columns }) => columns.filter(({ computed }) => computed === null)).slice(0, 1);
  }
}
