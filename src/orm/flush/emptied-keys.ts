import type { ForeignKeyConstraint, Table } from "../../schema/index.ts";
import type { FlushContext } from "./context.ts";
import { type KeyChange, type RowOperation, resolve } from "./decompose/operation.ts";
import type { FollowedKey } from "./edges/key-changes.ts";
import { letsGo, setsDefault } from "./edges/referential-action.ts";
import { getOrAdd } from "./get-or-add.ts";
import { SchemaFacts } from "./schema-facts.ts";

/**
 * The foreign keys that ON DELETE SET NULL has emptied: to the rows that refer to a deleted one, its key has become NULL.
 */
export function emptiedKeys(
  { dialect, foreignKeysEnforced }: FlushContext,
  operations: readonly RowOperation[],
): readonly FollowedKey[] {
  if (!foreignKeysEnforced) return [];
  const emptied = new Map<ForeignKeyConstraint, KeyChange[]>();
  const known = new Map<Table, readonly ForeignKeyConstraint[]>();
  const emptiedBy = (table: Table): readonly ForeignKeyConstraint[] =>
    new SchemaFacts([table])
      .referring(table)
      .filter((foreignKey) => setsNull(foreignKey.onDelete) && dialect.enforcesForeignKey(foreignKey));
  operations.forEach((operation) => {
    const { kind, table } = operation;
    if (kind !== "delete") return;
    for (const foreignKey of getOrAdd(known, table, () => emptiedBy(table))) {
      const key = foreignKey.referredColumns.map(({ index }) => resolve(operation.before[index]));
      if (key.some((value) => value === undefined || value === null)) continue;
      getOrAdd(emptied, foreignKey, () => []).push({ before: key, after: key.map(() => null) });
    }
  });
  return [...emptied].map(([foreignKey, changes]) => ({ foreignKey, columns: foreignKey.columns, changes }));
}

function setsNull(action: string | null): boolean {
  return letsGo(action) && !setsDefault(action);
}
