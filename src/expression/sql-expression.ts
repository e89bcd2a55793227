import { ArgumentError } from "../errors/index.ts";
import { declareFields, Node, type Query, QueryNode } from "./node.ts";
import { describeValue, type SqlType, type TypeSource, typeFrom } from "./sql-type.ts";
import { BOOLEAN, commonType, TEXT, typeBeside, typeOfValue, UNTYPED } from "./types/inference.ts";

// One module, since the methods of an expression make the nodes, and the nodes are expressions.

declare const value: unique symbol;

/**
 * Anything that stands for an SQL value of type `T`, as far as types go: the small face of {@link SqlExpression}, which
 * parameters have because it is compared at almost no cost.
 */
export interface Typed<out T> {
  readonly [value]: T;
}

/** The type of the values of an expression. */
export type ValueOf<E> = E extends Typed<infer T> ? T : never;

/** What can stand on the other side of an operator: a value, or an expression. */
export type Operand<T> = T | Typed<T | null>;

/** One that is never NULL. */
type Sure<T> = T | Typed<T>;

/** A condition: an expression that is true, false or (unknown) NULL. */
export type Condition = Typed<boolean | null>;

/**
 * An SQL expression whose values have the type `T`; null in it says that they may be NULL.
 *
 * Its methods are the operators of SQL and make new expressions. Values given to them become parameters of the statement,
 * never part of its text.
 */
export abstract class SqlExpression<T> extends Node implements Typed<T> {
  /** Exists in types only. */
  declare readonly [value]: T;
  abstract readonly sqlType: SqlType<unknown>;

  /** `=`; with null, `IS NULL`. */
  eq(other: Operand<NonNullable<T>> | null): SqlExpression<boolean> {
    return other === null ? this.isNull() : compare(this, "=", other);
  }

  /** `!=`; with null, `IS NOT NULL`. */
  ne(other: Operand<NonNullable<T>> | null): SqlExpression<boolean> {
    return other === null ? this.isNotNull() : compare(this, "!=", other);
  }

  lt(other: Operand<NonNullable<T>>): SqlExpression<boolean> {
    return compare(this, "<", other);
  }

  le(other: Operand<NonNullable<T>>): SqlExpression<boolean> {
    return compare(this, "<=", other);
  }

  gt(other: Operand<NonNullable<T>>): SqlExpression<boolean> {
    return compare(this, ">", other);
  }

  ge(other: Operand<NonNullable<T>>): SqlExpression<boolean> {
    return compare(this, ">=", other);
  }

  /** Is it one of the values, or in the rows of a query with one column? */
  in(values: readonly Operand<NonNullable<T>>[] | Query<T | null>): SqlExpression<boolean> {
    return inList(this, values, false);
  }

  notIn(values: readonly Operand<NonNullable<T>>[] | Query<T | null>): SqlExpression<boolean> {
    return inList(this, values, true);
  }

  /**
   * `LIKE`: `%` stands for any characters, `_` for one. Whether case counts is up to the database.
   * @param escapeCharacter the character that takes the meaning from the `%` or `_` after it
   */
  like(pattern: Operand<string>, escapeCharacter: string | null = null): SqlExpression<boolean> {
    return new LikeExpression(this, "LIKE", toExpression(pattern, TEXT), escapeCharacter);
  }

  notLike(pattern: Operand<string>, escapeCharacter: string | null = null): SqlExpression<boolean> {
    return new LikeExpression(this, "NOT LIKE", toExpression(pattern, TEXT), escapeCharacter);
  }

  /** `LIKE` for which case does not count. */
  ilike(pattern: Operand<string>, escapeCharacter: string | null = null): SqlExpression<boolean> {
    return new LikeExpression(this, "ILIKE", toExpression(pattern, TEXT), escapeCharacter);
  }

  notIlike(pattern: Operand<string>, escapeCharacter: string | null = null): SqlExpression<boolean> {
    return new LikeExpression(this, "NOT ILIKE", toExpression(pattern, TEXT), escapeCharacter);
  }

  /** Does the text start with this one? `%` and `_` in it mean themselves. */
  startsWith(text: string): SqlExpression<boolean> {
    return this.like(`${escapeLike("startsWith", text)}%`, LIKE_ESCAPE);
  }

