import { ArgumentError } from "../errors/index.ts";
import { assertOptions } from "../expression/check-arguments.ts";
import type { FromClause } from "../expression/from.ts";
import { declareFields } from "../expression/node.ts";
import { and, type Condition, type SqlExpression, type Typed } from "../expression/sql-expression.ts";
import { copyWith } from "../expression/traverse.ts";
import { expressionsOf } from "./arguments.ts";
import { foreignKeyCondition } from "./foreign-key-join.ts";
import { type FromSource, type ResolvedSource, resolveSource } from "./from-source.ts";
import { isJoinSource, JOIN, type JoinSource, type LoadOption } from "./interfaces.ts";
import type { JoinKind } from "./join.ts";
import { leftSideOf, withJoin } from "./join-placement.ts";
import { LOCK_OPTIONS, LockClause, type LockOptions } from "./lock.ts";
import { type OutputColumn, outputColumns } from "./output-columns.ts";
import type { LoadedRow, Result } from "./result-types.ts";
import { SelectBase } from "./select-base.ts";
import { criteriaOf } from "./select-criteria.ts";
import { fromCovering, fromsOf } from "./select-froms.ts";
import { type RowShape, type SelectItem, type Selection, selectionOf } from "./select-item.ts";

/** The parts of a {@link Select}, for {@link Select.with}. */
export interface SelectParts {
  readonly items: readonly SelectItem[];
  readonly shape: RowShape;
  readonly keys: readonly string[];
  /** What FROM was told to contain, joins included; see `fromsOf` for all that it contains. */
  readonly froms: readonly FromClause[];
  /** WHERE: all of them must hold. */
  readonly conditions: readonly SqlExpression<unknown>[];
  readonly groupings: readonly SqlExpression<unknown>[];
  /** HAVING: all of them must hold. */
  readonly havingConditions: readonly SqlExpression<unknown>[];
  readonly orderings: readonly SqlExpression<unknown>[];
  readonly limitCount: SqlExpression<unknown> | null;
  readonly offsetCount: SqlExpression<unknown> | null;
  readonly isDistinct: boolean;
  /** `DISTINCT ON (...)`. */
  readonly distinctOn: readonly SqlExpression<unknown>[];
  readonly lock: LockClause | null;
  /** FROM elements of the enclosing query to refer to; null: found out. */
  readonly correlated: readonly FromClause[] | null;
  /** Made and read by the ORM. They are no part of the fingerprint, since they do not change this statement's text. */
  readonly loadOptions: readonly unknown[];
}

/**
 * `SELECT`, made by {@link select}. Immutable: every method answers a new one.
 *
 * `R` is the type of a row as a session gives it, `Items` the types of the things selected.
 */
export class Select<R, Items = unknown> extends SelectBase<R, Items> implements SelectParts {
  readonly kind = "select";
  readonly items: readonly SelectItem[];
  readonly shape: RowShape;
  readonly keys: readonly string[];
  readonly froms: readonly FromClause[] = [];
  readonly conditions: readonly SqlExpression<unknown>[] = [];
  readonly groupings: readonly SqlExpression<unknown>[] = [];
  readonly havingConditions: readonly SqlExpression<unknown>[] = [];
  readonly isDistinct: boolean = false;
  readonly distinctOn: readonly SqlExpression<unknown>[] = [];
  readonly lock: LockClause | null = null;
  readonly correlated: readonly FromClause[] | null = null;
  readonly loadOptions: readonly unknown[] = [];

  constructor({ items, shape, keys }: Selection) {
    super();
    this.items = items;
    this.shape = shape;
    this.keys = keys;
  }

  get outputs(): readonly OutputColumn[] {
    return outputColumns(this);
  }

  /** A copy with other parts. What the ORM rewrites entity queries with; elsewhere the methods read better. */
  with(parts: Partial<SelectParts>): Select<R, Items> {
    return copyWith(this, parts);
  }

  /** Adds conditions to WHERE: all of them must hold. */
  where(...conditions: Condition[]): Select<R, Items> {
    return copyWith(this, { conditions: [...this.conditions, ...expressionsOf("where", conditions)] });
  }

