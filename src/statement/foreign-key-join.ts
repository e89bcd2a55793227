import { ArgumentError } from "../errors/index.ts";
import type { ColumnElement, FromClause } from "../expression/from.ts";
import type { SqlExpression } from "../expression/sql-expression.ts";
import { and } from "../expression/sql-expression.ts";
import { Column } from "../schema/column.ts";
import type { ForeignKeyConstraint } from "../schema/foreign-key.ts";
import type { Table } from "../schema/table.ts";
import { describeFrom } from "./describe-from.ts";
import { membersOf } from "./join.ts";

/**
 * The ON condition between two FROM elements whose tables refer to each other by exactly one foreign key. Aliases and
 * subqueries that pass the key columns on count as their tables.
 *
 * @throws ArgumentError when no foreign key connects them, or several do; the message lists those
 */
export function foreignKeyCondition(left: FromClause, right: FromClause): SqlExpression<boolean> {
  const found = [...connections(left, right), ...(left === right ? [] : connections(right, left))];
  const [only, another] = found;
  const sides = `${describeFrom(left)} and ${describeFrom(right)}`;
  if (only === undefined) {
    throw new ArgumentError(`No foreign key connects ${sides}: give the condition as second argument of the join.`);
  }
  if (another !== undefined) {
    const list = found.map(({ text }) => text).join(", ");
    throw new ArgumentError(
      `${found.length} foreign keys connect ${sides} (${list}): give the condition as second argument of the join.`,
    );
  }
  return only.condition;
}

interface Connection {
  readonly condition: SqlExpression<boolean>;
  readonly text: string;
}

/** Foreign keys from tables of `child` to tables of `parent`. */
function connections(child: FromClause, parent: FromClause): Connection[] {
  return membersOf(child).flatMap((childPart) =>
    tablesBehind(childPart).flatMap((table) =>
      table.foreignKeys.flatMap((key) =>
        membersOf(parent).flatMap((parentPart) => connection(key, childPart, parentPart) ?? []),
      ),
    ),
  );
}

function connection(key: ForeignKeyConstraint, child: FromClause, parent: FromClause): Connection | null {
  if (!tablesBehind(parent).includes(key.referredTable)) return null;
  const pairs: SqlExpression<boolean>[] = [];
  for (const [index, column] of key.columns.entries()) {
    const referred = key.referredColumns[index];
    const own = standsFor(child, column);
    const other = referred === undefined ? null : standsFor(parent, referred);
    if (own === null || other === null) return null;
    pairs.push(own.eq(other));
  }
  const names = key.columns.map(({ name }) => name).join(", ");
  return { condition: and(...pairs), text: `${describeFrom(child)}.${names} to ${describeFrom(parent)}` };
}

function tablesBehind(from: FromClause): readonly Table[] {
  const tables = new Set<Table>();
  for (const { origin } of from.columns) if (origin instanceof Column) tables.add(origin.table);
  return [...tables];
}

function standsFor(from: FromClause, column: Column): ColumnElement<unknown> | null {
  return from.columns.find(({ origin }) => origin === column) ?? null;
}
