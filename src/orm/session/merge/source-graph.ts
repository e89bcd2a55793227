import { collectionChanges, type Entity, entityOf, RelationArray, readRaw } from "../../instance/index.ts";
import { type ColumnProperty, type Mapper, mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { membersInMemory } from "../cascade.ts";

/** An object that is to be merged, and the object of the session that it is merged onto. */
export class MergeNode {
  readonly source: Entity;
  readonly mapper: Mapper;
  /** The object of the session; null until it is found or made. */
  target: Entity | null = null;
  /** How many relationships away from the objects that were given. */
  readonly depth: number;
  /** The relationship by which the walk came here; null for what was given. */
  readonly cameBy: RelationshipProperty | null;
  /** The target is made by this merge: there is no row yet. */
  isNew = false;

  constructor(source: Entity, depth: number, cameBy: RelationshipProperty | null) {
    this.source = source;
    this.depth = depth;
    this.cameBy = cameBy;
    this.mapper = mapperOf(source);
  }

  /**
   * Does the source hold by this relationship what the walk came from? It may hold that alone: setting the other side has
   * put it there. So it says what belongs there, and not what does not.
   */
  holdsOrigin(property: RelationshipProperty): boolean {
    return property.direction !== "manyToOne" && property.inverse !== null && property.inverse === this.cameBy;
  }
}

/** Everything that a merge has to copy, each object once, in the order in which the walk met it. */
export class SourceGraph {
  readonly nodes: readonly MergeNode[];
  readonly #bySource = new Map<Entity, MergeNode>();

  /**
   * Walks the graph along the cascade `merge`. Nothing is loaded: what a source does not have is not merged.
   * @param isOwn whether an object is in the session already: it stands for itself, and is not followed
   */
  constructor(objects: readonly object[], isOwn: (entity: Entity) => boolean) {
    const nodes: MergeNode[] = [];
    const meet = (source: Entity, depth: number, cameBy: RelationshipProperty | null): void => {
      if (this.#bySource.has(source)) return;
      const node = new MergeNode(source, depth, cameBy);
      if (isOwn(source)) node.target = source;
      this.#bySource.set(source, node);
      nodes.push(node);
    };
    for (const object of objects) meet(entityOf(object), 0, null);
    // The list grows while it is read.
    for (const node of nodes) {
      if (node.target !== null) continue;
      for (const property of node.mapper.relationships) {
        if (!cascades(property)) continue;
        const met = membersInMemory(node.source, property);
        const left = property.many ? waitingToLeave(node.source, property) : [];
        for (const members of [met, left]) for (const member of members) meet(member, node.depth + 1, property);
      }
    }
    this.nodes = nodes;
  }

  nodeOf(source: Entity): MergeNode | undefined {
    return this.#bySource.get(source);
  }

  /**
   * The objects of the session that stand for these sources, each once.
   * @throws Error if one of them was not met by the walk, or has no target yet
   */
  targetsOf(sources: readonly Entity[]): Entity[] {
    const targets = new Set<Entity>();
    for (const source of sources) {
      const target = this.#bySource.get(source)?.target;
      if (target === null || target === undefined) throw new Error("An object was merged before its target was found.");
      targets.add(target);
    }
    return [...targets];
  }
}

/**
 * The members that an object says its collection has; undefined if it does not say: not loaded, or new and merely read,
 * which makes an empty collection.
 */
export function collectionOf(entity: Entity, property: RelationshipProperty): readonly Entity[] | undefined {
  const value = readRaw(entity, property);
  if (!(value instanceof RelationArray)) return undefined;
  const isMerelyRead = value.length === 0 && !value.wasAssigned && entity.$key === null;
  return isMerelyRead ? undefined : value;
}

/** What was removed from a collection that is not loaded. */
function waitingToLeave(owner: Entity, property: RelationshipProperty): readonly Entity[] {
  return Array.isArray(readRaw(owner, property)) ? [] : collectionChanges(owner, property).removed;
}

/** Does a merge copy this relationship? */
export function cascades(property: RelationshipProperty): boolean {
  return property.cascade.merge && !property.viewOnly;
}

/** A part of a primary key that is the key of another object. */
export interface KeySource {
  readonly parent: Entity;
  /** The attribute of the parent with the value. */
  readonly remote: ColumnProperty;
}

/** Where an object has a part of its key from, if that is another object. */
export function keySource(entity: Entity, part: ColumnProperty): KeySource | null {
  for (const reference of part.references) {
    const held = readRaw(entity, reference) as Entity | null | undefined; // a to-one slot holds an object
    if (held === null || held === undefined) continue;
    const pair = reference.pairs.find(({ local }) => part.columns.includes(local));
    const remote = pair === undefined ? null : reference.target.findColumnProperty(pair.remote);
    if (remote !== null) return { parent: held, remote };
  }
  return null;
}
