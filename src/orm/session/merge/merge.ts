import { InvalidStateError } from "../../../errors/index.ts";
import { describe, type Entity, entityOf, isModified } from "../../instance/index.ts";
import { mapperOf } from "../../mapping/index.ts";
import type { SessionWork } from "../session-work.ts";
import { AlternativeKey } from "./alternative-key.ts";
import { Copier, type MergeConflict } from "./copy.ts";
import { LeavingObjects } from "./leaving.ts";
import { SourceGraph } from "./source-graph.ts";
import { TargetFinder } from "./targets.ts";

/** How `session.merge` works. */
export interface MergeOptions {
  /**
   * False: take the values for what the database has, without asking it. For objects that were loaded elsewhere and not
   * changed. Default: true.
   */
  readonly load?: boolean;
  /** Attributes that identify objects of the merged classes instead of their primary keys: `["email"]`. */
  readonly key?: readonly string[];
  /**
   * What happens when several objects of equal key disagree about an attribute: the last one in the order of the graph
   * wins, or the first one, or it is an error. Default: `"last"`.
   */
  readonly onConflict?: MergeConflict;
}

/**
 * Merges a graph of objects into the session: it is walked first, then the objects of the session are found or made,
 * then everything is copied. Nothing is flushed in between, so no half-copied row is ever written. Primary keys that were
 * changed before are flushed first, as before a query, so that objects are found by the keys that they have now.
 *
 * @returns the object of the session for each one that was given
 */
export async function merge(
  work: SessionWork,
  objects: readonly object[],
  { load = true, key, onConflict = "last" }: MergeOptions,
): Promise<object[]> {
  const sources = objects.map(entityOf);
  if (load && work.needsAutoflush && work.objects.changesKeys) await work.flush();
  const graph = new SourceGraph(sources, (entity) => entity.$session === work.objects);
  const copier = new Copier(graph, onConflict);
  if (load) {
    const leaving = await LeavingObjects.of(work);
    const alternativeKey = key === undefined ? null : new AlternativeKey(work, sources, key, leaving);
    await new TargetFinder(work, graph, alternativeKey, leaving).findAll();
    for (const { isNew, target } of graph.nodes) if (isNew && target !== null) work.objects.add(target);
    copier.copyAll();
  } else {
    for (const node of graph.nodes) node.target ??= takeAsLoaded(work, node.source);
    copier.loadAll();
  }
  return sources.map((source) => graph.targetsOf([source])[0] ?? source);
}

/** The object of the session for a row that is not asked for. */
function takeAsLoaded(work: SessionWork, source: Entity): Entity {
  if (source.$key === null || isModified(source)) {
    throw new InvalidStateError(
      `${describe(source)} cannot be merged without loading: it ${source.$key === null ? "has no row" : "has unsaved changes"}. ` +
        "Leave { load: false } out.",
    );
  }
  const mapper = mapperOf(source);
  const present = work.objects.identityMap.get(mapper, source.$key);
  if (present !== undefined) return present;
  const target = entityOf(mapper.construct());
  work.objects.takeLoaded(target, source.$key);
  return target;
}
