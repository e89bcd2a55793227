import type { Dialect } from "../../../engine/dialect.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { getOrAdd } from "../get-or-add.ts";

/** How many rows one statement may write. */
export function rowsPerStatement({ capabilities }: Dialect, parametersPerRow: number): number {
  return Math.max(1, Math.floor(capabilities.maxParameters / parametersPerRow));
}

/** Cuts a batch where the parameter limit asks for it; a unit that must share a statement fits, or was not formed. */
export function* chunks(operations: readonly RowOperation[], size: number): Generator<readonly RowOperation[]> {
  if (operations.length <= size) {
    yield operations;
    return;
  }
  if (operations.every(({ group }) => group === null)) {
    for (let start = 0; start < operations.length; start += size) yield operations.slice(start, start + size);
    return;
  }
  const units = new Map<object, RowOperation[]>();
  for (const operation of operations) {
    getOrAdd(units, operation.group ?? operation, () => []).push(operation);
  }
  let chunk: RowOperation[] = [];
  for (const unit of units.values()) {
    if (chunk.length > 0 && chunk.length + unit.length > size) {
      yield chunk;
      chunk = [];
    }
    chunk.push(...unit);
  }
  if (chunk.length > 0) yield chunk;
}
