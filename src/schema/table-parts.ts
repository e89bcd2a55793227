import { ArgumentError } from "../errors/index.ts";
import { ColumnElement } from "../expression/from.ts";
import { OrderBy, type SqlExpression } from "../expression/sql-expression.ts";
import { type Column, columnOf } from "./column.ts";
import { CheckConstraint, Index, UniqueConstraint, type UniqueKey } from "./constraints.ts";
import { ForeignKeyConstraint } from "./foreign-key.ts";
import type { TableOptions } from "./options.ts";
import type { Table } from "./table.ts";
import type { TableArg } from "./table-arguments.ts";

/** What a table has besides columns. */
export interface TableParts {
  readonly foreignKeys: readonly ForeignKeyConstraint[];
  readonly uniques: readonly UniqueConstraint[];
  readonly checks: readonly CheckConstraint[];
  readonly indexes: readonly Index[];
  readonly uniqueKeys: readonly UniqueKey[];
  readonly options: TableOptions;
  readonly autoincrementColumn: Column | null;
}

/**
 * Makes constraints and indexes from what columns and table arguments say; those of columns come first.
 * @throws ArgumentError for a constraint over a column of another table
 */
export function resolveTableParts(table: Table, args: readonly TableArg[]): TableParts {
  const foreignKeys: ForeignKeyConstraint[] = [];
  const uniques: UniqueConstraint[] = [];
  const checks: CheckConstraint[] = [];
  const indexes: Index[] = [];
  let options: TableOptions = {};

  for (const column of table.columns) {
    const { settings } = column.definition;
    for (const { target, options: reference } of settings.references) {
      foreignKeys.push(new ForeignKeyConstraint(table, [column], [target], reference));
    }
    const { unique, index } = settings;
    if (unique !== null) uniques.push(new UniqueConstraint(table, unique.name ?? null, [column], unique));
    if (index !== null) indexes.push(makeIndex(table, index.name ?? null, [column], index));
  }

  for (const arg of args) {
    switch (arg.kind) {
      case "unique":
        uniques.push(new UniqueConstraint(table, arg.name, ownColumns(table, "unique", arg.columns), arg.options));
        break;
      case "index":
        indexes.push(makeIndex(table, arg.name, arg.expressions, arg.options));
        break;
      case "check":
        checks.push(new CheckConstraint(table, arg.name, arg.condition));
        break;
      case "foreignKey":
        foreignKeys.push(
          new ForeignKeyConstraint(table, ownColumns(table, "foreignKey", arg.columns), arg.targets, arg.options),
        );
        break;
      case "options":
        options = { ...options, ...arg.options };
        break;
    }
  }

  return {
    foreignKeys,
    uniques,
    checks,
    indexes,
    options,
    uniqueKeys: uniqueKeysOf(table, uniques, indexes),
    autoincrementColumn: findAutoincrement(table, foreignKeys),
  };
}

function makeIndex(
  table: Table,
  name: string | null,
  expressions: readonly SqlExpression<unknown>[],
  options: ConstructorParameters<typeof Index>[5],
): Index {
  const members = expressions.map((expression) => (expression instanceof OrderBy ? expression.expression : expression));
  const onlyColumns = members.every((member) => member instanceof ColumnElement);
  const columns = onlyColumns ? ownColumns(table, "index", members) : null;
  return new Index(table, name, expressions, columns, ownColumns(table, "index", options.include ?? []), options);
}

function ownColumns(table: Table, method: string, elements: readonly unknown[]): readonly Column[] {
  return elements.map((element) => {
    if (!(element instanceof ColumnElement)) {
      throw new ArgumentError(`${method}() of table "${table.fullName}" takes columns, no other expressions.`);
    }
    const column = columnOf(element);
    if (column.table !== table) {
      throw new ArgumentError(
        `${method}() of table "${table.fullName}" names ${column.fullName}, a column of another table.`,
      );
    }
    return column;
  });
}

function uniqueKeysOf(
  table: Table,
  uniques: readonly UniqueConstraint[],
  indexes: readonly Index[],
): readonly UniqueKey[] {
  const keys: UniqueKey[] = [];
  if (table.primaryKey.length > 0) {
    keys.push({
      name: table.primaryKeyName,
      kind: "primaryKey",
      table,
      columns: table.primaryKey,
      expressions: table.primaryKey,
      where: null,
      deferrable: false,
      nullsNotDistinct: false,
    });
  }
  for (const { name, columns, deferrable, nullsNotDistinct } of uniques) {
    keys.push({
      name,
      kind: "unique",
      table,
      columns,
      expressions: columns,
      where: null,
      deferrable,
      nullsNotDistinct,
    });
  }
  for (const { name, columns, expressions, where, unique, nullsNotDistinct } of indexes) {
    if (!unique) continue;
    keys.push({
      name,
      kind: "index",
      table,
      columns,
      expressions: columns ?? expressions.map((one) => (one instanceof OrderBy ? one.expression : one)),
      // The option is typed as a condition.
      where: where as SqlExpression<boolean> | null,
      deferrable: false,
      nullsNotDistinct,
    });
  }
  return keys;
}

/** SQLAlchemy's rule, see `ColumnDefinition.autoincrement`. */
function findAutoincrement(table: Table, foreignKeys: readonly ForeignKeyConstraint[]): Column | null {
  const asked = table.columns.find(({ definition }) => definition.settings.autoincrement === true);
  if (asked !== undefined) return asked;
  const [column] = table.primaryKey;
  if (column === undefined || table.primaryKey.length > 1) return null;
  const { autoincrement } = column.definition.settings;
  if (autoincrement === false || !["integer", "smallint", "bigint"].includes(column.sqlType.name)) return null;
  if (column.default !== null || column.serverDefault !== null || column.computed !== null) return null;
  const isForeignKey = foreignKeys.some(({ columns }) => columns.includes(column));
  return isForeignKey && autoincrement !== "ignoreFk" ? null : column;
}
