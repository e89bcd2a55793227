import type { ForeignKeyConstraint } from "../schema/foreign-key.ts";
import { assertDdlOptions, type DdlOptions, type MetaData } from "../schema/metadata.ts";
import type { Table } from "../schema/table.ts";
import type { Dialect } from "./dialect.ts";
import type { Inspector } from "./inspector.ts";
import type { MaybePromise } from "./maybe-promise.ts";

/** The connection that schema statements run on. */
export interface SchemaConnection {
  readonly dialect: Dialect;
  run(sql: string, parameters: readonly unknown[]): MaybePromise<unknown>;
  inspect(): Inspector;
}

/** Creates and drops the tables of a metadata on one connection, in its transaction. */
export class SchemaRunner {
  readonly #connection: SchemaConnection;

  constructor(connection: SchemaConnection) {
    this.#connection = connection;
  }

  /**
   * Creates tables in the order of their dependencies, then their indexes. Foreign keys that run in circles are added
   * at the end, unless the database accepts references to tables that do not exist yet.
   *
   * @param options `checkFirst` (default): leave tables alone that exist already
   */
  async createAll(metadata: MetaData, options: DdlOptions = {}): Promise<void> {
    assertDdlOptions("createAll()", options);
    const { checkFirst = true } = options;
    const { capabilities, ddl } = this.#connection.dialect;
    const { tables, cyclic } = metadata.sortedTables();
    const existing = checkFirst ? await this.#existing(tables) : new Set<Table>();
    const addedLater = new Set(capabilities.alterAddForeignKey ? cyclic : []);
    for (const table of tables) {
      if (existing.has(table)) continue;
      await this.#run(ddl.createTable(table, addedLater));
      for (const index of table.indexes) {
        const sql = ddl.createIndex(index);
        if (sql !== null) await this.#run(sql);
      }
      for (const sql of ddl.comments(table)) await this.#run(sql);
    }
    for (const foreignKey of addedLater) {
      if (!existing.has(foreignKey.table)) await this.#run(ddl.addForeignKey(foreignKey));
    }
  }

  /**
   * Drops tables, those that refer to others first. Rows in tables that refer to each other in circles do not stand in
   * the way: their foreign keys are dropped first, or checked when all is over.
   *
   * @param options `checkFirst` (default): leave out tables that do not exist
   */
  async dropAll(metadata: MetaData, options: DdlOptions = {}): Promise<void> {
    assertDdlOptions("dropAll()", options);
    const { checkFirst = true } = options;
    const { capabilities, ddl, deferForeignKeysSql } = this.#connection.dialect;
    const { tables, cyclic } = metadata.sortedTables();
    const existing = checkFirst ? await this.#existing(tables) : new Set(tables);
    const circular = cyclic.filter(({ table }) => existing.has(table));
    if (capabilities.alterAddForeignKey) {
      for (const foreignKey of circular) await this.#run(ddl.dropForeignKey(foreignKey));
    } else if (capabilities.transactionDeferredForeignKeys && (circular.length > 0 || tables.some(refersToItself))) {
      await this.#run(deferForeignKeysSql);
    }
    for (const table of [...tables].reverse()) if (existing.has(table)) await this.#run(ddl.dropTable(table));
  }

  async #run(sql: string): Promise<void> {
    await this.#connection.run(sql, []);
  }

  async #existing(tables: readonly Table[]): Promise<Set<Table>> {
    const inspector = this.#connection.inspect();
    const existing = new Set<Table>();
    for (const schema of new Set(tables.map((table) => table.schema))) {
      const names = new Set(await inspector.tableNames(schema));
      for (const table of tables) if (table.schema === schema && names.has(table.name)) existing.add(table);
    }
    return existing;
  }
}

function refersToItself(table: Table): boolean {
  return table.foreignKeys.some(({ referredTable }: ForeignKeyConstraint) => referredTable === table);
}
