import { andThen, type MaybePromise } from "../../../engine/maybe-promise.ts";
import { type Entity, type Removal, settleRemoval, uncertainRemovals } from "../../instance/index.ts";
import type { FlushContext } from "../context.ts";
import { loadKeyValues } from "./load-committed.ts";

/**
 * Asks the rows whether what was removed from collections that are not loaded was a member at all, where that was not
 * known: its foreign key had expired, or is deferred. What was none stays where it is.
 */
export function settleRemovals(context: FlushContext): MaybePromise<void> {
  const removals: Removal[] = [];
  for (const owner of context.dirty) if (owner.$extra !== null) removals.push(...uncertainRemovals(owner));
  if (removals.length === 0) return;
  const concerned = new Set<Entity>();
  for (const { owner, member } of removals) concerned.add(owner).add(member);
  return andThen(loadKeyValues(context, [...concerned]), () => removals.forEach(settleRemoval));
}
