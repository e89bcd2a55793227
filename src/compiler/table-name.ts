import type { Table } from "../schema/table.ts";
import type { CompilerDialect } from "./compiler-dialect.ts";

/** The table's name as it is written in SQL, with its schema when it has one. */
export function tableName(dialect: CompilerDialect, table: Table): string {
  const name = dialect.quote(table.name);
  return table.schema === null || table.schema === undefined ? name : `${dialect.quote(table.schema)}.${name}`;
}
