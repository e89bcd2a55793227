import type { Dialect } from "../../engine/dialect.ts";
import type { MaybePromise } from "../../engine/maybe-promise.ts";
import type { PreparedQuery } from "../../engine/prepared-query.ts";
import type { BindParameter } from "../../expression/sql-expression.ts";
import type { SelectBase } from "../../statement/select-base.ts";
import type { Entity, IdentityMap, SessionHooks } from "../instance/index.ts";
import type { RelationshipProperty } from "../mapping/index.ts";

/** The rows of an answer as the driver gave them: arrays in the order of the selected columns, not decoded yet. */
export interface RawRows {
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * What loading needs of a session. Loading never flushes, never begins anything and takes no turn in the session's
 * queue: whoever calls has done so.
 */
export interface LoaderContext {
  /** Where loaded objects are found again, and registered. */
  readonly identityMap: IdentityMap;
  /** What loaded objects get as their `$session`. */
  readonly hooks: SessionHooks;
  readonly dialect: Dialect;
  /**
   * Is told what was loaded into an object: a relationship, or columns (null). Only while what the database has may be
   * undone by a rollback; else undefined.
   */
  readonly onLoaded?: ((entity: Entity, property: RelationshipProperty | null) => void) | undefined;
  /** Runs a statement without entities, on the connection of the session's transaction. */
  query(statement: SelectBase<unknown>): MaybePromise<RawRows>;
  /**
   * Makes a statement without entities ready for values that differ each time it runs.
   *
   * @param parameters what stands for them in the statement
   * @returns null if it has other values that are made anew each time
   */
  prepare(statement: SelectBase<unknown>, parameters: readonly BindParameter<unknown>[]): PreparedQuery | null;
  /** Runs a prepared statement. */
  runPrepared(query: PreparedQuery, values: readonly unknown[]): MaybePromise<RawRows>;
  /** The same, row by row, for results that do not fit into memory. */
  stream(statement: SelectBase<unknown>): AsyncIterable<readonly unknown[]>;
}

/**
 * The method by which a session (its hooks) lets {@link lazy} load: it runs the operation in its turn, after an
 * autoflush, with its loader context.
 */
export const LAZY_LOAD: unique symbol = Symbol("alkahest.lazyLoad");

/** The method by which {@link lazy} tells a session that the row of one of its objects is gone. */
export const ROW_IS_GONE: unique symbol = Symbol("alkahest.rowIsGone");

/** Hooks of a session that can load on behalf of one of its objects. */
export interface LazyLoader extends SessionHooks {
  [LAZY_LOAD]<T>(operation: (context: LoaderContext) => Promise<T>): Promise<T>;
  [ROW_IS_GONE](entity: Entity): void;
}

/** Can objects of this session load by themselves? */
export function isLazyLoader(hooks: SessionHooks): hooks is LazyLoader {
  return LAZY_LOAD in hooks;
}
