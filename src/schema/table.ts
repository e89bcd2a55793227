import { ArgumentError } from "../errors/index.ts";
import { assertList, assertOptions, type OptionNames } from "../expression/check-arguments.ts";
import { FromClause } from "../expression/from.ts";
import { declareFields, newSymbol } from "../expression/node.ts";
import { describeValue } from "../expression/sql-type.ts";
import { Column } from "./column.ts";
import { type AnyColumnDefinition, type ColumnDefinition, isColumnDefinition } from "./column-definition.ts";
import type { CheckConstraint, Index, UniqueConstraint, UniqueKey } from "./constraints.ts";
import type { ForeignKeyConstraint } from "./foreign-key.ts";
import type { MetaData } from "./metadata.ts";
import { constraintName } from "./naming.ts";
import type { TableOptions } from "./options.ts";
import type { TableArg } from "./table-arguments.ts";
import { resolveTableParts, type TableParts } from "./table-parts.ts";

/** Column definitions by key. */
// The type parameters of definitions are in positions where only `any` accepts all of them.
export type ColumnDefinitions = Readonly<Record<string, ColumnDefinition<any, any, any>>>;

/** The columns of a table, typed by their definitions. */
export type TableColumns<C> = {
  readonly [K in keyof C]: C[K] extends ColumnDefinition<infer T, infer N, boolean>
    ? Column<N extends true ? T | null : T>
    : never;
};

/** What a table may say besides columns and constraints. */
export interface TableSettings {
  /** The schema of the database; without it, that of the metadata. */
  readonly schema?: string | null;
  /** Makes the name of a column that does not name itself; without it, the key is the name. */
  readonly columnName?: (key: string) => string;
}

const SETTINGS: OptionNames<TableSettings> = { schema: true, columnName: true };

/**
 * A table.
 *
 * @example
 * ```ts
 * import { integer, MetaData, Table, unique, varchar } from "alkahest";
 *
 * const metadata = new MetaData();
 * const users = new Table("users", metadata, {
 *   id: integer().primaryKey(),
 *   name: varchar(50).notNull(),
 *   bossId: integer("boss_id").references("users.id"),
 * }, (c) => [unique("users_name", c.name)]);
 * users.c.name.like("a%");
 * ```
 */
export class Table<C = {}> extends FromClause {
  readonly kind = "table";
  readonly name: string;
  readonly schema: string | null;
  readonly metadata: MetaData;
  readonly columns: readonly Column[];
  /** The columns by their keys. */
  readonly c: TableColumns<C>;
  /** The columns of the primary key, in the order of declaration; empty if there is none. */
  readonly primaryKey: readonly Column[];
  readonly #args: () => readonly TableArg[];
  readonly #symbol = newSymbol();
  #parts: TableParts | null = null;

  /**
   * @param columns column definitions by key
   * @param args the constraints and options, made when they are first asked for
   * @throws ArgumentError if the metadata has a table of this name, two columns have one name, or there is no column
   */
  constructor(
    name: string,
    metadata: MetaData,
    columns: C & ColumnDefinitions,
    args?: (c: TableColumns<C>) => readonly TableArg[],
    settings: TableSettings = {},
  ) {
    super();
    assertMetaData(name, metadata);
    assertOptions("new Table()", settings, SETTINGS);
    this.name = name;
    this.metadata = metadata;
    this.schema = settings.schema === undefined ? metadata.schema : settings.schema;
    this.#args = () => argsOf(this, args?.(this.c) ?? []);
    this.columns = makeColumns(this, columns, settings.columnName ?? ((key) => key));
    this.primaryKey = this.columns.filter(({ primaryKey }) => primaryKey);
    // The keys are those of C, and each column is made from the definition that its type is read from.
    this.c = Object.freeze(Object.fromEntries(this.columns.map((column) => [column.key, column]))) as TableColumns<C>;
    metadata.add(this);
  }

  override get symbol(): string {
    return this.#symbol;
  }

  /** The name with the schema before it, if it has one. */
  get fullName(): string {
    return this.schema === null ? this.name : `${this.schema}.${this.name}`;
  }

  /** For logs: what `console.log` would print of a table is its whole metadata. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Table(${this.fullName})`;
  }

  get primaryKeyName(): string | null {
    return constraintName("pk", this, null, this.primaryKey, null);
  }

  get foreignKeys(): readonly ForeignKeyConstraint[] {
    return this.#resolved.foreignKeys;
  }

  get uniques(): readonly UniqueConstraint[] {
    return this.#resolved.uniques;
  }

  get checks(): readonly CheckConstraint[] {
    return this.#resolved.checks;
  }

  get indexes(): readonly Index[] {
    return this.#resolved.indexes;
  }

  /** Primary key, unique constraints and unique indexes in one form. */
  get uniqueKeys(): readonly UniqueKey[] {
    return this.#resolved.uniqueKeys;
  }

  get options(): TableOptions {
    return this.#resolved.options;
  }

  /** The column that the database counts up, if there is one. */
  get autoincrementColumn(): Column | null {
    return this.#resolved.autoincrementColumn;
  }

  get #resolved(): TableParts {
    this.#parts ??= resolveTableParts(this, this.#args());
    return this.#parts;
  }

  static {
    declareFields(Table, { fullName: "value", metadata: "reference" });
  }
}

function assertMetaData(name: string, metadata: unknown): void {
  if (typeof metadata === "object" && metadata !== null && "sortedTables" in metadata) return;
  throw new ArgumentError(
    `The table "${name}" takes its metadata before its columns, not ${describeValue(metadata)}: write new Table("${name}", new MetaData(), { ... }).`,
  );
}

function argsOf({ fullName }: Table, args: readonly TableArg[]): readonly TableArg[] {
  assertList(`new Table("${fullName}"), for its constraints,`, args, `(c) => [unique("...", c.name)]`);
  return args;
}

function makeColumns(
  table: Table,
  definitions: Readonly<Record<string, unknown>>,
  nameOf: (key: string) => string,
): readonly Column[] {
  const columns: Column[] = [];
  const keys = new Map<string, string>();
  for (const [key, definition] of Object.entries(definitions)) {
    if (!isColumnDefinition(definition)) {
      throw new ArgumentError(
        `"${key}" of table "${table.fullName}" is no column: write integer(), varchar(50) or the like.`,
      );
    }
    const name = definition.settings.name ?? nameOf(key);
    const other = keys.get(name);
    if (other !== undefined) {
      throw new ArgumentError(`"${other}" and "${key}" of table "${table.fullName}" are both the column "${name}".`);
    }
    keys.set(name, key);
    columns.push(new Column(table, columns.length, key, name, definition satisfies AnyColumnDefinition));
  }
  if (columns.length === 0) throw new ArgumentError(`Table "${table.fullName}" has no columns.`);
  return Object.freeze(columns);
}
