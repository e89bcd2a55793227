import { andThen, inSteps, type MaybePromise, type Steps } from "../../../engine/maybe-promise.ts";
import { collectionChanges, type Entity, isLoaded, isModified } from "../../instance/index.ts";
import { mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import type { FlushContext } from "../context.ts";
import { unite } from "../unite/unite.ts";
import { classFactsOf } from "./class-facts.ts";
import { DeleteCascade } from "./delete-cascade.ts";
import { loadCommittedValues } from "./load-committed.ts";
import type { LinkChange, NetChanges } from "./net-changes.ts";
import { findOrphans, type Orphan } from "./orphans.ts";
import { settleUnloaded } from "./settle-unloaded.ts";
import { SingleParents } from "./single-parent.ts";
import { TakenAlong } from "./taken-along.ts";
import { TakenOver } from "./taken-over.ts";
import { unlinkEmptied } from "./unlink-emptied.ts";

const NONE: readonly Entity[] = [];

/** The first stage, with all values that the planner needs of the objects: {@link findChanges}, {@link loadValues}. */
export function collect(context: FlushContext): MaybePromise<NetChanges> {
  return andThen(findChanges(context), (changes) => andThen(loadValues(context, changes), () => changes));
}

/**
 * What has to change, in terms of objects. Deletes cascade level by level, objects that lost their owner are deleted,
 * rows of surviving objects are unlinked from deleted ones. It reads what it must know and does not have (unloaded
 * children of deleted parents), a level at a time; it changes no object, except what was done to collections and partners
 * that are not loaded.
 */
export function findChanges(context: FlushContext): MaybePromise<NetChanges> {
  return inSteps(findInSteps(context));
}

/** Reads the values that rows are ordered by, where they expired or were never loaded. */
export function loadValues(context: FlushContext, { updates, deletes }: NetChanges): MaybePromise<unknown> {
  return loadCommittedValues(context, [updates, deletes]);
}

function* findInSteps(context: FlushContext): Steps<NetChanges> {
  const { pending, dirty, deleted } = context;
  yield settleUnloaded(context);
  const takenOver = new TakenOver(pending);
  const cascade = new DeleteCascade(context, takenOver);
  const takenAlong = new TakenAlong(context, cascade, takenOver);
  const orphans: Orphan[] = [];
  const isSpecial = (entity: Entity): boolean => !classFactsOf(entity).isPlain;
  const specialDirty = dirty.filter(isSpecial);
  const specialPending = pending.filter(isSpecial);
  const parents = new SingleParents([specialDirty, specialPending]);
  let wave = deleted;
  let candidates: readonly (readonly Entity[])[] = [specialDirty, specialPending];
  for (;;) {
    if (wave.length > 0) yield cascade.follow(wave);
    const found = findOrphans(candidates, cascade.deletes, parents);
    orphans.push(...found);
    wave = found.map(({ entity }) => entity);
    if (wave.length === 0) wave = yield* takenAlong.find();
    if (wave.length === 0) break;
    candidates = [wave];
  }
  unlinkEmptied(context, cascade, takenOver);
  const { deletes, unlinked } = cascade;
  const isUpdated = (entity: Entity): boolean => !deletes.has(entity) && !unlinked.has(entity);
  const mayUpdate = deletes.size === 0 && unlinked.size === 0 ? dirty : dirty.filter(isUpdated);
  const updates = mayUpdate.filter(isModified);
  for (const entity of unlinked.keys()) if (!deletes.has(entity) && entity.$key !== null) updates.push(entity);
  const stays = (entity: Entity): boolean => !deletes.has(entity);
  const added = deletes.size === 0 ? pending : pending.filter(stays);
  const specialAdded = specialPending.filter(stays);
  const united = unite(specialAdded, deletes, context.identityMap);
  parents.check(context, deletes, united);
  for (const survivor of united.values.keys())
    if (survivor.$key !== null && !updates.includes(survivor)) updates.push(survivor);
  const deleting = deletes.size === 0 ? NONE : [...deletes];
  const discarded = deleting.filter(({ $key: key }) => key === null);
  const isOwn = (entity: Entity): boolean => !united.survivors.has(entity);
  const specialUpdates = unlinked.size === 0 && united.values.size === 0 ? NONE : updates.filter(isSpecial);
  return {
    inserts: united.survivors.size === 0 ? added : added.filter(isOwn),
    upserts: specialAdded.filter((entity) => mapperOf(entity).onConflict !== null && isOwn(entity)),
    updates,
    deletes: discarded.length === 0 ? deleting : deleting.filter(({ $key: key }) => key !== null),
    discarded,
    gone: deletes,
    unlinked,
    links: collectLinks([specialAdded, specialUpdates, specialDirty], deletes, takenOver),
    orphans,
    united,
  };
}

/** Rows of association tables: what joined or left many-to-many collections, and every row of a deleted object. */
function collectLinks(
  changed: readonly (readonly Entity[])[],
  deletes: ReadonlySet<Entity>,
  takenOver: TakenOver,
): readonly LinkChange[] {
  const linked = new Set<Entity>();
  for (const entities of changed) {
    entities.forEach((entity) => {
      if (classFactsOf(entity).manyToMany.length > 0 && !deletes.has(entity)) linked.add(entity);
    });
  }
  const links: LinkChange[] = [];
  for (const owner of linked) {
    for (const property of classFactsOf(owner).manyToMany) {
      const { loaded, added, removed } = collectionChanges(owner, property);
      for (const target of added) {
        const mayBeStored = !loaded && isStoredUnloaded(target, property.inverse);
        links.push({ property, owner, target, kind: "add", mayBeStored });
      }
      for (const target of removed) links.push({ property, owner, target, kind: "remove", mayBeStored: false });
    }
  }
  deletes.forEach((owner) => {
    if (owner.$key === null) return; // never stored, so nothing refers to it
    for (const property of classFactsOf(owner).manyToMany) {
      const table = property.secondary?.local[0]?.local.table ?? property.mapper.root.table;
      const isLeft = property.passiveDeletes !== false && !takenOver.has(owner, table);
      if (!isLeft) links.push({ property, owner, target: null, kind: "remove", mayBeStored: false });
    }
  });
  return links.filter(({ target }) => target === null || !deletes.has(target)); // its own delete takes its rows along
}

/** Has the object a row, and is nothing known of its own collection? */
function isStoredUnloaded(entity: Entity, property: RelationshipProperty | null): boolean {
  return entity.$key !== null && (property === null || !isLoaded(entity, property));
}
