import { ArgumentError } from "../errors/index.ts";
import { assertOptions, assertWord, type OptionNames } from "../expression/check-arguments.ts";
import type { Condition, Typed } from "../expression/sql-expression.ts";
import { describeValue } from "../expression/sql-type.ts";

/** What happens to rows that refer to a row that is deleted or that changes its key. */
export type ReferentialAction = "cascade" | "set null" | "set default" | "restrict" | "no action";

/**
 * Whether a constraint can be checked at the end of the transaction. A database that cannot do so for this kind of constraint
 * checks it at once, which is stricter: SQLite unique keys, MariaDB and MySQL foreign keys, too.
 */
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

const FOREIGN_KEY_OPTIONS: OptionNames<ForeignKeyOptions> = {
  name: true,
  onUpdate: true,
  onDelete: true,
  match: true,
  deferrable: true,
  initially: true,
};

const ACTIONS: readonly ReferentialAction[] = ["cascade", "set null", "set default", "restrict", "no action"];

/**
 * @param place whose options they are, e.g. `references`
 * @throws ArgumentError for an option that does not exist, or that cannot be what it is
 */
export function assertForeignKeyOptions(place: string, options: ForeignKeyOptions): void {
  assertOptions(`${place}()`, options, FOREIGN_KEY_OPTIONS);
  assertWord(`${place}({ onUpdate })`, options.onUpdate, ACTIONS);
  assertWord(`${place}({ onDelete })`, options.onDelete, ACTIONS);
  assertWord(`${place}({ match })`, options.match, ["simple", "full", "partial"]);
  assertInitially(place, options);
}

function assertInitially(place: string, { initially }: DeferrableOptions): void {
  assertWord(`${place}({ initially })`, initially, ["deferred", "immediate"]);
}

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

const UNIQUE_OPTIONS: OptionNames<UniqueOptions> = {
  name: true,
  nullsNotDistinct: true,
  deferrable: true,
  initially: true,
};

/** @throws ArgumentError for an option that does not exist, or that cannot be what it is */
export function assertUniqueOptions(options: UniqueOptions): void {
  assertOptions("unique()", options, UNIQUE_OPTIONS);
  assertInitially("unique", options);
}

const INDEX_OPTIONS: OptionNames<IndexOptions> = {
  name: true,
  unique: true,
  where: true,
  using: true,
  include: true,
  nullsNotDistinct: true,
  skipIfUnsupported: true,
};

/** @throws ArgumentError for an option that does not exist */
export function assertIndexOptions(options: IndexOptions): void {
  assertOptions("index()", options, INDEX_OPTIONS);
}

/** How the database counts up an identity column. */
export interface IdentityOptions {
  /** The database refuses values for it that a program gives. */
  readonly always?: boolean;
  /** The first number; SQLite has no other than 1. */
  readonly start?: number;
  /** From one number to the next; SQLite, MariaDB and MySQL have no other than 1. */
  readonly increment?: number;
}

const IDENTITY_OPTIONS: OptionNames<IdentityOptions> = { always: true, start: true, increment: true };

/** @throws ArgumentError for an option that does not exist, and for what is no whole number */
export function assertIdentityOptions(options: IdentityOptions): void {
  assertOptions("identity()", options, IDENTITY_OPTIONS);
  for (const name of ["start", "increment"] as const) {
    const value = options[name];
    if (value === undefined || Number.isSafeInteger(value)) continue;
    throw new ArgumentError(`identity({ ${name} }) is a whole number, not ${describeValue(value)}.`);
  }
}

/** Options of CREATE TABLE, e.g. `mysqlEngine`; those of other dialects are ignored. */
export interface TableOptions {
  readonly comment?: string;
  readonly [option: string]: unknown;
}
