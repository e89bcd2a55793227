import type { Dialect } from "../../../engine/dialect.ts";
import { type FlushCircle, FlushCycleError } from "../../../errors/index.ts";
import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import { select } from "../../../statement/index.ts";
import { chunksOf, keysIn } from "../../query/index.ts";
import type { FlushContext } from "../context.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { currentTuple, type TupleKey, tupleKey } from "../decompose/tuple.ts";
import { describeCell, describeOperation, describeRow } from "../describe.ts";
import type { BlockedKey } from "../edges/key-changes.ts";
import { isActive, letsGo } from "../edges/referential-action.ts";
import { flowchart } from "../mermaid.ts";

/**
 * A key may change although nothing can carry the change along a foreign key, as long as no row is left that refers to
 * it: this asks the database, and leaves out the rows that the flush deletes or lets refer to something else before.
 * @throws FlushCycleError naming the foreign key
 */
export async function refuseBlocked(
  context: FlushContext,
  blocked: readonly BlockedKey[],
  byTable: ReadonlyMap<Table, readonly RowOperation[]>,
): Promise<void> {
  for (const key of blocked) {
    const { columns, changes, foreignKey, other } = key;
    const refersByBoth = (other?.columns ?? [])
      .filter((column) => !columns.includes(column))
      .map((column) => column.isNotNull());
    const keyColumns = identifying(foreignKey.table);
    const leaving = leavingRows(key, keyColumns, byTable);
    for (const chunk of chunksOf(
      changes.map(({ before }) => before),
      columns.length,
      context.dialect,
    )) {
      const statement = select(...keyColumns)
        .where(keysIn(columns, chunk, context.dialect), ...refersByBoth)
        .limit(leaving.size + 1);
      const { rows } = await context.loader.query(statement);
      if (rows.some((row) => !leaving.has(tupleKey(keyColumns, row)))) throw cannotFollow(key, context);
    }
  }
}

function identifying({ primaryKey, columns }: Table): readonly Column<unknown>[] {
  return primaryKey.length > 0 ? primaryKey : columns;
}

/** Rows that may refer to one of the keys now, and do not when it changes. */
function leavingRows(
  { foreignKey, other, columns, types, changes }: BlockedKey,
  keyColumns: readonly Column<unknown>[],
  byTable: ReadonlyMap<Table, readonly RowOperation[]>,
): ReadonlySet<TupleKey> {
  const keys = new Set(changes.map(({ before }) => tupleKey(types, before)));
  const sources = new Set(changes.map(({ first }) => first));
  const own = other === null ? foreignKey.columns : columns;
  const leaves = (operation: RowOperation): boolean => {
    if (operation.kind === "delete") return true;
    if (operation.kind !== "update" || operation.movedBy !== null || !operation.changes(own)) return false;
    const tuple = currentTuple(operation, columns, types);
    return tuple.kind !== "key" || !keys.has(tuple.key);
  };
  const leaving = new Set<TupleKey>();
  for (const operation of byTable.get(foreignKey.table) ?? []) {
    if (sources.has(operation) || !leaves(operation)) continue;
    leaving.add(
      tupleKey(
        keyColumns,
        keyColumns.map(({ index }) => operation.before[index]),
      ),
    );
  }
  return leaving;
}

function cannotFollow(key: BlockedKey, { dialect }: FlushContext): FlushCycleError {
  const { foreignKey, other, changes } = key;
  const names = [foreignKey, ...(other === null ? [] : [other])].map(
    ({ name, columns }) => name ?? columns.map((column) => column.name).join(", "),
  );
  const [change] = changes;
  const { capabilities } = dialect;
  const remedies: string[] = [];
  if (other === null && wouldCascade(foreignKey, dialect)) remedies.push('declare it with { onUpdate: "cascade" }');
  if (capabilities.deferrableForeignKeys) remedies.push("declare it with { deferrable: true }");
  if (capabilities.suspendableForeignKeys) remedies.push("open the session with { suspendForeignKeyChecks: true }");
  const action = !isActive(foreignKey.onUpdate) ? "has no ON UPDATE CASCADE" : "reaches a table again that has changed";
  const way =
    other === null
      ? `by the foreign key ${names[0]}, which is enforced, ${action} and cannot be put off`
      : `${alsoTo(key)}by the foreign keys ${names.join(" and ")}, which share a column, or of which one is a part of their primary key: the database cannot change both`;
  const width = change === undefined ? 0 : change.before.length / names.length; // by two, the values are there twice
  const [before, after] = [change?.before.slice(0, width), change?.after.slice(0, width)];
  return new FlushCycleError(
    `The key of ${foreignKey.referredTable.name} changes from ${before?.map(describeCell)} to ` +
      `${after?.map(describeCell)}, but rows of ${foreignKey.table.name} refer to it ${way}. ` +
      `Nothing was executed. Any of these helps: ${remedies.join("; ")}.`,
    { circle: circleOf(key, names.join(" and ")) },
  );
}

/** The other foreign key may refer to a key that the changed one has followed itself. */
function alsoTo({ foreignKey, other }: BlockedKey): string {
  if (other === null || other.referredTable === foreignKey.referredTable) return "";
  return `and to ${other.referredTable.name}, whose key it follows, `;
}

/** Has the foreign key no ON UPDATE CASCADE yet, and would the database carry it out? */
function wouldCascade({ onUpdate, table, referredTable }: ForeignKeyConstraint, { capabilities }: Dialect): boolean {
  if (isActive(onUpdate) && !letsGo(onUpdate)) return false;
  return capabilities.cascadesInCircles || table !== referredTable;
}

/** The changed row and those that refer to it wait for each other. */
function circleOf({ foreignKey, changes }: BlockedKey, name: string): FlushCircle {
  const first = changes[0]?.first;
  const changing = first === undefined ? `UPDATE ${foreignKey.referredTable.name}` : describeOperation(first);
  const row = first === undefined ? `the row of ${foreignKey.referredTable.name}` : describeRow(first);
  const rows = [changing, `rows of ${foreignKey.table.name}`] as const;
  const orders = [
    { before: rows[0], after: rows[1], reason: `${rows[1]} follow the key of ${row} by ${name}` },
    { before: rows[1], after: rows[0], reason: `${rows[1]} refer to the key that ${row} gives up by ${name}` },
  ];
  const labels = orders.map(({ reason }) => reason);
  return {
    rows,
    constraints: [name],
    orders,
    toMermaid: () =>
      flowchart(
        rows,
        labels.map((label, i) => ({ from: i, to: 1 - i, label })),
      ),
  };
}
