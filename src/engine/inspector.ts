import type { MaybePromise } from "./maybe-promise.ts";

/** A column as the database describes it. */
export interface InspectedColumn {
  readonly name: string;
  /** The declared type, as the database spells it; empty where there is none. */
  readonly type: string;
  readonly nullable: boolean;
  /** The default as SQL text; null without one. */
  readonly default: string | null;
  /** Position in the primary key, counted from 1; 0 for other columns. */
  readonly primaryKeyPosition: number;
  /** The database counts it up: in every row, or in those that give no value. SQLite: the alias of the rowid. */
  readonly identity: "always" | "by default" | null;
  /** What the database computes it of, as SQL text; null for a column that is written. */
  readonly computed: { readonly expression: string; readonly stored: boolean } | null;
  /** The collation, where it is not the usual one. */
  readonly collation: string | null;
  readonly comment: string | null;
}

/** When a constraint is checked. */
export interface InspectedDeferral {
  /** The check can be put off to the end of the transaction. */
  readonly deferrable: boolean;
  /** It is put off unless a transaction says otherwise. */
  readonly initiallyDeferred: boolean;
}

export interface InspectedForeignKey extends InspectedDeferral {
  readonly name: string | null;
  readonly columns: readonly string[];
  readonly referredSchema: string | null;
  readonly referredTable: string;
  /** Empty when the declaration names none: then it refers to the primary key. */
  readonly referredColumns: readonly string[];
  readonly onUpdate: string;
  readonly onDelete: string;
}

/** A unique constraint. */
export interface InspectedUnique extends InspectedDeferral {
  readonly name: string | null;
  readonly columns: readonly string[];
}

export interface InspectedIndex {
  readonly name: string;
  readonly unique: boolean;
  /** Null stands for an expression. */
  readonly columns: readonly (string | null)[];
  /** The expressions as SQL text, one for each null of `columns`. */
  readonly expressions: readonly string[];
  /** The condition of a partial index as SQL text; null for one over all rows. */
  readonly where: string | null;
}

/** A type that the database has for the values of one list. */
export interface InspectedEnum {
  readonly name: string;
  /** In their order. */
  readonly values: readonly string[];
}

export interface InspectedCheck {
  readonly name: string | null;
  /** The condition as SQL text. */
  readonly expression: string;
}

/** What an inspector reads from: anything that can run one query. */
export interface InspectionSource {
  rows(sql: string, parameters: readonly unknown[]): MaybePromise<readonly (readonly unknown[])[]>;
}

/** Reads the schema that the database really has. Every call asks the database again. */
export interface Inspector {
  /** Names of the tables, sorted, without the database's own. */
  tableNames(schema?: string | null): Promise<string[]>;
  viewNames(schema?: string | null): Promise<string[]>;
  hasTable(name: string, schema?: string | null): Promise<boolean>;
  /** @throws NoSuchTableError if there is no such table or view; so do the methods below */
  columns(table: string, schema?: string | null): Promise<InspectedColumn[]>;
  /** Names of the primary key's columns in its own order; empty without one. */
  primaryKey(table: string, schema?: string | null): Promise<string[]>;
  foreignKeys(table: string, schema?: string | null): Promise<InspectedForeignKey[]>;
  uniqueConstraints(table: string, schema?: string | null): Promise<InspectedUnique[]>;
  /** Indexes made by CREATE INDEX; those that constraints bring along are left out. */
  indexes(table: string, schema?: string | null): Promise<InspectedIndex[]>;
  checks(table: string, schema?: string | null): Promise<InspectedCheck[]>;
  tableComment(table: string, schema?: string | null): Promise<string | null>;
  /** The SELECT of a view; @throws NoSuchTableError if there is no such view */
  viewDefinition(view: string, schema?: string | null): Promise<string>;
  /** Names of the sequences, sorted, without those of identity columns; empty where the database has none. */
  sequenceNames(schema?: string | null): Promise<string[]>;
  /** Types that list their values; empty where columns list them themselves. */
  enums(schema?: string | null): Promise<InspectedEnum[]>;
}
