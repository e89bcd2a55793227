import type { Column } from "../../../schema/index.ts";
import { GeneratedValue } from "./operation.ts";

/** Is a value the one that the row has already? Of a committed value that is not known, nobody can tell. */
export function isSame(column: Column<unknown>, value: unknown, committed: unknown): boolean {
  if (committed === undefined) return false;
  if (committed === value) return true;
  if (committed === null || value === null || value instanceof GeneratedValue) return false;
  return column.sqlType.equals(committed, value);
}
