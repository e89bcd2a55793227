import { ArgumentError } from "../errors/index.ts";
import { assertOptions, assertWord } from "../expression/check-arguments.ts";
import { nearest } from "../expression/near-match.ts";
import { BindParameter, expressionOf, SqlExpression, type Typed } from "../expression/sql-expression.ts";
import { describeValue, type SqlType, type TypeSource } from "../expression/sql-type.ts";
import type { ReferenceTarget } from "./foreign-key.ts";
import {
  assertForeignKeyOptions,
  assertIdentityOptions,
  assertIndexOptions,
  assertUniqueOptions,
  type ForeignKeyOptions,
  type IdentityOptions,
  type IndexOptions,
  type UniqueOptions,
} from "./options.ts";

/** What a row gets in a column that nobody gave a value. The program makes it, not the database. */
export type ColumnDefault =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "function"; readonly make: () => unknown };

/** A column that the database computes from others. */
export interface Computed {
  readonly expression: SqlExpression<unknown>;
  /** Is the value kept in the table, or computed whenever it is read? */
  readonly stored: boolean;
}

/** One `references()` of a column. */
export interface ColumnReference {
  readonly target: ReferenceTarget<unknown>;
  readonly options: ForeignKeyOptions;
}

/** Everything that modifiers say of a column. */
export interface ColumnSettings {
  /** The name in the database; null: the table decides by the property's name. */
  readonly name: string | null;
  readonly unique: UniqueOptions | null;
  readonly index: IndexOptions | null;
  readonly default: ColumnDefault | null;
  readonly onUpdate: ColumnDefault | null;
  readonly serverDefault: SqlExpression<unknown> | null;
  /** The database changes the value by itself at each UPDATE; with an expression, DDL says how. */
  readonly serverOnUpdate: { readonly expression: SqlExpression<unknown> | null } | null;
  readonly references: readonly ColumnReference[];
  /** Null: decided by the table. */
  readonly autoincrement: boolean | "ignoreFk" | null;
  readonly identity: IdentityOptions | null;
  readonly computed: Computed | null;
  readonly comment: string | null;
  readonly deferred: boolean;
  readonly collation: string | Readonly<Record<string, string>> | null;
  readonly parkValue: (() => unknown) | null;
}

const NO_SETTINGS: ColumnSettings = Object.freeze({
  name: null,
  unique: null,
  index: null,
  default: null,
  onUpdate: null,
  serverDefault: null,
  serverOnUpdate: null,
  references: [],
  autoincrement: null,
  identity: null,
  computed: null,
  comment: null,
  deferred: false,
  collation: null,
  parkValue: null,
});

/**
 * What a column is to be: made by `integer()`, `varchar(50)` and the like, and refined by modifiers. Immutable: a
 * modifier makes a new definition, and each table makes its own column from it, so definitions can be shared.
 *
 * @example
 * ```ts
 * import { integer, MetaData, Table, varchar } from "alkahest";
 *
 * const users = new Table("users", new MetaData(), {
 *   id: integer().primaryKey(),
 *   email: varchar(200).notNull().unique(),
 * });
 * ```
 */
export class ColumnDefinition<T, Nullable extends boolean = true, Pk extends boolean = false> implements TypeSource<T> {
  readonly kind = "column";
  readonly sqlType: SqlType<T>;
  readonly nullable: Nullable;
  readonly pk: Pk;
  readonly settings: ColumnSettings;

  constructor(sqlType: SqlType<T>, nullable: Nullable, pk: Pk, settings: Partial<ColumnSettings> = {}) {
    this.sqlType = sqlType;
    this.nullable = nullable;
    this.pk = pk;
    this.settings = Object.freeze({ ...NO_SETTINGS, ...settings });
    Object.freeze(this);
  }

  /** A part of the primary key, and NOT NULL. */
  primaryKey(): ColumnDefinition<T, false, true> {
    return new ColumnDefinition(this.sqlType, false, true, this.settings);
  }

  /** Columns may be NULL unless this is said. */
  notNull(): ColumnDefinition<T, false, Pk> {
    return new ColumnDefinition(this.sqlType, false, this.pk, this.settings);
  }

  /** No two rows have the same value. A key of several columns is a `unique()` of the table. */
  unique(options: UniqueOptions = {}): ColumnDefinition<T, Nullable, Pk> {
    assertUniqueOptions(options);
    return this.#with({ unique: options });
  }

  index(options: IndexOptions = {}): ColumnDefinition<T, Nullable, Pk> {
    assertIndexOptions(options);
    return this.#with({ index: options });
  }

  /**
   * What a new row gets when nobody gives a value: a value, or a function that makes one for each row. The program makes
   * it; `serverDefault()` leaves that to the database, and takes expressions.
   * @throws ArgumentError if the column cannot store the value
   */
  default(value: T | (() => T)): ColumnDefinition<T, Nullable, Pk> {
    return this.#with({ default: this.#defaultOf(value, "default") });
  }

  /** The same for each UPDATE that does not set the column. */
  onUpdate(value: T | (() => T)): ColumnDefinition<T, Nullable, Pk> {
    return this.#with({ onUpdate: this.#defaultOf(value, "onUpdate") });
  }

