import { DdlCompiler } from "../../compiler/ddl-compiler.ts";
import { tableName } from "../../compiler/table-name.ts";
import type { Column } from "../../schema/column.ts";
import type { Index } from "../../schema/constraints.ts";
import type { Table } from "../../schema/table.ts";

/** Backslashes are text: connections have standard_conforming_strings on. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** CREATE, ALTER and DROP in the SQL of PostgreSQL. */
export class PostgresqlDdlCompiler extends DdlCompiler {
  /** Before version 18, computed values are kept in the table or not at all. */
  protected override computed({ expression }: NonNullable<Column["computed"]>): string {
    return super.computed({ expression, stored: true });
  }

  override comments(table: Table): readonly string[] {
    const name = tableName(this.dialect, table);
    const { comment } = table.options;
    return [
      ...(comment === undefined ? [] : [`COMMENT ON TABLE ${name} IS ${literal(comment)}`]),
      ...table.columns.flatMap((column) => {
        if (column.comment === null) return [];
        return [`COMMENT ON COLUMN ${name}.${this.dialect.quote(column.name)} IS ${literal(column.comment)}`];
      }),
    ];
  }

  /** An index is in the schema of its table, which may be none that is searched. */
  override dropIndex(index: Index): string {
    const { schema } = index.table;
    return `DROP INDEX ${schema === null ? "" : `${this.dialect.quote(schema)}.`}${this.dialect.quote(index.name)}`;
  }
}
