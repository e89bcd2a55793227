import { DatabaseError, ForeignKeyViolation, UniqueViolation } from "../errors/index.ts";
import type { Table } from "../schema/table.ts";

/**
 * Fills in the name of the constraint that a statement on the table violated, where the database tells only columns
 * (SQLite does) and the metadata knows the name. Other errors stay as they are.
 */
export function nameConstraint(error: unknown, table: Table): void {
  if (!(error instanceof DatabaseError) || error.constraint !== null || error.table !== table.name) return;
  if (error instanceof UniqueViolation) {
    const wanted = error.columns.join("\0");
    const key = table.uniqueKeys.find(({ columns }) => columns?.map(({ name }) => name).join("\0") === wanted);
    error.constraint = key?.name ?? null;
  } else if (error instanceof ForeignKeyViolation) {
    const [only, another] = table.foreignKeys;
    if (only === undefined || another !== undefined) return;
    error.constraint = only.name;
    error.columns = only.columns.map(({ name }) => name);
  }
}
