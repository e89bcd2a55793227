import { ArgumentError } from "../errors/index.ts";
import { declareFields, QueryNode } from "../expression/node.ts";
import { ExistsExpression, ScalarSubquery } from "../expression/query-node.ts";
import { BindParameter, SqlExpression, type Typed } from "../expression/sql-expression.ts";
import type { SqlType } from "../expression/sql-type.ts";
import { describeValue } from "../expression/sql-type.ts";
import { copyWith } from "../expression/traverse.ts";
import { INTEGER } from "../expression/types/inference.ts";
import { expressionsOf } from "./arguments.ts";
import { Cte } from "./cte.ts";
import type { OutputColumn } from "./output-columns.ts";
import type { EitherItems } from "./result-types.ts";
import type { RowShape, SelectItem } from "./select-item.ts";
import { Subquery } from "./subquery.ts";

/** How the rows of two queries become those of one. */
export type SetOperator = "UNION" | "UNION ALL" | "INTERSECT" | "INTERSECT ALL" | "EXCEPT" | "EXCEPT ALL";

/**
 * A statement that gives rows: a {@link Select}, or several combined. Immutable: every method answers a new query.
 *
 * `R` is the type of a row as a session gives it, `Items` the types of the things selected.
 */
export abstract class SelectBase<R, Items = unknown> extends QueryNode<R> {
  /** Exists in types only. */
  declare readonly itemTypes: Items;
  readonly orderings: readonly SqlExpression<unknown>[] = [];
  readonly limitCount: SqlExpression<unknown> | null = null;
  readonly offsetCount: SqlExpression<unknown> | null = null;

  /** What is selected, as given. */
  abstract readonly items: readonly SelectItem[];
  /** The form of a row. */
  abstract readonly shape: RowShape;
  /** The name of each item; empty unless the shape is `object`. */
  abstract readonly keys: readonly string[];
  /** The columns of the rows, with names that are unique among them. */
  abstract readonly outputs: readonly OutputColumn[];

  get columnTypes(): readonly SqlType<unknown>[] {
    return this.outputs.map(({ expression }) => expression.sqlType);
  }

  /** Adds to ORDER BY. `orderBy()` without arguments removes what was there. */
  orderBy(...expressions: readonly Typed<unknown>[]): this {
    const added = expressionsOf("orderBy", expressions);
    return copyWith(this, { orderings: added.length === 0 ? [] : [...this.orderings, ...added] });
  }

  /**
   * At most so many rows; null: all.
   *
   * @throws ArgumentError for a number that is negative or not whole
   */
  limit(count: number | Typed<number> | null): this {
    return copyWith(this, { limitCount: rowCount("limit", count) });
  }

  /**
   * Leaves the first so many rows out; null: none.
   *
   * @throws ArgumentError for a number that is negative or not whole
   */
  offset(count: number | Typed<number> | null): this {
    return copyWith(this, { offsetCount: rowCount("offset", count) });
  }

  /** The rows of this query and of the others, each different row once. */
  union<O, I>(...others: readonly SelectBase<O, I>[]): CompoundSelect<R | O, EitherItems<Items, I>> {
    return new CompoundSelect("UNION", this, others);
  }

  /** The rows of this query and of the others, equal ones included. */
  unionAll<O, I>(...others: readonly SelectBase<O, I>[]): CompoundSelect<R | O, EitherItems<Items, I>> {
    return new CompoundSelect("UNION ALL", this, others);
  }

  /** The rows that this query and all others give. */
  intersect<O>(...others: readonly SelectBase<O>[]): CompoundSelect<R | O, Items> {
    return new CompoundSelect("INTERSECT", this, others);
  }

  /** The rows of this query that none of the others gives. */
  except<O>(...others: readonly SelectBase<O>[]): CompoundSelect<R | O, Items> {
    return new CompoundSelect("EXCEPT", this, others);
  }

