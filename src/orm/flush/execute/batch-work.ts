import type { Dialect } from "../../../engine/dialect.ts";
import { GeneratedValue, type RowOperation } from "../decompose/operation.ts";
import type { Batch } from "../sort.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { nameError } from "./name-error.ts";
import type { PipelineWork } from "./pipeline.ts";
import { statementsOf } from "./statements.ts";

/** The statements of one batch of a plan. */
export class BatchWork implements PipelineWork {
  readonly #dialect: Dialect;
  readonly #batch: Batch;

  constructor(dialect: Dialect, batch: Batch) {
    this.#dialect = dialect;
    this.#batch = batch;
  }

  statements(): Iterable<FlushStatement> {
    return statementsOf(this.#dialect, this.#batch);
  }

  needs(making: ReadonlySet<object>): boolean {
    return this.#batch.operations.some((operation) => needsAnswer(operation, making));
  }

  get making(): Iterable<RowOperation> {
    return this.#batch.operations.filter(({ kind }) => kind === "insert" || kind === "draw");
  }

  nameError(error: unknown): unknown {
    const { shape, operations } = this.#batch;
    return nameError(error, shape.table, operations[0]?.entity ?? null);
  }
}

function needsAnswer({ key, after, propagation }: RowOperation, making: ReadonlySet<object>): boolean {
  const isOpen = (value: unknown): boolean => isMade(value, making);
  return (
    key.some(isOpen) || after.some(isOpen) || (propagation?.changes.some((one) => one.after.some(isOpen)) ?? false)
  );
}

function isMade(value: unknown, making: ReadonlySet<object>): boolean {
  for (let at = value; at instanceof GeneratedValue; at = at.operation.after[at.column.index]) {
    if (making.has(at.operation)) return true;
  }
  return false;
}
