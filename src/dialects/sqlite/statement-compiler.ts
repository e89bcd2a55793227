import type { Compilation } from "../../compiler/compilation.ts";
import { ATOM } from "../../compiler/precedence.ts";
import { StatementCompiler } from "../../compiler/statement-compiler.ts";
import { CompileError } from "../../errors/index.ts";
import { ColumnElement } from "../../expression/from.ts";
import type { DateField, ExtractExpression, FunctionCall, JsonPart } from "../../expression/nodes.ts";
import {
  type BetweenExpression,
  type BinaryExpression,
  BindParameter,
  type CastExpression,
  NullLiteral,
  type SqlExpression,
  TupleExpression,
} from "../../expression/sql-expression.ts";
import type { SqlType } from "../../expression/sql-type.ts";
import { FloatType, NumericType } from "../../expression/types/numbers.ts";
import type { Column } from "../../schema/column.ts";
import { DefaultValue } from "../../statement/insert.ts";
import type { Select } from "../../statement/select.ts";
import type { CompoundSelect } from "../../statement/select-base.ts";
import type { Subquery } from "../../statement/subquery.ts";
import { temporalCast } from "./temporal-cast.ts";

const ORDERING = new Set(["<", "<=", ">", ">="]);
const EQUALITY = new Set(["=", "<>", "!=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"]);

const INTEGERS = new Set(["smallint", "integer", "long", "bigint"]);

/** The digits of a decimal number that floating point keeps. */
const MOST_DIGITS = 15;

/** What makes a calculated 1.005, which floating point has a bit less of, be rounded up; it changes none of those digits. */
const ABOVE_ONE = 1 + Number.EPSILON;

/** Functions that SQLite has under another name. */
const FUNCTION_NAMES: Readonly<Record<string, string>> = { greatest: "max", least: "min", char_length: "length" };

/** What `strftime` calls the parts of a date. */
const DATE_FORMATS: Readonly<Record<Exclude<DateField, "quarter">, string>> = {
  year: "%Y",
  month: "%m",
  day: "%d",
  hour: "%H",
  minute: "%M",
  second: "%S",
  dow: "%w",
  doy: "%j",
};

/**
 * Statements in the SQL of SQLite. Decimal numbers are stored as text, so that no digit is lost; where their order
 * counts, they are compared as numbers.
 */
