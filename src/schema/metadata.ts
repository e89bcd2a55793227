import { ArgumentError } from "../errors/index.ts";
import { assertOptions, type OptionNames } from "../expression/check-arguments.ts";
import { describeValue } from "../expression/sql-type.ts";
import type { Column } from "./column.ts";
import { checkNaming, type NamingConvention } from "./naming.ts";
import { type SortedTables, sortTables } from "./sort-tables.ts";
import type { Table } from "./table.ts";

export interface DdlOptions {
  /** Ask the database first which tables there are, and leave out what is done already. */
  readonly checkFirst?: boolean;
}

/** Something that can create and drop tables: an engine or a connection. */
export interface DdlTarget {
  createAll(metadata: MetaData, options: Required<DdlOptions>): Promise<void>;
  dropAll(metadata: MetaData, options: Required<DdlOptions>): Promise<void>;
}

export interface MetaDataOptions {
  /** How constraints without a name are named. */
  readonly namingConvention?: NamingConvention;
  /** The schema of tables that name none. */
  readonly schema?: string;
}

/** @throws ArgumentError for an option that does not exist */
export function assertDdlOptions(place: string, options: DdlOptions): void {
  assertOptions(place, options, { checkFirst: true } satisfies OptionNames<DdlOptions>);
}

const OPTIONS: OptionNames<MetaDataOptions> = { namingConvention: true, schema: true };

/** The tables of a database, as a program knows them. */
export class MetaData {
  readonly namingConvention: NamingConvention | null;
  readonly schema: string | null;
  /** In the order of declaration. A function stands for a table that is not made yet. */
  readonly #entries = new Map<string, Table | (() => Table)>();

  /** @throws ArgumentError for an option, or a token of the naming convention, that does not exist */
  constructor(options: MetaDataOptions = {}) {
    assertOptions("new MetaData()", options, OPTIONS);
    checkNaming(options.namingConvention ?? {});
    this.namingConvention = options.namingConvention ?? null;
    this.schema = options.schema ?? null;
  }

  /** All tables by full name, in the order of declaration. Tables that were only declared are made now. */
  get tables(): ReadonlyMap<string, Table> {
    const tables = new Map<string, Table>();
    for (const name of this.#entries.keys()) tables.set(name, this.table(name));
    return tables;
  }

  /**
   * The table with this full name.
   * @throws ArgumentError if there is none, with the names of those that there are
   */
  table(fullName: string): Table {
    const entry = this.#entries.get(fullName);
    if (entry === undefined) {
      const known = [...this.#entries.keys()].map((name) => `"${name}"`).join(", ");
      throw new ArgumentError(`There is no table "${fullName}"; there are ${known || "none"}.`);
    }
    return typeof entry === "function" ? entry() : entry;
  }

  /**
   * The column that `"table.column"` or `"schema.table.column"` names.
   * @param schema where to look for a table that is named without a schema
   * @throws ArgumentError if there is no such table or column
   */
  column(path: string, schema: string | null = this.schema): Column {
    const dot = path.lastIndexOf(".");
    const tableName = path.slice(0, Math.max(dot, 0));
    const qualified = schema === null ? tableName : `${schema}.${tableName}`;
    const table = this.table(this.#entries.has(tableName) ? tableName : qualified);
    const name = path.slice(dot + 1);
    const column = table.columns.find((candidate) => candidate.name === name || candidate.key === name);
    if (column !== undefined) return column;
    throw new ArgumentError(
      `Table "${table.fullName}" has no column "${name}"; it has ${table.columns.map((one) => `"${one.name}"`).join(", ")}.`,
    );
  }

  /** Announces a table that is made when somebody asks for it. `create` makes it with this metadata, or has done so. */
  declare(fullName: string, create: () => Table): void {
    this.#refuseDuplicate(fullName);
    this.#entries.set(fullName, create);
  }

  /** Called by each new table. */
  add(table: Table): void {
    const { fullName } = table;
    if (typeof this.#entries.get(fullName) !== "function") this.#refuseDuplicate(fullName);
    this.#entries.set(fullName, table);
  }

  /** The tables such that each comes after those that it refers to, and the foreign keys for which that is impossible. */
  sortedTables(): SortedTables {
    return sortTables([...this.tables.values()]);
  }

  /** Creates all tables, indexes and constraints in the database. */
  async createAll(target: DdlTarget, options: DdlOptions = {}): Promise<void> {
    assertTarget("createAll()", target);
    assertDdlOptions("createAll()", options);
    await target.createAll(this, { checkFirst: true, ...options });
  }

  /** Drops all tables from the database. */
  async dropAll(target: DdlTarget, options: DdlOptions = {}): Promise<void> {
    assertTarget("dropAll()", target);
    assertDdlOptions("dropAll()", options);
    await target.dropAll(this, { checkFirst: true, ...options });
  }

  #refuseDuplicate(fullName: string): void {
    if (!this.#entries.has(fullName)) return;
    throw new ArgumentError(`There is a table "${fullName}" already: a metadata has one table of each name.`);
  }
}

function assertTarget(method: string, target: unknown): void {
  if (typeof target === "object" && target !== null && "createAll" in target) return;
  throw new ArgumentError(`${method} takes an engine or a connection, not ${describeValue(target)}.`);
}
