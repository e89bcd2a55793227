import type { Prepared } from "../compiler/compiled.ts";
import { DataError } from "../errors/index.ts";
import { BindParameter, type SqlExpression } from "../expression/sql-expression.ts";
import type { Column } from "../schema/column.ts";
import type { DmlStatement } from "../statement/dml-statement.ts";
import { Insert } from "../statement/insert.ts";
import { Update } from "../statement/update.ts";
import type { Dialect } from "./dialect.ts";

/** Why the column cannot hold the value, which is not null, in this database; null if it can. */
export function reasonAgainst({ sqlType }: Column, value: unknown, dialect: Dialect): string | null {
  return sqlType.validate(value) ?? dialect.valueLimit(sqlType)?.(value) ?? null;
}

/** What an error says of a value that its column cannot hold. `name` is the column as whoever gave the value knows it. */
export function unstorable(name: string, { sqlType }: Column, reason: string): string {
  return `${name} cannot be stored in a column of type ${sqlType.describe()}: ${reason}.`;
}

/**
 * Refuses values of an INSERT or UPDATE that their columns cannot hold, before the database sees any: one that converts
 * silently would store something else.
 * @throws DataError naming the column, and the property of a mapped class
 */
export function checkValues(statement: DmlStatement<unknown, unknown>, dialect: Dialect): void {
  const check = (columns: readonly Column[], values: readonly SqlExpression<unknown>[]): void => {
    for (let index = 0; index < values.length; index++) {
      const parameter = values[index];
      const column = columns[index % columns.length];
      if (column === undefined || !(parameter instanceof BindParameter)) continue;
      // A value that was given a type of its own is compared by that.
      if (parameter.value === null || parameter.sqlType !== column.sqlType) continue;
      const reason = reasonAgainst(column, parameter.value, dialect);
      if (reason !== null) throw refused(statement, column, reason);
    }
  };
  if (statement instanceof Insert) {
    check(statement.columns, statement.cells);
    if (statement.conflict !== null) check(statement.conflict.setColumns, statement.conflict.setValues);
  } else if (statement instanceof Update) {
    check(statement.columns, statement.newValues);
  }
}

/**
 * Refuses values that the columns of an INSERT or UPDATE declare for rows that have none, as {@link checkValues} does those
 * that were given.
 * @throws DataError naming the column, and the property of a mapped class
 */
export function checkDefaults(
  statement: DmlStatement<unknown, unknown>,
  { compiled: { binds }, values }: Prepared,
  dialect: Dialect,
): void {
  for (let index = 0; index < binds.length; index++) {
    const bind = binds[index];
    const value = values[index];
    if (bind?.kind !== "default" || value === null || value === undefined) continue;
    const reason = reasonAgainst(bind.column, value, dialect);
    if (reason !== null) throw refused(statement, bind.column, reason);
  }
}

function refused({ entity, columnsByKey }: DmlStatement<unknown, unknown>, column: Column, reason: string): DataError {
  const property = entity === null ? null : ([...columnsByKey].find(([, one]) => one === column)?.[0] ?? null);
  const className = entity?.name ?? null;
  const name = property === null ? column.fullName : `${className}.${property}`;
  return new DataError(unstorable(name, column, reason), {
    table: column.table.name,
    columns: [column.name],
    ...(property !== null && className !== null && { className, property }),
  });
}
