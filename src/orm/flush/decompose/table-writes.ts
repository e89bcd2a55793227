import type { Column, Table } from "../../../schema/index.ts";
import { committedValue, type Entity } from "../../instance/index.ts";
import { type ColumnProperty, type Mapper, mapperOf } from "../../mapping/index.ts";

/** A column of one table and the attribute that holds its value. */
export interface ColumnWrite {
  readonly column: Column<unknown>;
  readonly property: ColumnProperty;
  /** Does the database make a value where none is given? */
  readonly isGenerated: boolean;
  /** With joined inheritance, the column of the root's table whose value this one has; null for all others. */
  readonly inherited: Column<unknown> | null;
}

/** What objects of a class write to one of its tables. */
export interface TableWrites {
  readonly table: Table;
  readonly columns: readonly ColumnWrite[];
  readonly key: readonly ColumnWrite[];
}

const known = new WeakMap<Mapper, readonly TableWrites[]>();

/** The tables that hold the rows of a class, the root of the hierarchy first. */
export function tableWrites(mapper: Mapper): readonly TableWrites[] {
  let writes = known.get(mapper);
  if (writes === undefined) {
    writes = mapper.tables.map((table) => writesOf(mapper, table));
    known.set(mapper, writes);
  }
  return writes;
}

function writesOf(mapper: Mapper, table: Table): TableWrites {
  const columns: ColumnWrite[] = [];
  for (const property of mapper.columns) {
    const source = property.columns.at(-1) ?? null;
    for (const column of property.columns) {
      if (column.table !== table || column.computed !== null) continue;
      columns.push({ column, property, isGenerated: column.generated, inherited: source === column ? null : source });
    }
  }
  const key = table.primaryKey.map((column) => {
    const write = columns.find((candidate) => candidate.column === column);
    if (write === undefined)
      throw new Error(`${mapper.name} does not map the key column ${table.name}.${column.name}.`);
    return write;
  });
  return { table, columns, key };
}

/** What objects of the class write to the table; null if it has no row there. */
export function writesTo(mapper: Mapper, table: Table): TableWrites | null {
  return tableWrites(mapper).find((writes) => writes.table === table) ?? null;
}

/** The row as the database has it, as far as the object knows it. */
export function imageOf(entity: Entity, table: Table): unknown[] {
  const writes = writesTo(mapperOf(entity), table);
  return writes === null ? [] : committedImage(entity, writes);
}

/** The row of one table as the database has it. */
export function committedImage(entity: Entity, { table, columns }: TableWrites): unknown[] {
  const image: unknown[] = new Array(table.columns.length); // one that grows keeps room for seventeen
  for (let i = 0; i < columns.length; i++) {
    const { column, property } = columns[i] as ColumnWrite; // `i` counts them
    image[column.index] = committedValue(entity, property);
  }
  return image;
}

/** The primary key that the row has in the database. */
export function committedKey(entity: Entity, { key }: TableWrites): unknown[] {
  if (key.length === 1) return [committedValue(entity, (key[0] as ColumnWrite).property)]; // asked for every row
  return key.map(({ property }) => committedValue(entity, property));
}
