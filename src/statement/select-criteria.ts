import { equals } from "../expression/fingerprint.ts";
import type { FromClause } from "../expression/from.ts";
import { BooleanList, type SqlExpression } from "../expression/sql-expression.ts";
import { Join } from "./join.ts";
import type { SelectItem } from "./select-item.ts";

/** What decides the conditions that a SELECT has besides those it was given. */
export interface CriteriaParts {
  readonly items: readonly SelectItem[];
  readonly froms: readonly FromClause[];
  /** WHERE, as given. */
  readonly conditions: readonly SqlExpression<unknown>[];
}

/**
 * What the selected classes that share a table with others add to WHERE: each condition once, and not where a join
 * has it, which may keep rows without a match.
 */
export function criteriaOf({ items, froms, conditions }: CriteriaParts): readonly SqlExpression<unknown>[] {
  const criteria = items.flatMap((item) => item.criteria);
  if (criteria.length === 0) return [];
  const known = [...conditions, ...froms.flatMap(joinConditions)].flatMap(conjuncts);
  return criteria.filter((one) => {
    if (known.some((other) => equals(one, other))) return false;
    known.push(one);
    return true;
  });
}

function joinConditions(from: FromClause): readonly SqlExpression<unknown>[] {
  if (!(from instanceof Join)) return [];
  return [...joinConditions(from.left), ...joinConditions(from.right), ...(from.on === null ? [] : [from.on])];
}

/** The conditions that all have to hold for this one to hold. */
function conjuncts(condition: SqlExpression<unknown>): readonly SqlExpression<unknown>[] {
  return condition instanceof BooleanList && condition.operator === "AND"
    ? condition.operands.flatMap(conjuncts)
    : [condition];
}