  /** Does the text end with this one? `%` and `_` in it mean themselves. */
  endsWith(text: string): SqlExpression<boolean> {
    return this.like(`%${escapeLike("endsWith", text)}`, LIKE_ESCAPE);
  }

  /** Does the text contain this one? `%` and `_` in it mean themselves. */
  contains(text: string): SqlExpression<boolean> {
    return this.like(`%${escapeLike("contains", text)}%`, LIKE_ESCAPE);
  }

  /** Both bounds belong to it. */
  between(low: Operand<NonNullable<T>>, high: Operand<NonNullable<T>>): SqlExpression<boolean> {
    return new BetweenExpression(this, beside(this, low), beside(this, high), false);
  }

  notBetween(low: Operand<NonNullable<T>>, high: Operand<NonNullable<T>>): SqlExpression<boolean> {
    return new BetweenExpression(this, beside(this, low), beside(this, high), true);
  }

  isNull(): SqlExpression<boolean> {
    return new BinaryExpression(this, "IS", new NullLiteral(), BOOLEAN);
  }

  isNotNull(): SqlExpression<boolean> {
    return new BinaryExpression(this, "IS NOT", new NullLiteral(), BOOLEAN);
  }

  /** `!=` for which NULL is a value like others: never NULL itself. */
  isDistinctFrom(other: Operand<T> | null): SqlExpression<boolean> {
    return compare(this, "IS DISTINCT FROM", other);
  }

  /** `=` for which NULL is a value like others: never NULL itself. */
  isNotDistinctFrom(other: Operand<T> | null): SqlExpression<boolean> {
    return compare(this, "IS NOT DISTINCT FROM", other);
  }

  add(other: Sure<NonNullable<T>>): SqlExpression<T>;
  add(other: Operand<NonNullable<T>>): SqlExpression<T | null>;
  add(other: Operand<NonNullable<T>>): SqlExpression<T | null> {
    return calculate(this, "+", other);
  }

  sub(other: Sure<NonNullable<T>>): SqlExpression<T>;
  sub(other: Operand<NonNullable<T>>): SqlExpression<T | null>;
  sub(other: Operand<NonNullable<T>>): SqlExpression<T | null> {
    return calculate(this, "-", other);
  }

  mul(other: Sure<NonNullable<T>>): SqlExpression<T>;
  mul(other: Operand<NonNullable<T>>): SqlExpression<T | null>;
  mul(other: Operand<NonNullable<T>>): SqlExpression<T | null> {
    return calculate(this, "*", other);
  }

  /** Division; whether that of two whole numbers drops the fraction is up to the database. */
  div(other: Sure<NonNullable<T>>): SqlExpression<T>;
  div(other: Operand<NonNullable<T>>): SqlExpression<T | null>;
  div(other: Operand<NonNullable<T>>): SqlExpression<T | null> {
    return calculate(this, "/", other);
  }

  /** The remainder of a division, with the sign of the dividend. */
  mod(other: Sure<NonNullable<T>>): SqlExpression<T>;
  mod(other: Operand<NonNullable<T>>): SqlExpression<T | null>;
  mod(other: Operand<NonNullable<T>>): SqlExpression<T | null> {
    return calculate(this, "%", other);
  }

  neg(): SqlExpression<T> {
    return new UnaryExpression("-", this, this.sqlType);
  }

  /** One text behind the other; NULL if either is. */
  concat(other: Sure<string>): SqlExpression<T>;
  concat(other: Operand<string>): SqlExpression<T | null>;
  concat(other: Operand<string>): SqlExpression<T | null> {
    return new BinaryExpression(this, "||", toExpression(other, TEXT), TEXT);
  }

