import type { ForeignKeyConstraint, Table } from "../../schema/index.ts";
import type { FlushContext } from "./context.ts";
import { type KeyChange, type RowOperation, resolve } from "./decompose/operation.ts";
import type { Touched } from "./decompose/touched.ts";
import type { FollowedKey } from "./edges/key-changes.ts";
import { setsNull } from "./edges/referential-action.ts";
import { getOrAdd } from "./get-or-add.ts";
import { SchemaFacts } from "./schema-facts.ts";

/**
 * The foreign keys that ON DELETE SET NULL has emptied: to the rows that refer to a deleted one, its key has become NULL.
 */
export function emptiedKeys(
  { dialect, foreignKeysEnforced }: FlushContext,
  operations: readonly RowOperation[],
  written: ReadonlyMap<Table, Touched>,
): readonly FollowedKey[] {
  const emptiedBy = new Map<Table, readonly ForeignKeyConstraint[]>();
  for (const [table, { hasDeletes }] of foreignKeysEnforced ? written : []) {
    const referring = hasDeletes ? new SchemaFacts([table]).referring(table) : [];
    const own = referring.filter(({ onDelete }) => setsNull(onDelete)).filter((one) => dialect.enforcesForeignKey(one));
    if (own.length > 0) emptiedBy.set(table, own);
  }
  if (emptiedBy.size === 0) return [];
  const emptied = new Map<ForeignKeyConstraint, KeyChange[]>();
  operations.forEach((operation) => {
    const { kind, table } = operation;
    if (kind !== "delete") return;
    for (const foreignKey of emptiedBy.get(table) ?? []) {
      const key = foreignKey.referredColumns.map(({ index }) => resolve(operation.before[index]));
      if (key.some((value) => value === undefined || value === null)) continue;
      getOrAdd(emptied, foreignKey, () => []).push({ before: key, after: key.map(() => null) });
    }
  });
  return [...emptied].map(([foreignKey, changes]) => ({ foreignKey, columns: foreignKey.columns, changes }));
}
