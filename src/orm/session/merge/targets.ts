import { ArgumentError, InvalidStateError } from "../../../errors/index.ts";
import { describe, type Entity, entityOf, type IdentityKey, readRaw, Status } from "../../instance/index.ts";
import { type Mapper, mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { isComplete, loadByKeys, loadRelationship } from "../../query/index.ts";
import type { SessionWork } from "../session-work.ts";
import type { AlternativeKey } from "./alternative-key.ts";
import type { LeavingObjects } from "./leaving.ts";
import { MergeIdentities, type MergeIdentity } from "./merge-identity.ts";
import { cascades, collectionOf, type MergeNode, type SourceGraph } from "./source-graph.ts";

/** The objects of a merge by class hierarchy and identity. */
type Registry = Map<Mapper, Map<IdentityKey, Entity>>;

/**
 * Finds or makes the object of the session for each source: by primary key, or by the alternative key where one was
 * asked for. Rows that are not in the session are loaded with one IN per class, and what a
 * copied collection replaces with one statement for each relationship; where the key of an object depends on
 * another one's, that one comes first.
 */
export class TargetFinder {
  readonly #work: SessionWork;
  readonly #graph: SourceGraph;
  readonly #identities: MergeIdentities;
  readonly #alternativeKey: AlternativeKey | null;
  readonly #leaving: LeavingObjects;
  /** What this merge has found or made, by primary key. */
  readonly #known: Registry = new Map();
  /** What this merge has made whose key depends on a row that is not there yet. */
  readonly #symbolic: Registry = new Map();

  constructor(work: SessionWork, graph: SourceGraph, alternativeKey: AlternativeKey | null, leaving: LeavingObjects) {
    this.#work = work;
    this.#graph = graph;
    this.#identities = new MergeIdentities(graph, work.objects);
    this.#alternativeKey = alternativeKey;
    this.#leaving = leaving;
  }

  async findAll(): Promise<void> {
    const waiting = new Set(this.#graph.nodes.filter(({ target }) => target === null));
    while (waiting.size > 0) {
      const batch = this.#next(waiting);
      await this.#resolve(batch);
      for (const node of batch) waiting.delete(node);
      // Collections that are replaced bring many of the objects that come next.
      await loadReplaced(this.#work, batch);
    }
  }

  /** All objects of the classes that are nearest to the start, as far as their keys do not depend on others. */
  #next(waiting: ReadonlySet<MergeNode>): readonly MergeNode[] {
    const free = [...waiting].filter((node) => !this.#identities.dependsOn(node, waiting));
    // Keys that depend on one another in a circle are as known as they will ever be.
    const ready = free.length > 0 ? free : [...waiting];
    const depth = Math.min(...ready.map((node) => node.depth));
    const nearest = new Set(ready.filter((node) => node.depth === depth).map(({ mapper }) => mapper.root));
    return ready.filter(({ mapper }) => nearest.has(mapper.root));
  }

  async #resolve(nodes: readonly MergeNode[]): Promise<void> {
    const unfound: { readonly node: MergeNode; readonly identity: MergeIdentity | null }[] = [];
    for (const node of nodes) unfound.push({ node, identity: this.#identities.identityOf(node) });
    await this.#load(unfound.map(({ node, identity }) => ({ mapper: node.mapper, identity })));
    const byAlternative = unfound.filter(({ node, identity }) => !this.#find(node, identity));
    if (this.#alternativeKey !== null) await this.#alternativeKey.load(byAlternative.map(({ node }) => node));
    for (const { node, identity } of byAlternative) {
      if (!this.#find(node, identity)) this.#findByAlternative(node, identity);
      if (node.target === null) this.#make(node, identity);
    }
  }

  /** Loads the rows that the session does not have, or has only a part of. */
  async #load(wanted: readonly { readonly mapper: Mapper; readonly identity: MergeIdentity | null }[]): Promise<void> {
    const byMapper = new Map<Mapper, Map<IdentityKey, readonly unknown[]>>();
    for (const { mapper, identity } of wanted) {
      if (identity === null || identity.values === null || this.#known.get(mapper.root)?.has(identity.unity)) continue;
      const present = this.#work.objects.find(mapper, identity.unity);
      if (present !== undefined && (present.$status === Status.pending || isComplete(present))) continue;
      let keys = byMapper.get(mapper);
      if (keys === undefined) {
        keys = new Map();
        byMapper.set(mapper, keys);
      }
      keys.set(identity.unity, identity.values);
    }
    for (const [mapper, keys] of uniteFamilies(byMapper)) {
      await loadByKeys(this.#work.loader, mapper, [...keys.values()]);
    }
  }

  /** Looks in this merge and in the session. */
  #find(node: MergeNode, identity: MergeIdentity | null): boolean {
    if (identity === null) return false;
    const { root } = node.mapper;
    if (identity.values === null) {
      const known = this.#symbolic.get(root)?.get(identity.unity);
      if (known === undefined) return false;
      this.#settle(node, known, identity);
      return true;
    }
    const found = this.#known.get(root)?.get(identity.unity) ?? this.#inSession(root, identity.unity);
    if (found === undefined) return false;
    this.#settle(node, found, identity);
    return true;
  }

  /** What is to be deleted is not what is merged onto: a new object takes its row over. */
  #inSession(root: Mapper, key: IdentityKey): Entity | undefined {
    const { identityMap } = this.#work.objects;
    const stored = identityMap.get(root, key);
    return stored === undefined || this.#leaving.has(stored) ? identityMap.getPending(root, key) : stored;
  }

  #findByAlternative(node: MergeNode, identity: MergeIdentity | null): void {
    const found = this.#alternativeKey?.find(node);
    if (found === undefined) return;
    if (identity !== null && identity.values !== null) {
      throw new ArgumentError(
        `${describe(node.source)} cannot be merged by ${this.#alternativeKey?.description}: ${describe(found)} has these ` +
          "values and another primary key. Merge an object without a primary key, or merge by the primary key.",
      );
    }
    this.#settle(node, found, identity);
  }

  #make(node: MergeNode, identity: MergeIdentity | null): void {
    const target = entityOf(node.mapper.construct());
    node.isNew = true;
    this.#settle(node, target, identity);
  }

  #settle(node: MergeNode, target: Entity, identity: MergeIdentity | null): void {
    if (!mapperOf(target).isA(node.mapper)) {
      throw new InvalidStateError(
        `${describe(node.source)} cannot be merged: the row with its primary key is ${describe(target)}, which is no ${node.mapper.name}.`,
      );
    }
    node.target = target;
    if (identity !== null) {
      const registry = identity.values === null ? this.#symbolic : this.#known;
      let objects = registry.get(node.mapper.root);
      if (objects === undefined) {
        objects = new Map();
        registry.set(node.mapper.root, objects);
      }
      objects.set(identity.unity, target);
    }
    this.#alternativeKey?.remember(node, target);
  }
}

/** Loads what the copied relationships replace, a statement for each relationship. */
async function loadReplaced(work: SessionWork, nodes: readonly MergeNode[]): Promise<void> {
  const owners = new Map<RelationshipProperty, Set<Entity>>();
  for (const node of nodes) {
    const { source, target, mapper } = node;
    if (target === null || target === source || target.$status !== Status.persistent) continue;
    for (const property of mapper.relationships) {
      if (!cascades(property) || property.direction === "manyToOne" || node.holdsOrigin(property)) continue;
      const replacement = property.many ? collectionOf(source, property) : readRaw(source, property);
      if (replacement === undefined || readRaw(target, property) !== undefined) continue;
      let group = owners.get(property);
      if (group === undefined) {
        group = new Set();
        owners.set(property, group);
      }
      group.add(target);
    }
  }
  for (const [property, group] of owners) await loadRelationship(work.loader, property, [...group]);
}

/** Classes of one family are loaded together where their rows say which class they are of. */
function uniteFamilies<T>(
  byMapper: ReadonlyMap<Mapper, ReadonlyMap<IdentityKey, T>>,
): Map<Mapper, Map<IdentityKey, T>> {
  const united = new Map<Mapper, Map<IdentityKey, T>>();
  for (const [mapper, keys] of byMapper) {
    const isAlone = [...byMapper.keys()].every((other) => other === mapper || other.root !== mapper.root);
    const loader = isAlone || mapper.root.polymorphic === null ? mapper : mapper.root;
    united.set(loader, new Map([...(united.get(loader) ?? []), ...keys]));
  }
  return united;
}
