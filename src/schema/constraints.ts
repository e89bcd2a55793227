import type { SqlExpression } from "../expression/sql-expression.ts";
import { expressionOf } from "../expression/sql-expression.ts";
import type { Column } from "./column.ts";
import { constraintName, indexName } from "./naming.ts";
import type { IndexOptions, UniqueOptions } from "./options.ts";
import type { Table } from "./table.ts";

/** A UNIQUE constraint. */
export class UniqueConstraint {
  /** As given, or by the naming convention; null if there is neither. */
  readonly name: string | null;
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly deferrable: boolean;
  readonly initially: "deferred" | "immediate" | null;
  readonly nullsNotDistinct: boolean;

  constructor(table: Table, name: string | null, columns: readonly Column[], options: UniqueOptions) {
    this.table = table;
    this.columns = columns;
    this.name = constraintName("uq", table, name, columns, null);
    this.deferrable = options.deferrable ?? false;
    this.initially = options.initially ?? null;
    this.nullsNotDistinct = options.nullsNotDistinct ?? false;
  }
}

/** A CHECK constraint. */
export class CheckConstraint {
  /** As given, or by the naming convention; null if there is neither. */
  readonly name: string | null;
  readonly table: Table;
  readonly condition: SqlExpression<unknown>;

  constructor(table: Table, name: string | null, condition: SqlExpression<unknown>) {
    this.table = table;
    this.condition = condition;
    this.name = constraintName("ck", table, name, [], null);
  }
}

/** An index. It always has a name, since no database drops one without. */
export class Index {
  readonly name: string;
  readonly table: Table;
  /** What is indexed; a direction makes it an `OrderBy`. */
  readonly expressions: readonly SqlExpression<unknown>[];
  /** The same as columns, without directions; null if there is an expression among them. */
  readonly columns: readonly Column[] | null;
  readonly unique: boolean;
  readonly where: SqlExpression<unknown> | null;
  readonly using: string | null;
  readonly include: readonly Column[];
  readonly nullsNotDistinct: boolean;
  readonly skipIfUnsupported: boolean;

  constructor(
    table: Table,
    name: string | null,
    expressions: readonly SqlExpression<unknown>[],
    columns: readonly Column[] | null,
    include: readonly Column[],
    options: IndexOptions,
  ) {
    this.table = table;
    this.expressions = expressions;
    this.columns = columns;
    this.include = include;
    this.name = indexName(table, name, expressions);
    this.unique = options.unique ?? false;
    this.where = options.where === undefined ? null : expressionOf(options.where);
    this.using = options.using ?? null;
    this.nullsNotDistinct = options.nullsNotDistinct ?? false;
    this.skipIfUnsupported = options.skipIfUnsupported ?? false;
  }
}

/**
 * Anything by which at most one row can have certain values: the primary key, a unique constraint or a unique index, in
 * one form for code that must not collide with them.
 */
export interface UniqueKey {
  readonly name: string | null;
  readonly kind: "primaryKey" | "unique" | "index";
  readonly table: Table;
  /** Null if an expression is among the members. */
  readonly columns: readonly Column[] | null;
  /** The members as expressions; the columns themselves if all are columns. */
  readonly expressions: readonly SqlExpression<unknown>[];
  /** Only rows for which this is true are in it. */
  readonly where: SqlExpression<boolean> | null;
  readonly deferrable: boolean;
  readonly nullsNotDistinct: boolean;
}
