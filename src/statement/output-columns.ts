import { ColumnElement } from "../expression/from.ts";
import { FunctionCall } from "../expression/nodes.ts";
import { Label, type SqlExpression } from "../expression/sql-expression.ts";
import { shortenName } from "../schema/naming.ts";
import { columnKey } from "./from-columns.ts";
import type { Selection } from "./select-item.ts";

/** A column of a result or of a subquery. */
export interface OutputColumn {
  readonly name: string;
  /** The name that SQL gives it without `AS`; null: up to the database. */
  readonly naturalName: string | null;
  /** Was the name asked for, rather than found? */
  readonly isNamed: boolean;
  readonly expression: SqlExpression<unknown>;
}

/**
 * The columns of a query with their names. Two of equal name are told apart by a number, as in SQLAlchemy: `id, id_1`;
 * what has no name of its own gets one: `count_1`, `anon_1`.
 */
export function outputColumns({ items, keys }: Selection): readonly OutputColumn[] {
  const taken = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keys[index];
    return item.columns.map((expression) => {
      const naturalName = nameOf(expression);
      // A column selected under its own key keeps its own name.
      const isOwnKey = expression instanceof ColumnElement && columnKey(expression) === key;
      const isNamed = item.kind === "expression" && key !== undefined && !isOwnKey;
      const wanted = isNamed ? key : naturalName;
      const isFree = wanted !== null && !taken.has(wanted);
      const name = isFree ? wanted : numbered(wanted ?? anonymousName(expression), taken);
      taken.add(name);
      return { name, naturalName, isNamed, expression };
    });
  });
}

/** The name that the expression has of itself. */
function nameOf(expression: SqlExpression<unknown>): string | null {
  return expression instanceof ColumnElement || expression instanceof Label ? expression.name : null;
}

function numbered(base: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const name = shortenName(`${base}_${number}`);
    if (!taken.has(name)) return name;
  }
}

/** What the number is put behind when an expression has no name. */
function anonymousName(expression: SqlExpression<unknown>): string {
  return expression instanceof FunctionCall && /^\w+$/.test(expression.name) ? expression.name : "anon";
}
