import { describeValue } from "../../expression/sql-type.ts";
import { NativeType } from "../../expression/types/native.ts";
import type { ColumnDefinition } from "../../schema/column-definition.ts";
import { columnOfType } from "../../schema/column-types.ts";

/** Instants as whole numbers of units since 1970. */
function sinceEpoch(milliseconds: number, unit: string): NativeType<Date> {
  return new NativeType<Date>({
    dialect: "sqlite",
    ddl: "INTEGER",
    validate: (value) => {
      if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
        return `expected a valid Date, got ${describeValue(value)}`;
      }
      if (value.getTime() % milliseconds === 0) return null;
      return `expected a Date of whole ${unit}, got ${describeValue(value)}`;
    },
    bind: (date) => BigInt(date.getTime() / milliseconds),
    result: (stored) => new Date(Number(stored) * milliseconds),
    key: (date) => date.getTime(),
    copy: (date) => new Date(date),
  });
}

const SECONDS = sinceEpoch(1000, "seconds");
const MILLISECONDS = sinceEpoch(1, "milliseconds");

/**
 * Instants as `Date`, stored as the number of seconds since 1970: for databases that others made. `timestamp()` stores
 * text that SQLite's own functions understand, and works with other databases, too.
 *
 * @param name the name of the column in the database, if it is not that of the property
 * @example
 * ```ts
 * import { integer, MetaData, Table } from "alkahest";
 * import { epochSeconds } from "alkahest/sqlite";
 *
 * new Table("visit", new MetaData(), { id: integer().primaryKey(), at: epochSeconds().notNull() });
 * ```
 */
export function epochSeconds(name?: string): ColumnDefinition<Date> {
  return columnOfType(SECONDS, name);
}

/** The same with milliseconds, as `Date.now()` counts. */
export function epochMilliseconds(name?: string): ColumnDefinition<Date> {
  return columnOfType(MILLISECONDS, name);
}
