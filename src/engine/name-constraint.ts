import { DatabaseError, ForeignKeyViolation, UniqueViolation } from "../errors/index.ts";
import type { Table } from "../schema/table.ts";

/**
 * Completes what an error tells of the constraint that a statement on the table violated by what the metadata knows: the
 * name, where the database tells only columns (SQLite does); the columns of a key, where it tells only the name
 * (MariaDB and PostgreSQL do). Other errors stay as they are.
 */
export function nameConstraint(error: unknown, table: Table): void {
  if (!(error instanceof DatabaseError) || error.table !== table.name) return;
  if (error.constraint !== null) {
    if (error.columns.length > 0) return;
    if (error instanceof UniqueViolation) nameColumns(error, table);
    if (error instanceof ForeignKeyViolation) {
      const key = table.foreignKeys.find(({ name }) => name === error.constraint);
      error.columns = key?.columns.map(({ name }) => name) ?? [];
    }
    return;
  }
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

/** A key without a name is called by the database after its first column, the primary key by its kind. */
function nameColumns(error: UniqueViolation, { uniqueKeys }: Table): void {
  const { constraint } = error;
  const key =
    uniqueKeys.find(({ name }) => name === constraint) ??
    uniqueKeys.find(({ kind }) => kind === "primaryKey" && constraint === "PRIMARY") ??
    uniqueKeys.find(({ name, columns }) => name === null && columns?.[0]?.name === constraint);
  if (key?.columns === null || key === undefined) return;
  error.columns = key.columns.map(({ name }) => name);
  error.constraint = key.name ?? constraint;
}
