import { andOf, calculate, compare, isSame, matchesLike, notOf, orOf, truthOf, UNKNOWN } from "./evaluate-values.ts";
import { ColumnElement } from "./from.ts";
import { CaseExpression, FunctionCall } from "./nodes.ts";
import {
  BetweenExpression,
  BinaryExpression,
  BindParameter,
  BooleanList,
  BooleanLiteral,
  CastExpression,
  CollateExpression,
  InExpression,
  Label,
  LikeExpression,
  NullLiteral,
  OrderBy,
  type SqlExpression,
  UnaryExpression,
} from "./sql-expression.ts";
import type { SqlType } from "./sql-type.ts";

export { UNKNOWN };

/** Gives the value of a column in the row at hand; UNKNOWN or undefined if it is not known. */
export type ReadColumn = (column: ColumnElement<unknown>) => unknown;

/**
 * Computes an expression without a database, for one row: is the row in a partial index, is an object in memory one that
 * an UPDATE changes?
 *
 * The answer holds for every database: where they differ (upper and lower case, order of strings, division of whole
 * numbers), or where only they can know (subqueries, raw SQL), it is UNKNOWN. NULL is null, with SQL's three-valued
 * logic: `null = 1` is null, `false AND null` is false.
 *
 * @returns the value, null or UNKNOWN
 */
export function evaluate(expression: SqlExpression<unknown>, read: ReadColumn): unknown {
  if (expression instanceof ColumnElement) {
    const value = read(expression);
    return value === undefined ? UNKNOWN : value;
  }
  if (expression instanceof BindParameter) return expression.value;
  if (expression instanceof BinaryExpression) return evaluateBinary(expression, read);
  if (expression instanceof BooleanList) return evaluateList(expression, read);
  if (expression instanceof InExpression) return evaluateIn(expression, read);
  if (expression instanceof LikeExpression) return evaluateLike(expression, read);
  if (expression instanceof BetweenExpression) return evaluateBetween(expression, read);
  if (expression instanceof UnaryExpression) return evaluateUnary(expression, read);
  if (expression instanceof NullLiteral) return null;
  if (expression instanceof BooleanLiteral) return expression.truth;
  if (expression instanceof FunctionCall) return evaluateFunction(expression, read);
  if (expression instanceof CaseExpression) return evaluateCase(expression, read);
  if (expression instanceof CastExpression) return evaluateCast(expression, read);
  if (expression instanceof Label || expression instanceof CollateExpression || expression instanceof OrderBy) {
    return evaluate(expression.expression, read);
  }
  return UNKNOWN;
}

function evaluateBinary(expression: BinaryExpression<unknown>, read: ReadColumn): unknown {
  const { left, operator, right } = expression;
  const a = evaluate(left, read);
  const b = evaluate(right, read);
  const type = typeOfComparison(left, right);
  switch (operator) {
    case "=":
      return isSame(type, a, b);
    case "!=":
      return notOf(isSame(type, a, b));
    case "IS":
    case "IS NOT DISTINCT FROM":
      return isNotDistinct(type, a, b);
    case "IS NOT":
    case "IS DISTINCT FROM":
      return notOf(isNotDistinct(type, a, b));
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compare(type, operator, a, b);
    default:
      return calculate(operator, left.sqlType, right.sqlType, a, b);
  }
}

/** The type that says which values are equal: of the side that has one. */
function typeOfComparison(left: SqlExpression<unknown>, right: SqlExpression<unknown>): SqlType<unknown> {
  return left.sqlType.name === "unknown" ? right.sqlType : left.sqlType;
}

function isNotDistinct(type: SqlType<unknown>, a: unknown, b: unknown): unknown {
  if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN;
  return a === null || b === null ? a === b : isSame(type, a, b);
}

function evaluateList({ operator, operands }: BooleanList, read: ReadColumn): unknown {
  const join = operator === "AND" ? andOf : orOf;
  const decisive = operator === "OR";
  let result: unknown = !decisive;
  for (const operand of operands) {
    result = join(result, truthOf(evaluate(operand, read)));
    if (result === decisive) break;
  }
  return result;
}

