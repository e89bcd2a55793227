import { defaultValue } from "../../../schema/column-default.ts";
import type { Column } from "../../../schema/index.ts";
import type { Mapper } from "../../mapping/index.ts";
import type { ColumnWrite } from "./table-writes.ts";

/**
 * What a row gets in a column that nobody set: the client's default; nothing at all, so that the database fills it in;
 * the first version; else NULL.
 * @param overwrite the row takes over a deleted one, whose value must not stay
 * @param value what the client's default is, or has made
 */
export function clientDefault(
  { property, isGenerated }: Pick<ColumnWrite, "property" | "isGenerated">,
  mapper: Mapper,
  overwrite: boolean,
  value: unknown,
): unknown {
  if (value !== undefined) return value;
  if (mapper.versionId === property) return overwrite ? undefined : 1;
  return isGenerated ? undefined : null;
}

/** The value that an UPDATE gives a column which was not set by hand; undefined if the column has no such default. */
export function onUpdateValue(column: Column<unknown>): unknown {
  return evaluateDefault(column, column.onUpdate);
}

/** The value that a default is, or makes; undefined if there is none. */
export function evaluateDefault(column: Column<unknown>, definition: Column<unknown>["default"]): unknown {
  return definition === null ? undefined : defaultValue(column, definition);
}
