import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import { committedImage, type TableWrites } from "./table-writes.ts";

/**
 * What a row operation does:
 * - `insert`, `update`, `delete` touch one row, found by its key;
 * - `propagate` carries changed keys into every row that refers to them, loaded or not (one statement a foreign key);
 * - `draw` asks a sequence for the key of a row that is inserted later.
 */
export type OperationKind = "insert" | "update" | "delete" | "propagate" | "draw";

/** Why an operation exists that no object asked for by itself. */
export type OperationRole =
  | "row" // the change that somebody made to an object
  | "link" // a pair of a many-to-many relationship
  | "late link" // a foreign key written after its cycle was inserted
  | "early link" // a foreign key that refers to a row by the key which that one has until it changes
  | "release link" // a foreign key set to NULL so that a cycle can be deleted
  | "park" // a unique value moved out of the way for a moment
  | "vacate" // a row that must be deleted late gives its unique value up early
  | "reinsert"; // a row is deleted to be inserted again with its new values

/**
 * A row as far as it is known, by {@link Column.index}. `undefined` means "not known" in a before image and "not
 * written" in an after image; a value that the database has yet to make is a {@link GeneratedValue}.
 */
export type RowImage = unknown[];

/** The value that the database makes for `column` when `operation` runs: a key that a child needs before it exists. */
export class GeneratedValue {
  readonly operation: RowOperation;
  readonly column: Column<unknown>;

  constructor(operation: RowOperation, column: Column<unknown>) {
    this.operation = operation;
    this.column = column;
  }
}

/** One changed key: the values that rows refer to now, and those that they will refer to. */
export interface KeyChange {
  readonly before: readonly unknown[];
  readonly after: readonly unknown[];
  /** Which of them the row writes: the others may follow another change besides. */
  readonly anew?: readonly boolean[];
}

/**
 * Operations that must share one statement, because the database checks constraints at its end: rows of one table in one
 * kind of statement, or several statements as the parts of one (`WITH ... AS (UPDATE ...)`).
 */
export class StatementGroup {
  readonly kind: "rows" | "compound";
  readonly members: RowOperation[] = [];

  constructor(kind: "rows" | "compound") {
    this.kind = kind;
  }

  take(operation: RowOperation): void {
    operation.group = this;
    this.members.push(operation);
  }
}

/** Changed keys, and the foreign key along which a `propagate` carries them into the rows that refer to them. */
export interface Propagation {
  readonly foreignKey: ForeignKeyConstraint;
  /** The columns of the foreign key that change. */
  readonly columns: readonly Column<unknown>[];
  /** The columns of the key that changed at first, in the same order. */
  readonly sourceColumns: readonly Column<unknown>[];
  readonly changes: readonly KeyChange[];
}

/** What an INSERT does about a row that is there already. */
export interface RowConflict {
  /** The unique key that decides. */
  readonly target: readonly Column<unknown>[];
  /** What is overwritten by the new row's values. With nothing to write, the row stays as it is. */
  readonly set: readonly Column<unknown>[];
  /** What is counted up: the version. */
  readonly increment: readonly Column<unknown>[];
  /** What gets another value than a new row has. */
  readonly assign: ReadonlyMap<Column<unknown>, unknown>;
}

/** What not every operation has. */
export interface RowOperationInit {
  readonly role?: OperationRole;
  readonly keyColumns?: readonly Column<unknown>[];
  readonly key?: unknown[];
  /** The row as it is; or what the object writes, if the row is to be read from it when somebody asks. */
  readonly before?: RowImage | TableWrites;
  readonly after?: RowImage;
}

const NO_MORE: RowOperationInit = {};

/** What new rows have of a key, and before: nothing, ever. Frozen, since they share it. */
const NOTHING: unknown[] = [];
Object.freeze(NOTHING);