  /**
   * Joins a relationship (`User.c.addresses`), or a table, subquery or mapped class, on a condition. Without one, the only
   * foreign key between the two sides is taken.
   *
   * @throws ArgumentError when no condition is given and there is not exactly one foreign key, or when it is not clear
   *   what to join to (then {@link joinFrom} says it)
   */
  join(target: JoinSource | FromSource, on?: Condition): Select<R, Items> {
    return this.joinFrom(null, target, on, "inner");
  }

  /** As {@link join}, and keeps rows without a match: `LEFT JOIN`. */
  leftJoin(target: JoinSource | FromSource, on?: Condition): Select<R, Items> {
    return this.joinFrom(null, target, on, "left");
  }

  /** The same as {@link leftJoin}. */
  outerJoin(target: JoinSource | FromSource, on?: Condition): Select<R, Items> {
    return this.joinFrom(null, target, on, "left");
  }

  /** As {@link join}, and keeps rows of both sides without a match: `FULL JOIN`. */
  fullJoin(target: JoinSource | FromSource, on?: Condition): Select<R, Items> {
    return this.joinFrom(null, target, on, "full");
  }

  /** Every row with every row: `CROSS JOIN`. */
  crossJoin(target: FromSource): Select<R, Items> {
    return this.joinFrom(null, target, undefined, "cross");
  }

  /** Joins to `left`, where {@link join} finds out by itself what to join to. Null: find out. */
  joinFrom(
    left: FromSource | null,
    target: JoinSource | FromSource,
    on?: Condition,
    kind: JoinKind = "inner",
  ): Select<R, Items> {
    const leftFrom = left === null ? null : resolveSource(left, "joinFrom()").from;
    if (isJoinSource(target)) {
      if (on !== undefined) {
        throw new ArgumentError("A relationship is joined on its own condition: put further ones into where().");
      }
      const path = target[JOIN]();
      return path.steps.reduce<Select<R, Items>>((joined, step, index) => {
        const side = index === 0 ? (leftFrom ?? path.left) : path.left;
        return copyWith(joined, { froms: withJoin(joined, { left: side, ...step, kind }) });
      }, this);
    }
    const resolved = resolveSource(target, "join()");
    const [given = null] = on === undefined ? [] : expressionsOf("join", [on]);
    const side = leftFrom ?? leftSideOf(this, resolved.from, given);
    const condition = kind === "cross" ? null : joinCondition(side, resolved, given);
    return copyWith(this, { froms: withJoin(this, { left: side, target: resolved.from, on: condition, kind }) });
  }

  /** Adds to FROM what neither a column nor a join mentions, and the condition of a class that shares its table. */
  selectFrom(...sources: readonly FromSource[]): Select<R, Items> {
    const resolved = sources.map((source) => resolveSource(source, "selectFrom()"));
    const added = resolved.map(({ from }) => from).filter((from) => !fromCovering(this.froms, from));
    const criteria = resolved.flatMap(({ entity }) => entity?.criteria ?? []);
    return copyWith(this, { froms: [...this.froms, ...added], conditions: [...this.conditions, ...criteria] });
  }

  /** Adds to GROUP BY. */
  groupBy(...expressions: readonly Typed<unknown>[]): Select<R, Items> {
    return copyWith(this, { groupings: [...this.groupings, ...expressionsOf("groupBy", expressions)] });
  }

  /** Adds conditions on groups: all of them must hold. */
  having(...conditions: Condition[]): Select<R, Items> {
    return copyWith(this, { havingConditions: [...this.havingConditions, ...expressionsOf("having", conditions)] });
  }

  /** Each different row once; with expressions, one row for each of their values (`DISTINCT ON`, PostgreSQL). */
  distinct(...on: readonly Typed<unknown>[]): Select<R, Items> {
    return copyWith(this, { isDistinct: true, distinctOn: expressionsOf("distinct", on) });
  }

