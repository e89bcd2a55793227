import type { DriverStatement } from "../../../engine/driver.ts";
import { andThen, inSteps, type MaybePromise, type Steps } from "../../../engine/maybe-promise.ts";
import { GeneratedValue, type RowOperation } from "../decompose/operation.ts";
import type { Batch } from "../sort.ts";
import type { ExecuteContext } from "./execute-context.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { nameError } from "./name-error.ts";
import { statementsOf } from "./statements.ts";

/** As many statements, or characters and bytes of parameters, are held back at most. */
const MOST_STATEMENTS = 100;
const MOST_BYTES = 1_000_000;

interface Waiting {
  readonly statement: FlushStatement;
  readonly parameters: readonly unknown[];
  readonly batch: Batch;
}

/**
 * Runs the statements of a flush in order. Where the driver can send several of them together, those are held back that
 * need no answer of one another; answers are looked at in the same order, so that errors are the same.
 */
export class Pipeline {
  readonly #context: ExecuteContext;
  #waiting: Waiting[] = [];
  #bytes = 0;
  /** Operations whose values the database makes when what is held back is sent. */
  readonly #making = new Set<RowOperation>();

  constructor(context: ExecuteContext) {
    this.#context = context;
  }

  /** @throws what the statements fail with, or those that were held back before */
  run(batch: Batch): MaybePromise<void> {
    return inSteps(this.#context.connection.canPipeline ? this.#hold(batch) : this.#runOneByOne(batch));
  }

  *#runOneByOne(batch: Batch): Steps<void> {
    yield this.finish();
    try {
      for (const statement of statementsOf(this.#context.dialect, batch))
        yield this.#runAlone(statement, statement.parameters());
    } catch (error) {
      throw nameError(error, batch);
    }
  }

  *#hold(batch: Batch): Steps<void> {
    const { dialect } = this.#context;
    if (this.#making.size > 0 && batch.operations.some((operation) => this.#needsAnswer(operation)))
      yield this.finish();
    for (const statement of statementsOf(dialect, batch)) {
      const parameters = statement.parameters();
      this.#waiting.push({ statement, parameters, batch });
      this.#bytes += parameters.reduce((sum: number, value) => sum + sizeOf(value), 0);
      const isFull = this.#waiting.length >= MOST_STATEMENTS || this.#bytes >= MOST_BYTES;
      if (isFull || statement.isAwaited === true) yield this.finish();
    }
    if (this.#waiting.length === 0) return;
    for (const operation of batch.operations) {
      if (operation.kind === "insert" || operation.kind === "draw") this.#making.add(operation);
    }
  }

  /** Sends what is held back, and looks at the answers. */
  finish(): MaybePromise<void> {
    if (this.#waiting.length > 0) return this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    this.#making.clear();
    const { connection } = this.#context;
    // A single statement needs no company, and what may have to be stopped goes alone.
    const sent =
      waiting.length > 1 && connection.canPipeline ? await connection.runTogether(waiting.map(toSend)) : null;
    for (const [index, { statement, parameters, batch }] of waiting.entries()) {
      try {
        if (sent === null) await this.#runAlone(statement, parameters);
        else {
          const result = sent.results[index];
          if (result === undefined) throw sent.error;
          await statement.receive?.(result, this.#context);
        }
      } catch (error) {
        throw nameError(error, batch);
      }
    }
  }

  #runAlone({ sql, options, receive }: FlushStatement, parameters: readonly unknown[]): MaybePromise<void> {
    const answer = this.#context.connection.run(sql, parameters, options);
    return andThen(answer, (result) => receive?.(result, this.#context));
  }

  #needsAnswer({ key, after, propagation }: RowOperation): boolean {
    const isMade = (value: unknown): boolean => this.#isMade(value);
    return (
      key.some(isMade) || after.some(isMade) || (propagation?.changes.some((one) => one.after.some(isMade)) ?? false)
    );
  }

  #isMade(value: unknown): boolean {
    for (let at = value; at instanceof GeneratedValue; at = at.operation.after[at.column.index]) {
      if (this.#making.has(at.operation)) return true;
    }
    return false;
  }
}

function toSend({ statement: { sql, options }, parameters }: Waiting): DriverStatement {
  return { sql, parameters, options };
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  return value instanceof Uint8Array ? value.byteLength : 8;
}
