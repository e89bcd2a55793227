import type { Compilation } from "../../compiler/compilation.ts";
import { isComparison } from "../../compiler/precedence.ts";
import { StatementCompiler } from "../../compiler/statement-compiler.ts";
import { ColumnElement, type FromClause } from "../../expression/from.ts";
import type { ExtractExpression, FunctionCall, JsonPart } from "../../expression/nodes.ts";
import {
  type BetweenExpression,
  type BinaryExpression,
  BindParameter,
  type SqlExpression,
  TupleExpression,
  type UnaryExpression,
} from "../../expression/sql-expression.ts";
import { FloatType } from "../../expression/types/numbers.ts";
import type { Column } from "../../schema/column.ts";
import { Table } from "../../schema/table.ts";
import { membersOf } from "../../statement/join.ts";
import type { LockClause } from "../../statement/lock.ts";
import { parameterType } from "./types.ts";

const STRINGS = new Set(["varchar", "char", "text"]);

/**
 * Statements in the SQL of PostgreSQL, which finds out the type of a parameter from what stands beside it, and fails, or
 * takes it for text, where nothing does. So parameters are written like the literals of SQL: a string alone, as `'x'` is,
 * which becomes what it is compared with; anything else with its type, as `5` and `TRUE` have one: `$1::integer`. Where
 * a column tells the type, nothing is added.
 */
export class PostgresqlStatementCompiler extends StatementCompiler {
  override expression(node: SqlExpression<unknown>, c: Compilation): string {
    if (!(node instanceof BindParameter)) return super.expression(node, c);
    return STRINGS.has(node.sqlType.name) ? c.literal(node) : this.#typed(node, c);
  }

