import { partOfDate, partOfDocument } from "./evaluate-parts.ts";
import { andOf, calculate, compare, isSame, matchesLike, notOf, orOf, truthOf, UNKNOWN } from "./evaluate-values.ts";
import { ColumnElement } from "./from.ts";
import { CaseExpression, ExtractExpression, FunctionCall, JsonPart } from "./nodes.ts";
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
  return valueIn(expression, { read, guesses: false });
}

/**
 * As {@link evaluate}, but where databases differ it is what most of them would say: letters beyond ASCII, and the order
 * of texts as far as collations agree about it. For what may be wrong without harm.
 */
export function guess(expression: SqlExpression<unknown>, read: ReadColumn): unknown {
  return valueIn(expression, { read, guesses: true });
}

/** The row at hand, and whether a likely answer will do. */
interface Row {
  readonly read: ReadColumn;
  readonly guesses: boolean;
}

function valueIn(expression: SqlExpression<unknown>, row: Row): unknown {
  if (expression instanceof ColumnElement) {
    const value = row.read(expression);
    return value === undefined ? UNKNOWN : value;
  }
  if (expression instanceof BindParameter) return expression.value;
  if (expression instanceof BinaryExpression) return evaluateBinary(expression, row);
  if (expression instanceof BooleanList) return evaluateList(expression, row);
  if (expression instanceof InExpression) return evaluateIn(expression, row);
  if (expression instanceof LikeExpression) return evaluateLike(expression, row);
  if (expression instanceof BetweenExpression) return evaluateBetween(expression, row);
  if (expression instanceof UnaryExpression) return evaluateUnary(expression, row);
  if (expression instanceof NullLiteral) return null;
  if (expression instanceof BooleanLiteral) return expression.truth;
  if (expression instanceof FunctionCall) return evaluateFunction(expression, row);
  if (expression instanceof CaseExpression) return evaluateCase(expression, row);
  if (expression instanceof CastExpression) return evaluateCast(expression, row);
  if (expression instanceof JsonPart) return partOfDocument(expression, valueIn(expression.document, row), row.guesses);
  if (expression instanceof ExtractExpression) return partOfDate(expression.field, valueIn(expression.expression, row));
  if (expression instanceof Label || expression instanceof CollateExpression || expression instanceof OrderBy) {
    return valueIn(expression.expression, row);
  }
  return UNKNOWN;
}

function evaluateBinary(expression: BinaryExpression<unknown>, row: Row): unknown {
  const { left, operator, right } = expression;
  const a = valueIn(left, row);
  const b = valueIn(right, row);
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
      return compare(type, operator, a, b, row.guesses);
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

function evaluateList({ operator, operands }: BooleanList, row: Row): unknown {
  const join = operator === "AND" ? andOf : orOf;
  const decisive = operator === "OR";
  let result: unknown = !decisive;
  for (const operand of operands) {
    result = join(result, truthOf(valueIn(operand, row)));
    if (result === decisive) break;
  }
  return result;
}

function evaluateIn({ element, list, negated }: InExpression, row: Row): unknown {
  if (list === null) return UNKNOWN;
  const value = valueIn(element, row);
  let found: unknown = false;
  for (const member of list) {
    found = orOf(found, isSame(typeOfComparison(element, member), value, valueIn(member, row)));
    if (found === true) break;
  }
  return negated ? notOf(found) : found;
}

function evaluateLike({ element, operator, pattern, escape: escapeCharacter }: LikeExpression, row: Row): unknown {
  const ignoresCase = operator.endsWith("ILIKE");
  const matches = matchesLike(valueIn(element, row), valueIn(pattern, row), escapeCharacter, ignoresCase);
  return operator.startsWith("NOT") ? notOf(matches) : matches;
}

function evaluateBetween({ element, low, high, negated }: BetweenExpression, row: Row): unknown {
  const value = valueIn(element, row);
  const inside = andOf(
    compare(typeOfComparison(element, low), ">=", value, valueIn(low, row), row.guesses),
    compare(typeOfComparison(element, high), "<=", value, valueIn(high, row), row.guesses),
  );
  return negated ? notOf(inside) : inside;
}

function evaluateUnary({ operator, operand }: UnaryExpression<unknown>, row: Row): unknown {
  const value = valueIn(operand, row);
  if (operator === "NOT") return notOf(truthOf(value));
  if (operator === "DISTINCT") return UNKNOWN;
  if (value === null) return null;
  return typeof value === "number" || typeof value === "bigint" ? -value : UNKNOWN;
}

function evaluateCase({ conditions, results, otherwise }: CaseExpression<unknown>, row: Row): unknown {
  for (const [index, condition] of conditions.entries()) {
    const truth = truthOf(valueIn(condition, row));
    if (truth === UNKNOWN) return UNKNOWN;
    const result = results[index];
    if (truth === true && result !== undefined) return valueIn(result, row);
  }
  return otherwise === null ? null : valueIn(otherwise, row);
}

/** A conversion to the type that it has; others are the database's. */
function evaluateCast({ expression, sqlType }: CastExpression<unknown>, row: Row): unknown {
  const value = valueIn(expression, row);
  return value === null || expression.sqlType.cacheKey === sqlType.cacheKey ? value : UNKNOWN;
}

function evaluateFunction({ name, args, condition }: FunctionCall<unknown>, row: Row): unknown {
  const [first, second] = args;
  if (first === undefined || condition !== null) return UNKNOWN;
  const value = valueIn(first, row);
  switch (name) {
    case "coalesce":
      return evaluateCoalesce(args, row);
    case "nullif": {
      if (second === undefined) return UNKNOWN;
      const same = isSame(typeOfComparison(first, second), value, valueIn(second, row));
      return same === UNKNOWN ? UNKNOWN : same === true ? null : value;
    }
    case "lower":
      return ofText(value, row, (text) => text.toLowerCase());
    case "upper":
      return ofText(value, row, (text) => text.toUpperCase());
    case "length":
      return ofText(value, row, (text) => [...text].length);
    case "trim":
      return ofText(value, row, (text) => text.replace(/^ +| +$/g, ""));
    case "abs":
      if (typeof value === "bigint") return value < 0n ? -value : value;
      return typeof value === "number" ? Math.abs(value) : value === null ? null : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function evaluateCoalesce(args: readonly SqlExpression<unknown>[], row: Row): unknown {
  for (const argument of args) {
    const value = valueIn(argument, row);
    if (value !== null) return value;
  }
  return null;
}

/** Databases agree about letters and lengths only as far as ASCII goes. */
function ofText(value: unknown, { guesses }: Row, compute: (text: string) => unknown): unknown {
  if (value === null) return null;
  return typeof value === "string" && (guesses || /^[\x20-\x7e]*$/.test(value)) ? compute(value) : UNKNOWN;
}
