import { ColumnElement, type FromClause } from "../../expression/from.ts";
import { and, type SqlExpression } from "../../expression/sql-expression.ts";
import { transform } from "../../expression/traverse.ts";
import { Column } from "../../schema/index.ts";
import { Alias } from "../../statement/alias.ts";
import type { RelationshipProperty } from "../mapping/index.ts";
import { type EntityPlan, planEntity, type RowLayout } from "./entity-plan.ts";
import { EntityTables, type OuterJoin } from "./entity-tables.ts";
import type { LoadTree } from "./load-tree.ts";

/** What joined relationships add to a statement. */
export interface EagerJoins {
  /** In the order in which they are to be joined, all to the FROM element of the class that they start from. */
  readonly joins: OuterJoin[];
  /** The orders of the collections. */
  readonly orderings: SqlExpression<unknown>[];
  hasCollections: boolean;
}

/**
 * Joins the relationships of a class that are to be loaded in the same statement, at any depth. All of them are joined
 * to aliases of their own: to the rest of the statement they are invisible.
 */
export function joinLoads(
  plan: EntityPlan,
  near: EntityTables,
  tree: LoadTree,
  layout: RowLayout,
  eager: EagerJoins,
): void {
  for (const node of tree.nodes) {
    if (node.strategy !== "joined") continue;
    const { property } = node;
    const far = EntityTables.aliased(property.target);
    joinTarget(property, near, far, eager.joins);
    const target = planEntity(property.target, far, layout, node.tree);
    eager.joins.push(...far.subclassJoins);
    plan.joined.push({ node, target });
    if (property.many) {
      eager.hasCollections = true;
      eager.orderings.push(...property.orderBy.map((ordering) => adapted(ordering, far)));
    }
    joinLoads(target, far, node.tree, layout, eager);
  }
}

function joinTarget(property: RelationshipProperty, near: EntityTables, far: EntityTables, joins: OuterJoin[]): void {
  const { join, target } = property;
  let on: SqlExpression<boolean>;
  let farColumns: readonly Column<unknown>[];
  if (join.secondary === null) {
    on = join.direct(near.columnOf, far.columnOf);
    farColumns = join.pairs.map(({ remote }) => remote);
  } else {
    const secondary = new Alias(join.secondary.table, null);
    const secondaryColumn = columnOf(secondary);
    joins.push({ target: secondary, on: join.direct(near.columnOf, secondaryColumn) });
    on = join.target(secondaryColumn, far.columnOf);
    farColumns = join.secondary.remote.map(({ remote }) => remote);
  }
  const { criteria } = target;
  if (criteria !== null) on = and(on, adapted(criteria, far));
  // With joined inheritance, the table with the key comes first and the others follow it: one LEFT JOIN each keeps the
  // statement flat, and a row that lacks one of them has no object.
  const first = target.tables.find((table) => farColumns.some((column) => column.table === table)) ?? target.table;
  joins.push({ target: far.memberOf(first), on });
  const position = target.tables.indexOf(first);
  for (const table of target.tables.slice(0, position).reverse()) {
    joins.push({ target: far.memberOf(table), on: far.parentCondition(target, table) });
  }
  for (const table of target.tables.slice(position + 1)) {
    joins.push({ target: far.memberOf(table), on: far.keyCondition(target, table) });
  }
}

/** An expression on the tables of a class, as one on the tables at hand. */
function adapted<T>(expression: SqlExpression<T>, tables: EntityTables): SqlExpression<T> {
  return transform(expression, (node) => {
    if (!(node instanceof ColumnElement) || !(node.origin instanceof Column)) return undefined;
    return tables.has(node.origin) ? tables.columnOf(node.origin) : undefined;
  });
}

/** Finds the columns of an alias by those of its table. */
export function columnOf(from: FromClause): (column: Column<unknown>) => ColumnElement<unknown> {
  return (column) => {
    const found = from.columns.find(({ origin }) => origin === column);
    if (found === undefined) throw new Error(`The alias has no column ${column.name}.`);
    return found;
  };
}
