import type { RowOperation } from "./decompose/operation.ts";
import { getOrAdd } from "./get-or-add.ts";

/** The operations that move as one: those that share a statement, or an operation alone. */
export class Units {
  readonly #members = new Map<object, RowOperation[]>();

  constructor(operations: readonly RowOperation[]) {
    operations.forEach((operation) => {
      if (operation.group !== null) getOrAdd(this.#members, operation.group, () => []).push(operation);
    });
  }

  /** Does every operation move alone? */
  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** The operation that stands for its unit. */
  headOf(operation: RowOperation): RowOperation {
    return operation.group === null ? operation : (this.membersOf(operation)[0] ?? operation);
  }

  membersOf(operation: RowOperation): readonly RowOperation[] {
    const { group } = operation;
    return (group === null ? undefined : this.#members.get(group)) ?? [operation];
  }
}
