import { andThen, inSteps, type MaybePromise, type Steps } from "../../../engine/maybe-promise.ts";
import { type Entity, Status } from "../../instance/index.ts";
import type { FlushContext } from "../context.ts";
import type { MadeValues } from "../decompose/made-values.ts";
import { Pipeline, type PipelineWork } from "../execute/pipeline.ts";
import { callFunctions } from "./call-functions.ts";
import { classPlans } from "./class-plan.ts";
import type { DeletedRows } from "./deleted-rows.ts";
import { DirectInserts } from "./inserted-rows.ts";
import { showWritten } from "./show.ts";
import { DirectUpdates } from "./updated-rows.ts";
import { DeleteWork, InsertWork, UpdateWork } from "./work.ts";

/** Functions are to be called before values are read. */
const CALLS_FUNCTIONS = Symbol("calls functions");

/**
 * A flush whose rows need not be compared with each other: it inserts rows that refer to rows of other tables, and updates
 * columns that are in no key, so that the order of the tables is all the order there is. Its rows go from the objects into
 * flat lists and from there into the statements that the plan would have: most flushes are such, and pay for no operations,
 * no graph and no plan. Whatever is to be refused, worked out or loaded before is left to the plan.
 */
export class DirectFlush {
  readonly #context: FlushContext;
  readonly #updates: DirectUpdates;
  readonly #inserts: DirectInserts;

  /**
   * @param made takes what functions make for the rows, which a plan does not ask for again
   * @returns null if the flush needs a plan
   */
  static of(context: FlushContext, made: MadeValues): DirectFlush | null {
    if (context.deleted.length > 0) return null;
    const gathered = DirectFlush.#gather(context, made, false);
    if (gathered !== CALLS_FUNCTIONS) return gathered;
    const again = callFunctions(context, made) ? DirectFlush.#gather(context, made, true) : null;
    return again === CALLS_FUNCTIONS ? null : again;
  }

  static #gather(
    context: FlushContext,
    made: MadeValues,
    areCalled: boolean,
  ): DirectFlush | typeof CALLS_FUNCTIONS | null {
    const { dirty, pending, dialect } = context;
    const plans = classPlans(dialect);
    const updates = new DirectUpdates(dialect, made);
    for (let i = 0; i < dirty.length; i++) {
      const entity = dirty[i] as Entity; // `i` counts them
      const plan = plans.ofObject(entity);
      if (plan === null || entity.$status !== Status.persistent) return null;
      if (plan.hasFunctions && !areCalled) return CALLS_FUNCTIONS;
      if (!updates.add(entity, plan)) return null;
    }
    const inserts = new DirectInserts(context, made);
    for (let i = 0; i < pending.length; i++) {
      const entity = pending[i] as Entity; // as above
      const plan = plans.ofObject(entity);
      if (plan === null) return null;
      if (plan.hasFunctions && !areCalled) return CALLS_FUNCTIONS;
      if (!inserts.add(entity, plan)) return null;
    }
    updates.sort();
    inserts.sort();
    return new DirectFlush(context, updates, inserts);
  }

  private constructor(context: FlushContext, updates: DirectUpdates, inserts: DirectInserts) {
    this.#context = context;
    this.#updates = updates;
    this.#inserts = inserts;
  }

  run(): MaybePromise<void> {
    this.#context.beginWriting();
    return andThen(runAll(this.#context, this.#work()), () => {
      this.#context.endWriting();
      showWritten(this.#context, this.#updates.all, this.#inserts.classes);
    });
  }

  /** UPDATEs come first, and INSERTs from the tables that are referred to downwards. */
  #work(): readonly PipelineWork[] {
    const { dialect } = this.#context;
    const work: PipelineWork[] = this.#updates.all.map((rows) => new UpdateWork(dialect, rows));
    for (const inserted of this.#inserts.classes) {
      for (const rows of inserted.rows.values()) work.push(new InsertWork(dialect, this.#inserts, inserted, rows));
    }
    return work;
  }
}

/** Deletes rows, see {@link directDeletes}. */
export function deleteDirectly(context: FlushContext, rows: readonly DeletedRows[]): MaybePromise<void> {
  return runAll(
    context,
    rows.map((one) => new DeleteWork(context.dialect, one)),
  );
}

function runAll(context: FlushContext, work: readonly PipelineWork[]): MaybePromise<void> {
  if (work.length === 0) return;
  const { dialect } = context;
  return andThen(context.connection(), (connection) => inSteps(execute(new Pipeline({ connection, dialect }), work)));
}

function* execute(pipeline: Pipeline, work: readonly PipelineWork[]): Steps<void> {
  for (const one of work) yield pipeline.run(one);
  yield pipeline.finish();
}