/** One change to one row of one table: the unit in which a flush is planned. */
export class RowOperation {
  /** Position in the graph; set when the operation is added to it. */
  id = -1;
  readonly table: Table;
  kind: OperationKind;
  readonly role: OperationRole;
  /** The object behind the row; null for rows of association tables. */
  readonly entity: Entity | null;
  /** Columns that find the row (UPDATE, DELETE): its primary key, and its version where it has one. */
  keyColumns: readonly Column<unknown>[];
  key: unknown[];
  readonly after: RowImage;
  /** What the database made, by column index; filled when the operation has run. */
  generated: RowImage | null = null;
  /** The keys that a `propagate` carries, and the foreign key along which it does. */
  propagation: Propagation | null = null;
  /** The row is found by a version too: a missing row is a lost update. */
  versioned = false;
  /** Makes an INSERT the database's upsert; null: a row that is there already is an error. */
  conflict: RowConflict | null = null;
  group: StatementGroup | null = null;
  /** The row is found by the key that it gets by following another one: this is the first operation that changes it. */
  movedBy: RowOperation | null = null;
  /** The database does not check foreign keys while this runs; the flush does so afterwards. */
  suspended = false;
  /** What rows that refer to this one share. */
  #made: GeneratedValue | null = null;
  #before: RowImage | TableWrites;

  /** @param entity see {@link entity} */
  constructor(table: Table, kind: OperationKind, entity: Entity | null = null, init: RowOperationInit = NO_MORE) {
    this.table = table;
    this.kind = kind;
    this.role = init.role ?? "row";
    this.entity = entity;
    this.keyColumns = init.keyColumns ?? table.primaryKey;
    this.key = init.key ?? (kind === "insert" ? NOTHING : []);
    this.#before = init.before ?? (kind === "insert" ? NOTHING : []);
    // One that grows keeps room for seventeen.
    this.after = init.after ?? (kind === "delete" ? [] : new Array(table.columns.length));
  }

  /** The row as it is in the database. Most operations on plain rows are never asked for it. */
  get before(): RowImage {
    if (!Array.isArray(this.#before))
      this.#before = this.entity === null ? [] : committedImage(this.entity, this.#before);
    return this.#before;
  }

  /** Writes the whole row instead of changing it: it is deleted before. */
  becomeInsert(): void {
    for (const column of this.table.columns) {
      if (column.computed === null && this.after[column.index] === undefined)
        this.after[column.index] = this.before[column.index];
    }
    this.kind = "insert";
    this.versioned = false;
    this.keyColumns = this.table.primaryKey;
    this.key = NOTHING;
  }

  /** The value that the database makes for `column`. */
  makes(column: Column<unknown>): GeneratedValue {
    if (this.#made?.column !== column) this.#made = new GeneratedValue(this, column);
    return this.#made;
  }

  /** The value of `column` after this operation: what is written, else what was there. */
  current(column: Column<unknown>): unknown {
    const written = this.after[column.index];
    return written === undefined ? this.before[column.index] : written;
  }

  /** What rows that refer to this one have to write: the value, or what the row that is there already turns out to have. */
  referable(column: Column<unknown>): unknown {
    const value = this.after[column.index];
    return value === undefined || this.isOpen(column) ? this.makes(column) : value;
  }

  /** May the row have another value than this operation writes, because it is there already? */
  isOpen(column: Column<unknown>): boolean {
    return this.conflict !== null && !this.conflict.target.includes(column);
  }

  /** True if this operation writes one of `columns` with another value than the row had. */
  changes(columns: readonly Column<unknown>[]): boolean {
    for (let i = 0; i < columns.length; i++) if (this.writes(columns[i] as Column<unknown>)) return true; // `i` counts them
    return false;
  }

  /** True if this operation gives `column` another value than the row had. */
  writes(column: Column<unknown>): boolean {
    const written = this.after[column.index];
    if (written === undefined) return false;
    const was = this.before[column.index];
    if (was === undefined || was === null || written === null || written instanceof GeneratedValue)
      return written !== was;
    return !column.sqlType.equals(was, written);
  }
}

/** Where a value comes from: keys that are made of other keys lead to the one that the database makes, or to a value. */
export function origin(value: unknown): unknown {
  let at = value;
  while (at instanceof GeneratedValue && !at.operation.isOpen(at.column)) {
    const next: unknown = at.operation.after[at.column.index];
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

/** The value behind a {@link GeneratedValue} once its operation has run; every other value is itself. */
export function resolve(value: unknown): unknown {
  if (!(value instanceof GeneratedValue)) return value;
  const { operation, column } = value;
  const made = operation.generated?.[column.index];
  return made === undefined ? resolve(operation.after[column.index]) : made;
}
