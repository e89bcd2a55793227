import type { Dialect, ValueLimit } from "../../../engine/dialect.ts";
import { type Reader, readerOf } from "../../instance/index.ts";
import { ByMapper, type Mapper, type RelationshipProperty } from "../../mapping/index.ts";
import { type TableWrites, tableWrites } from "./table-writes.ts";
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
  /** Where in `writes.columns` each column is, by its index in the table; undefined: it is not written. */
  readonly positions: readonly (number | undefined)[];
  /** What the database cannot hold of what the type of each column allows. */
  readonly limits: readonly (ValueLimit | null)[];
  /** Reads the value of each column from an object. */
  readonly readers: readonly Reader[];
  /** Has a column a value of its own in UPDATEs? */
  readonly hasOnUpdate: boolean;
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
    positions: writes.table.columns.map((column) => {
      const position = writes.columns.findIndex((write) => write.column === column);
      return position < 0 ? undefined : position;
    }),
    limits: writes.columns.map(({ column }) => dialect.valueLimit(column.sqlType)),
    readers: writes.columns.map(({ property }) => readerOf(property.slot)),
    hasOnUpdate: writes.columns.some(({ column }) => column.onUpdate !== null),
  }));
  return { mapper, tables, references: toOne(mapper) };
}
