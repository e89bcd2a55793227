import { StaleDataError } from "../../../errors/index.ts";
import type { Table } from "../../../schema/index.ts";
import { describe, type Entity } from "../../instance/index.ts";

/** A row that a statement was to find. */
export interface RowToFind {
  readonly table: Table;
  readonly entity: Entity | null;
  /** It is found by a version too. */
  readonly versioned: boolean;
}

/** The error for rows that were not found by the key, or the version, that they had when they were loaded. */
export function stale(rows: readonly RowToFind[], found: number, verb: string): StaleDataError {
  const [first] = rows;
  const names = rows.slice(0, 3).map((row) => (row.entity === null ? row.table.name : describe(row.entity)));
  const more = rows.length > 3 ? ` and ${rows.length - 3} more` : "";
  const why = first?.versioned === true ? "deleted, or changed to another version," : "deleted";
  return new StaleDataError(
    `${rows.length} row(s) of ${first?.table.name} were to be ${verb}, but ${found} were found: somebody else has ${why} ` +
      `a row since it was loaded (${names.join(", ")}${more}). Roll back, load again and repeat the change.`,
  );
}
