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
import { declaredColumn, declaredDeferral, declaredIndex, declaredView, splitDeclaration } from "./declared-parts.ts";
import { columnNames, type DeclaredConstraint, declaredConstraints } from "./table-source.ts";

/** Reads the schema of a SQLite database from its PRAGMAs and, for the names of constraints, from CREATE TABLE. */
export class SqliteInspector implements Inspector {
  readonly #source: InspectionSource;
  readonly #quote: (identifier: string) => string;

  constructor(source: InspectionSource, quote: (identifier: string) => string) {
    this.#source = source;
    this.#quote = quote;
  }

  tableNames(schema: string | null = null): Promise<string[]> {
    return this.#names("table", schema);
  }

  viewNames(schema: string | null = null): Promise<string[]> {
    return this.#names("view", schema);
  }

  async hasTable(name: string, schema: string | null = null): Promise<boolean> {
    const rows = await this.#source.rows("SELECT 1 FROM pragma_table_xinfo(?, ?) LIMIT 1", [name, schema ?? "main"]);
    return rows.length > 0;
  }

  async columns(table: string, schema: string | null = null): Promise<InspectedColumn[]> {
    const rows = await this.#source.rows(
      'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?, ?) ORDER BY cid',
      [table, schema ?? "main"],
    );
    if (rows.length === 0) throw noSuchTable(table);
    const parts = splitDeclaration(await this.#sourceOf(table, schema));
    const keyLength = rows.filter((row) => Number(row[4]) > 0).length;
    return rows.map(([name, type, notNull, defaultText, position, hidden]) => {
      const { collation, expression } = declaredColumn(parts, String(name));
      // The only column of the key counts up if its type is exactly this one.
      const isRowid = Number(position) === 1 && keyLength === 1 && /^integer$/i.test(String(type));
      return {
        name: String(name),
        type: String(type),
        nullable: Number(notNull) === 0 && Number(position) === 0,
        default: textOrNull(defaultText),
        primaryKeyPosition: Number(position),
        identity: isRowid ? "by default" : null,
        computed: Number(hidden) >= 2 ? { expression: expression ?? "", stored: Number(hidden) === 3 } : null,
        collation,
        comment: null,
      };
    });
  }

  async primaryKey(table: string, schema: string | null = null): Promise<string[]> {
    return (await this.columns(table, schema))
      .filter((column) => column.primaryKeyPosition > 0)
      .sort((a, b) => a.primaryKeyPosition - b.primaryKeyPosition)
      .map((column) => column.name);
  }

