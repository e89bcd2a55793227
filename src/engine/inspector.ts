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
  readonly generated: boolean;
}

export interface InspectedForeignKey {
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
export interface InspectedUnique {
  readonly name: string | null;
  readonly columns: readonly string[];
}

export interface InspectedIndex {
  readonly name: string;
  readonly unique: boolean;
  /** Null stands for an expression. */
  readonly columns: readonly (string | null)[];
  readonly isPartial: boolean;
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
}
