import type { Mapper } from "../../mapping/index.ts";
import type { RowOperation } from "./operation.ts";

/**
 * Versioned rows are found by their key and the version that was loaded; an UPDATE counts it up. A row that somebody
 * else has changed meanwhile is then not found, which is a StaleDataError.
 */
export function nextVersion(operation: RowOperation, mapper: Mapper): void {
  const column = mapper.versionId?.column;
  if (column === undefined || column.table !== operation.table) return;
  const version = operation.before[column.index];
  if (typeof version !== "number" && typeof version !== "bigint") return; // unknown or of the user's own making
  operation.versioned = true;
  operation.key.push(version);
  operation.keyColumns = [...operation.keyColumns, column];
  if (operation.kind === "update" && operation.after[column.index] === undefined) {
    operation.after[column.index] = typeof version === "bigint" ? version + 1n : version + 1;
  }
}
