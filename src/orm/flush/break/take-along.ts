import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { isActive } from "../edges/referential-action.ts";
import { factsOf } from "../edges/unique-key.ts";
import type { FlushGraph } from "../graph.ts";
import type { BreakContext } from "./break-cycles.ts";
import { followersAlong, followParked } from "./follow-parked.ts";

/**
 * Can rows that refer to a row by these columns go with it to a key that it has for a while? ON UPDATE takes them along, or
 * the statement that changes the key does; and they must not meet others there.
 */
export function canTakeAlong(
  row: RowOperation,
  columns: readonly Column<unknown>[],
  context: BreakContext,
  passed: readonly Table[] = [row.table],
): boolean {
  const table = passed.at(-1) as Table; // it begins with that of the row
  return context.referring(table).every((foreignKey) => {
    const { table: next, referredColumns } = foreignKey;
    const own = foreignKey.columns.filter((_, i) => columns.includes(referredColumns[i] as Column<unknown>)); // one for each column
    if (own.length === 0) return true;
    if (passed.includes(next) || !goesAlong(row, foreignKey, context) || mayMeet(foreignKey, own)) return false;
    return canTakeAlong(row, own, context, [...passed, next]);
  });
}

function goesAlong(
  { group, suspended }: RowOperation,
  foreignKey: ForeignKeyConstraint,
  { cascadesInCircles }: BreakContext,
): boolean {
  if (group?.kind === "compound")
    return group.members.some(({ propagation }) => propagation?.foreignKey === foreignKey);
  const { table, referredTable, onUpdate } = foreignKey;
  const isOnly = table.foreignKeys.every((other) => other === foreignKey || other.referredTable !== referredTable);
  return isActive(onUpdate) && !suspended && (cascadesInCircles || isOnly);
}

/** With all that it refers to in it, a unique value is nobody else's as long as the key that it refers to is not. */
function mayMeet({ table, columns }: ForeignKeyConstraint, own: readonly Column<unknown>[]): boolean {
  const kept = table.uniqueKeys.map((uniqueKey) => factsOf(uniqueKey).dependsOn);
  return kept.some((all) => all.some((one) => own.includes(one)) && !columns.every((one) => all.includes(one)));
}

/** A foreign key by which a row refers to one whose key changes, and the operation that does so, if there is one. */
interface Along {
  readonly foreignKey: ForeignKeyConstraint;
  readonly target: { readonly source: RowOperation } | null;
}

/**
 * Rows that refer to a row go with it to the key that `early` gives it; from there they follow the targets of its
 * references, and are where `row` leaves them by then.
 */
export function takeAlong(
  graph: FlushGraph,
  row: RowOperation,
  early: RowOperation,
  references: readonly Along[],
): void {
  const followed = references.flatMap(({ foreignKey, target }) => (target === null ? [] : foreignKey.columns));
  const groups = references.map(({ target }) => target?.source.group);
  for (const { from, kind, constraint, dropped } of [...graph.incoming(row)])
    if (kind === "locate" && !dropped) graph.order(from, early, kind, constraint); // found by what they refer to as yet
  for (const column of row.table.columns) {
    const value = early.after[column.index];
    if (value !== undefined && followersAlong(row, column).length > 0)
      followParked(graph, row, early, { column, value });
  }
  for (const follower of row.group?.members ?? []) {
    const { propagation } = follower;
    if (propagation === null) continue;
    const { changes, sourceColumns } = propagation;
    const isFollowed = (i: number): boolean => followed.includes(sourceColumns[i] as Column<unknown>); // `i` counts them
    follower.propagation = {
      ...propagation,
      changes: changes.map(({ before, after }) => ({
        before: before.map((value, i) => (isFollowed(i) ? after[i] : value)),
        after,
      })),
    };
    for (const edge of graph.outgoing(follower))
      if (edge.kind === "locate" && groups.includes(edge.to.group)) edge.dropped = true; // they are found by the next key
  }
}
