import { DdlCompiler } from "../../compiler/ddl-compiler.ts";
import { CompileError } from "../../errors/index.ts";
import type { Column } from "../../schema/column.ts";
import type { Index } from "../../schema/constraints.ts";
import type { ForeignKeyConstraint } from "../../schema/foreign-key.ts";
import type { Table } from "../../schema/table.ts";

/** The bytes of a name. What is longer PostgreSQL cuts off, and two names may become one. */
const MAX_NAME = 63;

/** CREATE, ALTER and DROP in the SQL of PostgreSQL. */
export class PostgresqlDdlCompiler extends DdlCompiler {
  /** @throws CompileError for a name that PostgreSQL would cut off */
  override createTable(table: Table, addedLater?: ReadonlySet<ForeignKeyConstraint>): string {
    const constraints = [...table.uniques, ...table.checks, ...table.foreignKeys];
    for (const { name } of [table, ...table.columns, ...constraints, ...table.indexes]) {
      if (name === null || Buffer.byteLength(name) <= MAX_NAME) continue;
      throw new CompileError(
        `The name "${name}" in the table "${table.fullName}" has ${Buffer.byteLength(name)} bytes, and PostgreSQL cuts names off after ${MAX_NAME}: give it a shorter one.`,
      );
    }
    return super.createTable(table, addedLater);
  }

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
