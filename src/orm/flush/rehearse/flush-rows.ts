import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import { mapperOf } from "../../mapping/index.ts";
import {
  GeneratedValue,
  type OperationKind,
  origin,
  type RowImage,
  type RowOperation,
  type StatementGroup,
} from "../decompose/operation.ts";
import { imageOf, tableWrites } from "../decompose/table-writes.ts";
import { getOrAdd } from "../get-or-add.ts";
import { type KnownRow, KnownRows } from "./known-rows.ts";

/** The change of a row as somebody made it. What breaks cycles changes operations: this is how they were before. */
export interface WrittenRow extends KnownRow {
  readonly operation: RowOperation;
  readonly kind: OperationKind;
  readonly keyColumns: readonly Column<unknown>[];
  readonly key: readonly unknown[];
  readonly written: RowImage;
  readonly group: StatementGroup | null;
  readonly movedBy: RowOperation | null;
  readonly isSuspended: boolean;
  readonly isVersioned: boolean;
}

/** The rows that a flush writes, as they were before it was planned. */
export class FlushRows {
  readonly rows: readonly WrittenRow[];

  /** @param byTable the operations of the flush, in the order in which they were made */
  constructor(byTable: ReadonlyMap<Table, readonly RowOperation[]>) {
    const rows: WrittenRow[] = [];
    for (const operations of byTable.values()) {
      for (const operation of operations) {
        const { table, kind, keyColumns, key, after, group, movedBy, suspended, versioned } = operation;
        if (kind === "propagate" || kind === "draw") continue;
        const state = { keyColumns, key: [...key], written: [...after], group, movedBy };
        const flags = { isSuspended: suspended, isVersioned: versioned };
        rows.push({ operation, table, kind, ...state, ...flags, image: [], isThere: false });
      }
    }
    this.rows = rows;
  }

  /** Makes every operation what it was. */
  restore(): void {
    for (const { operation, kind, keyColumns, key, written, group, movedBy, isSuspended, isVersioned } of this.rows) {
      operation.kind = kind;
      operation.keyColumns = keyColumns;
      operation.key = [...key];
      operation.group = group;
      operation.movedBy = movedBy;
      operation.suspended = isSuspended;
      operation.versioned = isVersioned;
      written.forEach((value, i) => {
        operation.after[i] = value;
      });
      operation.after.length = written.length;
    }
  }

  /**
   * The rows as they are in the database, with loaded ones that follow others, and all that they follow.
   * @param followed the foreign keys along which rows follow
   */
  atFirst({ dialectName, identityMap }: RehearsedSession, followed: ReadonlySet<ForeignKeyConstraint>): KnownRows {
    const known = new KnownRows(dialectName);
    for (const row of this.rows) {
      row.isThere = false;
      if (row.kind === "insert") continue;
      row.image = [...row.operation.before];
      for (const [i, { index }] of row.keyColumns.entries()) row.image[index] ??= row.key[i]; // of pairs, one side may be known
      known.add(row);
    }
    const tables = new Set([...followed].map(({ table }) => table));
    for (const object of identityMap.entities()) {
      const entity = object as Entity; // the identity map holds mapped objects only
      for (const { table } of tableWrites(mapperOf(entity)))
        if (tables.has(table)) known.addLoaded(table, imageOf(entity, table));
    }
    for (const row of [...known]) known.addReferred(row, followed);
    return known;
  }
}

/** What a rehearsal has to know of the session. */
export interface RehearsedSession {
  readonly dialectName: string;
  readonly identityMap: { entities(): Iterable<object> };
}

/** Finds the rows that operations are about, also those that were added to break cycles. */
export class RowsOfOperations {
  readonly #byEntity = new Map<Entity, Map<Table, WrittenRow>>();
  readonly #byOperation = new Map<RowOperation, WrittenRow>();

  constructor(rows: readonly WrittenRow[]) {
    for (const row of rows) {
      const { operation, table } = row;
      this.#byOperation.set(operation, row);
      if (operation.entity !== null) getOrAdd(this.#byEntity, operation.entity, () => new Map()).set(table, row);
    }
  }

  set(operation: RowOperation, row: WrittenRow): void {
    this.#byOperation.set(operation, row);
  }

  of(operation: RowOperation): WrittenRow | undefined {
    const own = this.#byOperation.get(operation);
    if (own !== undefined || operation.entity === null) return own;
    return this.#byEntity.get(operation.entity)?.get(operation.table);
  }
}

/** What the row has in the end, by what is written of it. */
export function finalValue({ written, image }: WrittenRow, column: Column<unknown>): unknown {
  const value = written[column.index];
  return value === undefined ? image[column.index] : value;
}

/** What a new row has: keys that the database is to make stand for themselves. */
export function insertedImage({ table, operation, written }: WrittenRow, after: RowImage = written): RowImage {
  const image = [...after];
  for (const column of table.primaryKey) image[column.index] ??= operation.makes(column);
  return image;
}

/** Are both the same to the database, or made by it at the same place? */
export function isSameValue(column: Column<unknown>, a: unknown, b: unknown): boolean {
  const [one, other] = [origin(a), origin(b)];
  if (one === other) return true;
  if (one instanceof GeneratedValue || other instanceof GeneratedValue)
    return (
      one instanceof GeneratedValue &&
      other instanceof GeneratedValue &&
      one.operation === other.operation &&
      one.column === other.column
    );
  if (one === null || one === undefined || other === null || other === undefined) return false;
  return column.sqlType.keyOf(one) === column.sqlType.keyOf(other);
}
