import { CompileError } from "../errors/index.ts";
import { ColumnElement, type FromClause } from "../expression/from.ts";
import type { QueryNode } from "../expression/node.ts";
import {
  CaseExpression,
  ExtractExpression,
  FunctionCall,
  JsonPart,
  OverExpression,
  Star,
  TextFragment,
  type WindowFrame,
} from "../expression/nodes.ts";
import { ExistsExpression, ScalarSubquery } from "../expression/query-node.ts";
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
  TupleExpression,
  UnaryExpression,
} from "../expression/sql-expression.ts";
import { NamedParameter } from "../statement/text.ts";
import type { Compilation } from "./compilation.ts";
import { ATOM, isAssociative, isComparison, OTHER, precedenceOf } from "./precedence.ts";

/** A text that is one name, one number, or one call: safe beside any operator. */
const SIMPLE_TEXT = /^[\w.]+(\([^()]*\))?$/;

/**
 * Writes expressions. A method for each kind of node, which a dialect overrides where its SQL differs; none of them keeps
 * state, which is all in the {@link Compilation}.
 */
export abstract class ExpressionCompiler {
  /** A query without parentheses around it. */
  protected abstract query(query: QueryNode, c: Compilation, isCorrelated: boolean): string;
  /** How columns of the FROM element are qualified: by its name or that of its alias. */
  protected abstract qualifier(from: FromClause, c: Compilation): string;

  /** An expression, without parentheses around it. */
  expression(node: SqlExpression<unknown>, c: Compilation): string {
    if (node instanceof ColumnElement) return this.column(node, c);
    if (node instanceof BindParameter) return c.literal(node);
    if (node instanceof BinaryExpression) return this.binary(node, c);
    if (node instanceof BooleanList) return this.booleanList(node, c);
    if (node instanceof FunctionCall) return this.functionCall(node, c);
    if (node instanceof Label) return this.expression(node.expression, c);
    if (node instanceof OrderBy) return this.orderBy(node, c);
    if (node instanceof InExpression) return this.in(node, c);
    if (node instanceof LikeExpression) return this.like(node, c);
    if (node instanceof NullLiteral) return "NULL";
    if (node instanceof UnaryExpression) return this.unary(node, c);
    if (node instanceof BetweenExpression) return this.between(node, c);
    if (node instanceof BooleanLiteral) return this.booleanLiteral(node.truth);
    if (node instanceof ScalarSubquery) return `(${this.query(node.query, c, true)})`;
    if (node instanceof ExistsExpression) return `EXISTS (${this.query(node.query, c, true)})`;
    if (node instanceof CastExpression) return this.cast(node, c);
    if (node instanceof CaseExpression) return this.case(node, c);
    if (node instanceof TextFragment) return this.text(node, c);
    if (node instanceof Star) return "*";
    if (node instanceof OverExpression) return this.over(node, c);
    if (node instanceof TupleExpression) return `(${this.list(node.elements, c)})`;
    if (node instanceof CollateExpression) return this.collate(node, c);
    if (node instanceof ExtractExpression) return this.extract(node, c);
    if (node instanceof JsonPart) return this.jsonPart(node, c);
    if (node instanceof NamedParameter) return this.named(node, c);
    return this.otherExpression(node, c);
  }

  /** A parameter of raw SQL is what was given for it. Without a value, the statement can be written, and not executed. */
  protected named(node: NamedParameter, c: Compilation): string {
    const given = c.given(node);
    return given === null ? c.bind({ kind: "named", name: node.name, type: node.sqlType }) : this.expression(given, c);
  }

  /** An expression of a kind that is not standard; a dialect with kinds of its own overrides it. */
  protected otherExpression(node: SqlExpression<unknown>, c: Compilation): string {
    throw new CompileError(`${c.dialect.name} has no SQL for an expression of the kind "${node.kind}".`);
  }

  /** Expressions with commas between them. */
  protected list(nodes: readonly SqlExpression<unknown>[], c: Compilation): string {
    return nodes.map((node) => this.expression(node, c)).join(", ");
  }

  /** Conditions that must all hold. */
  protected allOf(conditions: readonly SqlExpression<unknown>[], c: Compilation): string {
    const [only, another] = conditions;
    if (only !== undefined && another === undefined) return this.expression(only, c);
    return conditions.map((condition) => this.operand(condition, precedenceOf("AND"), c)).join(" AND ");
  }

  /** An operand, in parentheses if it binds less tightly than `precedence`. */
  protected operand(node: SqlExpression<unknown>, precedence: number, c: Compilation): string {
    const text = this.expression(node, c);
    return this.precedence(node) < precedence ? `(${text})` : text;
  }

