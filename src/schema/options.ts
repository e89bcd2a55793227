import type { OptionNames } from "../expression/check-arguments.ts";
import type { Condition, Typed } from "../expression/sql-expression.ts";

/** What happens to rows that refer to a row that is deleted or that changes its key. */
export type ReferentialAction = "cascade" | "set null" | "set default" | "restrict" | "no action";

/** Whether a constraint can be checked at the end of the transaction. */
export interface DeferrableOptions {
  readonly deferrable?: boolean;
  readonly initially?: "deferred" | "immediate";
}

export interface ForeignKeyOptions extends DeferrableOptions {
  readonly name?: string;
  readonly onUpdate?: ReferentialAction;
  readonly onDelete?: ReferentialAction;
  /** What it means that only some of several columns are NULL. */
  readonly match?: "simple" | "full" | "partial";
}

export const FOREIGN_KEY_OPTIONS: OptionNames<ForeignKeyOptions> = {
  name: true,
  onUpdate: true,
  onDelete: true,
  match: true,
  deferrable: true,
  initially: true,
};

export interface UniqueOptions extends DeferrableOptions {
  /** Of a column's `unique()`; the table's takes the name first. */
  readonly name?: string;
  /** NULL is a value like others: two rows with NULL collide. */
  readonly nullsNotDistinct?: boolean;
}

export interface IndexOptions {
  /** Of a column's `index()`; the table's takes the name first. */
  readonly name?: string;
  readonly unique?: boolean;
  /** Only rows for which this is true are in the index. */
  readonly where?: Condition;
  /** The kind of index, as the database calls it: `gin`, `hash`. */
  readonly using?: string;
  /** Columns that are kept in the index and not searched by. */
  readonly include?: readonly Typed<unknown>[];
  readonly nullsNotDistinct?: boolean;
  /** Leave the index out where the database cannot have it; otherwise that is an error. */
  readonly skipIfUnsupported?: boolean;
}

/** Options of CREATE TABLE, e.g. `mysqlEngine`; those of other dialects are ignored. */
export interface TableOptions {
  readonly comment?: string;
  readonly [option: string]: unknown;
}