  /**
   * Any other operator of the database, e.g. `op("->>", "name", text())`. It is written as it is given. A value on its other
   * side is of the type that it has by itself, or of this expression's if it can be, unless that is a document.
   */
  op<U = T>(operator: string, other: unknown, type?: TypeSource<U>): SqlExpression<U> {
    if (!/^[-+*/<>=~!@#%^&|`?.:\w ]+$/.test(operator) || /--|\/\*/.test(operator)) {
      throw new ArgumentError(`"${operator}" is no operator.`);
    }
    return new BinaryExpression(this, operator, besideOperator(other, this.sqlType), type?.sqlType ?? this.sqlType);
  }

  /** True where this and all others are. */
  and(...others: Condition[]): SqlExpression<boolean> {
    return and(asCondition(this), ...others);
  }

  /** True where this or one of the others is. */
  or(...others: Condition[]): SqlExpression<boolean> {
    return or(asCondition(this), ...others);
  }

  not(): SqlExpression<boolean> {
    return new UnaryExpression("NOT", this, BOOLEAN);
  }

  /** Ascending, for `orderBy`. */
  asc(): OrderBy<T> {
    return new OrderBy(this, "ASC", null);
  }

  /** Descending, for `orderBy`. */
  desc(): OrderBy<T> {
    return new OrderBy(this, "DESC", null);
  }

  nullsFirst(): OrderBy<T> {
    return new OrderBy(this, null, "FIRST");
  }

  nullsLast(): OrderBy<T> {
    return new OrderBy(this, null, "LAST");
  }

  /** Names it in the result, and for `orderBy` and `groupBy`. */
  as(name: string): Label<T> {
    assertName("as()", name);
    return new Label(name, this);
  }

  /** Converts in the database: `User.c.age.cast(varchar())`. */
  cast<U>(type: TypeSource<U>): SqlExpression<T extends null ? U | null : U> {
    return new CastExpression(this, typeFrom("cast()", type));
  }

  /** Only distinct values, inside an aggregate: `func.count(User.c.name.distinct())`. */
  distinct(): SqlExpression<T> {
    return new UnaryExpression("DISTINCT", this, this.sqlType);
  }

  /** Compares and sorts it by another collation. */
  collate(collation: string): SqlExpression<T> {
    assertName("collate()", collation);
    return new CollateExpression(this, collation);
  }
}

function assertName(place: string, name: unknown): void {
  if (typeof name === "string") return;
  throw new ArgumentError(`${place} takes a name, not ${describeValue(name)}.`);
}

/** That it is a condition is the caller's to know: `and` and `or` are methods of expressions of all types. */
function asCondition(expression: SqlExpression<unknown>): Condition {
  // See above.
  return expression as SqlExpression<boolean>;
}

function compare(left: SqlExpression<unknown>, operator: string, right: unknown): SqlExpression<boolean> {
  return new BinaryExpression(left, operator, beside(left, right), BOOLEAN);
}

/** The expression that an operand stands for; beside a row of values, a list of values is one, too. */
function beside(left: SqlExpression<unknown>, operand: unknown): SqlExpression<unknown> {
  if (left instanceof TupleExpression && Array.isArray(operand)) return left.rowOf(operand);
  return toExpression(operand, left.sqlType);
}

function calculate<T>(left: SqlExpression<unknown>, operator: string, other: unknown): SqlExpression<T> {
  const right = toExpression(other, left.sqlType);
  return new BinaryExpression(left, operator, right, commonType(left.sqlType, right.sqlType));
}

function inList(
  element: SqlExpression<unknown>,
  source: readonly unknown[] | Query<unknown>,
  negated: boolean,
): SqlExpression<boolean> {
  if (source instanceof QueryNode) return new InExpression(element, source, negated);
  if (!Array.isArray(source)) throw new ArgumentError("in() and notIn() take an array or a select().");
  return new InExpression(
    element,
    source.map((member) => beside(element, member)),
    negated,
  );
}

/** `and()` with fewer than two conditions gives what is true of them: the only one, or always true. */
export function and(...conditions: Condition[]): SqlExpression<boolean> {
  return join("AND", conditions);
}

/** True where one of the conditions is; without any, never. */
export function or(...conditions: Condition[]): SqlExpression<boolean> {
  return join("OR", conditions);
}

/** True where the condition is false. */
export function not(condition: Condition): SqlExpression<boolean> {
  return new UnaryExpression("NOT", expressionOf(condition), BOOLEAN);
}

function join(operator: "AND" | "OR", conditions: readonly Condition[]): SqlExpression<boolean> {
  const operands = conditions.flatMap((condition) => {
    const operand = expressionOf(condition);
    return operand instanceof BooleanList && operand.operator === operator ? operand.operands : [operand];
  });
  const [first] = operands;
  if (first === undefined) return new BooleanLiteral(operator === "AND");
  // One operand is a condition, as the list would be; only its nullability is lost, as for every condition.
  return operands.length === 1 ? (first as SqlExpression<boolean>) : new BooleanList(operator, operands);
}

const LIKE_ESCAPE = "/";

function escapeLike(method: string, text: string): string {
  if (typeof text !== "string") {
    throw new ArgumentError(
      `${method}() takes a string, not ${describeValue(text)}; for an expression there is like().`,
    );
  }
  return text.replace(/[%_/]/g, (character) => LIKE_ESCAPE + character);
}

/**
 * The expression that an operand stands for: itself, or a parameter.
 * @param type that of the other side, and of the parameter; numbers that are no such integers keep their own
 */
export function toExpression(operand: unknown, type: SqlType<unknown>): SqlExpression<unknown> {
  return withoutValue(operand) ?? new BindParameter(operand, typeBeside(type, operand));
}

/** The expression beside an operator of which nothing is known: `date + 1`, `document ->> 'name'`, `range && range`. */
function besideOperator(operand: unknown, type: SqlType<unknown>): SqlExpression<unknown> {
  const expression = withoutValue(operand);
  if (expression !== null) return expression;
  const isAlike = type.name !== "json" && type.validate(operand) === null;
  return toExpression(operand, isAlike ? type : UNTYPED);
}

/** The expression that the value for a column stands for: itself, or a parameter of the column's type, which may refuse it. */
export function toCell(value: unknown, type: SqlType<unknown>): SqlExpression<unknown> {
  return withoutValue(value) ?? new BindParameter(value, type.name === "unknown" ? typeOfValue(value) : type);
}

/**
 * What an operand stands for that is no value to be bound; null if it is one.
 *
 * @throws ArgumentError for what stands for nothing in SQL
 */
function withoutValue(operand: unknown): SqlExpression<unknown> | null {
  if (operand instanceof SqlExpression) return operand;
  if (operand instanceof QueryNode) {
    throw new ArgumentError("A query is no value: write select(...).scalar() to use the one value of its one row.");
  }
  if (operand instanceof Node) {
    throw new ArgumentError("A table is no value: select from it, and use its columns.");
  }
  assertValue(operand);
  if (operand === null) return new NullLiteral();
  if (operand === undefined) {
    throw new ArgumentError("undefined is no SQL value: write null, or leave the condition out.");
  }
  return null;
}

/** @throws ArgumentError for a function, a class or a symbol */
export function assertValue(value: unknown): void {
  if (typeof value === "function") {
    throw new ArgumentError(`The function or class ${value.name || "(without a name)"} is no SQL value.`);
  }
  if (typeof value === "symbol") throw new ArgumentError(`${String(value)} is no SQL value.`);
}

/** The expression behind the small face that parameters have. */
export function expressionOf<T>(typed: Typed<T>): SqlExpression<T> {
  // Typed is declared only by SqlExpression; its value exists in types only.
  if (typed instanceof SqlExpression) return typed as SqlExpression<T>;
  throw new ArgumentError("Expected an SQL expression: a column, a function of func, a condition, sql`...`.");
}

/** A value that the statement binds to a placeholder: its text does not depend on it. */
export class BindParameter<T> extends SqlExpression<T> {
  readonly kind = "bind";
  readonly value: T;
  readonly sqlType: SqlType<unknown>;