  /** The DEFAULT of the database: a value, or an expression such as `` sql`CURRENT_TIMESTAMP` ``. */
  serverDefault(value: T | Typed<unknown>): ColumnDefinition<T, Nullable, Pk> {
    return this.#with({ serverDefault: this.#serverExpression(value, "serverDefault") });
  }

  /**
   * The database changes the value at each UPDATE, so it is read again.
   * @param expression how, where CREATE TABLE can say it (MySQL); otherwise a trigger does it
   */
  serverOnUpdate(expression?: Typed<unknown>): ColumnDefinition<T, Nullable, Pk> {
    return this.#with({ serverOnUpdate: { expression: expression === undefined ? null : expressionOf(expression) } });
  }

  /**
   * A foreign key of this column alone; `foreignKey()` of the table makes one of several columns.
   * @param target a column: `User.c.id`, or `"users.id"` for a table that is defined later
   */
  references(target: ReferenceTarget<T>, options: ForeignKeyOptions = {}): ColumnDefinition<T, Nullable, Pk> {
    if (typeof target !== "string") expressionOf(target);
    assertForeignKeyOptions("references", options);
    return this.#with({ references: [...this.settings.references, { target, options }] });
  }

  /**
   * Does the database count the values up? Without this, a column does that is the whole primary key, holds whole
   * numbers, has no default and is no foreign key; `"ignoreFk"` leaves the last condition out.
   */
  autoincrement(mode: boolean | "ignoreFk" = true): ColumnDefinition<T, Nullable, Pk> {
    if (typeof mode !== "boolean") assertWord("autoincrement()", mode, ["ignoreFk"]);
    return this.#with({ autoincrement: mode });
  }

  /** `GENERATED AS IDENTITY`. */
  identity(options: IdentityOptions = {}): ColumnDefinition<T, Nullable, Pk> {
    assertIdentityOptions(options);
    return this.#with({ identity: options });
  }

  /** `GENERATED ALWAYS AS (expression)`. */
  computed(expression: Typed<unknown>, options: { readonly stored?: boolean } = {}): ColumnDefinition<T, Nullable, Pk> {
    assertOptions("computed()", options, { stored: true });
    return this.#with({ computed: { expression: expressionOf(expression), stored: options.stored ?? false } });
  }

  comment(text: string): ColumnDefinition<T, Nullable, Pk> {
    return this.#with({ comment: text });
  }

  /** Loaded only when asked for: for large values. */
  deferred(): ColumnDefinition<T, Nullable, Pk> {
    return this.#with({ deferred: true });
  }

  /**
   * Makes a value that no row has, for a row that must give up a unique value for a moment while two rows exchange
   * theirs. Needed only where the column has a format of its own, which a random value would break.
   */
  parkValue(create: () => T): ColumnDefinition<T, Nullable, Pk> {
    return this.#with({ parkValue: create });
  }

  /** The collation by which values are compared and sorted; an object gives it for each dialect by name. */
  collate(name: string | Readonly<Record<string, string>>): ColumnDefinition<T, Nullable, Pk> {
    assertCollation(name);
    return this.#with({ collation: name });
  }

  #with(settings: Partial<ColumnSettings>): ColumnDefinition<T, Nullable, Pk> {
    return new ColumnDefinition(this.sqlType, this.nullable, this.pk, { ...this.settings, ...settings });
  }

  #defaultOf(value: unknown, modifier: string): ColumnDefault {
    if (value instanceof SqlExpression) {
      throw new ArgumentError(
        `${modifier}() takes a value or a function; for SQL expressions there is serverDefault().`,
      );
    }
    // Functions are no values of any SQL type, so it is one that makes values.
    if (typeof value === "function") return { kind: "function", make: value as () => unknown };
    this.#check(value, modifier);
    return { kind: "value", value };
  }

  #serverExpression(value: unknown, modifier: string): SqlExpression<unknown> {
    if (value instanceof SqlExpression) return value;
    this.#check(value, modifier);
    return new BindParameter(value, this.sqlType);
  }

  #check(value: unknown, modifier: string): void {
    if (value === null) return;
    const reason = this.sqlType.validate(value);
    if (reason !== null) throw new ArgumentError(`${modifier}() of a ${this.sqlType.describe()} column: ${reason}.`);
  }
}

/** Dialects of the library. There may be others, but none whose name is a slip of the pen. */
const DIALECTS = ["sqlite", "postgresql", "mysql"];

function assertCollation(collation: unknown): void {
  if (typeof collation === "string") return;
  if (typeof collation !== "object" || collation === null) {
    throw new ArgumentError(
      `collate() takes the name of a collation, or names by dialect such as { sqlite: "NOCASE" }, not ${describeValue(collation)}.`,
    );
  }
  for (const [dialect, name] of Object.entries(collation)) {
    if (typeof name !== "string") {
      throw new ArgumentError(`collate({ ${dialect} }) is the name of a collation, not ${describeValue(name)}.`);
    }
    const near = DIALECTS.includes(dialect) ? null : nearest(dialect, DIALECTS);
    if (near !== null) throw new ArgumentError(`collate() has no dialect "${dialect}". Did you mean "${near}"?`);
  }
}

/** A definition of a column of any type. */
export type AnyColumnDefinition = ColumnDefinition<unknown, boolean, boolean>;

/** Is it a column definition? */
export function isColumnDefinition(value: unknown): value is AnyColumnDefinition {
  return value instanceof ColumnDefinition;
}