  /** How tightly the outermost operator of the expression binds. */
  protected precedence(node: SqlExpression<unknown>): number {
    if (node instanceof BinaryExpression) return precedenceOf(node.operator);
    if (node instanceof BooleanList) return precedenceOf(node.operator);
    if (node instanceof UnaryExpression) return precedenceOf(node.operator === "NOT" ? "NOT" : "unary -");
    if (node instanceof InExpression) return nullsIn(node) ? 0 : precedenceOf("IN");
    if (node instanceof LikeExpression || node instanceof BetweenExpression) return precedenceOf("LIKE");
    if (node instanceof CollateExpression) return precedenceOf("COLLATE");
    if (node instanceof Label) return this.precedence(node.expression);
    if (node instanceof TextFragment) {
      const [only] = node.strings;
      return node.strings.length === 1 && only !== undefined && SIMPLE_TEXT.test(only) ? ATOM : 0;
    }
    return ATOM;
  }

  protected column(column: ColumnElement<unknown>, c: Compilation): string {
    const name = c.dialect.quote(column.name);
    return c.qualify ? `${this.qualifier(column.table, c)}.${name}` : name;
  }

  protected binary({ left, operator, right }: BinaryExpression<unknown>, c: Compilation): string {
    const own = precedenceOf(operator);
    const isSame = (node: SqlExpression<unknown>): boolean =>
      node instanceof BinaryExpression && node.operator === operator;
    // Operators are read from the left. Comparisons cannot be chained, and databases disagree about what binds tighter
    // among the rest (bit operators, `||`).
    const isOther = own === OTHER;
    const leftMinimum = isOther ? (isSame(left) ? own : ATOM) : isComparison(operator) ? own + 1 : own;
    const rightMinimum = isOther ? (isSame(right) && isAssociative(operator) ? own : ATOM) : own + 1;
    return this.operator(this.operand(left, leftMinimum, c), operator, this.operand(right, rightMinimum, c));
  }

  /** Two operands and what is between them. A dialect that spells an operator differently overrides it. */
  protected operator(left: string, operator: string, right: string): string {
    return `${left} ${operator} ${right}`;
  }

  protected booleanList({ operator, operands }: BooleanList, c: Compilation): string {
    const minimum = precedenceOf(operator) + 1;
    return operands.map((operand) => this.operand(operand, minimum, c)).join(` ${operator} `);
  }

  protected unary({ operator, operand }: UnaryExpression<unknown>, c: Compilation): string {
    if (operator === "DISTINCT") return `DISTINCT ${this.expression(operand, c)}`;
    // Everything else in parentheses: `NOT a = b` reads like `(NOT a) = b`, and `--` begins a comment.
    return operator === "NOT" ? `NOT ${this.operand(operand, ATOM, c)}` : `-${this.operand(operand, ATOM, c)}`;
  }

  /**
   * `IN`. An empty list matches nothing. A NULL in the list means that NULL is one of the values, as `eq(null)` means
   * IS NULL; in SQL's own reading `NOT IN (..., NULL)` would never be true.
   */
  protected in(node: InExpression, c: Compilation): string {
    const { element, list, query, negated } = node;
    const word = negated ? "NOT IN" : "IN";
    const minimum = precedenceOf("IN") + 1;
    if (query !== null) return `${this.operand(element, minimum, c)} ${word} (${this.query(query, c, true)})`;
    const values = (list ?? []).filter((value) => !(value instanceof NullLiteral));
    const parts: string[] = [];
    if (values.length > 0) {
      parts.push(`${this.operand(element, minimum, c)} ${word} ${this.inList(element, values, c)}`);
    }
    if (nullsIn(node)) parts.push(`${this.operand(element, minimum, c)} IS ${negated ? "NOT " : ""}NULL`);
    if (parts.length === 0) return negated ? "1 = 1" : "1 = 0";
    return parts.join(negated ? " AND " : " OR ");
  }

  /** The list behind IN; tuples need another form in some databases. */
  protected inList(
    _element: SqlExpression<unknown>,
    values: readonly SqlExpression<unknown>[],
    c: Compilation,
  ): string {
    return `(${this.list(values, c)})`;
  }

  protected like(node: LikeExpression, c: Compilation): string {
    const { element, operator, pattern } = node;
    const minimum = precedenceOf("LIKE") + 1;
    const text = this.operand(element, minimum, c);
    const patternText = this.operand(pattern, minimum, c);
    const escapeText = node.escape === null ? "" : ` ESCAPE ${this.stringLiteral(node.escape)}`;
    if (operator === "LIKE" || operator === "NOT LIKE") return `${text} ${operator} ${patternText}${escapeText}`;
    return this.ilike(text, operator === "NOT ILIKE", patternText, escapeText);
  }

  /** LIKE for which case does not count; standard SQL has no word for it. */
  protected ilike(text: string, negated: boolean, pattern: string, escapeText: string): string {
    return `lower(${text}) ${negated ? "NOT LIKE" : "LIKE"} lower(${pattern})${escapeText}`;
  }

  protected between({ element, low, high, negated }: BetweenExpression, c: Compilation): string {
    const minimum = precedenceOf("BETWEEN") + 1;
    const [text, from, to] = [element, low, high].map((node) => this.operand(node, minimum, c));
    return `${text} ${negated ? "NOT " : ""}BETWEEN ${from} AND ${to}`;
  }

