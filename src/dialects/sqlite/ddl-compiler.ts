import { DdlCompiler } from "../../compiler/ddl-compiler.ts";
import { CompileError } from "../../errors/index.ts";
import type { Column, Table } from "../../schema/index.ts";

/**
 * DDL with what only SQLite has, by options of the table named as SQLAlchemy names them:
 * - `sqliteAutoincrement: true`: no row ever gets the key of a deleted one (AUTOINCREMENT);
 * - `sqliteStrict: true`: columns take only values of their types (STRICT);
 * - `sqliteWithRowid: false`: rows are stored by their primary key (WITHOUT ROWID).
 */
export class SqliteDdlCompiler extends DdlCompiler {
  protected override column(column: Column): string {
    return this.#countsUp(column.table)
      ? `${super.column(column)}${column.primaryKey ? " PRIMARY KEY AUTOINCREMENT" : ""}`
      : super.column(column);
  }

  protected override primaryKey(table: Table): string | null {
    return this.#countsUp(table) ? null : super.primaryKey(table);
  }

  protected override tableOptions({ options }: Table): string {
    const words = [
      ...(options.sqliteWithRowid === false ? ["WITHOUT ROWID"] : []),
      ...(options.sqliteStrict === true ? ["STRICT"] : []),
    ];
    return words.length === 0 ? "" : ` ${words.join(", ")}`;
  }

  /** SQLite knows AUTOINCREMENT only next to the one column of an integer primary key. */
  #countsUp(table: Table): boolean {
    if (table.options.sqliteAutoincrement !== true) return false;
    if (table.primaryKey.length !== 1 || table.autoincrementColumn === null) {
      throw new CompileError(
        `sqliteAutoincrement needs a primary key of one integer column that the database fills, which "${table.fullName}" has not.`,
      );
    }
    return true;
  }
}
