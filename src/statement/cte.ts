import { ArgumentError } from "../errors/index.ts";
import { type ColumnElement, FromClause } from "../expression/from.ts";
import { declareFields } from "../expression/node.ts";
import { aliasedColumns, outputsAsColumns } from "./derived-column.ts";
import type { DmlStatement } from "./dml-statement.ts";
import { columnsByKey } from "./from-columns.ts";
import type { SubqueryColumns } from "./result-types.ts";
import type { SelectBase } from "./select-base.ts";

/** The recursive part of a common table expression, and how its rows join those found so far. */
export interface Recursion {
  readonly operator: "UNION" | "UNION ALL";
  readonly query: SelectBase<unknown>;
  /** What the recursive part selects from: the rows found in the step before. */
  readonly self: CteSelf;
}

/** What can stand in WITH: a query, or a statement that writes and returns rows. */
export type CteQuery = SelectBase<unknown> | DmlStatement<unknown, unknown>;

/**
 * A common table expression: `WITH name AS (SELECT ...)`, written once at the head of the statement that uses it.
 * `Items` are the types of the things that it selects.
 */
export class Cte<Items = unknown> extends FromClause {
  readonly kind = "cte";
  readonly query: CteQuery;
  /** Null: the compiler finds one. */
  readonly name: string | null;
  readonly self: CteSelf | null;
  readonly operator: "UNION" | "UNION ALL" | null;
  readonly recursiveQuery: SelectBase<unknown> | null;
  readonly columns: readonly ColumnElement<unknown>[];
  /** The columns by their names. */
  readonly c: SubqueryColumns<Items>;

  constructor(query: CteQuery, name: string | null, recursion: Recursion | null = null) {
    super();
    this.query = query;
    this.name = name;
    this.self = recursion?.self ?? null;
    this.operator = recursion?.operator ?? null;
    this.recursiveQuery = recursion?.query ?? null;
    this.columns = outputsAsColumns(this, query.outputs);
    // The type follows the things selected just as the columns do.
    this.c = columnsByKey(this.columns) as SubqueryColumns<Items>;
  }

  /**
   * Makes it recursive, each different row once: `WITH RECURSIVE name AS (this UNION recursive)`.
   *
   * @param recursive makes the second query from the table of the rows found so far
   */
  union(recursive: (self: CteSelf<Items>) => SelectBase<unknown>): Cte<Items> {
    return makeRecursive(this, "UNION", recursive);
  }

  /** As {@link union}, and keeps equal rows. */
  unionAll(recursive: (self: CteSelf<Items>) => SelectBase<unknown>): Cte<Items> {
    return makeRecursive(this, "UNION ALL", recursive);
  }

  static {
    declareFields(Cte, {
      name: "value",
      query: "node",
      operator: "value",
      self: "reference",
      recursiveQuery: "node",
    });
  }
}

/** A recursive common table expression as seen from its own recursive part. */
export class CteSelf<Items = unknown> extends FromClause {
  readonly kind = "cteSelf";
  readonly columns: readonly ColumnElement<unknown>[];
  readonly c: SubqueryColumns<Items>;

  constructor(columns: readonly ColumnElement<unknown>[]) {
    super();
    this.columns = aliasedColumns(this, columns);
    // The columns have the keys and types of those that they stand for.
    this.c = columnsByKey(this.columns) as SubqueryColumns<Items>;
  }

  static {
    declareFields(CteSelf, {});
  }
}

function makeRecursive<Items>(
  cte: Cte<Items>,
  operator: "UNION" | "UNION ALL",
  recursive: (self: CteSelf<Items>) => SelectBase<unknown>,
): Cte<Items> {
  const self = new CteSelf<Items>(cte.columns);
  const query = recursive(self);
  if (query.outputs.length !== cte.columns.length) {
    throw new ArgumentError(
      `The recursive part has ${query.outputs.length} columns, the first part ${cte.columns.length}.`,
    );
  }
  return new Cte(cte.query, cte.name, { operator, query, self });
}
