import { andThen, inSteps, type MaybePromise, type Steps } from "../../../engine/maybe-promise.ts";
import { isSameText } from "../../../schema/same-texts.ts";
import { collectionChanges, committedValue, type Entity, readRaw } from "../../instance/index.ts";
import { mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { loadRelationship } from "../../query/index.ts";
import type { FlushContext } from "../context.ts";
import { letsGo, takesAlong } from "../edges/referential-action.ts";
import { getOrAdd } from "../get-or-add.ts";
import { classFactsOf } from "./class-facts.ts";
import { loadKeyValues } from "./load-committed.ts";
import { TakenOver } from "./taken-over.ts";

/**
 * Follows deletes from owner to owned, a level at a time: what is not loaded is loaded for all objects of a level
 * together. Objects that are not owned but refer to a deleted one are unlinked.
 */
export class DeleteCascade {
  readonly deletes = new Set<Entity>();
  readonly unlinked = new Map<Entity, Set<RelationshipProperty>>();
  readonly #context: FlushContext;
  readonly #takenOver: TakenOver;

  constructor(context: FlushContext, takenOver: TakenOver) {
    this.#context = context;
    this.#takenOver = takenOver;
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
        const left = property.passiveDeletes === false ? NOBODY : this.#leftByDatabase(property, owners);
        yield this.#load(property, property.passiveDeletes === false ? owners : [...left]);
        yield this.#loadReferences(property, owners);
        owners.forEach((owner) => {
          const owned = members(owner, property);
          const isLeft = left.has(owner);
          for (let i = 0; i < owned.length; i++) {
            const member = owned[i] as Entity; // `i` counts them
            if (!this.deletes.has(member) && this.#follow(property, owner, member, isLeft)) next.add(member);
          }
        });
      }
      level = [...next];
    }
    for (const entity of this.unlinked.keys()) if (this.deletes.has(entity)) this.unlinked.delete(entity); // a later level may own what an earlier one unlinked
  }

  /**
   * The owners for whose members the database would do what ON DELETE says, if their rows went; but new objects take them
   * over.
   */
  #leftByDatabase(property: RelationshipProperty, owners: readonly Entity[]): ReadonlySet<Entity> {
    const isLeft = (owner: Entity): boolean => property.passiveDeletes === "all" || isUnloaded(owner, property);
    const table = property.pairs[0]?.local.table;
    if (property.direction !== "oneToMany" || table === undefined) return NOBODY;
    return new Set(owners.filter((owner) => isLeft(owner) && this.#takenOver.has(owner, table)));
  }

  /**
   * Returns true if the member is to be deleted with its owner.
   * @param isLeft ON DELETE says what becomes of it
   */
  #follow(property: RelationshipProperty, owner: Entity, member: Entity, isLeft: boolean): boolean {
    const { inverse } = property;
    if (property.direction !== "oneToMany") return property.cascade.delete;
    if (inverse !== null && !this.#stillRefers(member, inverse, owner)) return false;
    const onDelete = isLeft ? (property.foreignKey?.onDelete ?? null) : null;
    if (takesAlong(onDelete)) return true;
    if (letsGo(onDelete) && inverse !== null) {
      getOrAdd(this.unlinked, member, () => new Set()).add(inverse);
      return false;
    }
    if (property.cascade.delete) return true;
    if (inverse !== null && property.passiveDeletes !== "all") {
      getOrAdd(this.unlinked, member, () => new Set()).add(inverse);
    }
    return false;
  }

  /** A delete never touches a row whose foreign key points elsewhere by now, whatever the collection says. */
  #stillRefers(member: Entity, inverse: RelationshipProperty, owner: Entity): boolean {
    const current = readRaw(member, inverse);
    if (current !== undefined) return current === owner;
    const mapper = mapperOf(member);
    return inverse.pairs.every(({ local, remote }) => {
      const own = mapper.findColumnProperty(local);
      const key = mapperOf(owner).findColumnProperty(remote);
      if (own === null || key === null) return true;
      const [refers, has] = [readRaw(member, own), committedValue(owner, key)];
      return refers === has || isSameText(remote, refers, has, this.#context.dialect.name);
    });
  }

  #load(property: RelationshipProperty, owners: readonly Entity[]): MaybePromise<void> {
    const unloaded = owners.filter((owner) => isUnloaded(owner, property));
    if (unloaded.length > 0) return loadRelationship(this.#context.loader, property, unloaded);
  }

  /** The foreign keys of members say whether they still belong to their owners. */
  #loadReferences(property: RelationshipProperty, owners: readonly Entity[]): MaybePromise<unknown> {
    const { inverse } = property;
    if (property.direction !== "oneToMany" || inverse === null) return;
    const unknown: Entity[] = [];
    for (const owner of owners) {
      for (const member of members(owner, property))
        if (readRaw(member, inverse) === undefined && isUnknown(member, inverse)) unknown.push(member);
    }
    if (unknown.length > 0) return loadKeyValues(this.#context, unknown);
  }
}

/** What goes with the objects that are marked for deletion, and they themselves. */
export function followDeletes(context: FlushContext): MaybePromise<ReadonlySet<Entity>> {
  const cascade = new DeleteCascade(context, new TakenOver(context.pending));
  return andThen(cascade.follow(context.deleted), () => cascade.deletes);
}

/** Is it unknown what the member refers to? Its foreign key is deferred, or it expired. */
function isUnknown(member: Entity, { pairs }: RelationshipProperty): boolean {
  const mapper = mapperOf(member);
  return (
    member.$key !== null &&
    pairs.some(({ local }) => {
      const own = mapper.findColumnProperty(local);
      return own !== null && readRaw(member, own) === undefined;
    })
  );
}

/** A collection to which something was added without loading it is a queue, not the collection. */
function isUnloaded(owner: Entity, property: RelationshipProperty): boolean {
  const value = readRaw(owner, property);
  return value === undefined || (property.many && !Array.isArray(value));
}

const NOBODY: ReadonlySet<Entity> = new Set();

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

/** What is known of a collection that is left to ON DELETE is what has joined it. */
function members(owner: Entity, property: RelationshipProperty): readonly Entity[] {
  const value = readRaw(owner, property);
  if (Array.isArray(value)) return value as Entity[]; // collections hold mapped objects only
  if (property.many) return owner.$extra === null ? NO_MEMBERS : collectionChanges(owner, property).added;
  return value === null || value === undefined ? NO_MEMBERS : [value as Entity]; // a to-one slot holds an object
}

const NO_MEMBERS: readonly Entity[] = [];
