import type { RowOperation } from "../decompose/operation.ts";
import { getOrAdd } from "../get-or-add.ts";

/** Cuts a batch where the parameter limit asks for it; a unit that must share a statement fits, or was not formed. */
export function* chunks(operations: readonly RowOperation[], size: number): Generator<readonly RowOperation[]> {
  if (operations.length <= size) {
    yield operations;
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
