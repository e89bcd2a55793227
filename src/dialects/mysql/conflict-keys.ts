import type { CompilerCapabilities } from "../../compiler/compiler-dialect.ts";
import { CompileError } from "../../errors/index.ts";
import { ColumnElement } from "../../expression/from.ts";
import { NullLiteral, type SqlExpression } from "../../expression/sql-expression.ts";
import { type Column, columnOf } from "../../schema/column.ts";
import type { UniqueKey } from "../../schema/constraints.ts";
import { DefaultValue, type Insert } from "../../statement/insert.ts";

/**
 * The upsert of MariaDB and MySQL acts on the row that has a value of any unique key: one that names its key must not meet
 * another one, or it would change a row that it does not mean.
 *
 * @throws CompileError where the rows can meet another unique key than the target
 */
export function assertOnlyTarget(
  statement: Insert<unknown, unknown, unknown>,
  targets: readonly SqlExpression<unknown>[],
  capabilities: Pick<CompilerCapabilities, "partialIndexes" | "expressionIndexes">,
): void {
  const { table } = statement;
  const target = targets.map((one) => (one instanceof ColumnElement ? columnOf(one) : one));
  const other = table.uniqueKeys.find((key) => exists(key, capabilities) && !isSame(key) && canBeMet(statement, key));
  if (other === undefined) return;
  const names = (other.columns ?? []).map(({ name }) => name).join(", ");
  throw new CompileError(
    `The upsert of MariaDB and MySQL acts on a conflict of any unique key, also of (${names || other.name}) of "${table.fullName}", ` +
      "which is not its target: give the rows no value of that key, or look for the row with select(...).forUpdate() and " +
      "insert or update it.",
  );

  // What has a value of a key with all columns of the target has one of the target, too: it is the same row.
  function isSame({ expressions }: UniqueKey): boolean {
    return target.every((one) => expressions.includes(one));
  }
}

/** Others are left out of the database, if they may be, and refused if not. */
function exists(
  key: UniqueKey,
  { partialIndexes, expressionIndexes }: Parameters<typeof assertOnlyTarget>[2],
): boolean {
  return (key.where === null || partialIndexes) && (key.columns !== null || expressionIndexes);
}

/** Can a row have a value of the key that another one has? NULL is equal to nothing, and the database counts up to new ones. */
function canBeMet(statement: Insert<unknown, unknown, unknown>, { columns }: UniqueKey): boolean {
  return columns === null || columns.every((column) => canHaveValue(statement, column));
}

function canHaveValue({ columns, cells, source }: Insert<unknown, unknown, unknown>, column: Column): boolean {
  const isFilled = column.default !== null || column.serverDefault !== null || column.computed !== null;
  const position = columns.indexOf(column);
  if (position < 0 || isFilled) return isFilled;
  if (source !== null) return true;
  return cells.some(
    (cell, index) =>
      index % columns.length === position && !(cell instanceof NullLiteral || cell instanceof DefaultValue),
  );
}