  async foreignKeys(table: string, schema: string | null = null): Promise<InspectedForeignKey[]> {
    const declared = (await this.#declared(table, schema)).filter(({ kind }) => kind === "FOREIGN KEY");
    const parts = splitDeclaration(await this.#sourceOf(table, schema));
    // SQLite numbers foreign keys backwards: the one declared first has the highest id.
    const rows = await this.#source.rows(
      'SELECT id, "from", "to", "table", on_update, on_delete FROM pragma_foreign_key_list(?, ?) ORDER BY id DESC, seq',
      [table, schema ?? "main"],
    );
    return groupById(rows).map((group) => {
      const [, , , referredTable, onUpdate, onDelete] = group[0]!;
      const columns = group.map((row) => String(row[1]));
      return {
        name: nameOf(declared, columns),
        columns,
        referredSchema: schema,
        referredTable: String(referredTable),
        referredColumns: group.flatMap((row) => (row[2] === null ? [] : [String(row[2])])),
        onUpdate: String(onUpdate),
        onDelete: String(onDelete),
        ...declaredDeferral(parts, columns),
      };
    });
  }

  async uniqueConstraints(table: string, schema: string | null = null): Promise<InspectedUnique[]> {
    const declared = (await this.#declared(table, schema)).filter(({ kind }) => kind === "UNIQUE");
    const indexes = await this.#indexes(table, schema, "u");
    return indexes.map(({ columns }) => {
      const names = columns.map(String);
      return { name: nameOf(declared, names), columns: names, deferrable: false, initiallyDeferred: false };
    });
  }

  async indexes(table: string, schema: string | null = null): Promise<InspectedIndex[]> {
    await this.#declared(table, schema);
    return this.#indexes(table, schema, "c");
  }

  async checks(table: string, schema: string | null = null): Promise<InspectedCheck[]> {
    return (await this.#declared(table, schema))
      .filter(({ kind }) => kind === "CHECK")
      .map(({ name, body }) => ({ name, expression: body }));
  }

  /** None: SQLite has no place for comments. */
  async tableComment(table: string, schema: string | null = null): Promise<null> {
    await this.#sourceOf(table, schema);
    return null;
  }

  async viewDefinition(view: string, schema: string | null = null): Promise<string> {
    return declaredView(await this.#sourceOf(view, schema));
  }

  /** None: SQLite has no sequences. */
  async sequenceNames(): Promise<string[]> {
    return [];
  }

  /** None: SQLite has no types of one's own. */
  async enums(): Promise<InspectedEnum[]> {
    return [];
  }

  async #names(type: "table" | "view", schema: string | null): Promise<string[]> {
    const rows = await this.#source.rows(
      `SELECT name FROM ${this.#master(schema)} WHERE type = ? AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name`,
      [type],
    );
    return rows.map(([name]) => String(name));
  }

  async #declared(table: string, schema: string | null): Promise<DeclaredConstraint[]> {
    return declaredConstraints(await this.#sourceOf(table, schema));
  }

  /** The text that created a table or view. */
  async #sourceOf(table: string, schema: string | null): Promise<string> {
    const rows = await this.#source.rows(
      `SELECT sql FROM ${this.#master(schema)} WHERE type IN ('table', 'view') AND lower(name) = lower(?)`,
      [table],
    );
    if (rows.length === 0) throw noSuchTable(table);
    return String(rows[0]![0]);
  }

  async #indexes(table: string, schema: string | null, origin: "c" | "u"): Promise<InspectedIndex[]> {
    const rows = await this.#source.rows(
      'SELECT name, "unique" FROM pragma_index_list(?, ?) WHERE origin = ? ORDER BY seq DESC',
      [table, schema ?? "main", origin],
    );
    const indexes: InspectedIndex[] = [];
    for (const [name, unique] of rows) {
      const [source] = await this.#source.rows(
        `SELECT sql FROM ${this.#master(schema)} WHERE type = 'index' AND name = ?`,
        [name],
      );
      const { members, where } = declaredIndex(textOrNull(source?.[0]) ?? "");
      const columns = await this.#source.rows(
        "SELECT name FROM pragma_index_xinfo(?, ?) WHERE key = 1 ORDER BY seqno",
        [name, schema ?? "main"],
      );
      indexes.push({
        name: String(name),
        unique: Number(unique) === 1,
        columns: columns.map(([column]) => textOrNull(column)),
        expressions: columns.flatMap(([column], position) => (column === null ? [members[position] ?? ""] : [])),
        where,
      });
    }
    return indexes;
  }

  #master(schema: string | null): string {
    return schema === null ? "sqlite_master" : `${this.#quote(schema)}.sqlite_master`;
  }
}

type Row = readonly unknown[];

function groupById(rows: readonly Row[]): Row[][] {
  const groups = new Map<unknown, Row[]>();
  for (const row of rows) {
    const group = groups.get(row[0]);
    if (group === undefined) groups.set(row[0], [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function nameOf(declared: readonly DeclaredConstraint[], columns: readonly string[]): string | null {
  const wanted = columns.join("\0").toLowerCase();
  return declared.find(({ body }) => columnNames(body).join("\0").toLowerCase() === wanted)?.name ?? null;
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function noSuchTable(table: string): NoSuchTableError {
  return new NoSuchTableError(`There is no table "${table}" in the database.`, { table });
}
