import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import type { RowImage, RowOperation } from "../decompose/operation.ts";
import { isActive, letsGo } from "../edges/referential-action.ts";
import { nameOf } from "../explain-edge.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { Deferral } from "../ordered.ts";
import type { Batch } from "../sort.ts";
import { insertedImage, isSameValue, type RowsOfOperations, type WrittenRow } from "./flush-rows.ts";
import type { KnownRow, KnownRows } from "./known-rows.ts";

/** How the database behaves for which a plan is rehearsed. */
export interface RehearsedDatabase {
  readonly isEnforced: (foreignKey: ForeignKeyConstraint) => boolean;
  /** ON UPDATE does its work when a statement ends, not row by row. */
  readonly actsAtStatementEnd: boolean;
  /** One statement gives several keys that change to the rows that refer to them. */
  readonly carriesTogether: boolean;
  readonly referring: (table: Table) => readonly ForeignKeyConstraint[];
}

/** A row that had another image before, or is not there any more. */
interface Changed {
  readonly row: KnownRow;
  readonly before: RowImage;
  readonly isSuspended: boolean;
}

/** Values for columns of a row. */
type Assignment = Map<Column<unknown>, unknown>;

/**
 * Carries a plan out on the rows that the flush knows, in memory: each operation must find its row by the key that it has at
 * that moment, no two rows may have one primary key, and none may refer to what is gone. Of rows that nobody has loaded it
 * knows nothing: a plan that it accepts may fail because of them, and one that it refuses may be right.
 */
export class Rehearsal {
  readonly #rows: KnownRows;
  readonly #operations: RowsOfOperations;
  readonly #database: RehearsedDatabase;
  /** Keys that rows of a table had and have no more. */
  readonly #left = new Map<Table, Set<string>>();
  /** What the batch at hand has changed, and how many of these rows have been followed. */
  #changed: Changed[] = [];
  #followed = 0;

  constructor(rows: KnownRows, operations: RowsOfOperations, database: RehearsedDatabase) {
    this.#rows = rows;
    this.#operations = operations;
    this.#database = database;
  }

