import { BatchCompiler, type BatchConflict, type BatchStatement } from "../../compiler/batch-compiler.ts";
import { tableName } from "../../compiler/table-name.ts";
import { CompileError } from "../../errors/index.ts";
import type { Column } from "../../schema/column.ts";
import type { Table } from "../../schema/table.ts";
import { updateFromRows } from "./update-from-rows.ts";

/** The statements of the flush in the SQL of MariaDB and MySQL. */
export class MysqlBatchCompiler extends BatchCompiler {
  override insert(
    table: Table,
    columns: readonly Column[],
    rowCount: number,
    returning: readonly Column[] = [],
    onConflict: BatchConflict | null = null,
  ): BatchStatement {
    if (returning.length > 0 && !this.dialect.capabilities.returning) {
      throw new CompileError("MySQL has no RETURNING: select the rows afterwards.");
    }
    return super.insert(table, columns, rowCount, returning, onConflict);
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

  /** Any unique key decides, not only the one that is meant. Set to itself, a row stays as it is. */
  protected override conflictClause({ target, set }: BatchConflict): string {
    const assignments =
      set.length === 0
        ? target.slice(0, 1).map((column) => `${this.name(column)} = ${this.name(column)}`)
        : set.map((column) => `${this.name(column)} = VALUES(${this.name(column)})`);
    return `ON DUPLICATE KEY UPDATE ${assignments.join(", ")}`;
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
