import { BatchCompiler } from "../../compiler/batch-compiler.ts";
import type { BatchConflict, BatchStatement, ConflictContext, RepeatedInsert } from "../../compiler/batch-statement.ts";
import type { CompilerDialect } from "../../compiler/compiler-dialect.ts";
import { tableName } from "../../compiler/table-name.ts";
import { CompileError } from "../../errors/index.ts";
import type { Column } from "../../schema/column.ts";
import type { Table } from "../../schema/table.ts";
import { updateFromRows } from "./update-from-rows.ts";

/** Of fewer rows, a list of values is as fast. */
const FEWEST_REPEATED = 20;

/** What the compiler asks of its dialect besides what others do. */
interface MysqlBatchDialect extends CompilerDialect {
  /** The connections execute an INSERT for many rows. */
  readonly repeatsInserts: boolean;
}

/** The statements of the flush in the SQL of MariaDB and MySQL. */
export class MysqlBatchCompiler extends BatchCompiler {
  readonly #mysql: MysqlBatchDialect;

  constructor(dialect: MysqlBatchDialect) {
    super(dialect);
    this.#mysql = dialect;
  }

  override insert(
    table: Table,
    columns: readonly Column[],
    rowCount: number,
    returning: readonly Column[] = [],
    onConflict: BatchConflict | null = null,
    givesIdentity = false,
  ): BatchStatement {
    if (returning.length > 0 && !this.dialect.capabilities.returning) {
      throw new CompileError("MySQL has no RETURNING: select the rows afterwards.");
    }
    return super.insert(table, columns, rowCount, returning, onConflict, givesIdentity);
  }

  /**
   * On MariaDB by `batch()` of the connector: from 20 rows on, it takes 50 to 80 % of the time of a list of values. UPDATE
   * and DELETE, whose rows the server then finds one by one, would take 1.5 to 5 times as long.
   */
  override insertRepeated(
    table: Table,
    columns: readonly Column[],
    rowCount: number,
    returning: readonly Column[],
  ): RepeatedInsert | null {
    if (!this.#mysql.repeatsInserts || rowCount < FEWEST_REPEATED) return null;
    return { sql: this.insert(table, columns, 1, returning).sql };
  }

  override update(
    table: Table,
    keyColumns: readonly Column[],
    setColumns: readonly Column[],
    rowCount: number,
    returning: readonly Column[] = [],
  ): BatchStatement {
    if (returning.length > 0) {
      throw new CompileError("MariaDB and MySQL have no UPDATE ... RETURNING: select the rows afterwards.");
    }
    return super.update(table, keyColumns, setColumns, rowCount);
  }

  protected override emptyInsert(): string {
    return "() VALUES ()";
  }

  /**
   * Any unique key decides, not only the one that is meant: a row that has another one of the new row's values stays as it
   * is. Set to itself, a row does, too.
   */
  protected override conflictClause(
    conflict: BatchConflict,
    { table, columns, nextPlaceholder }: ConflictContext,
  ): string {
    const { target, set, increment = [], assign = [] } = conflict;
    const isMeant = target.map((column) => `${this.name(column)} = VALUES(${this.name(column)})`).join(" AND ");
    const isGuarded = mayMeetAnother(table, target, columns);
    const assignment = (column: Column, value: string): string => {
      const name = this.name(column);
      return `${name} = ${isGuarded ? `IF(${isMeant}, ${value}, ${name})` : value}`;
    };
    const assignments = [
      ...set.map((column) => assignment(column, `VALUES(${this.name(column)})`)),
      ...increment.map((column) => assignment(column, `${this.name(column)} + 1`)),
      ...assign.map((column) => assignment(column, nextPlaceholder())),
    ];
    const nothing = target.slice(0, 1).map((column) => `${this.name(column)} = ${this.name(column)}`);
    return `ON DUPLICATE KEY UPDATE ${(assignments.length === 0 ? nothing : assignments).join(", ")}`;
  }

  protected override updateFromValues(
    table: Table,
    keyColumns: readonly Column[],
    setColumns: readonly Column[],
    rowCount: number,
  ): string {
    const names = (columns: readonly Column[]): string[] => columns.map((column) => this.name(column));
    return updateFromRows(tableName(this.dialect, table), names(keyColumns), names(setColumns), rowCount);
  }

  protected override compositeKeys(keyColumns: readonly Column[], tuples: readonly string[]): string {
    return `(${this.names(keyColumns)}) IN (${tuples.join(", ")})`;
  }
}

/** Can a row that is there already have a value of another unique key than the one that is meant? */
function mayMeetAnother(table: Table, target: readonly Column[], written: readonly Column[]): boolean {
  return table.uniqueKeys.some(({ columns }) => {
    if (columns === null) return true;
    if (columns.length === target.length && columns.every((column) => target.includes(column))) return false;
    return columns.every((column) => written.includes(column) || column.serverDefault !== null);
  });
}