  /** @returns what goes wrong first; null if nothing does */
  run(batches: readonly Batch[], deferral: Deferral): string | null {
    for (const batch of batches) {
      const wrong = this.#runBatch(batch) ?? this.#check(deferral, batch.operations[0]?.suspended === true);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  /** @returns which row has not what it is to have in the end; null if all have */
  checkEnd(written: readonly WrittenRow[]): string | null {
    for (const row of written) {
      if ((row.kind === "delete") === row.isThere) return `a row of ${row.table.name} is not as it is to be`;
      if (row.kind === "delete") continue;
      for (const column of row.table.columns) {
        const wanted = row.written[column.index];
        const isCompared = column.primaryKey || column.foreignKeys.length > 0;
        if (wanted === undefined || !isCompared || isSameValue(column, row.image[column.index], wanted)) continue;
        return `${row.table.name}.${column.name} is not as it is to be`;
      }
    }
    for (const row of this.#rows) {
      for (const foreignKey of row.table.foreignKeys)
        if (this.#isViolated(row, foreignKey)) return `${nameOf(foreignKey)} is violated`;
    }
    return null;
  }

  #isViolated(row: KnownRow, foreignKey: ForeignKeyConstraint): boolean {
    return this.#database.isEnforced(foreignKey) && !isActive(foreignKey.onDelete) && this.#dangles(row, foreignKey);
  }

  #runBatch({ shape, operations }: Batch): string | null {
    if (shape.isCompound || shape.kind === "propagate") return this.#runTogether(operations, shape.isCompound);
    for (const operation of operations) {
      const wrong = this.#runOne(operation);
      if (wrong !== null) return wrong;
      if (!this.#database.actsAtStatementEnd) this.#follow();
    }
    this.#follow();
    return null;
  }

  #runOne(operation: RowOperation): string | null {
    if (operation.kind === "draw") return null;
    if (operation.kind === "insert") {
      this.#insert(operation);
      return null;
    }
    const row = this.#find(operation);
    if (typeof row === "string") return row;
    if (row === null) return null;
    if (operation.kind === "delete") this.#delete(row, operation.suspended);
    else this.#assign(row, assignmentOf(operation), operation.suspended);
    return null;
  }

  /** All find their rows as they were before the first of them. */
  #runTogether(operations: readonly RowOperation[], isCompound: boolean): string | null {
    const assignments = new Map<KnownRow, Assignment>();
    const deleted: KnownRow[] = [];
    const assign = (row: KnownRow, values: Assignment): void => {
      const own = getOrAdd(assignments, row, () => new Map());
      for (const [column, value] of values) if (!own.has(column)) own.set(column, value);
    };
    for (const operation of operations) {
      if (operation.kind !== "update" && operation.kind !== "delete") continue;
      const row = this.#find(operation);
      if (typeof row === "string") return row;
      if (row === null) continue;
      if (operation.kind === "delete") deleted.push(row);
      else assign(row, assignmentOf(operation));
    }
    for (const { propagation, suspended } of operations) {
      if (propagation === null) continue;
      const { columns, changes, foreignKey } = propagation;
      const referred = columns.map((column) => referredBy(foreignKey, column));
      for (const { before, after } of changes) {
        const values = new Map(columns.map((column, i) => [column, after[i]]));
        for (const row of this.#rows.having(columns, before, referred)) assign(row, values);
        if (!isCompound && !this.#database.carriesTogether) this.#assignAll(assignments, suspended);
      }
      if (!isCompound) this.#assignAll(assignments, suspended); // one statement each
    }
    const wrong = isCompound ? this.#takenTooEarly(assignments) : null;
    if (wrong !== null) return wrong;
    for (const row of deleted) this.#delete(row, false);
    this.#assignAll(assignments, operations[0]?.suspended === true);
    for (const operation of operations) if (operation.kind === "insert") this.#insert(operation);
    this.#follow();
    return null;
  }

  /** Within a statement, unique keys are checked row by row, in an order that nobody knows. */
  #takenTooEarly(assignments: ReadonlyMap<KnownRow, Assignment>): string | null {
    for (const [row, values] of assignments) {
      for (const { name, columns, deferrable } of row.table.uniqueKeys) {
        if (columns === null || deferrable || !columns.some((column) => values.has(column))) continue;
        const taken = columns.map((column) => (values.has(column) ? values.get(column) : row.image[column.index]));
        for (const other of this.#rows.having(columns, taken)) {
          if (other !== row && assignments.has(other))
            return `${name ?? row.table.name} has a value that another row gives up in the same statement`;
        }
      }
    }
    return null;
  }

  #assignAll(assignments: Map<KnownRow, Assignment>, isSuspended: boolean): void {
    for (const [row, values] of assignments) this.#assign(row, values, isSuspended);
    assignments.clear();
  }

