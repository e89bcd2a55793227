import { ArgumentError } from "../errors/index.ts";
import { assertList } from "../expression/check-arguments.ts";
import { type Condition, expressionOf, SqlExpression, type Typed } from "../expression/sql-expression.ts";
import type { ReferenceTarget } from "./foreign-key.ts";
import type { ForeignKeyOptions, IndexOptions, TableOptions, UniqueOptions } from "./options.ts";
import { assertForeignKeyOptions, assertIndexOptions, assertUniqueOptions } from "./options.ts";

/** What a table has besides columns; made by `unique`, `index`, `check`, `foreignKey` and `tableOptions`. */
export type TableArg =
  | {
      readonly kind: "unique";
      readonly name: string | null;
      readonly columns: readonly SqlExpression<unknown>[];
      readonly options: UniqueOptions;
    }
  | {
      readonly kind: "index";
      readonly name: string | null;
      readonly expressions: readonly SqlExpression<unknown>[];
      readonly options: IndexOptions;
    }
  | { readonly kind: "check"; readonly name: string | null; readonly condition: SqlExpression<unknown> }
  | {
      readonly kind: "foreignKey";
      readonly columns: readonly SqlExpression<unknown>[];
      readonly targets: readonly ReferenceTarget<unknown>[];
      readonly options: ForeignKeyOptions;
    }
  | { readonly kind: "options"; readonly options: TableOptions };

/**
 * A UNIQUE constraint over columns: `unique("child_uk", Child.c.parentId, Child.c.z)`. Options may come last.
 * @param name null: by the naming convention, or none
 */
export function unique(
  name: string | null,
  ...columnsAndOptions: readonly (Typed<unknown> | UniqueOptions)[]
): TableArg {
  const [columns, options] = split<UniqueOptions>("unique", columnsAndOptions);
  assertUniqueOptions(options);
  return { kind: "unique", name, columns, options };
}

/**
 * An index over columns or expressions: `index("user_name", User.c.name, { unique: true, where: User.c.active.eq(true) })`.
 * Options may come last.
 * @param name null: by the naming convention
 */
export function index(name: string | null, ...columnsAndOptions: readonly (Typed<unknown> | IndexOptions)[]): TableArg {
  const [expressions, options] = split<IndexOptions>("index", columnsAndOptions);
  assertIndexOptions(options);
  return { kind: "index", name, expressions, options };
}

/**
 * A condition that every row must fulfil: `check("positive", Item.c.price.gt("0"))`.
 * @param name null: by the naming convention, or none
 */
export function check(name: string | null, condition: Condition): TableArg {
  return { kind: "check", name, condition: expressionOf(condition) };
}

/**
 * A foreign key of one or several columns: `foreignKey([Line.c.orderId, Line.c.region], [Order.c.id, Order.c.region])`.
 * @param targets columns of one table, or `"table.column"` for a table that is defined later
 */
export function foreignKey(
  columns: readonly Typed<unknown>[],
  targets: readonly ReferenceTarget<unknown>[],
  options: ForeignKeyOptions = {},
): TableArg {
  assertList("foreignKey()", columns, "foreignKey([Line.c.orderId], [Order.c.id])");
  assertList("foreignKey()", targets, "foreignKey([Line.c.orderId], [Order.c.id])");
  assertForeignKeyOptions("foreignKey", options);
  for (const target of targets) if (typeof target !== "string") expressionOf(target);
  return { kind: "foreignKey", columns: columns.map(expressionOf), targets, options };
}

/** Options of CREATE TABLE: `tableOptions({ comment: "...", mysqlEngine: "InnoDB" })`. */
export function tableOptions(options: TableOptions): TableArg {
  return { kind: "options", options };
}

function split<O>(
  method: string,
  values: readonly unknown[],
): [columns: readonly SqlExpression<unknown>[], options: O] {
  const last = values.at(-1);
  const hasOptions = typeof last === "object" && last !== null && !(last instanceof SqlExpression);
  const columns = hasOptions ? values.slice(0, -1) : values;
  if (columns.length === 0) throw new ArgumentError(`${method}() takes at least one column after the name.`);
  const expressions = columns.map((column) => {
    if (column instanceof SqlExpression) return column;
    throw new ArgumentError(`${method}() takes columns, and options as its last argument.`);
  });
  // What is no expression can only be the options, by the types of the callers.
  return [expressions, (hasOptions ? last : {}) as O];
}
