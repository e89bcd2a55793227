import type { Dialect } from "../../../engine/dialect.ts";
import type { ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import { comparedTypes } from "../../../schema/same-texts.ts";
import type { RowOperation } from "./operation.ts";
import type { Touched } from "./touched.ts";
import { imageTuple, type TupleKey } from "./tuple.ts";

/**
 * Notes the tables in which new rows refer to rows that go: the order of the tables would write them too late. Looks at rows
 * only where a flush inserts into a table and deletes from one that it refers to.
 */
export function noteDeletedReferences(
  byTable: ReadonlyMap<Table, readonly RowOperation[]>,
  written: ReadonlyMap<Table, Touched>,
  dialect: Dialect,
): void {
  for (const [table, touched] of written) {
    if (!touched.hasInserts) continue;
    for (const foreignKey of table.foreignKeys) {
      const { referredTable } = foreignKey;
      if (referredTable === table || written.get(referredTable)?.hasDeletes !== true) continue;
      const [own, referred] = [byTable.get(table) ?? [], byTable.get(referredTable) ?? []];
      if (refersToDeleted(foreignKey, own, referred, dialect)) touched.refersToDeleted = true;
    }
  }
}

function refersToDeleted(
  { columns, referredColumns }: ForeignKeyConstraint,
  operations: readonly RowOperation[],
  referred: readonly RowOperation[],
  dialect: Dialect,
): boolean {
  const types = comparedTypes(referredColumns, dialect.name, referredColumns);
  const deleted = new Set<TupleKey>();
  for (let i = 0; i < referred.length; i++) {
    const { kind, before } = referred[i] as RowOperation; // `i` counts them
    if (kind !== "delete") continue;
    const tuple = imageTuple(before, referredColumns, types);
    if (tuple.kind === "key") deleted.add(tuple.key);
  }
  for (let i = 0; i < operations.length; i++) {
    const { kind, after } = operations[i] as RowOperation; // `i` counts them
    if (kind !== "insert") continue;
    const tuple = imageTuple(after, columns, types);
    if (tuple.kind === "key" && deleted.has(tuple.key)) return true;
  }
  return false;
}
