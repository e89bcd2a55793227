import type { Dialect } from "../../../engine/dialect.ts";
import type { Deferral } from "../ordered.ts";
import type { Batch } from "../sort.ts";
import { compoundStatements } from "./compound.ts";
import { deferralStatements } from "./defer-constraints.ts";
import { deleteStatements } from "./delete.ts";
import { drawStatements } from "./draw-keys.ts";
import type { FlushStatement } from "./flush-statement.ts";
import { insertStatements } from "./insert.ts";
import { propagateStatements } from "./propagate.ts";
import { isSuspended, suspensionSwitch } from "./suspension.ts";
import { updateStatements } from "./update.ts";
import { upsertStatements } from "./upsert.ts";

/**
 * The statements of a batch, as few as the database's parameter limit allows. The flush sends what a plan shows, since
 * both come from here.
 */
export function statementsOf(dialect: Dialect, { shape, operations }: Batch): Iterable<FlushStatement> {
  if (shape.isCompound) return compoundStatements(dialect, operations);
  switch (shape.kind) {
    case "draw":
      return drawStatements(dialect, operations);
    case "insert":
      return operations[0]?.conflict == null
        ? insertStatements(dialect, operations)
        : upsertStatements(dialect, operations);
    case "update":
      return updateStatements(dialect, operations);
    case "delete":
      return deleteStatements(dialect, operations);
    case "propagate":
      return propagateStatements(dialect, operations);
  }
}

/**
 * The text of every statement of a flush, in order: what puts checks off, the batches, and what suspends checks between
 * them.
 */
export function textsOf(dialect: Dialect, deferral: Deferral, batches: readonly Batch[]): readonly string[] {
  const texts = [...deferralStatements(dialect, deferral)];
  let suspended = false;
  for (const batch of batches) {
    const wanted = isSuspended(batch.operations);
    texts.push(...suspensionSwitch(dialect, suspended, wanted));
    suspended = wanted;
    for (const { sql } of statementsOf(dialect, batch)) texts.push(sql);
  }
  return [...texts, ...suspensionSwitch(dialect, suspended, false)];
}
