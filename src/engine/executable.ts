import { ArgumentError } from "../errors/index.ts";
import type { Node } from "../expression/node.ts";
import { describeValue } from "../expression/sql-type.ts";
import { ColumnDefinition } from "../schema/column-definition.ts";
import { DmlStatement } from "../statement/dml-statement.ts";
import type { PlainRow } from "../statement/result-types.ts";
import { SelectBase } from "../statement/select-base.ts";
import type { Selection } from "../statement/select-item.ts";

/** What a connection executes: a select, insert, update or delete, DDL, or raw SQL made by `text()` or `sql`. */
export type Executable = Node;

/** The type of a row of the statement, as a connection gives it. */
export type RowOf<S> = S extends { readonly itemTypes: infer Items } ? PlainRow<Items> : readonly unknown[];

/** What the statement selects or returns; null when only the database knows. */
export function selectionOfStatement(statement: Executable): Selection | null {
  return statement instanceof SelectBase || statement instanceof DmlStatement ? statement : null;
}

/** For callers without types. */
export function notExecutable(value: unknown): ArgumentError {
  const name = value instanceof ColumnDefinition ? value.settings.name : null;
  const [word, ofWord] =
    name === null
      ? ["", ""]
      : [" (a single word in text() names one)", `, a statement of one word as text(${JSON.stringify(name)}, {})`];
  const hint = `Raw SQL is written as text("select 1") or sql\`select 1\`${ofWord}.`;
  return new ArgumentError(`A connection executes statements, not ${describeValue(value)}${word}. ${hint}`);
}
