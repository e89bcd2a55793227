import { ArgumentError } from "../errors/index.ts";
import { declareFields } from "../expression/node.ts";
import type { Condition, SqlExpression } from "../expression/sql-expression.ts";
import { copyWith } from "../expression/traverse.ts";
import type { Column } from "../schema/column.ts";
import { expressionsOf } from "./arguments.ts";
import { DmlStatement } from "./dml-statement.ts";
import { type DmlTarget, dmlTarget } from "./dml-target.ts";
import type { ColumnValues } from "./dml-types.ts";
import type { FromSource } from "./from-source.ts";
import { assignmentsOf } from "./insert.ts";
import type { Result } from "./result-types.ts";

/** `UPDATE`, made by {@link update}. Immutable: every method answers a new one. `C` are the columns by key. */
export class Update<C = unknown, R = never, Items = never> extends DmlStatement<R, Items> {
  readonly kind = "update";
  readonly columns: readonly Column[] = [];
  /** The new value of each of `columns`. */
  readonly newValues: readonly SqlExpression<unknown>[] = [];
  /** WHERE: all of them must hold. */
  readonly conditions: readonly SqlExpression<unknown>[];

  constructor(target: DmlTarget) {
    super(target);
    this.conditions = target.entity?.criteria === undefined ? [] : [target.entity.criteria];
  }

  /**
   * The new values by column key, added to those given before.
   *
   * @throws ArgumentError for an unknown key, or without a value
   */
  set(values: ColumnValues<C>): Update<C, R, Items> {
    const added = assignmentsOf(this.target, values, "set()");
    if (added.columns.length === 0) throw new ArgumentError("set() needs at least one value.");
    const kept = this.columns.map((column, index) => ({ column, value: this.newValues[index] }));
    const old = kept.filter(({ column }) => !added.columns.includes(column));
    return copyWith(this, {
      columns: [...old.map(({ column }) => column), ...added.columns],
      newValues: [...old.map(({ value }) => value), ...added.values],
    });
  }

  /** Adds conditions: all of them must hold. Without any, every row is updated. */
  where(...conditions: Condition[]): Update<C, R, Items> {
    return copyWith(this, { conditions: [...this.conditions, ...expressionsOf("where", conditions)] });
  }

  /** Returns something of the updated rows, as they are afterwards. */
  returning<const A extends readonly unknown[]>(...what: A): Update<C, Result<A>, A> {
    // The statement is the same; its rows are what was asked for.
    return this.withReturning(what) as Update<C, unknown, unknown> as Update<C, Result<A>, A>;
  }

  static {
    declareFields(Update, {
      table: "reference",
      columns: "nodes",
      newValues: "nodes",
      conditions: "nodes",
      items: "nodes",
      shape: "value",
      keys: "value",
    });
  }
}

/**
 * `UPDATE` a table or the table of a mapped class. In a session, objects that are loaded follow. Tables that conditions
 * or values mention besides become `FROM`, where the database has that.
 *
 * @throws ArgumentError for anything but a table or a class mapped to one table
 *
 * @example
 * ```ts
 * import { integer, MetaData, Table, update, varchar } from "alkahest";
 *
 * const users = new Table("users", new MetaData(), { id: integer().primaryKey(), name: varchar(50) });
 * update(users).set({ name: users.c.name.concat("!") }).where(users.c.id.lt(5));
 * ```
 */
export function update<C>(target: FromSource & { readonly c: C }): Update<C> {
  return new Update<C>(dmlTarget(target, "update()"));
}
