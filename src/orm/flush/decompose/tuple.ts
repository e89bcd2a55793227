import type { Column } from "../../../schema/index.ts";
import { GeneratedValue, origin, type RowImage, type RowOperation } from "./operation.ts";

/** A tuple of column values as a hash key; equal tuples have equal keys, whatever JavaScript type carries them. */
export type TupleKey = string | number | bigint | boolean;

/** What says which values are equal: mostly the type of a column. */
export interface KeyType {
  readonly sqlType: { keyOf(value: unknown): TupleKey };
}

/** What a row says in some columns. */
export type Tuple =
  | { readonly kind: "key"; readonly key: TupleKey }
  /** One of the values is NULL: the row refers to nothing and takes no slot. */
  | { readonly kind: "null" }
  /** One of the values is not loaded. */
  | { readonly kind: "unknown" }
  /** One of the values will be made by the database when `operation` runs; rows that get the same one have equal keys. */
  | { readonly kind: "generated"; readonly operation: RowOperation; readonly key: TupleKey };

const NULL: Tuple = { kind: "null" };
const UNKNOWN: Tuple = { kind: "unknown" };

/** The hash key of one value that a column of this type holds. */
function scalarKey(column: KeyType, value: unknown): TupleKey {
  return column.sqlType.keyOf(value);
}

/** Hash key of a tuple of values none of which is null; `types` are mostly the columns whose types say what is equal. */
export function tupleKey(types: readonly KeyType[], values: readonly unknown[]): TupleKey {
  if (types.length === 1) return scalarKey(types[0] as KeyType, values[0]); // that is the one
  if (types.length === 2) {
    const a = scalarKey(types[0] as KeyType, values[0]); // there are two of both
    const b = scalarKey(types[1] as KeyType, values[1]); // as above
    // Two small numbers fit into one, which costs a large flush no text for each row.
    if (isSmall(a) && isSmall(b)) return a * SMALL + b;
  }
  let key = "";
  for (let i = 0; i < types.length; i++) {
    const part = scalarKey(types[i] as KeyType, values[i]); // `i` counts them
    key += typeof part === "string" ? `"${part.length}:${part}` : `${part}:`; // keeps ("a", "bc") and ("ab", "c") apart
  }
  return key;
}

/** Two numbers below it make one that is exact: 52 bits. */
const SMALL = 2 ** 26;

function isSmall(key: TupleKey): key is number {
  return typeof key === "number" && key >= 0 && key < SMALL && Number.isInteger(key);
}

/** No part is NULL, not loaded, or yet to be made by the database. */
export function isKnown(values: readonly unknown[]): boolean {
  return values.every((value) => value !== null && value !== undefined && !(value instanceof GeneratedValue));
}

/** A key for values that are not all known yet: those that are not stand for themselves. */
export function generatedKey(types: readonly KeyType[], values: readonly unknown[]): TupleKey {
  let key = "";
  for (const [i, type] of types.entries()) {
    const value = values[i];
    if (value instanceof GeneratedValue) key += `@${value.operation.id}.${value.column.index}`;
    else if (value !== undefined) key += `=${String(scalarKey(type, value))}`;
    key += "\u0000";
  }
  return key;
}

/**
 * Reads `columns` of a row.
 * @param read gives a column's value in the image at hand
 * @param types the columns whose types decide equality: a foreign key and the key that it refers to are compared by the
 * type of the latter
 */
export function readTuple(
  columns: readonly Column<unknown>[],
  types: readonly KeyType[],
  read: (column: Column<unknown>) => unknown,
): Tuple {
  if (columns.length === 1) return readScalar(origin(read(columns[0] as Column<unknown>)), types); // that is the one
  const values: unknown[] = new Array(columns.length); // one that grows keeps room for seventeen
  let generated: RowOperation | null = null;
  let unknown = false;
  for (let i = 0; i < columns.length; i++) {
    const value = origin(read(columns[i] as Column<unknown>)); // `i` counts them
    if (value === null) return NULL;
    if (value === undefined) unknown = true;
    else if (value instanceof GeneratedValue) generated = value.operation;
    values[i] = value;
  }
  if (generated !== null) return { kind: "generated", operation: generated, key: generatedKey(types, values) };
  if (unknown) return UNKNOWN;
  return { kind: "key", key: tupleKey(types, values) };
}

/** The tuple of a single value. */
function readScalar(value: unknown, types: readonly KeyType[]): Tuple {
  if (value === null) return NULL;
  if (value === undefined) return UNKNOWN;
  if (value instanceof GeneratedValue)
    return { kind: "generated", operation: value.operation, key: generatedKey(types, [value]) };
  return { kind: "key", key: tupleKey(types, [value]) };
}

/** The operation for which the database makes a value of the tuple that a row has; null if there is none, or one is NULL. */
export function makerOf(operation: RowOperation, columns: readonly Column<unknown>[]): RowOperation | null {
  let maker: RowOperation | null = null;
  for (let i = 0; i < columns.length; i++) {
    const value = origin(operation.current(columns[i] as Column<unknown>)); // `i` counts them
    if (value === null) return null;
    if (value instanceof GeneratedValue) maker = value.operation;
  }
  return maker;
}

/** The tuple in a before image, or in what an insert writes (a column that is not written is NULL or made by the database). */
export function imageTuple(
  image: RowImage,
  columns: readonly Column<unknown>[],
  types: readonly KeyType[] = columns,
): Tuple {
  return readTuple(columns, types, (column) => image[column.index]);
}

/** The tuple that a row has once the operation has run. */
export function currentTuple(
  operation: RowOperation,
  columns: readonly Column<unknown>[],
  types: readonly KeyType[] = columns,
): Tuple {
  return readTuple(columns, types, (column) => operation.current(column));
}
