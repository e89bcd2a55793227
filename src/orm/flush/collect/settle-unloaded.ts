import { inSteps, type MaybePromise, type Steps } from "../../../engine/maybe-promise.ts";
import {
  committedValue,
  type Entity,
  hasUnknownPartner,
  type IdentityKey,
  identityKeyFrom,
  type Removal,
  readRaw,
  settleRemoval,
  uncertainRemovals,
} from "../../instance/index.ts";
import { type ColumnProperty, mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { loadByKeys, loadRelationship } from "../../query/index.ts";
import type { FlushContext } from "../context.ts";
import { getOrAdd } from "../get-or-add.ts";
import { classFactsOf } from "./class-facts.ts";
import { loadKeyValues } from "./load-committed.ts";
import { letsGoOfUnknown } from "./orphans.ts";

/** Asks the rows about what was changed without being loaded, where the program could not tell what it changes. */
export function settleUnloaded(context: FlushContext): MaybePromise<void> {
  return inSteps(settleInSteps(context));
}

function* settleInSteps(context: FlushContext): Steps<void> {
  const removals: Removal[] = [];
  const owners = new Map<RelationshipProperty, Entity[]>();
  const lettingGo = new Map<RelationshipProperty, Entity[]>();
  context.dirty.forEach((entity) => {
    if (entity.$extra !== null) removals.push(...uncertainRemovals(entity));
    for (const property of classFactsOf(entity).owning)
      if (letsGoOfUnknown(entity, property)) getOrAdd(lettingGo, property, () => []).push(entity);
    for (const property of classFactsOf(entity).partners) {
      if (hasUnknownPartner(entity, property)) getOrAdd(owners, property, () => []).push(entity);
    }
  });
  if (removals.length > 0) yield settleRemovals(context, removals);
  for (const [property, replacing] of owners) {
    yield loadRelationship(context.loader, property, replacing);
    addReplaced(context, property, replacing);
  }
  for (const [property, entities] of lettingGo) yield noteLetGo(context, property, entities);
}

/**
 * Loads what the rows of these objects refer to, and nothing that is written refers to by its foreign key: it is deleted,
 * unless it has found another owner.
 */
async function noteLetGo(
  { loader, dirty, pending }: FlushContext,
  property: RelationshipProperty,
  entities: readonly Entity[],
): Promise<void> {
  const held = new Set<IdentityKey | null>();
  for (const all of [dirty, pending]) {
    for (const entity of all)
      if (mapperOf(entity).isA(property.mapper))
        held.add(identityKeyFrom(property.target, referredKey(entity, property, readRaw)));
  }
  const lettingGo: { readonly entity: Entity; readonly key: readonly unknown[] }[] = [];
  for (const entity of entities) {
    const key = referredKey(entity, property, committedValue);
    const identity = identityKeyFrom(property.target, key);
    if (identity !== null && !held.has(identity)) lettingGo.push({ entity, key });
  }
  if (lettingGo.length === 0) return;
  const found = await loadByKeys(
    loader,
    property.target,
    lettingGo.map(({ key }) => key),
  );
  for (const [i, { entity }] of lettingGo.entries()) entity.$changes?.set(property, found[i] ?? null);
}

/** The primary key of what an object refers to, by its foreign key; undefined in parts that say nothing of it. */
function referredKey(
  entity: Entity,
  { target, pairs }: RelationshipProperty,
  read: (entity: Entity, property: ColumnProperty) => unknown,
): readonly unknown[] {
  const mapper = mapperOf(entity);
  return target.primaryKey.map(({ columns }) => {
    const pair = pairs.find(({ remote }) => columns.includes(remote));
    return pair && read(entity, mapper.columnProperty(pair.local));
  });
}

/**
 * Was what was removed from collections that are not loaded a member at all? Its foreign key had expired, or is deferred.
 * What was none stays where it is.
 */
async function settleRemovals(context: FlushContext, removals: readonly Removal[]): Promise<void> {
  const concerned = new Set<Entity>();
  for (const { owner, member } of removals) concerned.add(owner).add(member);
  await loadKeyValues(context, [...concerned]);
  removals.forEach(settleRemoval);
}

/** Loading the partners by one-to-one relationships has let go of those whose places are taken. */
function addReplaced({ dirty }: FlushContext, property: RelationshipProperty, owners: readonly Entity[]): void {
  const known = new Set(dirty);
  for (const owner of owners) {
    const partner = committedValue(owner, property) as Entity | null | undefined; // a to-one slot holds an object
    if (partner && partner.$changes !== null && !known.has(partner)) dirty.push(partner);
  }
}
