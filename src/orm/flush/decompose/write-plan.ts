import type { Dialect, ValueLimit } from "../../../engine/dialect.ts";
import type { Table } from "../../../schema/index.ts";
import { committedValue, type Entity, type Reader, readerOf } from "../../instance/index.ts";
import { ByMapper, type Mapper, mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { type ColumnWrite, type TableWrites, tableWrites } from "./table-writes.ts";
import { toOne } from "./to-one.ts";

/** What the objects of a class write. */
export interface WritePlan {
  readonly mapper: Mapper;
  readonly tables: readonly TablePlan[];
  /** The relationships whose foreign keys are in the rows. */
  readonly references: readonly RelationshipProperty[];
}

export interface TablePlan {
  readonly writes: TableWrites;
  /** What the database cannot hold of what the type of each column allows. */
  readonly limits: readonly (ValueLimit | null)[];
  /** Reads the value of each column from an object. */
  readonly readers: readonly Reader[];
}

const plans = new WeakMap<Dialect, ByMapper<WritePlan>>();

/** The plans of all classes for a database. */
export function writePlans(dialect: Dialect): ByMapper<WritePlan> {
  let known = plans.get(dialect);
  if (known === undefined) {
    known = new ByMapper((mapper) => planOf(mapper, dialect));
    plans.set(dialect, known);
  }
  return known;
}

function planOf(mapper: Mapper, dialect: Dialect): WritePlan {
  const tables = tableWrites(mapper).map((writes) => ({
    writes,
    limits: writes.columns.map(({ column }) => dialect.valueLimit(column.sqlType)),
    readers: writes.columns.map(({ property }) => readerOf(property.slot)),
  }));
  return { mapper, tables, references: toOne(mapper) };
}

/** The row as the database has it, as far as the object knows it. */
export function imageOf(entity: Entity, table: Table): unknown[] {
  for (const writes of tableWrites(mapperOf(entity))) if (writes.table === table) return committedImage(entity, writes);
  return [];
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

/** The primary key in the image of a row. */
export function keyIn(image: readonly unknown[], { key }: TableWrites): unknown[] {
  const [first] = key;
  if (key.length === 1 && first !== undefined) return [image[first.column.index]];
  return key.map(({ column }) => image[column.index]);
}