  /** The row that the operation finds; null if it is none that the flush knows, or a text, if it is the wrong one. */
  #find(operation: RowOperation): WrittenRow | string | null {
    const row = this.#operations.of(operation);
    if (row === undefined) return null;
    const { table, keyColumns, key } = operation;
    const values = table.primaryKey.map((column) => key[keyColumns.indexOf(column)]);
    if (values.includes(undefined)) return row; // all pairs of an object, whoever the others are
    const found = this.#rows.having(table.primaryKey, values);
    return found.has(row) ? row : `${operation.kind} of ${table.name} does not find its row`;
  }

  #insert(operation: RowOperation): void {
    const row = this.#operations.of(operation);
    if (row === undefined) return;
    if (row.isThere) this.#rows.remove(row); // it was deleted to be inserted again
    row.image = insertedImage(row, operation.after);
    this.#rows.add(row);
    this.#changed.push({ row, before: [], isSuspended: operation.suspended });
  }

  #delete(row: KnownRow, isSuspended: boolean): void {
    this.#rows.remove(row);
    this.#leave(row.table, row.image);
    this.#changed.push({ row, before: row.image, isSuspended });
  }

  #assign(row: KnownRow, values: Assignment, isSuspended: boolean): void {
    const before = row.image;
    const image = [...before];
    for (const [column, value] of values) image[column.index] = value;
    this.#rows.write(row, image);
    this.#leave(row.table, before);
    this.#changed.push({ row, before, isSuspended });
  }

  /** Notes the keys that are given up. */
  #leave(table: Table, image: RowImage): void {
    const left = getOrAdd(this.#left, table, () => new Set());
    for (const columns of this.#keysOf(table)) {
      const key = this.#rows.keyOf(columns, read(image, columns));
      if (key !== null) left.add(keyName(columns, key));
    }
  }

  #keysOf(table: Table): readonly (readonly Column<unknown>[])[] {
    return [...new Set(this.#database.referring(table).map(({ referredColumns }) => referredColumns))];
  }

  /** ON UPDATE changes the rows that refer to changed keys, and those that refer to these. */
  #follow(): void {
    for (let i = this.#followed; i < this.#changed.length; i++) {
      const { row, before, isSuspended } = this.#changed[i] as Changed; // `i` counts them
      if (!row.isThere || isSuspended) continue;
      for (const foreignKey of this.#database.referring(row.table)) {
        if (!this.#database.isEnforced(foreignKey) || !isActive(foreignKey.onUpdate)) continue;
        this.#followAlong(foreignKey, before, row.image);
      }
    }
    this.#followed = this.#changed.length;
  }

  #followAlong({ columns, referredColumns, onUpdate }: ForeignKeyConstraint, before: RowImage, after: RowImage): void {
    if (referredColumns.every((column) => isSameValue(column, before[column.index], after[column.index]))) return;
    const held = read(before, referredColumns);
    const values: Assignment = new Map();
    for (const [i, column] of columns.entries())
      values.set(column, letsGo(onUpdate) ? null : after[(referredColumns[i] as Column<unknown>).index]); // one for each
    for (const row of [...this.#rows.having(columns, held, referredColumns)]) this.#assign(row, values, false);
  }

  /** What a batch leaves behind: keys that two rows have, and references to nothing. */
  #check({ constraints, allForeignKeys }: Deferral, isSuspended: boolean): string | null {
    const isChecked = (foreignKey: ForeignKeyConstraint): boolean =>
      this.#database.isEnforced(foreignKey) &&
      !isSuspended &&
      !allForeignKeys &&
      foreignKey.initially !== "deferred" &&
      !constraints.has(foreignKey);
    for (const { row, before } of this.#changed) {
      const { table, image, isThere } = row;
      if (isThere && this.#rows.having(table.primaryKey, read(image, table.primaryKey)).size > 1)
        return `two rows of ${table.name} have one primary key`;
      for (const foreignKey of isThere ? table.foreignKeys : [])
        if (isChecked(foreignKey) && this.#refersToNothing(row, foreignKey, before))
          return `${nameOf(foreignKey)} is violated`;
      for (const foreignKey of this.#database.referring(table)) {
        if (!isChecked(foreignKey) || (!isThere && isActive(foreignKey.onDelete))) continue;
        const { columns, referredColumns } = foreignKey;
        const held = read(before, referredColumns);
        if (this.#rows.having(referredColumns, held).size > 0) continue;
        if (this.#rows.having(columns, held, referredColumns).size > 0) return `${nameOf(foreignKey)} is violated`;
      }
    }
    this.#changed = [];
    this.#followed = 0;
    return null;
  }

  /** What a row is given to refer to is known, or it would be wrong; what it has referred to before may be anything. */
  #refersToNothing(row: KnownRow, foreignKey: ForeignKeyConstraint, before: RowImage): boolean {
    const { columns, referredColumns } = foreignKey;
    if (columns.every((column) => isSameValue(column, before[column.index], row.image[column.index])))
      return this.#dangles(row, foreignKey);
    const held = read(row.image, columns);
    return this.#rows.keyOf(referredColumns, held) !== null && this.#rows.having(referredColumns, held).size === 0;
  }

  /** Does the row refer to a key that a row of the flush had, and nobody has now? */
  #dangles(row: KnownRow, { columns, referredColumns, referredTable }: ForeignKeyConstraint): boolean {
    const held = read(row.image, columns);
    const key = this.#rows.keyOf(referredColumns, held);
    if (key === null || this.#left.get(referredTable)?.has(keyName(referredColumns, key)) !== true) return false;
    return this.#rows.having(referredColumns, held).size === 0;
  }
}

function read(image: RowImage, columns: readonly Column<unknown>[]): readonly unknown[] {
  return columns.map((column) => image[column.index]);
}

function keyName(columns: readonly Column<unknown>[], key: string): string {
  return `${columns.map(({ index }) => index).join()}:${key}`;
}

function assignmentOf({ table, after }: RowOperation): Assignment {
  const values: Assignment = new Map();
  for (const column of table.columns) {
    const value = after[column.index];
    if (value !== undefined) values.set(column, value);
  }
  return values;
}

function referredBy({ columns, referredColumns }: ForeignKeyConstraint, column: Column<unknown>): Column<unknown> {
  return referredColumns[columns.indexOf(column)] ?? column;
}
