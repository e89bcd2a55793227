import { ArgumentError } from "../errors/index.ts";
import { ColumnElement } from "../expression/from.ts";
import type { Typed } from "../expression/sql-expression.ts";
import { type Column, columnOf } from "./column.ts";
import { constraintName } from "./naming.ts";
import type { ForeignKeyOptions, ReferentialAction } from "./options.ts";
import type { Table } from "./table.ts";

/** What a foreign key refers to: a column, or `"table.column"` for a table of the same metadata that is defined later. */
export type ReferenceTarget<T> = Typed<T | null> | string;

/** A foreign key. What it refers to is looked up when it is first asked for, so tables can refer to each other. */
export class ForeignKeyConstraint {
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly onUpdate: ReferentialAction | null;
  readonly onDelete: ReferentialAction | null;
  readonly deferrable: boolean;
  readonly initially: "deferred" | "immediate" | null;
  readonly match: "simple" | "full" | "partial" | null;
  readonly #givenName: string | null;
  readonly #targets: readonly ReferenceTarget<unknown>[];
  #referred: readonly Column[] | null = null;

  /** @throws ArgumentError if the numbers of columns on both sides differ */
  constructor(
    table: Table,
    columns: readonly Column[],
    targets: readonly ReferenceTarget<unknown>[],
    options: ForeignKeyOptions,
  ) {
    if (columns.length === 0 || columns.length !== targets.length) {
      throw new ArgumentError(
        `A foreign key of table "${table.fullName}" has ${columns.length} columns and refers to ${targets.length}: both must be the same number, at least one.`,
      );
    }
    this.table = table;
    this.columns = columns;
    this.onUpdate = options.onUpdate ?? null;
    this.onDelete = options.onDelete ?? null;
    this.deferrable = options.deferrable ?? false;
    this.initially = options.initially ?? null;
    this.match = options.match ?? null;
    this.#givenName = options.name ?? null;
    this.#targets = targets;
  }

  /** The name: as given, or by the naming convention; null if there is neither. */
  get name(): string | null {
    return constraintName("fk", this.table, this.#givenName, this.columns, this);
  }

  /**
   * The columns that it refers to, in the order of `columns`.
   * @throws ArgumentError if a table or column that is named by a string does not exist, or they are of several tables
   */
  get referredColumns(): readonly Column[] {
    this.#referred ??= this.#resolve();
    return this.#referred;
  }

  get referredTable(): Table {
    // There is at least one column.
    return (this.referredColumns[0] as Column).table;
  }

  /** `entry.widget_id -> widget.id`, for messages. */
  describe(): string {
    const side = (columns: readonly Column[]): string => columns.map(({ fullName }) => fullName).join(", ");
    return `${side(this.columns)} -> ${side(this.referredColumns)}`;
  }

  #resolve(): readonly Column[] {
    const columns = this.#targets.map((target) => this.#find(target));
    const tables = new Set(columns.map(({ table }) => table));
    if (tables.size > 1) {
      throw new ArgumentError(
        `A foreign key of table "${this.table.fullName}" refers to several tables: ${[...tables].map(({ fullName }) => `"${fullName}"`).join(", ")}.`,
      );
    }
    return columns;
  }

  #find(target: ReferenceTarget<unknown>): Column {
    if (typeof target === "string") return this.table.metadata.column(target, this.table.schema);
    if (target instanceof ColumnElement) return columnOf(target);
    throw new ArgumentError(
      `A foreign key of table "${this.table.fullName}" refers to an expression that is no column.`,
    );
  }
}
