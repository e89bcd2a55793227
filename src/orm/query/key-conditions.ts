import type { Dialect } from "../../engine/dialect.ts";
import type { ColumnElement } from "../../expression/from.ts";
import { tuple } from "../../expression/func.ts";
import { FunctionCall, TextFragment } from "../../expression/nodes.ts";
import { and, BindParameter, or, type SqlExpression } from "../../expression/sql-expression.ts";
import type { ValueKey } from "../../expression/sql-type.ts";
import { ArrayType } from "../../expression/types/array.ts";
import { JsonType } from "../../expression/types/json.ts";
import { BooleanType } from "../../expression/types/scalars.ts";

/** What says which values of a key are equal: mostly the column that has them. */
export interface KeyType {
  readonly sqlType: { keyOf(value: unknown): ValueKey };
}

/** The values of several columns, in their order. */
export type KeyValues = readonly unknown[];

/** Placeholders of a statement that are left for other conditions than its keys. */
const RESERVED_PARAMETERS = 100;
/** Conditions joined by OR are nested, and databases limit how deep. */
const MAX_ALTERNATIVES = 200;
/** PostgreSQL makes such conditions of a list of rows, and runs out of stack at some thousands. */
const MAX_ROW_VALUES = 1000;

/** Parts of a list of keys that one statement each can ask for. */
export function chunksOf<T>(keys: readonly T[], width: number, { capabilities }: Dialect): readonly (readonly T[])[] {
  const { maxParameters, rowValues } = capabilities;
  const room = Math.max(1, Math.floor((maxParameters - RESERVED_PARAMETERS) / width));
  const size = width > 1 ? Math.min(room, rowValues ? MAX_ROW_VALUES : MAX_ALTERNATIVES) : room;
  if (keys.length <= size) return [keys];
  const chunks: T[][] = [];
  for (let start = 0; start < keys.length; start += size) chunks.push(keys.slice(start, start + size));
  return chunks;
}

/** The condition that the columns, or what is computed of them, have the values of one of the keys. */
export function keysIn(
  columns: readonly SqlExpression<unknown>[],
  keys: readonly KeyValues[],
  dialect: Dialect,
): SqlExpression<boolean> {
  return parametersIn(columns, parametersOf(columns, keys), dialect);
}

/** Parameters for the values of keys, of the types of their columns. */
export function parametersOf(columns: readonly SqlExpression<unknown>[], keys: readonly KeyValues[]): KeyParameters[] {
  return keys.map((key) => columns.map(({ sqlType }, position) => new BindParameter(key[position], sqlType)));
}

/** The parameters for the values of a key, in the order of its columns. */
type KeyParameters = readonly BindParameter<unknown>[];

/** The condition that the columns have the values of one of the keys, which these parameters stand for. */
export function parametersIn(
  columns: readonly SqlExpression<unknown>[],
  keys: readonly KeyParameters[],
  { capabilities }: Dialect,
): SqlExpression<boolean> {
  const equals = (key: KeyParameters) =>
    and(...columns.map((column, position) => column.eq(key[position] as BindParameter<unknown>))); // one for each column
  const [column] = columns;
  const [first] = keys;
  if (keys.length === 1 && first !== undefined) return equals(first);
  if (columns.length === 1 && column !== undefined) return column.in(keys.flat());
  if (capabilities.rowValues) return tuple(...columns).in(keys.map((key) => tuple(...key)));
  return or(...keys.map(equals));
}

/** The condition that a column has one of the values in a list, and the one parameter that the list is given by. */
export function elementOf(
  column: ColumnElement<unknown>,
  kind: "array" | "json",
): { readonly condition: SqlExpression<boolean>; readonly parameter: BindParameter<unknown> } {
  if (kind === "array") {
    const parameter = new BindParameter<unknown>(null, new ArrayType(column.sqlType));
    return { condition: column.eq(new FunctionCall("any", [parameter], column.sqlType)), parameter };
  }
  const parameter = new BindParameter<unknown>(null, new JsonType());
  const strings = ["", " IN (SELECT value FROM json_each(", "))"];
  return { condition: new TextFragment<boolean>(strings, [column, parameter], new BooleanType()), parameter };
}

/**
 * The values of a key as something that a `Map` can look up.
 * @param from where in the list the values begin
 * @returns null if one of them is missing: such a key is equal to none
 */
export function hashOf(values: KeyValues, types: readonly KeyType[], from = 0): ValueKey | null {
  let hash = "";
  for (let i = 0; i < types.length; i++) {
    const value = values[from + i];
    if (value === null || value === undefined) return null;
    const key = (types[i] as KeyType).sqlType.keyOf(value); // `i` counts them
    if (types.length === 1) return key;
    const text = String(key);
    hash += `${typeof key === "string" ? "s" : "v"}${text.length}:${text}`;
  }
  return hash;
}
