import type { Batch } from "../sort.ts";
import type { ExecuteContext } from "./execute-context.ts";
import { Pipeline } from "./pipeline.ts";
import { Suspension } from "./suspension.ts";

/**
 * Runs the batches in order, statement by statement.
 * @throws StaleDataError when a row is not there any more, or has another version than the one that was loaded
 */
export async function executeBatches(context: ExecuteContext, batches: readonly Batch[]): Promise<void> {
  const suspension = new Suspension(context);
  const pipeline = new Pipeline(context);
  try {
    for (const batch of batches) {
      if (suspension.isSwitchedBy(batch.operations)) await pipeline.finish();
      const switched = suspension.switchFor(batch.operations);
      if (switched !== undefined) await switched;
      const run = pipeline.run(batch);
      if (run !== undefined) await run;
    }
    await pipeline.finish();
    await suspension.end();
  } catch (error) {
    await suspension.abandon();
    throw error;
  }
}