export class SqliteStatementCompiler extends StatementCompiler {
  protected override binary(node: BinaryExpression<unknown>, c: Compilation): string {
    const { left, operator, right } = node;
    // `%` drops the fractions of both sides first; what is added makes 0 of -0.
    if (operator === "%" && (isFractional(left) || isFractional(right))) {
      return `(mod(${this.list([left, right], c)}) + 0.0)`;
    }
    if (!isNumeric(left) && !isNumeric(right)) return super.binary(node, c);
    const asNumbers = ORDERING.has(operator) || (EQUALITY.has(operator) && !haveOneText(left, right));
    if (!asNumbers) return super.binary(node, c);
    return this.operator(this.#number(left, c), operator, this.#number(right, c));
  }

  protected override between(node: BetweenExpression, c: Compilation): string {
    if (!isNumeric(node.element)) return super.between(node, c);
    const [element, low, high] = [node.element, node.low, node.high].map((part) => this.#number(part, c));
    return `${element} ${node.negated ? "NOT " : ""}BETWEEN ${low} AND ${high}`;
  }

  protected override ordering(expression: SqlExpression<unknown>, c: Compilation): string {
    // What is ordered by its name in the result cannot be wrapped everywhere: combined queries take nothing but names.
    if (!isNumeric(expression) || c.orderingNames.has(expression)) return super.ordering(expression, c);
    return this.#number(expression, c);
  }

  protected override functionCall(node: FunctionCall<unknown>, c: Compilation): string {
    const [argument, digits] = node.args;
    if (node.name === "round" && argument !== undefined && isNumeric(argument)) {
      const count = digits === undefined ? "" : `, ${this.expression(digits, c)}`;
      return `round((${this.expression(argument, c)}) * ${ABOVE_ONE}${count})`;
    }
    const isExtreme = node.args.length === 1 && (node.name === "max" || node.name === "min");
    if (!isExtreme || argument === undefined || !isNumeric(argument)) return super.functionCall(node, c);
    const call = `${node.name}(${this.#number(argument, c)})`;
    return node.condition === null ? call : `${call} FILTER (WHERE ${this.expression(node.condition, c)})`;
  }

  protected override functionText(name: string, args: string, count: number): string {
    return super.functionText(FUNCTION_NAMES[name] ?? name, args, count);
  }

  protected override cast(node: CastExpression<unknown>, c: Compilation): string {
    const { expression, sqlType } = node;
    const temporal = temporalCast(node, this.operand(expression, ATOM, c));
    if (temporal !== null) return temporal;
    if (sqlType.name === "json") return `CAST(${this.expression(expression, c)} AS TEXT)`;
    if (INTEGERS.has(sqlType.name) && isFractional(expression))
      return `CAST(round(${this.expression(expression, c)}) AS INTEGER)`;
    if (sqlType instanceof NumericType)
      return `CAST(${fitted(sqlType, expression, this.expression(expression, c))} AS TEXT)`;
    return super.cast(node, c);
  }

  protected override extract({ field, expression }: ExtractExpression, c: Compilation): string {
    const text = this.expression(expression, c);
    if (field === "quarter") return `((CAST(strftime('%m', ${text}) AS INTEGER) + 2) / 3)`;
    return `CAST(strftime('${DATE_FORMATS[field]}', ${text}) AS INTEGER)`;
  }

  /** `json_extract` alone would make numbers of true and false. */
  protected override jsonPart(node: JsonPart<unknown>, c: Compilation): string {
    const document = this.expression(node.document, c);
    const path = this.jsonPath(node.path);
    if (!node.asText) return `(${this.operand(node.document, Number.POSITIVE_INFINITY, c)} -> ${path})`;
    const type = `json_type(${document}, ${path})`;
    return `CASE WHEN ${type} IN ('true', 'false') THEN ${type} ELSE CAST(json_extract(${document}, ${path}) AS TEXT) END`;
  }

  protected override cell(column: Column, value: SqlExpression<unknown> | undefined, c: Compilation): string {
    const text = super.cell(column, value, c);
    return value === undefined ? text : fitted(column.sqlType, value, text);
  }

  protected override assignment(column: Column, value: SqlExpression<unknown>, c: Compilation): string {
    return fitted(column.sqlType, value, super.assignment(column, value, c));
  }

  protected override inList(
    element: SqlExpression<unknown>,
    values: readonly SqlExpression<unknown>[],
    c: Compilation,
  ): string {
    if (!(element instanceof TupleExpression)) return super.inList(element, values, c);
    return `(VALUES ${this.list(values, c)})`;
  }

  protected override distinct(query: Select<unknown>, c: Compilation): string {
    if (query.distinctOn.length > 0) throw new CompileError("SQLite has no DISTINCT ON.");
    return super.distinct(query, c);
  }

  protected override limit(
    limit: SqlExpression<unknown> | null,
    offset: SqlExpression<unknown> | null,
    c: Compilation,
  ): string {
    const text = super.limit(limit, offset, c);
    // OFFSET alone is a syntax error; a negative limit means none.
    return limit === null && offset !== null ? `LIMIT -1 ${text}` : text;
  }

  protected override compoundSelect(
    query: CompoundSelect<unknown>,
    c: Compilation,
    naming: Parameters<StatementCompiler["compoundSelect"]>[2],
  ): string {
    if (query.operator === "INTERSECT ALL" || query.operator === "EXCEPT ALL") {
      throw new CompileError(`SQLite has no ${query.operator}: it combines queries without counting equal rows.`);
    }
    return super.compoundSelect(query, c, naming);
  }

  protected override subquery(from: Subquery, c: Compilation): string {
    if (from.lateral) throw new CompileError("SQLite has no LATERAL: write the subquery as a column of the result.");
    return super.subquery(from, c);
  }

  /** A number that is too large for the type is an infinity. */
  protected override nonFiniteLiteral(value: number): string {
    return Number.isNaN(value) ? super.nonFiniteLiteral(value) : value < 0 ? "-9e999" : "9e999";
  }

  /** The text of a statement ends at a NUL. */
  protected override stringLiteral(value: string): string {
    if (!value.includes("\u0000")) return super.stringLiteral(value);
    return `(CAST(X'${Buffer.from(value).toString("hex")}' AS TEXT))`;
  }

  #number(expression: SqlExpression<unknown>, c: Compilation): string {
    return `CAST(${this.expression(expression, c)} AS NUMERIC)`;
  }
}

/**
 * What is calculated, made to fit a column as other databases do: rounded to the digits that the column has behind the
 * point. SQLite itself stores what it calculates, a fraction also among integers. Decimals that are texts are, too,
 * unless they have as many digits anyway, or more in all than floating point keeps.
 */
function fitted(type: SqlType<unknown>, value: SqlExpression<unknown>, text: string): string {
  if (INTEGERS.has(type.name)) return isFractional(value) ? `CAST(round(${text}) AS INTEGER)` : text;
  if (!(type instanceof NumericType) || type.scale === null || fits(value, type)) return text;
  const { scale } = type;
  const zeros = scale > 0 ? ` || '.${"0".repeat(scale)}'` : "";
  // round() makes 0 of -0.001, which printf() alone writes as -0.00.
  const rounded = `printf('%.${scale}f', round((${text}) * ${ABOVE_ONE}, ${scale}))`;
  const isRounded = `typeof(${text}) = 'real' OR length(${text}) <= ${MOST_DIGITS + 1}`;
  return `CASE WHEN typeof(${text}) = 'integer' THEN (${text})${zeros} WHEN ${isRounded} THEN ${rounded} ELSE ${text} END`;
}

/** Is it given as the column has it, or copied from one with as many digits behind the point? */
function fits(value: SqlExpression<unknown>, { scale }: NumericType): boolean {
  if (value instanceof NullLiteral || value instanceof DefaultValue) return true;
  const { sqlType } = value;
  if (value instanceof BindParameter) return sqlType instanceof NumericType;
  return value instanceof ColumnElement && sqlType instanceof NumericType && sqlType.scale === scale;
}

/** Can its values have a fraction? */
function isFractional({ sqlType }: SqlExpression<unknown>): boolean {
  return sqlType instanceof NumericType || sqlType instanceof FloatType;
}

function isNumeric({ sqlType }: SqlExpression<unknown>): boolean {
  return sqlType instanceof NumericType;
}

/** Are both sides stored decimals with equally many digits behind the point? Then equal numbers are equal texts. */
function haveOneText(left: SqlExpression<unknown>, right: SqlExpression<unknown>): boolean {
  const scales = [left, right].map((side) => {
    const isStored = side instanceof ColumnElement || side instanceof BindParameter;
    return isStored && side.sqlType instanceof NumericType ? side.sqlType.scale : undefined;
  });
  return scales[0] !== undefined && scales[0] === scales[1];
}
