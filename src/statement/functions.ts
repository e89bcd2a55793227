import type { ExistsExpression } from "../expression/query-node.ts";
import type { Cte } from "./cte.ts";
import { assertQuery, type SelectBase } from "./select-base.ts";
import type { Subquery } from "./subquery.ts";

// What the methods of a query do, as functions, for those who read SQL from the outside in.

/** A query as a common table expression: `query.cte(name)`. */
export function cte<R, Items>(query: SelectBase<R, Items>, name?: string): Cte<Items> {
  assertQuery("cte()", query);
  return query.cte(name);
}

/** A query as something to select from: `query.subquery(name)`. */
export function subquery<R, Items>(query: SelectBase<R, Items>, name?: string): Subquery<Items> {
  assertQuery("subquery()", query);
  return query.subquery(name);
}

/** A subquery that may use columns of the FROM elements before it: `query.lateral(name)`. */
export function lateral<R, Items>(query: SelectBase<R, Items>, name?: string): Subquery<Items> {
  assertQuery("lateral()", query);
  return query.lateral(name);
}

/**
 * Does the query give any row? `query.exists()`.
 *
 * @example
 * ```ts
 * import { exists, integer, MetaData, select, Table } from "alkahest";
 *
 * const metadata = new MetaData();
 * const users = new Table("users", metadata, { id: integer().primaryKey() });
 * const notes = new Table("notes", metadata, { id: integer().primaryKey(), userId: integer() });
 * select(users).where(exists(select(notes.c.id).where(notes.c.userId.eq(users.c.id))));
 * ```
 */
export function exists(query: SelectBase<unknown>): ExistsExpression {
  assertQuery("exists()", query);
  return query.exists();
}