function evaluateIn({ element, list, negated }: InExpression, read: ReadColumn): unknown {
  if (list === null) return UNKNOWN;
  const value = evaluate(element, read);
  let found: unknown = false;
  for (const member of list) {
    found = orOf(found, isSame(typeOfComparison(element, member), value, evaluate(member, read)));
    if (found === true) break;
  }
  return negated ? notOf(found) : found;
}

function evaluateLike(
  { element, operator, pattern, escape: escapeCharacter }: LikeExpression,
  read: ReadColumn,
): unknown {
  const ignoresCase = operator.endsWith("ILIKE");
  const matches = matchesLike(evaluate(element, read), evaluate(pattern, read), escapeCharacter, ignoresCase);
  return operator.startsWith("NOT") ? notOf(matches) : matches;
}

function evaluateBetween({ element, low, high, negated }: BetweenExpression, read: ReadColumn): unknown {
  const value = evaluate(element, read);
  const inside = andOf(
    compare(typeOfComparison(element, low), ">=", value, evaluate(low, read)),
    compare(typeOfComparison(element, high), "<=", value, evaluate(high, read)),
  );
  return negated ? notOf(inside) : inside;
}

function evaluateUnary({ operator, operand }: UnaryExpression<unknown>, read: ReadColumn): unknown {
  const value = evaluate(operand, read);
  if (operator === "NOT") return notOf(truthOf(value));
  if (operator === "DISTINCT") return UNKNOWN;
  if (value === null) return null;
  return typeof value === "number" || typeof value === "bigint" ? -value : UNKNOWN;
}

function evaluateCase({ conditions, results, otherwise }: CaseExpression<unknown>, read: ReadColumn): unknown {
  for (const [index, condition] of conditions.entries()) {
    const truth = truthOf(evaluate(condition, read));
    if (truth === UNKNOWN) return UNKNOWN;
    const result = results[index];
    if (truth === true && result !== undefined) return evaluate(result, read);
  }
  return otherwise === null ? null : evaluate(otherwise, read);
}

/** A conversion to the type that it has; others are the database's. */
function evaluateCast({ expression, sqlType }: CastExpression<unknown>, read: ReadColumn): unknown {
  const value = evaluate(expression, read);
  return value === null || expression.sqlType.cacheKey === sqlType.cacheKey ? value : UNKNOWN;
}

function evaluateFunction({ name, args, condition }: FunctionCall<unknown>, read: ReadColumn): unknown {
  const [first, second] = args;
  if (first === undefined || condition !== null) return UNKNOWN;
  const value = evaluate(first, read);
  switch (name) {
    case "coalesce":
      return evaluateCoalesce(args, read);
    case "nullif": {
      if (second === undefined) return UNKNOWN;
      const same = isSame(typeOfComparison(first, second), value, evaluate(second, read));
      return same === UNKNOWN ? UNKNOWN : same === true ? null : value;
    }
    case "lower":
      return ofAscii(value, (text) => text.toLowerCase());
    case "upper":
      return ofAscii(value, (text) => text.toUpperCase());
    case "length":
      return ofAscii(value, (text) => text.length);
    case "trim":
      return ofAscii(value, (text) => text.replace(/^ +| +$/g, ""));
    case "abs":
      if (typeof value === "bigint") return value < 0n ? -value : value;
      return typeof value === "number" ? Math.abs(value) : value === null ? null : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function evaluateCoalesce(args: readonly SqlExpression<unknown>[], read: ReadColumn): unknown {
  for (const argument of args) {
    const value = evaluate(argument, read);
    if (value !== null) return value;
  }
  return null;
}

/** Databases agree about letters and lengths only as far as ASCII goes. */
function ofAscii(value: unknown, compute: (text: string) => unknown): unknown {
  if (value === null) return null;
  return typeof value === "string" && /^[\x20-\x7e]*$/.test(value) ? compute(value) : UNKNOWN;
}
