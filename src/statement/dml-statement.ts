import { ArgumentError } from "../errors/index.ts";
import { QueryNode } from "../expression/node.ts";
import type { SqlType } from "../expression/sql-type.ts";
import { copyWith } from "../expression/traverse.ts";
import type { Column } from "../schema/column.ts";
import type { Table } from "../schema/table.ts";
import { Cte } from "./cte.ts";
import type { DmlTarget } from "./dml-target.ts";
import type { EntityDescription } from "./interfaces.ts";
import { type OutputColumn, outputColumns } from "./output-columns.ts";
import { type RowShape, type SelectItem, selectionOf } from "./select-item.ts";

/**
 * A statement that changes the rows of one table, and may return them. `R` is the type of a returned row as a session
 * gives it, `Items` the types of the things returned.
 */
export abstract class DmlStatement<R, Items> extends QueryNode<R> {
  /** Exists in types only. */
  declare readonly itemTypes: Items;
  readonly table: Table;
  /** The mapped class, when the statement was made for one. */
  readonly entity: EntityDescription | null;
  /** Columns by the keys of `values()` and `set()`. */
  readonly columnsByKey: ReadonlyMap<string, Column>;
  /** What RETURNING names; nothing: no rows come back. */
  readonly items: readonly SelectItem[] = [];
  readonly shape: RowShape = "tuple";
  /** The name of each item; empty unless the shape is `object`. */
  readonly keys: readonly string[] = [];

  constructor(target: DmlTarget) {
    super();
    this.table = target.table;
    this.entity = target.entity;
    this.columnsByKey = target.columns;
  }

  /** The columns of the returned rows. */
  get outputs(): readonly OutputColumn[] {
    return outputColumns(this);
  }

  get columnTypes(): readonly SqlType<unknown>[] {
    return this.outputs.map(({ expression }) => expression.sqlType);
  }

  /**
   * The statement as a common table expression, whose rows are those that it returns: `WITH name AS (INSERT ... RETURNING
   * ...)`. PostgreSQL has that; the statements of one see the tables as they were before it. Objects in memory do not follow.
   *
   * @throws ArgumentError without `returning()`
   */
  cte(name?: string): Cte<Items> {
    if (this.items.length === 0)
      throw new ArgumentError("cte() of a statement that writes needs returning(...) before it.");
    return new Cte(this, name ?? null);
  }

  protected get target(): DmlTarget {
    return { table: this.table, entity: this.entity, columns: this.columnsByKey };
  }

  /** A copy that returns something. */
  protected withReturning(what: readonly unknown[]): this {
    return copyWith(this, { ...selectionOf(what, "returning()") });
  }
}
