import type { Column, UniqueKey } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import type { Touched } from "../decompose/touched.ts";
import { factsOf } from "./unique-key.ts";

/**
 * Is there anything to order for a unique key? Only if this flush has both an operation that may give a value up and one
 * that may take it: a flush that only inserts pays nothing for its unique keys.
 */
export function passesGate(uniqueKey: UniqueKey, touched: Touched): boolean {
  return (touched.hasDeletes && touched.hasInserts) || touched.updates(factsOf(uniqueKey).dependsOn);
}

/**
 * The operation writes a column that the unique key, its expressions or its predicate depends on (`dependsOn`). Also the value that the
 * row has: it may follow a changed key before, and has another one by then.
 */
export function touches({ kind, after }: RowOperation, dependsOn: readonly Column<unknown>[]): boolean {
  if (kind !== "update") return false;
  for (let i = 0; i < dependsOn.length; i++)
    if (after[(dependsOn[i] as Column<unknown>).index] !== undefined) return true; // `i` counts them
  return false;
}
