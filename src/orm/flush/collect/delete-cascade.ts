import { inSteps, type MaybePromise, type Steps } from "../../../engine/maybe-promise.ts";
import { committedValue, type Entity, readRaw } from "../../instance/index.ts";
import { mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { loadRelationship } from "../../query/index.ts";
import type { FlushContext } from "../context.ts";
import { getOrAdd } from "../get-or-add.ts";
import { classFactsOf } from "./class-facts.ts";

/**
 * Follows deletes from owner to owned, a level at a time: what is not loaded is loaded for all objects of a level
 * together. Objects that are not owned but refer to a deleted one are unlinked.
 */
export class DeleteCascade {
  readonly deletes = new Set<Entity>();
  readonly unlinked = new Map<Entity, Set<RelationshipProperty>>();
  readonly #context: FlushContext;

  constructor(context: FlushContext) {
    this.#context = context;
  }

  follow(start: readonly Entity[]): MaybePromise<void> {
    return inSteps(this.#followAll(start));
  }

  *#followAll(start: readonly Entity[]): Steps<void> {
    let level = start.filter((entity) => !this.deletes.has(entity));
    while (level.length > 0) {
      for (let i = 0; i < level.length; i++) this.deletes.add(level[i] as Entity); // `i` counts them
      const next = new Set<Entity>();
      for (const [property, owners] of byRelationship(level)) {
        yield this.#load(property, owners);
        owners.forEach((owner) => {
          const owned = members(owner, property);
          for (let i = 0; i < owned.length; i++) {
            const member = owned[i] as Entity; // `i` counts them
            if (!this.deletes.has(member) && this.#follow(property, owner, member)) next.add(member);
          }
        });
      }
      level = [...next];
    }
    for (const entity of this.unlinked.keys()) if (this.deletes.has(entity)) this.unlinked.delete(entity); // a later level may own what an earlier one unlinked
  }

  /** Returns true if the member is to be deleted with its owner. */
  #follow(property: RelationshipProperty, owner: Entity, member: Entity): boolean {
    const { inverse } = property;
    if (property.direction !== "oneToMany") return property.cascade.delete;
    if (inverse !== null && !stillRefers(member, inverse, owner)) return false;
    if (property.cascade.delete) return true;
    if (inverse !== null && property.passiveDeletes !== "all") {
      getOrAdd(this.unlinked, member, () => new Set()).add(inverse);
    }
    return false;
  }

  #load(property: RelationshipProperty, owners: readonly Entity[]): MaybePromise<void> {
    const leftToTheDatabase = property.passiveDeletes !== false;
    if (leftToTheDatabase) return;
    const unloaded = owners.filter((owner) => readRaw(owner, property) === undefined || isUnloaded(owner, property));
    if (unloaded.length > 0) return loadRelationship(this.#context.loader, property, unloaded);
  }
}

/** A collection to which something was added without loading it is a queue, not the collection. */
function isUnloaded(owner: Entity, property: RelationshipProperty): boolean {
  return property.many && !Array.isArray(readRaw(owner, property));
}

function byRelationship(entities: readonly Entity[]): Map<RelationshipProperty, Entity[]> {
  const groups = new Map<RelationshipProperty, Entity[]>();
  entities.forEach((entity) => {
    const { reachedByDelete } = classFactsOf(entity);
    for (let i = 0; i < reachedByDelete.length; i++)
      getOrAdd(groups, reachedByDelete[i] as RelationshipProperty, newList).push(entity); // `i` counts them
  });
  return groups;
}

const newList = (): Entity[] => [];

function members(owner: Entity, property: RelationshipProperty): readonly Entity[] {
  const value = readRaw(owner, property);
  if (Array.isArray(value)) return value as Entity[]; // collections hold mapped objects only
  return value === null || value === undefined || property.many ? [] : [value as Entity]; // a to-one slot holds an object
}

/** A delete never touches a row whose foreign key points elsewhere by now, whatever the collection says. */
function stillRefers(member: Entity, inverse: RelationshipProperty, owner: Entity): boolean {
  const current = readRaw(member, inverse);
  if (current !== undefined) return current === owner;
  const mapper = mapperOf(member);
  return inverse.pairs.every(({ local, remote }) => {
    const own = mapper.findColumnProperty(local);
    const key = mapperOf(owner).findColumnProperty(remote);
    return own === null || key === null || readRaw(member, own) === committedValue(owner, key);
  });
}