  constructor(value: T, sqlType: SqlType<unknown>) {
    super();
    this.value = value;
    this.sqlType = sqlType;
  }

  /** One that is used twice is one parameter: whoever gives it another value changes both places. */
  override get isEntity(): boolean {
    return true;
  }

  static {
    declareFields(BindParameter, { value: "literal", sqlType: "type" });
  }
}

/** `NULL`, written out. */
export class NullLiteral extends SqlExpression<null> {
  readonly kind = "null";

  get sqlType(): SqlType<unknown> {
    return UNTYPED;
  }

  static {
    declareFields(NullLiteral, {});
  }
}

/** Two expressions and an operator between them, spelled as in SQL: `=`, `IS NOT`, `||`. */
export class BinaryExpression<T> extends SqlExpression<T> {
  readonly kind = "binary";
  readonly left: SqlExpression<unknown>;
  readonly operator: string;
  readonly right: SqlExpression<unknown>;
  readonly sqlType: SqlType<unknown>;

  constructor(
    left: SqlExpression<unknown>,
    operator: string,
    right: SqlExpression<unknown>,
    sqlType: SqlType<unknown>,
  ) {
    super();
    this.left = left;
    this.operator = operator;
    this.right = right;
    this.sqlType = sqlType;
  }

  static {
    declareFields(BinaryExpression, { left: "node", operator: "value", right: "node", sqlType: "type" });
  }
}

/** An operator before its only operand: `NOT`, `-`, `DISTINCT`. */
export class UnaryExpression<T> extends SqlExpression<T> {
  readonly kind = "unary";
  readonly operator: "NOT" | "-" | "DISTINCT";
  readonly operand: SqlExpression<unknown>;
  readonly sqlType: SqlType<unknown>;

