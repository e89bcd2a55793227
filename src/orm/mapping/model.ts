import type { ColumnDefinition } from "../../schema/index.ts";
import type { ColumnAttribute } from "./column-attribute.ts";
import type { ToManyAttribute, ToOneAttribute } from "./relation-attribute.ts";
import type { ToMany, ToOne } from "./relation-definition.ts";

// The types of mapped classes. They are computed once for each class of an application and compared in every query:
// each conditional or mapped type here is paid for hundreds of times. `npm run check:type-budget` measures it.

/** Carries the shape of a mapped class through its type; there is nothing at run time. */
export declare const SHAPE: unique symbol;

/** Any mapped class, as far as its own attributes do not matter. */
// Constructors are contravariant in their parameters, and attributes differ by class: only `any` accepts every one.
export type AnyModel = (abstract new (...args: any) => any) & { readonly c: any };

/** A mapped class whose attributes matter. */
export type ShapedModel<S = any> = AnyModel & { readonly [SHAPE]: S };

/** The shape that a mapped class was declared with, that of its parents included. */
export type ShapeOf<C extends ShapedModel> = C[typeof SHAPE];

/** The names of the attributes of a mapped class; read off the shape, which costs nothing to compute. */
export type AttributeNames<C extends ShapedModel> = keyof ShapeOf<C> & string;

/** Getters of the shape that describe the table and the mapper, and are no attributes. */
export type Reserved = "tableArgs" | "mapperArgs";

/** What an object of the class holds in the attribute that `D` defines. */
type AttributeValue<D> =
  D extends ColumnDefinition<infer T, infer Nullable, any>
    ? Nullable extends true
      ? T | null
      : T
    : D extends ToMany<unknown, infer Collection>
      ? Collection
      : D extends ToOne<infer T>
        ? T | null
        : never;

/** What the class's `c` has in the attribute `Key` that `D` defines. */
type AttributeExpression<D, Key> =
  D extends ColumnDefinition<infer T, infer Nullable, any>
    ? ColumnAttribute<Nullable extends true ? T | null : T>
    : D extends ToMany<infer T, unknown>
      ? ToManyAttribute<T, Key & string>
      : D extends ToOne<infer T>
        ? ToOneAttribute<T, Key & string>
        : never;

// Leaving names out of a mapped type costs several instantiations a name: it is done for the shapes that need it. It cannot
// depend on what a definition is (a computed column could be readonly): which attributes a class has would depend on the types
// of its getters, and these on the classes that they name (TS7023).

/** The objects of a class with shape `S`. */
export type Instance<S> = [keyof S & Reserved] extends [never]
  ? { -readonly [K in keyof S]: AttributeValue<S[K]> }
  : { -readonly [K in keyof S as Exclude<K, Reserved>]: AttributeValue<S[K]> };

/** What the constructor takes: any of the attributes. */
export type Init<I> = Partial<I>;

/** The static side `c` of a class with shape `S`: what queries are written with. */
export type Attributes<S> = [keyof S & Reserved] extends [never]
  ? { readonly [K in keyof S]: AttributeExpression<S[K], K> }
  : { readonly [K in keyof S as Exclude<K, Reserved>]: AttributeExpression<S[K], K> };

/** What `Base(table, shape)` returns: the class to extend. */
export type Model<S> = (new (
  init?: Init<Instance<S>>,
) => Instance<S>) & {
  /** The attributes as SQL expressions: `User.c.name.eq("ed")`. */
  readonly c: Attributes<S>;
  readonly [SHAPE]: S;
};

/** What `Base.inherit(parent, table, shape)` returns: the class to extend, with everything of the parent. */
export type InheritedModel<P extends AnyModel, S> = Omit<P, "prototype" | "c" | typeof SHAPE> & {
  /** The attributes as SQL expressions, those of the parent included. */
  readonly c: P["c"] & Attributes<S>;
  readonly [SHAPE]: (P extends { readonly [SHAPE]: infer Inherited } ? Inherited : {}) & S;
} & (new (
    init?: Init<InstanceType<P> & Instance<S>>,
  ) => InstanceType<P> & Instance<S>);

/** The primary key columns of a shape with their values. */
type PrimaryKeyColumns<S> = {
  -readonly [K in keyof S as S[K] extends ColumnDefinition<any, any, true> ? K : never]: S[K] extends ColumnDefinition<
    infer T,
    any,
    true
  >
    ? T
    : never;
};

/** The only member of a union; never if there are several. */
type Sole<K, All = K> = K extends unknown ? ([All] extends [K] ? K : never) : never;

/** What `session.get(Class, key)` takes: an object with the key columns, or the value of the only one. */
export type PrimaryKeyOf<C extends ShapedModel> =
  PrimaryKeyColumns<ShapeOf<C>> extends infer Key ? Key | Key[Sole<keyof Key>] : never;
