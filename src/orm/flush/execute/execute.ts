import type { Batch } from "../sort.ts";
import type { ExecuteContext } from "./execute-context.ts";
import { nameError } from "./name-error.ts";
import { statementsOf } from "./statements.ts";
import { Suspension } from "./suspension.ts";

/**
 * Runs the batches in order, statement by statement.
 * @throws StaleDataError when a row is not there any more, or has another version than the one that was loaded
 */
export async function executeBatches(context: ExecuteContext, batches: readonly Batch[]): Promise<void> {
  const suspension = new Suspension(context);
  try {
    for (const batch of batches) {
      await suspension.switchFor(batch.operations);
      try {
        await executeBatch(context, batch);
      } catch (error) {
        throw nameError(error, batch);
      }
    }
    await suspension.end();
  } catch (error) {
    await suspension.abandon();
    throw error;
  }
}

async function executeBatch(context: ExecuteContext, batch: Batch): Promise<void> {
  for (const { sql, parameters, options, receive } of statementsOf(context.dialect, batch)) {
    const result = await context.connection.run(sql, parameters(), options);
    if (receive !== undefined) await receive(result, context);
  }
}
