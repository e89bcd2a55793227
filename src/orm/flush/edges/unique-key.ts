import { ColumnElement, type SqlExpression, StringType, visit } from "../../../expression/index.ts";
import { type Column, columnOf, type UniqueKey } from "../../../schema/index.ts";

/** One member of a unique key: a column, or an expression over columns. */
export interface UniqueKeyPart {
  readonly column: Column<unknown> | null;
  readonly expression: SqlExpression<unknown>;
}

/** A unique key as the planner reads it. */
export interface UniqueKeyFacts {
  readonly parts: readonly UniqueKeyPart[];
  /** Every column that decides which slot a row holds: members, columns of expressions, columns of the predicate. */
  readonly dependsOn: readonly Column<unknown>[];
  /** Columns that are compared as they are, in every row, and NULL is equal to nothing. */
  readonly isPlain: boolean;
}

const known = new WeakMap<UniqueKey, UniqueKeyFacts>();

export function factsOf(uniqueKey: UniqueKey): UniqueKeyFacts {
  let facts = known.get(uniqueKey);
  if (facts === undefined) {
    facts = derive(uniqueKey);
    known.set(uniqueKey, facts);
  }
  return facts;
}

function derive(uniqueKey: UniqueKey): UniqueKeyFacts {
  const members: readonly SqlExpression<unknown>[] = uniqueKey.columns ?? uniqueKey.expressions;
  const dependsOn = new Set<Column<unknown>>();
  for (const expression of uniqueKey.where === null ? members : [...members, uniqueKey.where]) {
    visit(expression, (node) => {
      if (node instanceof ColumnElement) dependsOn.add(columnOf(node));
    });
  }
  const parts = members.map((expression) => {
    return { column: expression instanceof ColumnElement ? columnOf(expression) : null, expression };
  });
  const isPlain =
    uniqueKey.where === null && !uniqueKey.nullsNotDistinct && parts.every(({ column }) => column !== null);
  return { parts, dependsOn: [...dependsOn], isPlain };
}

/** How the database at hand compares texts. */
export interface TextComparison {
  /** The dialect's name, by which columns say their collations. */
  readonly dialectName: string;
  /** Texts that differ in case, accents or spaces at the end are equal where no collation is declared. */
  readonly textsFold: boolean;
}

/**
 * Does the database take texts of the column for equal that differ in case? SQLite's NOCASE, the `_ci` of MySQL and SQL
 * Server, level 1 and 2 of ICU in PostgreSQL.
 */
export function foldsCase(column: Column<unknown>, { dialectName, textsFold }: TextComparison): boolean {
  const collation = column.collationIn(dialectName);
  if (collation === null) return textsFold && column.sqlType instanceof StringType;
  return /nocase|_ci(_|$)|level[12]|case_insensitive/i.test(collation);
}
