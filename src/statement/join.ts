import { type ColumnElement, FromClause } from "../expression/from.ts";
import { declareFields } from "../expression/node.ts";
import type { SqlExpression } from "../expression/sql-expression.ts";

/** Which rows a join keeps: only pairs, all of the left side, all of both, or every combination. */
export type JoinKind = "inner" | "left" | "full" | "cross";

/** Two FROM elements joined. */
export class Join extends FromClause {
  readonly kind = "join";
  readonly left: FromClause;
  readonly right: FromClause;
  /** Null only for a cross join. */
  readonly on: SqlExpression<unknown> | null;
  readonly joinKind: JoinKind;

  constructor(left: FromClause, right: FromClause, on: SqlExpression<unknown> | null, joinKind: JoinKind) {
    super();
    this.left = left;
    this.right = right;
    this.on = on;
    this.joinKind = joinKind;
  }

  get columns(): readonly ColumnElement<unknown>[] {
    return [...this.left.columns, ...this.right.columns];
  }

  static {
    declareFields(Join, { left: "node", right: "node", on: "node", joinKind: "value" });
  }
}

/** The FROM elements that a FROM element is made of: the parts of a join, or itself. */
export function membersOf(from: FromClause): readonly FromClause[] {
  return from instanceof Join ? [...membersOf(from.left), ...membersOf(from.right)] : [from];
}

/** Does `from` bring all that `part` consists of? */
export function covers(from: FromClause, part: FromClause): boolean {
  if (from === part) return true;
  const members = membersOf(from);
  return membersOf(part).every((member) => members.includes(member));
}
