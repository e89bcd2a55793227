import type { SelectItem, Selection } from "../statement/select-item.ts";

/** Makes the row that is handed out from the decoded values. */
export type RowShaper = (values: readonly unknown[]) => unknown;

const asTuple: RowShaper = (values) => values;

/**
 * How the rows of a selection look: tuples of all columns, unless an object was asked for. A mapped class in an object
 * is an object of its columns: a connection knows tables, and no instances.
 *
 * @param selection null for statements whose columns only the database knows
 */
export function rowShaper(selection: Selection | null): RowShaper {
  if (selection === null || selection.shape !== "object") return asTuple;
  const { keys, items } = selection;
  if (items.every(({ kind }) => kind === "expression")) {
    return (values) => objectOf(keys, values);
  }
  const parts = placedParts(items);
  return (values) => Object.fromEntries(keys.map((key, index) => [key, parts[index]!(values)]));
}

/** An object with these values. A key may be whatever a column is called, `__proto__` among it. */
export function objectOf(keys: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!; // index is in bounds
    if (key === "__proto__")
      Object.defineProperty(row, key, { value: values[index], enumerable: true, writable: true });
    else row[key] = values[index];
  }
  return row;
}

/** For each item, what takes its value out of the row. */
function placedParts(items: readonly SelectItem[]): RowShaper[] {
  let start = 0;
  return items.map((item) => {
    const first = start;
    start += item.columns.length;
    if (item.kind === "expression") return (values) => values[first];
    const { keys } = item.description;
    return (values) => Object.fromEntries(keys.map((key, index) => [key, values[first + index]]));
  });
}
