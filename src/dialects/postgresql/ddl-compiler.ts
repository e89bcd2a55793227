import { DdlCompiler } from "../../compiler/ddl-compiler.ts";
import type { Column } from "../../schema/column.ts";
import type { Index } from "../../schema/constraints.ts";

/** CREATE, ALTER and DROP in the SQL of PostgreSQL. */
export class PostgresqlDdlCompiler extends DdlCompiler {
  /** Before version 18, computed values are kept in the table or not at all. */
  protected override computed({ expression }: NonNullable<Column["computed"]>): string {
    return super.computed({ expression, stored: true });
  }

  /** An index is in the schema of its table, which may be none that is searched. */
  override dropIndex(index: Index): string {
    const { schema } = index.table;
    return `DROP INDEX ${schema === null ? "" : `${this.dialect.quote(schema)}.`}${this.dialect.quote(index.name)}`;
  }
}
