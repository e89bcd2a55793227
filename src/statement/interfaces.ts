import type { ColumnElement, FromClause } from "../expression/from.ts";
import type { SqlExpression } from "../expression/sql-expression.ts";

/**
 * The method by which a mapped class, or an alias of one, says what selecting it means. Statements know the ORM by
 * these symbols only: nothing below `orm/` imports it.
 */
export const ENTITY: unique symbol = Symbol("alkahest.entity");

/** The method by which a mapped class makes an alias of itself, for {@link alias}. */
export const ENTITY_ALIAS: unique symbol = Symbol("alkahest.entityAlias");

/** The method by which a relationship attribute says which joins it stands for. */
export const JOIN: unique symbol = Symbol("alkahest.join");

/**
 * The method by which an attribute says which class it was taken from, where the table of its column does not tell:
 * `Manager.c.name` is a column of the table of `Employee`, and selects from managers.
 */
export const MEMBER_OF: unique symbol = Symbol("alkahest.memberOf");

/** What a statement needs to know of a mapped class, or of an alias of one. */
export interface EntityDescription {
  /** Whatever the ORM knows it by (the mapper, the alias); statements hand it on and never look inside. */
  readonly entity: object;
  /** What a class has in common with all its aliases (the mapper): together with `from`, it tells plans apart. */
  readonly mapping: object;
  /** What to put into FROM: a table, an alias, or a join of several tables (joined inheritance). */
  readonly from: FromClause;
  /** The mapped columns, in mapped order. */
  readonly columns: readonly ColumnElement<unknown>[];
  /** The property name of each of `columns`: the keys of `values()` and `set()`. */
  readonly keys: readonly string[];
  /** The name for messages, e.g. `User`. */
  readonly name: string;
  /** The condition that restricts a shared table to the rows of this class (single-table inheritance). */
  readonly criteria?: SqlExpression<boolean>;
}

/** One JOIN: what is joined, and on which condition. */
export interface JoinStep {
  readonly target: FromClause;
  readonly on: SqlExpression<boolean>;
}

/** The joins that a relationship stands for: one for a foreign key, two for an association table. */
export interface JoinDescription {
  /** The FROM element that the first step is joined to. */
  readonly left: FromClause;
  readonly steps: readonly JoinStep[];
}

/** Anything that describes itself as an entity: a mapped class or an alias of one. */
export interface EntitySource {
  [ENTITY](): EntityDescription;
}

/** A mapped class that can make aliases of itself; `A` is the type of the alias. */
export interface Aliasable<A = unknown> {
  [ENTITY_ALIAS](name?: string): A;
}

/** A column that knows its class. */
export interface EntityMember {
  /** Null where the table of the column says all: for classes that extend no other. */
  [MEMBER_OF](): EntityDescription | null;
}

/** Anything that describes itself as a path of joins: a relationship attribute. */
export interface JoinSource {
  [JOIN](): JoinDescription;
}

/**
 * A class, as far as types go. That it is mapped is checked when the statement is built: the class side of a mapped
 * class is too large a type to compare with an interface for every query.
 */
// Constructors are contravariant in their parameters: only `any` accepts every class.
export type AnyClass = abstract new (...args: any) => unknown;

/** True for objects and functions that have the method. */
function hasMethod(value: unknown, symbol: symbol): boolean {
  return (
    value !== null &&
    (typeof value === "object" || typeof value === "function") &&
    // Objects may be asked for any property; the result is only compared.
    typeof (value as Record<symbol, unknown>)[symbol] === "function"
  );
}

/** Is it a mapped class or an alias of one? */
export function isEntitySource(value: unknown): value is EntitySource {
  return hasMethod(value, ENTITY);
}

/** Can it make aliases of itself? */
export function isAliasable(value: unknown): value is Aliasable {
  return hasMethod(value, ENTITY_ALIAS);
}

/** The class that an attribute was taken from, if its table does not tell. */
export function entityOfMember(column: object): EntityDescription | null {
  // Only attributes have the method.
  return hasMethod(column, MEMBER_OF) ? (column as EntityMember)[MEMBER_OF]() : null;
}

/** Is it a relationship attribute? */
export function isJoinSource(value: unknown): value is JoinSource {
  return hasMethod(value, JOIN);
}

declare const loaded: unique symbol;

/**
 * An object whose named relationships are loaded: what `select(User).options(selectinLoad(User.c.addresses))` gives,
 * and what a function can demand of its argument. The brand exists in types only.
 */
export type Loaded<T, K extends string> = T & { readonly [loaded]: { readonly [P in K]: true } };

/** A load strategy for `Select.options`; `K` names the relationships that it loads. Made and read by the ORM. */
export interface LoadOption<K extends string> {
  readonly loads: K;
}
