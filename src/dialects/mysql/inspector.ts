import type {
  InspectedCheck,
  InspectedColumn,
  InspectedForeignKey,
  InspectedIndex,
  InspectedUnique,
  InspectionSource,
  Inspector,
} from "../../engine/inspector.ts";
import { NoSuchTableError } from "../../errors/index.ts";

const SCHEMA = "coalesce(?, database())";

type Row = readonly unknown[];

/** Reads the schema of a MariaDB or MySQL database from `information_schema`. */
export class MysqlInspector implements Inspector {
  readonly #source: InspectionSource;

  constructor(source: InspectionSource) {
    this.#source = source;
  }

  tableNames(schema: string | null = null): Promise<string[]> {
    return this.#names("BASE TABLE", schema);
  }

  viewNames(schema: string | null = null): Promise<string[]> {
    return this.#names("VIEW", schema);
  }

  async hasTable(name: string, schema: string | null = null): Promise<boolean> {
    const rows = await this.#source.rows(
      `SELECT 1 FROM information_schema.tables WHERE table_schema = ${SCHEMA} AND table_name = ?`,
      [schema, name],
    );
    return rows.length > 0;
  }

  async columns(table: string, schema: string | null = null): Promise<InspectedColumn[]> {
    const primaryKey = await this.primaryKey(table, schema);
    const rows = await this.#rows(
      `SELECT column_name, column_type, is_nullable, column_default, extra FROM information_schema.columns
       WHERE table_schema = ${SCHEMA} AND table_name = ? ORDER BY ordinal_position`,
      table,
      schema,
    );
    return rows.map(([name, type, nullable, defaultText, extra]) => ({
      name: String(name),
      type: String(type),
      nullable: nullable === "YES",
      // MariaDB writes NULL out where a column has no default.
      default: defaultText === null || defaultText === "NULL" ? null : String(defaultText),
      primaryKeyPosition: primaryKey.indexOf(String(name)) + 1,
      generated: /\b(VIRTUAL|STORED|PERSISTENT)\b/i.test(String(extra)),
    }));
  }

  async primaryKey(table: string, schema: string | null = null): Promise<string[]> {
    return (await this.#keys(table, schema)).find(({ name }) => name === "PRIMARY")?.columns.map(String) ?? [];
  }

  async foreignKeys(table: string, schema: string | null = null): Promise<InspectedForeignKey[]> {
    const rows = await this.#rows(
      `SELECT k.constraint_name, k.column_name,
         CASE WHEN k.referenced_table_schema = database() THEN NULL ELSE k.referenced_table_schema END,
         k.referenced_table_name, k.referenced_column_name, r.update_rule, r.delete_rule
       FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
         ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
         AND r.table_name = k.table_name
       WHERE k.table_schema = ${SCHEMA} AND k.table_name = ? AND k.referenced_table_name IS NOT NULL
       ORDER BY k.constraint_name, k.ordinal_position`,
      table,
      schema,
    );
    return grouped(rows).map((members) => {
      const [name, , referredSchema, referredTable, , onUpdate, onDelete] = members[0] ?? [];
      return {
        name: String(name),
        columns: members.map((row) => String(row[1])),
        referredSchema: referredSchema === null ? null : String(referredSchema),
        referredTable: String(referredTable),
        referredColumns: members.map((row) => String(row[4])),
        onUpdate: String(onUpdate),
        onDelete: String(onDelete),
      };
    });
  }

  /** Every unique index but the primary key: MariaDB and MySQL make no difference between the two. */
  async uniqueConstraints(table: string, schema: string | null = null): Promise<InspectedUnique[]> {
    const keys = await this.#keys(table, schema);
    return keys
      .filter(({ name, unique, columns }) => unique && name !== "PRIMARY" && !columns.includes(null))
      .map(({ name, columns }) => ({ name, columns: columns.map(String) }));
  }

  /** Without unique ones, which are constraints, and those that foreign keys brought along. */
  async indexes(table: string, schema: string | null = null): Promise<InspectedIndex[]> {
    const foreignKeys = new Set((await this.foreignKeys(table, schema)).map(({ name }) => name));
    const keys = await this.#keys(table, schema);
    return keys
      .filter(({ name, unique, columns }) => !foreignKeys.has(name) && (!unique || columns.includes(null)))
      .map((key) => ({ ...key, isPartial: false }));
  }

  async checks(table: string, schema: string | null = null): Promise<InspectedCheck[]> {
    const rows = await this.#rows(
      `SELECT c.constraint_name, c.check_clause
       FROM information_schema.check_constraints c JOIN information_schema.table_constraints t
         ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
         AND t.constraint_type = 'CHECK'
       WHERE t.table_schema = ${SCHEMA} AND t.table_name = ? ORDER BY c.constraint_name`,
      table,
      schema,
    );
    return rows.map(([name, expression]) => ({ name: String(name), expression: String(expression) }));
  }

  async #keys(
    table: string,
    schema: string | null,
  ): Promise<{ name: string; unique: boolean; columns: (string | null)[] }[]> {
    const rows = await this.#rows(
      `SELECT index_name, non_unique, column_name FROM information_schema.statistics
       WHERE table_schema = ${SCHEMA} AND table_name = ? ORDER BY index_name, seq_in_index`,
      table,
      schema,
    );
    return grouped(rows).map((members) => ({
      name: String(members[0]?.[0]),
      unique: Number(members[0]?.[1]) === 0,
      columns: members.map((row) => (row[2] === null ? null : String(row[2]))),
    }));
  }

  async #names(type: string, schema: string | null): Promise<string[]> {
    const rows = await this.#source.rows(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = ${SCHEMA} AND table_type = ?
       ORDER BY BINARY table_name`,
      [schema, type],
    );
    return rows.map(([name]) => String(name));
  }

  /** The answer to a question about one table. */
  async #rows(sql: string, table: string, schema: string | null): Promise<readonly Row[]> {
    const rows = await this.#source.rows(sql, [schema, table]);
    if (rows.length > 0 || (await this.hasTable(table, schema))) return rows;
    throw new NoSuchTableError(`There is no table "${table}" in the database.`, { table });
  }
}

/** Rows with the same first value, which stand together. */
function grouped(rows: readonly Row[]): Row[][] {
  const groups = new Map<unknown, Row[]>();
  for (const row of rows) {
    const group = groups.get(row[0]);
    if (group === undefined) groups.set(row[0], [row]);
    else group.push(row);
  }
  return [...groups.values()];
}
