import type { Column } from "../../../schema/index.ts";
import { GeneratedValue, type RowOperation } from "../decompose/operation.ts";
import type { FlushGraph } from "../graph.ts";

/**
 * A key that is written as it is says that it is another row's from now on, which orders the row; once orders are found, the
 * database need not see it.
 * @returns true if some rows write less
 */
export function leaveOutKeptKeys(graph: FlushGraph): boolean {
  let found = false;
  for (const operation of graph.operations) {
    if (operation.kind !== "update" || operation.movedBy !== null) continue;
    const { after } = operation;
    const kept = operation.keyColumns.filter((column, i) => isKept(operation, column, i));
    const isAll = kept.length === after.filter((value) => value !== undefined).length;
    if (kept.length === 0 || (isAll && operation.group !== null)) continue; // a part of a statement has to say something
    operation.generated ??= []; // the object shows it
    for (const { index } of kept) {
      operation.generated[index] = after[index];
      after[index] = undefined;
    }
    found = true;
  }
  return found;
}

/** The row is found by the value that it had at first, and keeps it. */
function isKept({ key, before, after }: RowOperation, { index, sqlType }: Column<unknown>, position: number): boolean {
  const written = after[index];
  if (written === undefined || written === null || written instanceof GeneratedValue) return false;
  const isSame = (value: unknown): boolean => value !== null && value !== undefined && sqlType.equals(value, written);
  return isSame(before[index]) && isSame(key[position]);
}