  /** The query as something to select from: `(SELECT ...) AS name`. Its columns are `.c`, by their names. */
  subquery(name?: string): Subquery<Items> {
    return new Subquery(this, name ?? null, false);
  }

  /** A subquery that may use columns of the FROM elements before it. */
  lateral(name?: string): Subquery<Items> {
    return new Subquery(this, name ?? null, true);
  }

  /** The query as a common table expression: `WITH name AS (SELECT ...)`. */
  cte(name?: string): Cte<Items> {
    return new Cte(this, name ?? null);
  }

  /**
   * The query as a value: `(SELECT max(x) FROM t)`; NULL if it gives no row.
   *
   * @throws ArgumentError when it selects several columns
   */
  scalar(): ScalarSubquery<R | null> {
    const [only, another] = this.outputs;
    if (only === undefined || another !== undefined) {
      throw new ArgumentError(`scalar() needs a query of one column, this one has ${this.outputs.length}.`);
    }
    return new ScalarSubquery(this, only.expression.sqlType);
  }

  /** `EXISTS (SELECT ...)`: does the query give any row? */
  exists(): ExistsExpression {
    return new ExistsExpression(this);
  }
}

/** Queries combined by UNION, INTERSECT or EXCEPT. Its columns are named after those of the first. */
export class CompoundSelect<R, Items = unknown> extends SelectBase<R, Items> {
  readonly kind = "compound";
  readonly operator: SetOperator;
  readonly first: SelectBase<unknown>;
  readonly others: readonly SelectBase<unknown>[];

  /** @throws ArgumentError when the queries differ in their number of columns */
  constructor(operator: SetOperator, first: SelectBase<unknown>, others: readonly SelectBase<unknown>[]) {
    super();
    this.operator = operator;
    this.first = first;
    this.others = others;
    for (const other of others) assertQuery(operator, other);
    const counts = [first, ...others].map(({ outputs }) => outputs.length);
    if (counts.some((count) => count !== counts[0])) {
      throw new ArgumentError(`${operator} needs queries of equally many columns, these have ${counts.join(", ")}.`);
    }
  }

  get items(): readonly SelectItem[] {
    return this.first.items;
  }

  get shape(): RowShape {
    return this.first.shape;
  }

  get keys(): readonly string[] {
    return this.first.keys;
  }

  get outputs(): readonly OutputColumn[] {
    return this.first.outputs;
  }

  static {
    declareFields(CompoundSelect, {
      operator: "value",
      first: "node",
      others: "nodes",
      orderings: "nodes",
      limitCount: "node",
      offsetCount: "node",
    });
  }
}

/** @throws ArgumentError for what is no query */
export function assertQuery(place: string, query: unknown): void {
  if (query instanceof SelectBase) return;
  const what = typeof query === "function" ? `the class ${query.name}` : describeValue(query);
  throw new ArgumentError(`${place} takes a query, not ${what}: write select(...).`);
}

function rowCount(method: string, count: number | Typed<number> | null): SqlExpression<unknown> | null {
  if (count === null || count instanceof SqlExpression) return count;
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0) {
    throw new ArgumentError(`${method}() needs a whole number of rows, not ${String(count)}.`);
  }
  return new BindParameter(count, INTEGER);
}

/** The rows of all the queries, each different row once. */
export function union<R, Items, O, I>(
  first: SelectBase<R, Items>,
  ...others: readonly SelectBase<O, I>[]
): CompoundSelect<R | O, EitherItems<Items, I>> {
  assertQuery("union()", first);
  return first.union(...others);
}

/** The rows of all the queries, equal ones included. */
export function unionAll<R, Items, O, I>(
  first: SelectBase<R, Items>,
  ...others: readonly SelectBase<O, I>[]
): CompoundSelect<R | O, EitherItems<Items, I>> {
  assertQuery("unionAll()", first);
  return first.unionAll(...others);
}