  protected override binary(node: BinaryExpression<unknown>, c: Compilation): string {
    const { left, operator, right } = node;
    if (isComparison(operator)) {
      if (right instanceof BindParameter && isOfColumn(right, left)) {
        return this.operator(this.expression(left, c), operator, c.literal(right));
      }
      if (left instanceof BindParameter && isOfColumn(left, right)) {
        return this.operator(c.literal(left), operator, this.expression(right, c));
      }
    }
    if (operator === "%" && (isFloat(left) || isFloat(right))) {
      const [dividend, divisor] = [left, right].map((side) => this.#asNumeric(side, c));
      return `CAST(${dividend} % ${divisor} AS DOUBLE PRECISION)`;
    }
    return super.binary(node, c);
  }

  protected override between(node: BetweenExpression, c: Compilation): string {
    const { element, low, high, negated } = node;
    if (!isOfColumn(low, element) || !isOfColumn(high, element)) return super.between(node, c);
    const [text, from, to] = [
      this.expression(element, c),
      this.#beside(low, element, c),
      this.#beside(high, element, c),
    ];
    return `${text} ${negated ? "NOT " : ""}BETWEEN ${from} AND ${to}`;
  }

  protected override inList(
    element: SqlExpression<unknown>,
    values: readonly SqlExpression<unknown>[],
    c: Compilation,
  ): string {
    return `(${values.map((value) => this.#beside(value, element, c)).join(", ")})`;
  }

  protected override ilike(text: string, negated: boolean, pattern: string, escapeText: string): string {
    return `${text} ${negated ? "NOT ILIKE" : "ILIKE"} ${pattern}${escapeText}`;
  }

  /** Functions that take anything cannot tell what they are given. */
  protected override functionCall(node: FunctionCall<unknown>, c: Compilation): string {
    const { name, args, condition } = node;
    const [first, digits] = args;
    if (name === "round" && first !== undefined && digits !== undefined && isFloat(first)) {
      return `CAST(round(${this.#asNumeric(first, c)}, ${this.expression(digits, c)}) AS DOUBLE PRECISION)`;
    }
    if (!args.some((argument) => argument instanceof BindParameter)) return super.functionCall(node, c);
    const texts = args.map((argument) =>
      argument instanceof BindParameter ? this.#typed(argument, c) : this.expression(argument, c),
    );
    const call = this.functionText(name, texts.join(", "), args.length);
    return condition === null ? call : `${call} FILTER (WHERE ${this.expression(condition, c)})`;
  }

  protected override unary(node: UnaryExpression<unknown>, c: Compilation): string {
    const { operator, operand } = node;
    // COUNT(DISTINCT $1) takes anything, too.
    if (operator === "DISTINCT" && operand instanceof BindParameter) return `DISTINCT ${this.#typed(operand, c)}`;
    return super.unary(node, c);
  }

  protected override cell(column: Column, value: SqlExpression<unknown> | undefined, c: Compilation): string {
    return value instanceof BindParameter ? c.literal(value) : super.cell(column, value, c);
  }

  protected override assignment(column: Column, value: SqlExpression<unknown>, c: Compilation): string {
    return value instanceof BindParameter ? c.literal(value) : super.assignment(column, value, c);
  }

  protected override limit(
    limit: SqlExpression<unknown> | null,
    offset: SqlExpression<unknown> | null,
    c: Compilation,
  ): string {
    const count = (node: SqlExpression<unknown>) =>
      node instanceof BindParameter ? c.literal(node) : this.operand(node, 1, c);
    return [limit === null ? "" : `LIMIT ${count(limit)}`, offset === null ? "" : `OFFSET ${count(offset)}`]
      .filter((part) => part !== "")
      .join(" ");
  }

  /** `FOR UPDATE OF t`: a table by the name that it has in the statement, which is without its schema. */
  protected override lock({ strength, of, wait }: LockClause, c: Compilation): string {
    const tables = of
      .flatMap(membersOf)
      .map((from) => (from instanceof Table ? c.dialect.quote(from.name) : this.qualifier(from, c)));
    return `FOR ${strength}${tables.length === 0 ? "" : ` OF ${tables.join(", ")}`}${wait === null ? "" : ` ${wait}`}`;
  }

  protected override deleteUsing(others: readonly FromClause[], c: Compilation): string {
    return `USING ${others.map((from) => this.from(from, c)).join(", ")}`;
  }

  protected override extract({ field, expression }: ExtractExpression, c: Compilation): string {
    const text = this.operand(expression, Number.POSITIVE_INFINITY, c);
    // Parts of an instant depend on the time zone of the connection, unless one is named.
    const moment = expression.sqlType.name === "timestamp" ? `${text} AT TIME ZONE 'UTC'` : text;
    return `floor(EXTRACT(${field.toUpperCase()} FROM ${moment}))::integer`;
  }

  protected override jsonPart({ document, path, asText }: JsonPart<unknown>, c: Compilation): string {
    let part = this.operand(document, Number.POSITIVE_INFINITY, c);
    for (const [index, step] of path.entries()) {
      const isText = asText && index === path.length - 1;
      if (typeof step === "string") {
        part = `(${part} ${isText ? "->>" : "->"} ${this.stringLiteral(step)})`;
      } else {
        // `-> 0` of a text or a number is that itself.
        part = `jsonb_path_query_first(${part}, 'strict $[${step}]', '{}', true)`;
        if (isText) part = `(${part} #>> '{}')`;
      }
    }
    return part;
  }

  protected override bytesLiteral(bytes: Uint8Array): string {
    return `'\\x${Buffer.from(bytes).toString("hex")}'::bytea`;
  }

  protected override nonFiniteLiteral(value: number): string {
    return `'${value}'::float8`;
  }

  /** A value beside what it is compared with, which tells its type if it is a column. */
  #beside(value: SqlExpression<unknown>, element: SqlExpression<unknown>, c: Compilation): string {
    if (value instanceof BindParameter && isOfColumn(value, element)) return c.literal(value);
    if (value instanceof TupleExpression && element instanceof TupleExpression) {
      const parts = value.elements.map((part, index) => {
        const other = element.elements[index];
        return other === undefined ? this.expression(part, c) : this.#beside(part, other, c);
      });
      return `(${parts.join(", ")})`;
    }
    return this.expression(value, c);
  }

  /** Floating-point numbers have no remainders, and no digits to be rounded to. */
  #asNumeric(expression: SqlExpression<unknown>, c: Compilation): string {
    return `CAST(${this.expression(expression, c)} AS NUMERIC)`;
  }

  #typed(parameter: BindParameter<unknown>, c: Compilation): string {
    const text = c.literal(parameter);
    const type = c.writesValuesOut ? null : parameterType(parameter.sqlType);
    return type === null ? text : `${text}::${type}`;
  }
}

function isFloat({ sqlType }: SqlExpression<unknown>): boolean {
  return sqlType instanceof FloatType;
}

/** Is one a value of the other's type, and that one a column? */
function isOfColumn(value: SqlExpression<unknown>, other: SqlExpression<unknown>): boolean {
  return value instanceof BindParameter && other instanceof ColumnElement && value.sqlType.name === other.sqlType.name;
}
