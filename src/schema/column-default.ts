import { ArgumentError } from "../errors/index.ts";
import { SqlExpression } from "../expression/sql-expression.ts";
import type { Column } from "./column.ts";
import type { ColumnDefault } from "./column-definition.ts";

/**
 * The value that the `default()` or `onUpdate()` of a column is, or makes. Whether the column can store it is not known yet.
 *
 * @throws ArgumentError for a function that makes what is no value: a promise, or an SQL expression
 */
export function defaultValue(column: Column, definition: ColumnDefault): unknown {
  if (definition.kind === "value") return definition.value;
  const value = definition.make();
  if (value instanceof SqlExpression) {
    throw new ArgumentError(
      `${describe(column, definition)} made an SQL expression; it makes values. For SQL expressions there are serverDefault() and computed().`,
    );
  }
  if (isThenable(value)) {
    // Nobody hears any more how it ends.
    value.then(undefined, () => {});
    throw new ArgumentError(
      `${describe(column, definition)} made a promise: such functions are synchronous. Wait for the value before, and give it with the row.`,
    );
  }
  return value;
}

function describe(column: Column, definition: ColumnDefault): string {
  return `The function of ${definition === column.onUpdate ? "onUpdate" : "default"}() of ${column.fullName}`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
