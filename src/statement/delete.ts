import { declareFields } from "../expression/node.ts";
import type { Condition, SqlExpression } from "../expression/sql-expression.ts";
import { copyWith } from "../expression/traverse.ts";
import { expressionsOf } from "./arguments.ts";
import { DmlStatement } from "./dml-statement.ts";
import { type DmlTarget, dmlTarget } from "./dml-target.ts";
import type { FromSource } from "./from-source.ts";
import type { Result } from "./result-types.ts";

/** `DELETE`, made by {@link deleteFrom}. Immutable: every method answers a new one. */
export class Delete<R = never, Items = never> extends DmlStatement<R, Items> {
  readonly kind = "delete";
  /** WHERE: all of them must hold. */
  readonly conditions: readonly SqlExpression<unknown>[];

  constructor(target: DmlTarget) {
    super(target);
    this.conditions = target.entity?.criteria === undefined ? [] : [target.entity.criteria];
  }

  /** Adds conditions: all of them must hold. Without any, every row is deleted. */
  where(...conditions: Condition[]): Delete<R, Items> {
    return copyWith(this, { conditions: [...this.conditions, ...expressionsOf("where", conditions)] });
  }

  /** Returns something of the deleted rows. */
  returning<const A extends readonly unknown[]>(...what: A): Delete<Result<A>, A> {
    // The statement is the same; its rows are what was asked for.
    return this.withReturning(what) as Delete<unknown, unknown> as Delete<Result<A>, A>;
  }

  static {
    declareFields(Delete, {
      table: "reference",
      conditions: "nodes",
      items: "nodes",
      shape: "value",
      keys: "value",
    });
  }
}

/**
 * `DELETE FROM` a table or the table of a mapped class; also exported as `delete`. In a session, objects that are loaded
 * follow; relationships do not: that is what `session.delete` does.
 *
 * @throws ArgumentError for anything but a table or a class mapped to one table
 *
 * @example
 * ```ts
 * import { deleteFrom, integer, MetaData, Table } from "alkahest";
 *
 * const users = new Table("users", new MetaData(), { id: integer().primaryKey() });
 * deleteFrom(users).where(users.c.id.gt(100));
 * ```
 */
export function deleteFrom(target: FromSource): Delete {
  return new Delete(dmlTarget(target, "deleteFrom()"));
}
