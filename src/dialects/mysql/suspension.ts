import type { ForeignKeySuspension, ReferringForeignKey } from "../../engine/dialect.ts";
import { updateFromRows } from "./update-from-rows.ts";

const REFERRING = `SELECT k.constraint_name, k.table_schema, k.table_name, k.column_name, k.referenced_column_name
  FROM information_schema.key_column_usage k
  WHERE k.referenced_table_schema = coalesce(?, database()) AND k.referenced_table_name = ?
  ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position`;

/** `foreign_key_checks` is a setting of the connection and knows nothing of transactions. */
export function mysqlSuspension(quote: (identifier: string) => string): ForeignKeySuspension {
  return {
    suspendSql: "SET foreign_key_checks = 0",
    resumeSql: "SET foreign_key_checks = 1",

    moveSql(table, schema, columns, count) {
      const name = schema === null ? quote(table) : `${quote(schema)}.${quote(table)}`;
      const names = columns.map(quote);
      return updateFromRows(name, names, names, count);
    },

    async referring(source, table, schema) {
      const found = new Map<string, { readonly [Key in keyof ReferringForeignKey]: ReferringForeignKey[Key] }>();
      for (const row of await source.rows(REFERRING, [schema, table])) {
        // The statement selects five columns.
        const [name, ownSchema, ownTable, column, referred] = row.map(String) as [
          string,
          string,
          string,
          string,
          string,
        ];
        const key = `${ownSchema}.${ownTable}.${name}`;
        const before = found.get(key);
        found.set(key, {
          name,
          schema: ownSchema,
          table: ownTable,
          columns: [...(before?.columns ?? []), column],
          referredColumns: [...(before?.referredColumns ?? []), referred],
        });
      }
      return [...found.values()];
    },
  };
}