  /** Locks the rows until the transaction ends. Databases that lock otherwise (SQLite) leave it out. */
  forUpdate(options: LockOptions = {}): Select<R, Items> {
    assertOptions("forUpdate()", options, LOCK_OPTIONS);
    const { of = [], share = false, keyShare = false, nowait = false, skipLocked = false } = options;
    if (nowait && skipLocked) throw new ArgumentError("forUpdate() takes nowait or skipLocked, not both.");
    const tables = of.map((source) => resolveSource(source, "forUpdate({ of })").from);
    const wait = nowait ? "NOWAIT" : skipLocked ? "SKIP LOCKED" : null;
    const [plain, weak] = share ? (["SHARE", "KEY SHARE"] as const) : (["UPDATE", "NO KEY UPDATE"] as const);
    return copyWith(this, { lock: new LockClause(keyShare ? weak : plain, tables, wait) });
  }

  /**
   * As a subquery, refers to these FROM elements of the enclosing query instead of selecting from them. By default a
   * subquery in an expression does so with all that the enclosing query has, if something else is left to select from.
   */
  correlate(...sources: readonly FromSource[]): Select<R, Items> {
    return copyWith(this, { correlated: sources.map((source) => resolveSource(source, "correlate()").from) });
  }

  /** Says which relationships to load together with the rows: `selectinLoad(...)`, `joinedLoad(...)`. */
  options<K extends string>(...options: readonly LoadOption<K>[]): Select<LoadedRow<R, K, Items>, Items> {
    // The rows are the same; the brand says what the ORM will have loaded.
    const branded = this as Select<unknown, Items> as Select<LoadedRow<R, K, Items>, Items>;
    return copyWith(branded, { loadOptions: [...this.loadOptions, ...options] });
  }

  /** Selects something else from the same rows. */
  columns<const A extends readonly unknown[]>(...what: A): Select<Result<A>, A> {
    const { items, shape, keys } = selectionOf(what, "columns()");
    const froms = this.froms.length > 0 ? this.froms : fromsOf(this);
    // The rows are those of what is selected now.
    const typed = this as Select<unknown, unknown> as Select<Result<A>, A>;
    // The conditions of the classes that were selected decide which rows these are.
    const conditions = [...this.conditions, ...criteriaOf(this)];
    return copyWith(typed, { items, shape, keys, froms, conditions });
  }

  static {
    declareFields(Select, {
      items: "nodes",
      shape: "value",
      keys: "value",
      isDistinct: "value",
      distinctOn: "nodes",
      froms: "nodes",
      conditions: "nodes",
      groupings: "nodes",
      havingConditions: "nodes",
      orderings: "nodes",
      limitCount: "node",
      offsetCount: "node",
      lock: "node",
      correlated: "nodes",
    });
  }
}

/** The condition of a join with a table or class: the one given, or that of the foreign key, and that of the class. */
function joinCondition(
  left: FromClause,
  { from, entity }: ResolvedSource,
  given: SqlExpression<unknown> | null,
): SqlExpression<unknown> {
  const on = given ?? foreignKeyCondition(left, from);
  const criteria = entity?.criteria;
  // It was given as a condition.
  return criteria === undefined ? on : and(on as SqlExpression<boolean>, criteria);
}

/**
 * `SELECT`: mapped classes, columns and expressions in a row, or one object of them.
 *
 * In a session, rows are what was selected: one thing unwrapped, several as a tuple, an object as an object. A connection
 * always gives tuples, or objects. FROM is found out from what is selected and from the conditions; `join` and `selectFrom`
 * add to it.
 *
 * @throws ArgumentError when something cannot be selected
 *
 * @example
 * ```ts
 * import { createEngine, func, integer, MetaData, select, Table, varchar } from "alkahest";
 *
 * const metadata = new MetaData();
 * const users = new Table("users", metadata, { id: integer().primaryKey(), name: varchar(50) });
 * const engine = createEngine("sqlite::memory:");
 * await metadata.createAll(engine);
 *
 * const query = select(users.c.name, func.count()).where(users.c.id.lt(10)).groupBy(users.c.name).limit(5);
 * await using connection = await engine.connect();
 * const rows = (await connection.execute(query)).all(); // [string | null, number][]
 * ```
 */
export function select<const A extends readonly unknown[]>(...what: A): Select<Result<A>, A> {
  return new Select<Result<A>, A>(selectionOf(what, "select()"));
}
