import type {
  InspectedCheck,
  InspectedColumn,
  InspectedDeferral,
  InspectedEnum,
  InspectedForeignKey,
  InspectedIndex,
  InspectedUnique,
  InspectionSource,
  Inspector,
} from "../../engine/inspector.ts";
import { NoSuchTableError } from "../../errors/index.ts";
import { readArrayText } from "./array-text.ts";

/** The schema that is meant: the one given, else the first one that is searched. */
const SCHEMA = "coalesce($1, current_schema())";

/** The table with the name $2. */
const TABLE = `SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ${SCHEMA} AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;

/** The columns with these numbers, in their order, as an array of names. */
const columnsOf = (numbers: string, table: string) => `ARRAY(SELECT a.attname::text FROM unnest(${numbers})
  WITH ORDINALITY AS k(attnum, position) JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = k.attnum
  ORDER BY k.position)`;

const ACTIONS: Readonly<Record<string, string>> = {
  a: "NO ACTION",
  r: "RESTRICT",
  c: "CASCADE",
  n: "SET NULL",
  d: "SET DEFAULT",
};

const IDENTITIES: Readonly<Record<string, "always" | "by default">> = { a: "always", d: "by default" };

/** Reads the schema of a PostgreSQL database from its catalog. */
export class PostgresqlInspector implements Inspector {
  readonly #source: InspectionSource;

  constructor(source: InspectionSource) {
    this.#source = source;
  }

  tableNames(schema: string | null = null): Promise<string[]> {
    return this.#names(["r", "p"], schema);
  }

  viewNames(schema: string | null = null): Promise<string[]> {
    return this.#names(["v", "m"], schema);
  }

  async hasTable(name: string, schema: string | null = null): Promise<boolean> {
    return (await this.#source.rows(TABLE, [schema, name])).length > 0;
  }

  async columns(table: string, schema: string | null = null): Promise<InspectedColumn[]> {
    const rows = await this.#rows(
      `SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
         coalesce(array_position(p.conkey, a.attnum), 0), a.attgenerated, a.attidentity,
         CASE WHEN a.attcollation <> t.typcollation THEN c.collname END, col_description(a.attrelid, a.attnum)
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_collation c ON c.oid = a.attcollation
       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       LEFT JOIN pg_constraint p ON p.conrelid = a.attrelid AND p.contype = 'p'
       WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
      table,
      schema,
    );
    return rows.map(([name, type, notNull, expression, position, generated, identity, collation, comment]) => ({
      name: String(name),
      type: String(type),
      nullable: notNull !== "t",
      // The expression of a computed column is no default.
      default: generated === "" ? textOrNull(expression) : null,
      primaryKeyPosition: Number(position),
      identity: IDENTITIES[String(identity)] ?? null,
      computed: generated === "" ? null : { expression: String(expression), stored: generated === "s" },
      collation: textOrNull(collation),
      comment: textOrNull(comment),
    }));
  }

  async primaryKey(table: string, schema: string | null = null): Promise<string[]> {
    const [row] = await this.#rows(
      `SELECT ${columnsOf("conkey", "conrelid")} FROM pg_constraint WHERE conrelid = $1 AND contype = 'p'`,
      table,
      schema,
    );
    return row === undefined ? [] : names(row[0]);
  }

  async foreignKeys(table: string, schema: string | null = null): Promise<InspectedForeignKey[]> {
    const rows = await this.#rows(
      `SELECT f.conname, ${columnsOf("f.conkey", "f.conrelid")},
         CASE WHEN n.nspname = current_schema() THEN NULL ELSE n.nspname END, r.relname,
         ${columnsOf("f.confkey", "f.confrelid")}, f.confupdtype, f.confdeltype, f.condeferrable, f.condeferred
       FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace
       WHERE f.conrelid = $1 AND f.contype = 'f' AND f.conparentid = 0 ORDER BY f.conname`,
      table,
      schema,
    );
    return rows.map(
      ([name, columns, referredSchema, referredTable, referredColumns, onUpdate, onDelete, ...deferral]) => ({
        name: String(name),
        columns: names(columns),
        referredSchema: textOrNull(referredSchema),
        referredTable: String(referredTable),
        referredColumns: names(referredColumns),
        onUpdate: ACTIONS[String(onUpdate)] ?? "NO ACTION",
        onDelete: ACTIONS[String(onDelete)] ?? "NO ACTION",
        ...deferralOf(deferral),
      }),
    );
  }

  async uniqueConstraints(table: string, schema: string | null = null): Promise<InspectedUnique[]> {
    const rows = await this.#rows(
      `SELECT conname, ${columnsOf("conkey", "conrelid")}, condeferrable, condeferred FROM pg_constraint
       WHERE conrelid = $1 AND contype = 'u' ORDER BY conname`,
      table,
      schema,
    );
    return rows.map(([name, columns, ...deferral]) => ({
      name: String(name),
      columns: names(columns),
      ...deferralOf(deferral),
    }));
  }

  async indexes(table: string, schema: string | null = null): Promise<InspectedIndex[]> {
    const rows = await this.#rows(
      `SELECT c.relname, i.indisunique, pg_get_expr(i.indpred, i.indrelid, true),
         ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
           LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
           WHERE k.position <= i.indnkeyatts ORDER BY k.position),
         ARRAY(SELECT pg_get_indexdef(i.indexrelid, k.position::int, true)
           FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
           WHERE k.position <= i.indnkeyatts AND k.attnum = 0 ORDER BY k.position)
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE i.indrelid = $1 AND NOT EXISTS (SELECT FROM pg_constraint o
         WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x')) ORDER BY c.relname`,
      table,
      schema,
    );
    return rows.map(([name, unique, where, columns, expressions]) => ({
      name: String(name),
      unique: unique === "t",
      columns: readArrayText(String(columns)).map(textOrNull),
      expressions: names(expressions),
      where: textOrNull(where),
    }));
  }

  async checks(table: string, schema: string | null = null): Promise<InspectedCheck[]> {
    const rows = await this.#rows(
      `SELECT conname, pg_get_expr(conbin, conrelid) FROM pg_constraint
       WHERE conrelid = $1 AND contype = 'c' ORDER BY conname`,
      table,
      schema,
    );
    return rows.map(([name, expression]) => ({ name: String(name), expression: String(expression) }));
  }

  async tableComment(table: string, schema: string | null = null): Promise<string | null> {
    const [row] = await this.#rows("SELECT obj_description($1, 'pg_class')", table, schema);
    return textOrNull(row?.[0]);
  }

  async viewDefinition(view: string, schema: string | null = null): Promise<string> {
    const [row] = await this.#rows(
      "SELECT pg_get_viewdef(oid, true) FROM pg_class WHERE oid = $1 AND relkind IN ('v', 'm')",
      view,
      schema,
    );
    if (row === undefined) throw new NoSuchTableError(`"${view}" is no view.`, { table: view });
    return String(row[0]).trim().replace(/;$/, "");
  }

  async sequenceNames(schema: string | null = null): Promise<string[]> {
    const rows = await this.#source.rows(
      `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ${SCHEMA} AND c.relkind = 'S'
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i')
       ORDER BY c.relname COLLATE "C"`,
      [schema],
    );
    return rows.map(([name]) => String(name));
  }

  async enums(schema: string | null = null): Promise<InspectedEnum[]> {
    const rows = await this.#source.rows(
      `SELECT t.typname, ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
       FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
       WHERE n.nspname = ${SCHEMA} AND t.typtype = 'e' ORDER BY t.typname COLLATE "C"`,
      [schema],
    );
    return rows.map(([name, values]) => ({ name: String(name), values: names(values) }));
  }

  async #names(kinds: readonly string[], schema: string | null): Promise<string[]> {
    const rows = await this.#source.rows(
      `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ${SCHEMA} AND c.relkind IN ($2, $3) ORDER BY c.relname COLLATE "C"`,
      [schema, ...kinds],
    );
    return rows.map(([name]) => String(name));
  }

  /** The answer to a question about one table, whose number in the catalog is its first parameter. */
  async #rows(sql: string, table: string, schema: string | null): Promise<readonly (readonly unknown[])[]> {
    const [found] = await this.#source.rows(TABLE, [schema, table]);
    if (found === undefined) throw new NoSuchTableError(`There is no table "${table}" in the database.`, { table });
    return this.#source.rows(sql, [found[0]]);
  }
}

function deferralOf([deferrable, deferred]: readonly unknown[]): InspectedDeferral {
  return { deferrable: deferrable === "t", initiallyDeferred: deferred === "t" };
}

function names(value: unknown): string[] {
  return readArrayText(String(value)).map(String);
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
