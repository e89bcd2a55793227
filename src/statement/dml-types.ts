import type { SqlExpression, Typed } from "../expression/sql-expression.ts";

/** Values by column key, for `values()` and `set()`: a value, or an expression that the database evaluates. */
export type ColumnValues<C> = {
  readonly [K in keyof C]?: C[K] extends Typed<infer T> ? T | Typed<T | NonNullable<T> | null> : never;
};

/** The row that an upsert could not insert, by column key. */
export type ExcludedColumns<C> = {
  readonly [K in keyof C]: C[K] extends Typed<infer T> ? SqlExpression<T> : never;
};
