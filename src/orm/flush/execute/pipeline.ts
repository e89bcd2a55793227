import type { DriverStatement } from "../../../engine/driver.ts";
import { andThen, inSteps, type MaybePromise, type Steps } from "../../../engine/maybe-promise.ts";
import type { ExecuteContext } from "./execute-context.ts";
import type { FlushStatement } from "./flush-statement.ts";

/** As many statements, or characters and bytes of parameters, are held back at most. */
const MOST_STATEMENTS = 100;
const MOST_BYTES = 1_000_000;

/** Statements that a pipeline runs one after the other. */
export interface PipelineWork {
  /** The statements, made one by one as it is their turn. */
  statements(): Iterable<FlushStatement>;
  /** Do they need values that the database makes when one of these is sent? */
  needs(making: ReadonlySet<object>): boolean;
  /** What the database makes values for when they are sent: {@link needs} of later work asks for it. */
  readonly making: Iterable<object>;
  /** Tells an error of theirs what it is about. */
  nameError(error: unknown): unknown;
}

interface Waiting {
  readonly statement: FlushStatement;
  readonly parameters: readonly unknown[];
  readonly work: PipelineWork;
}

/**
 * Runs the statements of a flush in order. Where the driver can send several of them together, those are held back that
 * need no answer of one another; answers are looked at in the same order, so that errors are the same.
 */
export class Pipeline {
  readonly #context: ExecuteContext;
  #waiting: Waiting[] = [];
  #bytes = 0;
  /** What the database makes values for when what is held back is sent. */
  readonly #making = new Set<object>();

  constructor(context: ExecuteContext) {
    this.#context = context;
  }

  /** @throws what the statements fail with, or those that were held back before */
  run(work: PipelineWork): MaybePromise<void> {
    return inSteps(this.#context.connection.canPipeline ? this.#hold(work) : this.#runOneByOne(work));
  }

  *#runOneByOne(work: PipelineWork): Steps<void> {
    yield this.finish();
    try {
      for (const statement of work.statements()) yield this.#runAlone(statement, statement.parameters());
    } catch (error) {
      throw work.nameError(error);
    }
  }

  *#hold(work: PipelineWork): Steps<void> {
    if (this.#making.size > 0 && work.needs(this.#making)) yield this.finish();
    for (const statement of work.statements()) {
      const parameters = statement.parameters();
      this.#waiting.push({ statement, parameters, work });
      this.#bytes += parameters.reduce((sum: number, value) => sum + sizeOf(value), 0);
      const isFull = this.#waiting.length >= MOST_STATEMENTS || this.#bytes >= MOST_BYTES;
      if (isFull || statement.isAwaited === true) yield this.finish();
    }
    if (this.#waiting.length === 0) return;
    for (const one of work.making) this.#making.add(one);
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
    for (const [index, { statement, parameters, work }] of waiting.entries()) {
      try {
        if (sent === null) await this.#runAlone(statement, parameters);
        else {
          const result = sent.results[index];
          if (result === undefined) throw sent.error;
          await statement.receive?.(result, this.#context);
        }
      } catch (error) {
        throw work.nameError(error);
      }
    }
  }

  #runAlone({ sql, options, receive }: FlushStatement, parameters: readonly unknown[]): MaybePromise<void> {
    const answer = this.#context.connection.run(sql, parameters, options);
    return andThen(answer, (result) => receive?.(result, this.#context));
  }
}

function toSend({ statement: { sql, options }, parameters }: Waiting): DriverStatement {
  return { sql, parameters, options };
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  return value instanceof Uint8Array ? value.byteLength : 8;
}
