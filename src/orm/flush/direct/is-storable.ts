import type { WrittenColumn } from "./class-plan.ts";

/** Can the column hold the value? What it cannot hold is refused when the flush is planned. */
export function isStorable({ column, limit }: WrittenColumn, value: unknown): boolean {
  if (value === null) return column.nullable;
  return column.sqlType.validate(value) === null && (limit === null || limit(value) === null);
}
