import { inSteps, type MaybePromise, type Steps } from "../../../engine/maybe-promise.ts";
import type { Batch } from "../sort.ts";
import { BatchWork } from "./batch-work.ts";
import type { ExecuteContext } from "./execute-context.ts";
import { Pipeline } from "./pipeline.ts";
import { Suspension } from "./suspension.ts";

/**
 * Runs the batches in order, statement by statement.
 * @throws StaleDataError when a row is not there any more, or has another version than the one that was loaded
 */
export function executeBatches(context: ExecuteContext, batches: readonly Batch[]): MaybePromise<void> {
  return inSteps(execute(context, batches));
}

function* execute(context: ExecuteContext, batches: readonly Batch[]): Steps<void> {
  const suspension = new Suspension(context);
  const pipeline = new Pipeline(context);
  try {
    for (const batch of batches) {
      if (suspension.isSwitchedBy(batch.operations)) yield pipeline.finish();
      yield suspension.switchFor(batch.operations);
      yield pipeline.run(new BatchWork(context.dialect, batch));
    }
    yield pipeline.finish();
    yield suspension.end();
  } catch (error) {
    yield suspension.abandon();
    throw error;
  }
}
