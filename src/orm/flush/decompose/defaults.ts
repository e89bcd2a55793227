import type { Column } from "../../../schema/index.ts";
import type { ColumnProperty, Mapper } from "../../mapping/index.ts";

/**
 * What a row gets in a column that nobody set: the client's default; nothing at all, so that the database fills it in;
 * the first version; else NULL.
 * @param overwrite the row takes over a deleted one, whose value must not stay
 */
export function clientDefault(
  column: Column<unknown>,
  mapper: Mapper,
  property: ColumnProperty,
  overwrite: boolean,
): unknown {
  const value = evaluateDefault(column.default);
  if (value !== undefined) return value;
  if (mapper.versionId === property) return overwrite ? undefined : 1;
  if (column.generated) return undefined;
  return null;
}

/** The value that an UPDATE gives a column which was not set by hand; undefined if the column has no such default. */
export function onUpdateValue(column: Column<unknown>): unknown {
  return evaluateDefault(column.onUpdate);
}

function evaluateDefault(definition: Column<unknown>["default"]): unknown {
  switch (definition?.kind) {
    case "value":
      return definition.value;
    case "function":
      return definition.make();
    default:
      return undefined;
  }
}
