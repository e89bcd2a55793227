import type { Column, Table } from "../../../schema/index.ts";
import type { ColumnProperty, Mapper } from "../../mapping/index.ts";

/** A column of one table and the attribute that holds its value. */
export interface ColumnWrite {
  readonly column: Column<unknown>;
  readonly property: ColumnProperty;
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
      columns.push({ column, property, inherited: source === column ? null : source });
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
