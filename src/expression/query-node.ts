import { declareFields, type QueryNode } from "./node.ts";
import { SqlExpression } from "./sql-expression.ts";
import type { SqlType } from "./sql-type.ts";
import { BOOLEAN } from "./types/inference.ts";

export { QueryNode } from "./node.ts";

/** The value in the one row and the one column of a query; NULL when there is no row. */
export class ScalarSubquery<T> extends SqlExpression<T> {
  readonly kind = "scalarSubquery";
  readonly query: QueryNode;
  readonly sqlType: SqlType<unknown>;

  constructor(query: QueryNode, sqlType: SqlType<unknown>) {
    super();
    this.query = query;
    this.sqlType = sqlType;
  }

  static {
    declareFields(ScalarSubquery, { query: "node", sqlType: "type" });
  }
}

/** Does the query give any row? */
export class ExistsExpression extends SqlExpression<boolean> {
  readonly kind = "exists";
  readonly query: QueryNode;

  constructor(query: QueryNode) {
    super();
    this.query = query;
  }

  get sqlType(): SqlType<unknown> {
    return BOOLEAN;
  }

  static {
    declareFields(ExistsExpression, { query: "node" });
  }
}