  constructor(operator: "NOT" | "-" | "DISTINCT", operand: SqlExpression<unknown>, sqlType: SqlType<unknown>) {
    super();
    this.operator = operator;
    this.operand = operand;
    this.sqlType = sqlType;
  }

  static {
    declareFields(UnaryExpression, { operator: "value", operand: "node", sqlType: "type" });
  }
}

/** A row of values: `(a, b)`. */
export class TupleExpression<T> extends SqlExpression<T> {
  readonly kind = "tuple";
  readonly elements: readonly SqlExpression<unknown>[];

  constructor(elements: readonly SqlExpression<unknown>[]) {
    super();
    this.elements = elements;
  }

  get sqlType(): SqlType<unknown> {
    return UNTYPED;
  }

  /**
   * Values as a row beside this one: each of the type of the expression in its place.
   * @throws ArgumentError for another number of values, and for null
   */
  rowOf(values: readonly unknown[]): TupleExpression<unknown> {
    const { elements } = this;
    if (values.length !== elements.length) {
      throw new ArgumentError(`A row of ${values.length} values stands beside a tuple() of ${elements.length}.`);
    }
    if (values.includes(null)) {
      throw new ArgumentError("A row with null is equal to no other: write conditions with isNull(), and() and or().");
    }
    return new TupleExpression(elements.map(({ sqlType }, index) => toExpression(values[index], sqlType)));
  }

  static {
    declareFields(TupleExpression, { elements: "nodes" });
  }
}

/** An expression that is a condition by its nature. */
abstract class Predicate extends SqlExpression<boolean> {
  get sqlType(): SqlType<unknown> {
    return BOOLEAN;
  }
}

/** Conditions joined by AND or OR, at least two; none of them is such a list with the same operator. */
export class BooleanList extends Predicate {
  readonly kind = "booleanList";
  readonly operator: "AND" | "OR";
  readonly operands: readonly SqlExpression<unknown>[];

  constructor(operator: "AND" | "OR", operands: readonly SqlExpression<unknown>[]) {
    super();
    this.operator = operator;
    this.operands = operands;
  }

  static {
    declareFields(BooleanList, { operator: "value", operands: "nodes" });
  }
}

/** A condition that is always true or always false, spelled out by the compiler. */
export class BooleanLiteral extends Predicate {
  readonly kind = "booleanLiteral";
  readonly truth: boolean;

  constructor(truth: boolean) {
    super();
    this.truth = truth;
  }

  static {
    declareFields(BooleanLiteral, { truth: "value" });
  }
}

/** `element IN (...)`: a list of expressions, which may be empty, or a query. */
export class InExpression extends Predicate {
  readonly kind = "in";
  readonly element: SqlExpression<unknown>;
  /** Null when `query` is given. */
  readonly list: readonly SqlExpression<unknown>[] | null;
  readonly query: QueryNode | null;
  readonly negated: boolean;

  constructor(
    element: SqlExpression<unknown>,
    source: readonly SqlExpression<unknown>[] | QueryNode,
    negated: boolean,
  ) {
    super();
    this.element = element;
    this.list = source instanceof QueryNode ? null : source;
    this.query = source instanceof QueryNode ? source : null;
    this.negated = negated;
  }

