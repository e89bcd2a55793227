import type {
  InspectedCheck,
  InspectedColumn,
  InspectedEnum,
  InspectedForeignKey,
  InspectedIndex,
  InspectedUnique,
  InspectionSource,
  Inspector,
} from "../../engine/inspector.ts";
import { NoSuchTableError } from "../../errors/index.ts";

const SCHEMA = "coalesce(?, database())";

/** No check can be put off. */
const AT_ONCE = { deferrable: false, initiallyDeferred: false };

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
      `SELECT c.column_name, c.column_type, c.is_nullable, c.column_default, c.extra, c.generation_expression,
         CASE WHEN c.collation_name <> t.table_collation THEN c.collation_name END, c.column_comment
       FROM information_schema.columns c JOIN information_schema.tables t
         ON t.table_schema = c.table_schema AND t.table_name = c.table_name
       WHERE c.table_schema = ${SCHEMA} AND c.table_name = ? ORDER BY c.ordinal_position`,
      table,
      schema,
    );
    return rows.map(([name, type, nullable, defaultText, extra, expression, collation, comment]) => ({
      name: String(name),
      type: String(type),
      nullable: nullable === "YES",
      // MariaDB writes NULL out where a column has no default.
      default: defaultText === null || defaultText === "NULL" ? null : String(defaultText),
      primaryKeyPosition: primaryKey.indexOf(String(name)) + 1,
      identity: /\bauto_increment\b/i.test(String(extra)) ? "by default" : null,
      computed: /\b(VIRTUAL|STORED|PERSISTENT)\b/i.test(String(extra))
        ? { expression: String(expression), stored: !/\bVIRTUAL\b/i.test(String(extra)) }
        : null,
      collation: textOrNull(collation),
      comment: comment === "" ? null : textOrNull(comment),
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
        ...AT_ONCE,
      };
    });
  }

  /** Every unique index but the primary key: MariaDB and MySQL make no difference between the two. */
  async uniqueConstraints(table: string, schema: string | null = null): Promise<InspectedUnique[]> {
    const keys = await this.#keys(table, schema);
    return keys
      .filter(({ name, unique, columns }) => unique && name !== "PRIMARY" && !columns.includes(null))
      .map(({ name, columns }) => ({ name, columns: columns.map(String), ...AT_ONCE }));
  }

  /** Without unique ones, which are constraints, and those that foreign keys brought along. */
  async indexes(table: string, schema: string | null = null): Promise<InspectedIndex[]> {
    const foreignKeys = new Set((await this.foreignKeys(table, schema)).map(({ name }) => name));
    const keys = await this.#keys(table, schema);
    const expressions = keys.some(({ columns }) => columns.includes(null))
      ? await this.#expressions(table, schema)
      : new Map<string, string[]>();
    return keys
      .filter(({ name, unique, columns }) => !foreignKeys.has(name) && (!unique || columns.includes(null)))
      .map((key) => ({ ...key, expressions: expressions.get(key.name) ?? [], where: null }));
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

  async tableComment(table: string, schema: string | null = null): Promise<string | null> {
    const [row] = await this.#rows(
      `SELECT table_comment FROM information_schema.tables WHERE table_schema = ${SCHEMA} AND table_name = ?`,
      table,
      schema,
    );
    return row?.[0] === "" ? null : textOrNull(row?.[0]);
  }

  async viewDefinition(view: string, schema: string | null = null): Promise<string> {
    const [row] = await this.#source.rows(
      `SELECT view_definition FROM information_schema.views WHERE table_schema = ${SCHEMA} AND table_name = ?`,
      [schema, view],
    );
    if (row === undefined) throw new NoSuchTableError(`There is no view "${view}" in the database.`, { table: view });
    return String(row[0]);
  }

  sequenceNames(schema: string | null = null): Promise<string[]> {
    return this.#names("SEQUENCE", schema);
  }

  /** None: a column has the list of its values in its type. */
  async enums(): Promise<InspectedEnum[]> {
    return [];
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

  /** By the names of the indexes. Only MySQL has expressions there, and the column that tells them. */
  async #expressions(table: string, schema: string | null): Promise<Map<string, string[]>> {
    const rows = await this.#rows(
      `SELECT index_name, expression FROM information_schema.statistics
       WHERE table_schema = ${SCHEMA} AND table_name = ? AND expression IS NOT NULL ORDER BY index_name, seq_in_index`,
      table,
      schema,
    );
    return new Map(
      grouped(rows).map((members) => [
        String(members[0]?.[0]),
        // MySQL writes the quotes of strings as if the text stood in a string itself.
        members.map(([, expression]) => String(expression).replaceAll("\\'", "'")),
      ]),
    );
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

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
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
