import { ArgumentError } from "../errors/index.ts";
import { assertList, assertOptions, assertWord, type OptionNames } from "./check-arguments.ts";
import { CaseExpression, FunctionCall, OverExpression, Star, TextFragment, type WindowFrame } from "./nodes.ts";
import {
  assertValue,
  BindParameter,
  type Condition,
  expressionOf,
  type Operand,
  type SqlExpression,
  TupleExpression,
  type Typed,
  toExpression,
} from "./sql-expression.ts";
import { describeValue, type SqlType, type TypeSource, typeFrom } from "./sql-type.ts";
import { commonType, DOUBLE, INTEGER, TEXT, TIMESTAMP, typeOfValue, UNTYPED } from "./types/inference.ts";

const FUNCTION_NAME = /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)*$/;

function call<T>(name: string, sqlType: SqlType<unknown>, args: readonly unknown[]): FunctionCall<T> {
  return new FunctionCall(
    name,
    args.map((argument) => toExpression(argument, UNTYPED)),
    sqlType,
  );
}

function typeOf(typed: Typed<unknown>): SqlType<unknown> {
  return expressionOf(typed).sqlType;
}

/**
 * Functions of SQL, typed. Those that are not here are called by name: `func.call("soundex", text(), User.c.name)`.
 *
 * @example
 * ```ts
 * import { func, integer, MetaData, select, Table } from "alkahest";
 *
 * const users = new Table("users", new MetaData(), { id: integer().primaryKey(), age: integer() });
 * select(func.count(), func.max(users.c.age));
 * ```
 */
export const func = {
  /** How many rows; with an expression, how many in which it is not NULL. */
  count(expression?: Typed<unknown>): FunctionCall<number> {
    return call("count", INTEGER, [expression ?? new Star()]);
  },
  /** The greatest value; NULL without rows. */
  max<T>(expression: Typed<T>): FunctionCall<T | null> {
    return call("max", typeOf(expression), [expression]);
  },
  min<T>(expression: Typed<T>): FunctionCall<T | null> {
    return call("min", typeOf(expression), [expression]);
  },
  /** NULL without rows. */
  sum<T>(expression: Typed<T>): FunctionCall<T | null> {
    return call("sum", typeOf(expression), [expression]);
  },
  /** The average as a floating-point number; NULL without rows. */
  avg(expression: Typed<number | bigint | string | null>): FunctionCall<number | null> {
    return call("avg", DOUBLE, [expression]);
  },
  lower<T extends string | null>(expression: Typed<T>): FunctionCall<T> {
    return call("lower", TEXT, [expression]);
  },
  upper<T extends string | null>(expression: Typed<T>): FunctionCall<T> {
    return call("upper", TEXT, [expression]);
  },
  trim<T extends string | null>(expression: Typed<T>): FunctionCall<T> {
    return call("trim", TEXT, [expression]);
  },
  /** The number of characters. */
  length(expression: Typed<string | null>): FunctionCall<number | null> {
    return call("length", INTEGER, [expression]);
  },
  abs<T extends number | bigint | string | null>(expression: Typed<T>): FunctionCall<T> {
    return call("abs", typeOf(expression), [expression]);
  },
  round<T extends number | string | null>(expression: Typed<T>, digits?: number): FunctionCall<T> {
    return call("round", typeOf(expression), digits === undefined ? [expression] : [expression, digits]);
  },
  /** The first of the values that is not NULL; NULL if all are. */
  coalesce<T, O extends readonly Operand<NonNullable<T>>[]>(
    first: Typed<T>,
    ...others: O
  ): FunctionCall<FirstOf<T, O>> {
    const type = typeOf(first);
    const args = [expressionOf(first), ...others.map((other) => toExpression(other, type))];
    return new FunctionCall(
      "coalesce",
      args,
      args.reduce((widest, { sqlType }) => commonType(widest, sqlType), type),
    );
  },
  /** NULL where the two are equal, else the first. */
  nullif<T>(expression: Typed<T>, other: Operand<NonNullable<T>>): FunctionCall<T | null> {
    const type = typeOf(expression);
    return new FunctionCall("nullif", [expressionOf(expression), toExpression(other, type)], type);
  },
  /** The time at which the transaction began, or that of the statement: as the database has it. */
  now(): FunctionCall<Date> {
    return call("now", TIMESTAMP, []);
  },
  /** The number of the row in its window: `over(func.rowNumber(), { orderBy: [...] })`. */
  rowNumber(): FunctionCall<number> {
    return call("row_number", INTEGER, []);
  },
  rank(): FunctionCall<number> {
    return call("rank", INTEGER, []);
  },
  denseRank(): FunctionCall<number> {
    return call("dense_rank", INTEGER, []);
  },
  /**
   * Any function by its name.
   * @param type what it returns: a column definition such as `integer()`
   * @throws ArgumentError if the name is none
   */
  call<T>(name: string, type: TypeSource<T>, ...args: readonly unknown[]): FunctionCall<T> {
    if (!FUNCTION_NAME.test(name)) throw new ArgumentError(`"${name}" is no name of a function.`);
    return call(name, typeFrom("func.call()", type), args);
  },
} as const;

