import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import { comparedTypes } from "../../../schema/same-texts.ts";
import { GeneratedValue, origin, type RowImage, type RowOperation } from "../decompose/operation.ts";
import type { KeyType } from "../decompose/tuple.ts";
import { getOrAdd } from "../get-or-add.ts";

/** A row that a flush knows, as it is at some moment of a plan. */
export interface KnownRow {
  readonly table: Table;
  /** What the row has, by {@link Column.index}; `undefined`: nobody knows. */
  image: RowImage;
  isThere: boolean;
}

/** Rows by what they have in some columns. */
interface Index {
  readonly columns: readonly Column<unknown>[];
  readonly types: readonly KeyType[];
  readonly rows: Map<string, Set<KnownRow>>;
}

const NONE: ReadonlySet<KnownRow> = new Set();

/** The rows that a flush knows, found by what they have in columns at the moment. */
export class KnownRows {
  readonly #dialectName: string;
  readonly #byTable = new Map<Table, Set<KnownRow>>();
  readonly #indexes = new Map<Table, Index[]>();
  /** Names of values that the database has yet to make. */
  readonly #makers = new Map<RowOperation, number>();

  constructor(dialectName: string) {
    this.#dialectName = dialectName;
  }

  *[Symbol.iterator](): Generator<KnownRow> {
    for (const rows of this.#byTable.values()) yield* rows;
  }

  add(row: KnownRow): void {
    row.isThere = true;
    getOrAdd(this.#byTable, row.table, () => new Set()).add(row);
    for (const index of this.#indexes.get(row.table) ?? []) this.#enter(index, row);
  }

  /** Adds a row that the flush does not write, unless it is known. */
  addLoaded(table: Table, image: RowImage): void {
    const key = table.primaryKey.map(({ index }) => image[index]);
    if (this.having(table.primaryKey, key).size === 0) this.add({ table, image, isThere: true });
  }

  /**
   * Adds the rows that a row refers to along these foreign keys, where none is known, and those that they refer to: it
   * follows them. Nothing but the key is known of them.
   */
  addReferred({ image, table }: KnownRow, foreignKeys: ReadonlySet<ForeignKeyConstraint>): void {
    for (const foreignKey of table.foreignKeys) {
      if (!foreignKeys.has(foreignKey)) continue;
      const { columns, referredColumns } = foreignKey;
      const held = columns.map(({ index }) => image[index]);
      if (this.keyOf(referredColumns, held) === null || this.having(referredColumns, held).size > 0) continue;
      this.addReferred(this.addByKey(foreignKey, held), foreignKeys);
    }
  }

  /** Adds a row that a foreign key refers to. */
  addByKey({ referredColumns, referredTable: table }: ForeignKeyConstraint, key: readonly unknown[]): KnownRow {
    const image: unknown[] = new Array(table.columns.length);
    for (const [i, { index }] of referredColumns.entries()) image[index] = key[i];
    const row: KnownRow = { table, image, isThere: true };
    this.add(row);
    return row;
  }

  remove(row: KnownRow): void {
    row.isThere = false;
    this.#byTable.get(row.table)?.delete(row);
    for (const index of this.#indexes.get(row.table) ?? []) this.#leave(index, row);
  }

  /** Gives the row another image. */
  write(row: KnownRow, image: RowImage): void {
    const indexes = this.#indexes.get(row.table) ?? [];
    for (const index of indexes) this.#leave(index, row);
    row.image = image;
    for (const index of indexes) this.#enter(index, row);
  }

  /**
   * The rows that have these values in `columns`.
   * @param referred the columns whose types say what is equal: those that a foreign key refers to
   */
  having(
    columns: readonly Column<unknown>[],
    values: readonly unknown[],
    referred: readonly Column<unknown>[] = columns,
  ): ReadonlySet<KnownRow> {
    const index = this.#indexOver(columns, referred);
    const key = index === null ? null : this.#keyOf(index.types, values);
    return (key === null ? undefined : index?.rows.get(key)) ?? NONE;
  }

  /** What tells values of the columns from others; null if one of them is NULL or not known. */
  keyOf(columns: readonly Column<unknown>[], values: readonly unknown[]): string | null {
    return this.#keyOf(comparedTypes(columns, this.#dialectName, columns), values);
  }

  #indexOver(columns: readonly Column<unknown>[], referred: readonly Column<unknown>[]): Index | null {
    const table = columns[0]?.table;
    if (table === undefined) return null;
    const indexes = getOrAdd(this.#indexes, table, () => []);
    const types = comparedTypes(referred, this.#dialectName, referred);
    const known = indexes.find(
      (index) =>
        isSameList(index.columns, columns) && index.types.every((type, i) => type.sqlType === types[i]?.sqlType),
    );
    if (known !== undefined) return known;
    const index: Index = { columns, types, rows: new Map() };
    indexes.push(index);
    for (const row of this.#byTable.get(table) ?? []) this.#enter(index, row);
    return index;
  }

  #enter(index: Index, row: KnownRow): void {
    const key = this.#keyIn(index, row);
    if (key !== null) getOrAdd(index.rows, key, () => new Set()).add(row);
  }

  #leave(index: Index, row: KnownRow): void {
    const key = this.#keyIn(index, row);
    if (key !== null) index.rows.get(key)?.delete(row);
  }

  #keyIn({ columns, types }: Index, { image }: KnownRow): string | null {
    return this.#keyOf(
      types,
      columns.map((column) => image[column.index]),
    );
  }

  #keyOf(types: readonly KeyType[], values: readonly unknown[]): string | null {
    let key = "";
    for (const [i, type] of types.entries()) {
      const value = origin(values[i]);
      if (value === null || value === undefined) return null;
      if (value instanceof GeneratedValue) {
        const maker = getOrAdd(this.#makers, value.operation, () => this.#makers.size);
        key += `@${maker}.${value.column.index}`;
      } else key += `=${String(type.sqlType.keyOf(value))}`;
      key += "\u0000";
    }
    return key;
  }
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
