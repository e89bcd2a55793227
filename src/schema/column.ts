import { ArgumentError } from "../errors/index.ts";
import { ColumnElement } from "../expression/from.ts";
import { declareFields, newSymbol } from "../expression/node.ts";
import type { SqlExpression } from "../expression/sql-expression.ts";
import type { SqlType } from "../expression/sql-type.ts";
import type { AnyColumnDefinition, ColumnDefault, Computed } from "./column-definition.ts";
import type { ForeignKeyConstraint } from "./foreign-key.ts";
import type { IdentityOptions } from "./options.ts";
import type { Table } from "./table.ts";

/** A column of a table. */
export class Column<T = unknown> extends ColumnElement<T> {
  readonly kind = "column";
  readonly name: string;
  /** The name of the property that it has in `table.c`, and in mapped objects. */
  readonly key: string;
  readonly table: Table;
  /** The position in `table.columns`. */
  readonly index: number;
  readonly sqlType: SqlType<unknown>;
  readonly nullable: boolean;
  readonly primaryKey: boolean;
  readonly definition: AnyColumnDefinition;
  readonly default: ColumnDefault | null;
  readonly onUpdate: ColumnDefault | null;
  readonly serverDefault: SqlExpression<unknown> | null;
  readonly serverOnUpdate: { readonly expression: SqlExpression<unknown> | null } | null;
  readonly computed: Computed | null;
  readonly identity: IdentityOptions | null;
  readonly comment: string | null;
  readonly deferred: boolean;
  readonly parkValue: (() => unknown) | null;
  readonly collation: string | Readonly<Record<string, string>> | null;

  readonly #symbol = newSymbol();

  constructor(table: Table, index: number, key: string, name: string, definition: AnyColumnDefinition) {
    super();
    const { settings } = definition;
    this.name = name;
    this.key = key;
    this.table = table;
    this.index = index;
    this.sqlType = definition.sqlType;
    this.nullable = definition.nullable;
    this.primaryKey = definition.pk;
    this.definition = definition;
    this.default = settings.default;
    this.onUpdate = settings.onUpdate;
    this.serverDefault = settings.serverDefault;
    this.serverOnUpdate = settings.serverOnUpdate;
    this.computed = settings.computed;
    this.identity = settings.identity;
    this.comment = settings.comment;
    this.deferred = settings.deferred;
    this.parkValue = settings.parkValue;
    this.collation = settings.collation;
  }

  get origin(): this {
    return this;
  }

  override get symbol(): string {
    return this.#symbol;
  }

  /** Does the database count its values up? */
  get autoincrement(): boolean {
    return this.table.autoincrementColumn === this;
  }

  /** Does the database make a value for a new row when none is given? */
  get generated(): boolean {
    return this.serverDefault !== null || this.identity !== null || this.computed !== null || this.autoincrement;
  }

  /** The collation that it has in the databases of this dialect; null: the one that the database gives it. */
  collationIn(dialectName: string): string | null {
    const { collation } = this;
    return collation === null || typeof collation === "string" ? collation : (collation[dialectName] ?? null);
  }

  /** The foreign keys that it is a part of. */
  get foreignKeys(): readonly ForeignKeyConstraint[] {
    return this.table.foreignKeys.filter(({ columns }) => columns.includes(this));
  }

  /** `users.id`, for messages. */
  get fullName(): string {
    return `${this.table.fullName}.${this.name}`;
  }

  /** For logs: what `console.log` would print of a column is its table with all that belongs to it. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Column(${this.fullName})`;
  }

  static {
    declareFields(Column, { table: "reference", name: "value" });
  }
}

/**
 * The schema column behind a column: behind an attribute of a mapped class, a column of an alias or of a subquery.
 * @throws ArgumentError if there is none, because the value is computed
 */
export function columnOf(element: ColumnElement<unknown>): Column {
  const { origin } = element;
  if (origin instanceof Column) return origin;
  if (origin !== element && origin !== undefined) return columnOf(origin);
  throw new ArgumentError(`"${element.name}" is computed: no column of a table is behind it.`);
}
