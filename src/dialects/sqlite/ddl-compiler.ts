import { DdlCompiler } from "../../compiler/ddl-compiler.ts";
import { CompileError } from "../../errors/index.ts";
import type { Column, ForeignKeyConstraint, Index, Table } from "../../schema/index.ts";

/** The schema of tables that name none. */
const MAIN = "main";

/**
 * DDL with what only SQLite has, by options of the table named as SQLAlchemy names them:
 * - `sqliteAutoincrement: true`: no row ever gets the key of a deleted one (AUTOINCREMENT);
 * - `sqliteStrict: true`: columns take only values of their types (STRICT);
 * - `sqliteWithRowid: false`: rows are stored by their primary key (WITHOUT ROWID).
 */
export class SqliteDdlCompiler extends DdlCompiler {
  override dropIndex({ name, table }: Index): string {
    return `DROP INDEX ${this.#inSchema(table.schema, name)}`;
  }

  /** The schema stands before the name of the index, which is where its table is. */
  protected override indexOn({ name, table }: Index): string {
    return `${this.#inSchema(table.schema, name)} ON ${this.dialect.quote(table.name)}`;
  }

  /** A foreign key stays within its schema, a database file, and so names none. */
  protected override referred({ table, referredTable }: ForeignKeyConstraint): string {
    if ((referredTable.schema ?? MAIN) === (table.schema ?? MAIN)) return this.dialect.quote(referredTable.name);
    throw new CompileError(
      `SQLite has no foreign keys from one schema to another: "${table.fullName}" refers to "${referredTable.fullName}".`,
    );
  }

  protected override column(column: Column): string {
    assertCountable(column);
    this.refuseCounting(column, "start");
    this.refuseCounting(column, "increment");
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

  #inSchema(schema: string | null, name: string): string {
    return schema === null ? this.dialect.quote(name) : `${this.dialect.quote(schema)}.${this.dialect.quote(name)}`;
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

/** In any other column there would be NULL. */
function assertCountable(column: Column): void {
  const { table, identity, definition } = column;
  if (identity === null && definition.settings.autoincrement !== true) return;
  if (table.primaryKey.length === 1 && column.primaryKey) return;
  throw new CompileError(
    `SQLite counts up only the one column of a primary key, which ${column.fullName} is not: give its values yourself.`,
  );
}
