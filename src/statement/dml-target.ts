import { ArgumentError } from "../errors/index.ts";
import { Column } from "../schema/column.ts";
import { Table } from "../schema/table.ts";
import { describeFrom } from "./describe-from.ts";
import { columnKey } from "./from-columns.ts";
import { type FromSource, resolveSource } from "./from-source.ts";
import type { EntityDescription } from "./interfaces.ts";

/** The one table that an INSERT, UPDATE or DELETE writes to, and the names that its columns go by. */
export interface DmlTarget {
  readonly table: Table;
  /** The mapped class, when the statement was made for one. */
  readonly entity: EntityDescription | null;
  /** Columns by the keys of `values()` and `set()`. */
  readonly columns: ReadonlyMap<string, Column>;
}

/**
 * Reads the target of a statement. Keys are the property names of a mapped class; of a table, the keys of its columns
 * and also their names in the database.
 *
 * @throws ArgumentError for an alias, a subquery, or a class whose rows are spread over several tables
 */
export function dmlTarget(source: FromSource, place: string): DmlTarget {
  const { from, entity } = resolveSource(source, place);
  if (!(from instanceof Table)) {
    throw new ArgumentError(
      entity === null
        ? `${place} needs a table or a mapped class, not ${describeFrom(from)}.`
        : `${place} cannot write ${entity.name}, whose rows are not in one table: write to each of its tables.`,
    );
  }
  return { table: from, entity, columns: entity === null ? tableColumns(from) : entityColumns(entity) };
}

/** @throws ArgumentError naming the keys that there are */
export function targetColumn(target: DmlTarget, key: string, place: string): Column {
  const column = target.columns.get(key);
  if (column !== undefined) return column;
  const name = target.entity === null ? `Table "${target.table.name}"` : target.entity.name;
  const known = [...new Set([...target.columns.keys()])].join(", ");
  throw new ArgumentError(`${place}: ${name} has no column "${key}"; it has ${known}.`);
}

function tableColumns(table: Table): Map<string, Column> {
  const columns = new Map<string, Column>(table.columns.map((column) => [columnKey(column), column]));
  for (const column of table.columns) if (!columns.has(column.name)) columns.set(column.name, column);
  return columns;
}

function entityColumns(entity: EntityDescription): Map<string, Column> {
  const columns = new Map<string, Column>();
  for (const [index, key] of entity.keys.entries()) {
    const origin = entity.columns[index]?.origin;
    if (origin instanceof Column) columns.set(key, origin);
  }
  return columns;
}
