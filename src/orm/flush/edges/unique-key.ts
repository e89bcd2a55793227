import { ColumnElement, type SqlExpression, visit } from "../../../expression/index.ts";
import { type Column, columnOf, type UniqueKey } from "../../../schema/index.ts";

/** One member of a unique key: a column, or an expression over columns. */
export interface UniqueKeyPart {
  readonly column: Column<unknown> | null;
  readonly expression: SqlExpression<unknown>;
  /** The database may hold two values equal that differ in case: collisions are likely, not certain. */
  readonly foldsCase: boolean;
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
    const column = expression instanceof ColumnElement ? columnOf(expression) : null;
    return { column, expression, foldsCase: column !== null && foldsCase(column) };
  });
  return {
    parts,
    dependsOn: [...dependsOn],
    isPlain:
      uniqueKey.where === null &&
      !uniqueKey.nullsNotDistinct &&
      parts.every((part) => part.column !== null && !part.foldsCase),
  };
}

/** Collations that compare without case: SQLite's NOCASE, MySQL's and SQL Server's `_ci`, PostgreSQL's ICU level 1 and 2. */
function foldsCase(column: Column<unknown>): boolean {
  const { collation } = column;
  if (collation === null) return false;
  const names = typeof collation === "string" ? [collation] : Object.values(collation);
  return names.some((name) => typeof name === "string" && /nocase|_ci(_|$)|level[12]|case_insensitive/i.test(name));
}