  static {
    declareFields(InExpression, { element: "node", list: "nodes", query: "node", negated: "value" });
  }
}

/** `element LIKE pattern ESCAPE '/'`, and its variants. */
export class LikeExpression extends Predicate {
  readonly kind = "like";
  readonly element: SqlExpression<unknown>;
  readonly operator: "LIKE" | "NOT LIKE" | "ILIKE" | "NOT ILIKE";
  readonly pattern: SqlExpression<unknown>;
  readonly escape: string | null;

  constructor(
    element: SqlExpression<unknown>,
    operator: LikeExpression["operator"],
    pattern: SqlExpression<unknown>,
    escapeCharacter: string | null,
  ) {
    super();
    if (escapeCharacter !== null && [...escapeCharacter].length !== 1) {
      throw new ArgumentError(`The escape of LIKE is one character, not ${JSON.stringify(escapeCharacter)}.`);
    }
    this.element = element;
    this.operator = operator;
    this.pattern = pattern;
    this.escape = escapeCharacter;
  }

  static {
    declareFields(LikeExpression, { element: "node", operator: "value", pattern: "node", escape: "value" });
  }
}

export class BetweenExpression extends Predicate {
  readonly kind = "between";
  readonly element: SqlExpression<unknown>;
  readonly low: SqlExpression<unknown>;
  readonly high: SqlExpression<unknown>;
  readonly negated: boolean;

  constructor(
    element: SqlExpression<unknown>,
    low: SqlExpression<unknown>,
    high: SqlExpression<unknown>,
    negated: boolean,
  ) {
    super();
    this.element = element;
    this.low = low;
    this.high = high;
    this.negated = negated;
  }

  static {
    declareFields(BetweenExpression, { element: "node", low: "node", high: "node", negated: "value" });
  }
}

/** An expression with a direction, as `orderBy` takes it. */
export class OrderBy<T> extends SqlExpression<T> {
  readonly kind = "orderBy";
  readonly expression: SqlExpression<unknown>;
  /** Null: what the database does without a word, which is ascending. */
  readonly direction: "ASC" | "DESC" | null;
  readonly nulls: "FIRST" | "LAST" | null;

  constructor(expression: SqlExpression<unknown>, direction: "ASC" | "DESC" | null, nulls: "FIRST" | "LAST" | null) {
    super();
    this.expression = expression;
    this.direction = direction;
    this.nulls = nulls;
  }

  get sqlType(): SqlType<unknown> {
    return this.expression.sqlType;
  }

  override asc(): OrderBy<T> {
    return new OrderBy(this.expression, "ASC", this.nulls);
  }

  override desc(): OrderBy<T> {
    return new OrderBy(this.expression, "DESC", this.nulls);
  }

  override nullsFirst(): OrderBy<T> {
    return new OrderBy(this.expression, this.direction, "FIRST");
  }

  override nullsLast(): OrderBy<T> {
    return new OrderBy(this.expression, this.direction, "LAST");
  }

  static {
    declareFields(OrderBy, { expression: "node", direction: "value", nulls: "value" });
  }
}

/** `expression AS name`. */
export class Label<T> extends SqlExpression<T> {
  readonly kind = "label";
  readonly name: string;
  readonly expression: SqlExpression<T>;

  constructor(name: string, expression: SqlExpression<T>) {
    super();
    this.name = name;
    this.expression = expression;
  }

  get sqlType(): SqlType<unknown> {
    return this.expression.sqlType;
  }

  static {
    declareFields(Label, { name: "value", expression: "node" });
  }
}

export class CastExpression<T> extends SqlExpression<T> {
  readonly kind = "cast";
  readonly expression: SqlExpression<unknown>;
  readonly sqlType: SqlType<unknown>;

  constructor(expression: SqlExpression<unknown>, sqlType: SqlType<unknown>) {
    super();
    this.expression = expression;
    this.sqlType = sqlType;
  }

  static {
    declareFields(CastExpression, { expression: "node", sqlType: "type" });
  }
}

export class CollateExpression<T> extends SqlExpression<T> {
  readonly kind = "collate";
  readonly expression: SqlExpression<T>;
  readonly collation: string;

  constructor(expression: SqlExpression<T>, collation: string) {
    super();
    this.expression = expression;
    this.collation = collation;
  }

  get sqlType(): SqlType<unknown> {
    return this.expression.sqlType;
  }

  static {
    declareFields(CollateExpression, { expression: "node", collation: "value" });
  }
}