  protected booleanLiteral(truth: boolean): string {
    return truth ? "TRUE" : "FALSE";
  }

  protected orderBy({ expression, direction, nulls }: OrderBy<unknown>, c: Compilation): string {
    const text = this.ordering(expression, c);
    return `${text}${direction === null ? "" : ` ${direction}`}${nulls === null ? "" : ` NULLS ${nulls}`}`;
  }

  /** What rows are ordered by: the name of a column of the result, if it is one. */
  protected ordering(expression: SqlExpression<unknown>, c: Compilation): string {
    const name = c.orderingNames.get(expression);
    return name === undefined ? this.expression(expression, c) : c.dialect.quote(name);
  }

  protected cast({ expression, sqlType }: CastExpression<unknown>, c: Compilation): string {
    return `CAST(${this.expression(expression, c)} AS ${c.dialect.typeDdl(sqlType)})`;
  }

  /** A part of a date, as a whole number. */
  protected extract({ field, expression }: ExtractExpression, c: Compilation): string {
    return `EXTRACT(${field.toUpperCase()} FROM ${this.expression(expression, c)})`;
  }

  /** A part of a document; standard SQL has no operator for it that databases share. */
  protected jsonPart(_node: JsonPart<unknown>, c: Compilation): string {
    throw new CompileError(`${c.dialect.name} has no SQL for a part of a JSON document.`);
  }

  /** The way to a part of a document, as most databases write it: `'$."key"[0]'`. */
  protected jsonPath(path: JsonPart<unknown>["path"]): string {
    return this.stringLiteral(
      `$${path.map((step) => (typeof step === "number" ? `[${step}]` : `."${step}"`)).join("")}`,
    );
  }

  protected collate({ expression, collation }: CollateExpression<unknown>, c: Compilation): string {
    return `${this.operand(expression, precedenceOf("COLLATE") + 1, c)} COLLATE ${c.dialect.quote(collation)}`;
  }

  protected functionCall({ name, args, condition }: FunctionCall<unknown>, c: Compilation): string {
    const call = this.functionText(name, this.list(args, c), args.length);
    return condition === null ? call : `${call} FILTER (WHERE ${this.expression(condition, c)})`;
  }

  /** A call. A dialect that names a function differently overrides it. */
  protected functionText(name: string, args: string, _count: number): string {
    return name === "now" && args === "" ? "CURRENT_TIMESTAMP" : `${name}(${args})`;
  }

  protected case({ conditions, results, otherwise }: CaseExpression<unknown>, c: Compilation): string {
    const branches = conditions.map((condition, index) => {
      const result = results[index];
      if (result === undefined) throw new CompileError("A CASE has a condition without a result.");
      return ` WHEN ${this.expression(condition, c)} THEN ${this.expression(result, c)}`;
    });
    const rest = otherwise === null ? "" : ` ELSE ${this.expression(otherwise, c)}`;
    return `CASE${branches.join("")}${rest} END`;
  }

  protected over({ expression, partitionBy, orderBy, frame }: OverExpression<unknown>, c: Compilation): string {
    const parts: string[] = [];
    if (partitionBy.length > 0) parts.push(`PARTITION BY ${this.list(partitionBy, c)}`);
    // A window does not see the names of the result.
    if (orderBy.length > 0) parts.push(c.ordering(NO_NAMES, () => `ORDER BY ${this.list(orderBy, c)}`));
    if (frame !== null) parts.push(frameText(frame));
    return `${this.expression(expression, c)} OVER (${parts.join(" ")})`;
  }

  protected text({ strings, expressions }: TextFragment<unknown>, c: Compilation): string {
    return strings
      .map((string, index) => {
        const expression = expressions[index];
        if (expression === undefined) return string;
        // Text in text is put together by whoever wrote it: it may be any piece of SQL.
        const text = expression instanceof TextFragment ? this.text(expression, c) : this.operand(expression, ATOM, c);
        return string + text;
      })
      .join("");
  }

  /** A string written out in SQL. */
  protected stringLiteral(value: string): string {
    return `'${value.replaceAll("'", "''")}'`;
  }
}

const NO_NAMES: ReadonlyMap<SqlExpression<unknown>, string> = new Map();

/** Does the list mention NULL? */
function nullsIn({ list }: InExpression): boolean {
  return list?.some((value) => value instanceof NullLiteral) ?? false;
}

function frameText({ unit, from, to }: WindowFrame): string {
  const start = from === null ? "UNBOUNDED PRECEDING" : boundText(from);
  const end = to === null ? "UNBOUNDED FOLLOWING" : boundText(to);
  return `${unit.toUpperCase()} BETWEEN ${start} AND ${end}`;
}

function boundText(offset: number): string {
  if (!Number.isSafeInteger(offset)) throw new CompileError(`The bound of a window is a whole number, not ${offset}.`);
  if (offset === 0) return "CURRENT ROW";
  return offset < 0 ? `${-offset} PRECEDING` : `${offset} FOLLOWING`;
}
