import type { Column } from "../schema/column.ts";
import type { Table } from "../schema/table.ts";

/** What an INSERT of the flush does about a row that is already there. */
export interface BatchConflict {
  /** The columns of the unique key that decides. */
  readonly target: readonly Column[];
  /** The columns to overwrite with the new row's values. With nothing to write, the row that is there stays as it is. */
  readonly set: readonly Column[];
  /** The columns to count up by one. */
  readonly increment?: readonly Column[];
  /** The columns to overwrite with other values, the same for all rows: their parameters follow those of the rows. */
  readonly assign?: readonly Column[];
}

/** The INSERT that an upsert clause belongs to. */
export interface ConflictContext {
  readonly table: Table;
  /** The columns that are inserted. */
  readonly columns: readonly Column[];
  readonly nextPlaceholder: () => string;
}

/** The text of one batch of the flush. */
export interface BatchStatement {
  readonly sql: string;
  /**
   * The order of the parameters. `rows`: row after row, in the order of the columns given. `setFirst`: all values to
   * set, then all keys. (`rows` of a many-row UPDATE: of each row the keys, then the values to set.)
   */
  readonly order: "rows" | "setFirst";
  readonly parameterCount: number;
}

/** An INSERT that is executed row by row, or block by block. */
export interface RepeatedInsert {
  readonly sql: string;
  /** The same without RETURNING, where nothing but a key comes back that the driver is told in any case. */
  readonly withoutReturning?: string;
  /** The same of several rows, without RETURNING. */
  readonly block?: { readonly sql: string; readonly rows: number };
}

/** A statement that takes one array for each column. */
export interface ArrayStatement {
  readonly sql: string;
  /** The parameter of the values that a column gets, row by row, each as the driver would bind it. */
  parameter(values: readonly unknown[]): unknown;
}
