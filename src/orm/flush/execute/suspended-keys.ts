import type { ReferringForeignKey } from "../../../engine/dialect.ts";
import type { Column, MetaData } from "../../../schema/index.ts";
import { type KeyChange, type RowOperation, resolve } from "../decompose/operation.ts";
import { tupleKey } from "../decompose/tuple.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { ExecuteContext } from "./execute-context.ts";

/** Values of some columns of a table that became others. The metadata may know nothing of the table. */
export interface Moved {
  readonly schema: string | null;
  readonly table: string;
  readonly names: readonly string[];
  /** Columns of the metadata whose types the values have. */
  readonly types: readonly Column<unknown>[];
  readonly changes: readonly KeyChange[];
}

/** A foreign key, what moved in the table that it refers to, and what moves with it. */
export interface Followed {
  readonly foreignKey: ReferringForeignKey;
  readonly parent: Moved;
  readonly child: Moved;
}

/** The foreign keys of the database, as it says itself. */
export class ReferringKeys {
  readonly #context: ExecuteContext;
  readonly #known = new Map<string, Promise<readonly ReferringForeignKey[]>>();

  constructor(context: ExecuteContext) {
    this.#context = context;
  }

  to(table: string, schema: string | null): Promise<readonly ReferringForeignKey[]> {
    const { dialect, connection } = this.#context;
    return getOrAdd(this.#known, `${schema ?? ""}.${table}`, async () => {
      const source = {
        rows: async (sql: string, parameters: readonly unknown[]) => (await connection.run(sql, parameters)).rows,
      };
      return (await dialect.suspension?.referring(source, table, schema)) ?? [];
    });
  }
}

/**
 * Everything that refers to keys which changed while checks were suspended, at any depth, along every foreign key that
 * the database has. With ON UPDATE suspended, too, somebody else has to change these rows.
 */
export async function followedKeys(
  operations: readonly RowOperation[],
  referring: ReferringKeys,
): Promise<readonly Followed[]> {
  const followed: Followed[] = [];
  const done = new Set<string>();
  const moves = await changedKeys(operations, referring);
  for (const parent of moves) {
    for (const foreignKey of await referring.to(parent.table, parent.schema)) {
      const child = fresh(following(parent, foreignKey), done);
      if (child === null) continue;
      followed.push({ foreignKey, parent, child });
      moves.push(child);
    }
  }
  return followed;
}

/**
 * Does the plan carry changes along the foreign key, because the metadata know it? The database may have its columns in
 * another order: that of the key that they refer to.
 */
export function isInMetadata({ table, columns }: ReferringForeignKey, metadata: MetaData): boolean {
  const names = columns.toSorted().join();
  return [...metadata.tables.values()].some(
    ({ name, foreignKeys }) =>
      name === table && foreignKeys.some((one) => namesOf(one.columns).toSorted().join() === names),
  );
}

function namesOf(columns: readonly Column<unknown>[]): string[] {
  return columns.map(({ name }) => name);
}

/** The keys that objects changed, for each set of columns that something refers to. */
async function changedKeys(operations: readonly RowOperation[], referring: ReferringKeys): Promise<Moved[]> {
  const moves = new Map<string, Moved & { readonly changes: KeyChange[] }>();
  for (const operation of operations) {
    if (operation.kind !== "update" || operation.role !== "row") continue; // what a row is parked on does not count
    const { name: table, schema } = operation.table;
    for (const names of setsOf(await referring.to(table, schema))) {
      const types = columnsNamed(operation, names);
      if (types === null || !operation.changes(types)) continue;
      const key = `${schema ?? ""}.${table}(${names.join()})`;
      const moved = getOrAdd(moves, key, () => ({ schema, table, names, types, changes: [] }));
      moved.changes.push({
        before: types.map((column) => operation.before[column.index]),
        after: types.map((column) => resolve(operation.current(column))),
      });
    }
  }
  return [...moves.values()];
}

function setsOf(foreignKeys: readonly ReferringForeignKey[]): Iterable<readonly string[]> {
  return new Map(foreignKeys.map(({ referredColumns }) => [referredColumns.join(), referredColumns])).values();
}

/** The columns of these names; null if the metadata lack one. */
export function columnsNamed({ table }: RowOperation, names: readonly string[]): readonly Column<unknown>[] | null {
  const columns = names.flatMap((name) => table.columns.find((column) => column.name === name) ?? []);
  return columns.length === names.length ? columns : null;
}

/** What moves in the table of a foreign key; null if it does not refer to all that changed. */
function following({ names, types, changes }: Moved, foreignKey: ReferringForeignKey): Moved | null {
  const own = names.flatMap((name) => foreignKey.columns[foreignKey.referredColumns.indexOf(name)] ?? []);
  if (own.length < names.length) return null;
  return { schema: foreignKey.schema, table: foreignKey.table, names: own, types, changes };
}

/** Without the changes that came by another way already: foreign keys can go round in a circle. */
function fresh(moved: Moved | null, done: Set<string>): Moved | null {
  if (moved === null) return null;
  const { schema, table, names, types } = moved;
  const changes = moved.changes.filter(({ before }) => {
    const key = `${schema ?? ""}.${table}(${names.join()})=${String(tupleKey(types, before))}`;
    if (done.has(key)) return false;
    done.add(key);
    return true;
  });
  return changes.length === 0 ? null : { ...moved, changes };
}
