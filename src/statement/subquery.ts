import { type ColumnElement, FromClause } from "../expression/from.ts";
import { declareFields } from "../expression/node.ts";
import { outputsAsColumns } from "./derived-column.ts";
import { columnsByKey } from "./from-columns.ts";
import type { SubqueryColumns } from "./result-types.ts";
import type { SelectBase } from "./select-base.ts";

/**
 * A query to select from: `(SELECT ...) AS name`. `Items` are the types of the things that it selects.
 */
export class Subquery<Items = unknown> extends FromClause {
  readonly kind = "subquery";
  readonly query: SelectBase<unknown>;
  /** Null: the compiler finds one. */
  readonly name: string | null;
  /** May the query use columns of the FROM elements before it? */
  readonly lateral: boolean;
  readonly columns: readonly ColumnElement<unknown>[];
  /** The columns by their names. */
  readonly c: SubqueryColumns<Items>;

  constructor(query: SelectBase<unknown>, name: string | null, lateral: boolean) {
    super();
    this.query = query;
    this.name = name;
    this.lateral = lateral;
    this.columns = outputsAsColumns(this, query.outputs);
    // The type follows the things selected just as the columns do.
    this.c = columnsByKey(this.columns) as SubqueryColumns<Items>;
  }

  static {
    declareFields(Subquery, { query: "node", name: "value", lateral: "value" });
  }
}
