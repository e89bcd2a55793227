import type { ColumnElement } from "../expression/from.ts";
import type { Typed } from "../expression/sql-expression.ts";
import type { AnyClass, Loaded } from "./interfaces.ts";

// These types are computed for every query of a program: each is written so that the checker looks at one property,
// never at the many methods of an expression or of a mapped class.

/** A table, alias or subquery: something with columns by key. Expressions and classes are asked for before. */
interface WithColumns<C> {
  readonly c: C;
}

/** The value that one selected thing gives: of a column its type, of a mapped class an instance. */
export type Selected<E> =
  E extends Typed<infer T>
    ? T
    : E extends abstract new (
          // Constructors are contravariant in their parameters: only `any` accepts every class.
          ...args: any
        ) => infer I
      ? I
      : unknown;

/**
 * What two combined queries select: in each place either. Objects have the names that the first query gives, and values of
 * the other by these.
 */
export type EitherItems<A, B> = A extends readonly [infer One]
  ? B extends readonly [infer Other]
    ? readonly [
        One extends Typed<infer T>
          ? Typed<T | Selected<Other>>
          : One extends AnyClass
            ? One | Other
            : EitherNamed<One, Other>,
      ]
    : A
  : { readonly [K in keyof A]: A[K] | (K extends keyof B ? B[K] : never) };

type EitherNamed<A, B> =
  A extends WithColumns<unknown>
    ? B extends WithColumns<infer D>
      ? A | WithColumns<D>
      : A
    : { readonly [K in keyof A]: A[K] | (K extends keyof B ? B[K] : never) };

/** A row as an object. */
type ObjectRow<O> = { -readonly [K in keyof O]: Selected<O[K]> };

/** The row of a single selected thing that is no expression and no class: a table's columns, or the object's values. */
type NamedRow<One> = One extends WithColumns<infer C> ? ObjectRow<C> : ObjectRow<One>;

/** The row of `select(...A)` as a session gives it: one thing unwrapped, several as a tuple, `{...}` as an object. */
export type Result<A extends readonly unknown[]> = A extends readonly [infer One]
  ? One extends Typed<unknown> | AnyClass
    ? Selected<One>
    : NamedRow<One>
  : { -readonly [K in keyof A]: Selected<A[K]> };

/** The row of `select(...A)` as `session.execute` gives it: always a tuple, unless an object or a table was asked for. */
export type Row<A> = A extends readonly [infer One]
  ? One extends Typed<unknown> | AnyClass
    ? [Selected<One>]
    : NamedRow<One>
  : A extends readonly unknown[]
    ? { -readonly [K in keyof A]: Selected<A[K]> }
    : unknown;

/**
 * The same as a connection gives it, which knows columns and no objects: a mapped class, or a table beside other things,
 * stands for all its columns in a row, whose types are not followed; a class that has a name, for an object of them.
 */
export type PlainRow<A> = A extends readonly Typed<unknown>[]
  ? Row<A>
  : A extends readonly [infer One]
    ? One extends AnyClass
      ? readonly unknown[]
      : PlainNamedRow<One>
    : A extends readonly unknown[]
      ? readonly unknown[]
      : unknown;

type PlainNamedRow<One> =
  One extends WithColumns<infer C>
    ? ObjectRow<C>
    : { -readonly [K in keyof One]: One[K] extends AnyClass ? Readonly<Record<string, unknown>> : Selected<One[K]> };

/** The columns that a subquery of `select(...A)` has in `.c`; the names are known to types where an object was selected. */
export type SubqueryColumns<A> = A extends readonly [infer One]
  ? One extends WithColumns<infer C>
    ? C
    : One extends Typed<unknown>
      ? UnnamedColumns
      : { readonly [K in keyof One]: ColumnElement<Selected<One[K]>> }
  : UnnamedColumns;

/** Columns whose names only the run time knows; the values that they are compared with are not checked. */
// `any`: the columns of a subquery of `select(User.c.id, User.c.name)` are of types unknown to TypeScript.
type UnnamedColumns = Readonly<Record<string, ColumnElement<any>>>;

/**
 * The row of a query of `Items` that loads the relationships `K` with it. In a tuple or an object of several things each of
 * them belongs to the one that has it; where several have one of that name, nobody can tell whose was meant.
 */
export type LoadedRow<R, K extends string, Items> = Items extends readonly [AnyClass]
  ? Loaded<R, K>
  : unknown extends Items // then it is taken for an object
    ? Loaded<R, K>
    : R & LoadedParts<R, K>;

type LoadedParts<R, K extends string> = {
  readonly [P in keyof R]: PartMark<K & Exclude<keyof R[P], KeysOf<Others<R, P>>>>;
};

type PartMark<K extends string> = [K] extends [never] ? unknown : Loaded<unknown, K>;

/** The other things in a row. */
type Others<R, P> = {
  [Q in keyof R]: Q extends P ? never : R[Q];
}[keyof R & (R extends readonly unknown[] ? number : string)];

/** What any of them has. */
type KeysOf<T> = T extends unknown ? keyof T : never;
