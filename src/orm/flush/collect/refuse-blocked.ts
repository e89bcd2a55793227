import { type FlushCircle, FlushCycleError } from "../../../errors/index.ts";
import type { Table } from "../../../schema/index.ts";
import { select } from "../../../statement/index.ts";
import { chunksOf, keysIn } from "../../query/index.ts";
import type { FlushContext } from "../context.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { imageTuple, tupleKey } from "../decompose/tuple.ts";
import { describeCell, describeOperation, describeRow } from "../describe.ts";
import type { BlockedKey } from "../edges/key-changes.ts";
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
    const leaving = leavingRows(key, byTable);
    let referring = 0;
    for (const chunk of chunksOf(
      key.changes.map(({ before }) => before),
      key.columns.length,
      context.dialect,
    )) {
      const statement = select(...key.columns)
        .where(keysIn(key.columns, chunk, context.dialect))
        .limit(leaving + 1);
      referring += (await context.loader.query(statement)).rows.length;
    }
    if (referring > leaving) throw cannotFollow(key, context);
  }
}

/** How many rows refer to one of the keys now and do not when it changes. */
function leavingRows(
  { foreignKey, columns, changes }: BlockedKey,
  byTable: ReadonlyMap<Table, readonly RowOperation[]>,
): number {
  const types = columns.flatMap((column) => foreignKey.referredColumns[foreignKey.columns.indexOf(column)] ?? []);
  const keys = new Set(changes.map(({ before }) => tupleKey(types, before)));
  const sources = new Set(changes.map(({ first }) => first));
  let count = 0;
  for (const operation of byTable.get(foreignKey.table) ?? []) {
    const leaves =
      operation.kind === "delete" || (operation.kind === "update" && operation.changes(foreignKey.columns));
    if (!leaves || sources.has(operation)) continue;
    const tuple = imageTuple(operation.before, columns, types);
    if (tuple.kind === "key" && keys.has(tuple.key)) count++;
  }
  return count;
}

function cannotFollow(key: BlockedKey, { dialect }: FlushContext): FlushCycleError {
  const { foreignKey, changes } = key;
  const name = foreignKey.name ?? foreignKey.columns.map((column) => column.name).join(", ");
  const [change] = changes;
  const { capabilities } = dialect;
  const remedies = ['declare it with { onUpdate: "cascade" }'];
  if (capabilities.deferrableForeignKeys) remedies.push("declare it with { deferrable: true }");
  if (capabilities.suspendableForeignKeys) remedies.push("open the session with { suspendForeignKeyChecks: true }");
  const action = foreignKey.onUpdate === null ? "has no ON UPDATE CASCADE" : "reaches a table again that has changed";
  return new FlushCycleError(
    `The key of ${foreignKey.referredTable.name} changes from ${change?.before.map(describeCell)} to ` +
      `${change?.after.map(describeCell)}, but rows of ${foreignKey.table.name} refer to it by the foreign key ${name}, ` +
      `which is enforced, ${action} and cannot be put off. Nothing was executed. Any of these helps: ${remedies.join("; ")}.`,
    { circle: circleOf(key, name) },
  );
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