/** An aggregate over the rows only for which a condition is true: `filter(func.count(), User.c.active.eq(true))`. */
export function filter<T>(aggregate: FunctionCall<T>, condition: Condition): FunctionCall<T> {
  if (!(aggregate instanceof FunctionCall)) {
    throw new ArgumentError(
      `filter() takes an aggregate, such as func.count(), not ${describeValue(aggregate)}; rows are chosen by where().`,
    );
  }
  return new FunctionCall(aggregate.name, aggregate.args, aggregate.sqlType, expressionOf(condition));
}

/** What rows a window function sees, and in which order. */
export interface Window {
  readonly partitionBy?: readonly Typed<unknown>[];
  readonly orderBy?: readonly Typed<unknown>[];
  readonly frame?: WindowFrame;
}

const WINDOW: OptionNames<Window> = { partitionBy: true, orderBy: true, frame: true };
const FRAME: OptionNames<WindowFrame> = { unit: true, from: true, to: true };
const FRAME_UNITS: readonly WindowFrame["unit"][] = ["rows", "range", "groups"];

/** A function over the rows around the current one: `over(func.sum(Sale.c.amount), { partitionBy: [Sale.c.year] })`. */
export function over<T>(expression: Typed<T>, window: Window = {}): OverExpression<T> {
  assertOptions("over()", window, WINDOW);
  const { partitionBy = [], orderBy = [], frame = null } = window;
  if (frame !== null) {
    assertOptions("over({ frame })", frame, FRAME);
    assertWord("over({ frame: { unit } })", frame.unit, FRAME_UNITS);
  }
  assertList("over({ partitionBy })", partitionBy, "partitionBy: [Sale.c.year]");
  assertList("over({ orderBy })", orderBy, "orderBy: [Sale.c.day]");
  return new OverExpression(expressionOf(expression), partitionBy.map(expressionOf), orderBy.map(expressionOf), frame);
}

/**
 * A value as an expression, for places that have no other side to take its type from: `select(literal(1))`.
 * @param type its SQL type, if the value alone does not say it
 */
export function literal<T>(value: T, type?: TypeSource<unknown>): SqlExpression<T> {
  if (value === undefined) throw new ArgumentError("literal(undefined): write null for NULL.");
  assertValue(value);
  return new BindParameter(value, type?.sqlType ?? typeOfValue(value));
}

/** What `coalesce()` gives: null only if none of the values is sure not to be. */
type FirstOf<T, O extends readonly unknown[]> = [NeverNull<O[number]>] extends [never] ? T : NonNullable<T>;
type NeverNull<E> = E extends Typed<infer T> ? (null extends T ? never : E) : E;

/** A row of values, to be compared with others: `tuple(a, b).in([[1, 2], [3, 4]])`. */
export function tuple<const E extends readonly Typed<unknown>[]>(
  ...elements: E
): TupleExpression<{ readonly [K in keyof E]: E[K] extends Typed<infer T> ? T : never }> {
  return new TupleExpression(elements.map(expressionOf));
}

/**
 * `CASE WHEN ... THEN ... ELSE ... END`. The package has it as `case`, too, a name that an import has to change:
 * `import { case as case_ } from "alkahest"`.
 * @param branches conditions and what to take where they are the first that is true
 * @param otherwise what to take where none is; without it, NULL
 */
export function caseWhen<T>(
  branches: readonly (readonly [condition: Condition, result: T | Typed<T>])[],
): CaseExpression<T | null>;
export function caseWhen<T>(
  branches: readonly (readonly [condition: Condition, result: T | Typed<T>])[],
  otherwise: T | Typed<T>,
): CaseExpression<T>;
export function caseWhen(
  branches: readonly (readonly [Condition, unknown])[],
  otherwise?: unknown,
): CaseExpression<unknown> {
  assertList("caseWhen()", branches, "caseWhen([[condition, value]], otherwise)");
  if (branches.length === 0) throw new ArgumentError("caseWhen() needs at least one branch.");
  const results = branches.map(([, result]) => toExpression(result, UNTYPED));
  const fallback = otherwise === undefined ? null : toExpression(otherwise, UNTYPED);
  const types = fallback === null ? results : [...results, fallback];
  const sqlType = types.reduce((type, { sqlType: next }) => commonType(type, next), UNTYPED as SqlType<unknown>); // widest at first
  return new CaseExpression(
    branches.map(([condition]) => expressionOf(condition)),
    results,
    fallback,
    sqlType,
  );
}

/**
 * SQL as text. Expressions in it (columns, conditions, other `sql`) become part of it, every other value a parameter.
 *
 * @example
 * ```ts
 * import { integer, MetaData, select, sql, Table } from "alkahest";
 *
 * const users = new Table("users", new MetaData(), { id: integer().primaryKey() });
 * select(users.c.id).where(sql`${users.c.id} % ${2} = 0`);
 * ```
 */
export function sql<T = unknown>(strings: TemplateStringsArray, ...values: readonly unknown[]): TextFragment<T> {
  return new TextFragment(
    [...strings],
    values.map((value) => toExpression(value, UNTYPED)),
  );
}
