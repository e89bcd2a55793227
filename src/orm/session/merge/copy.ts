import { ArgumentError, StaleDataError } from "../../../errors/index.ts";
import { isSameText } from "../../../schema/same-texts.ts";
import {
  collectionChanges,
  describe,
  type Entity,
  loadValue,
  Members,
  readRaw,
  Status,
  setValue,
} from "../../instance/index.ts";
import type { ColumnProperty, Mapper, RelationshipProperty } from "../../mapping/index.ts";
import { membersInMemory } from "../cascade.ts";
import { cascades, collectionOf, type MergeNode, type SourceGraph } from "./source-graph.ts";

/** What happens when sources of equal key disagree about an attribute. */
export type MergeConflict = "last" | "first" | "error";

/** Copies the attributes of sources onto their targets, in the order of the walk. */
export class Copier {
  readonly #graph: SourceGraph;
  readonly #onConflict: MergeConflict;
  /** Which source an attribute of a target has its value from. */
  readonly #origins = new Map<Entity, Map<ColumnProperty, Entity>>();

  constructor(graph: SourceGraph, onConflict: MergeConflict) {
    this.#graph = graph;
    this.#onConflict = onConflict;
  }

  /** Copies as if the program had set each attribute itself. */
  copyAll(): void {
    const nodes = this.#graph.nodes.filter(({ target, source }) => target !== null && target !== source);
    for (const node of nodes) this.#checkVersion(node);
    for (const node of nodes) this.#copyColumns(node);
    for (const node of nodes) this.#copyRelationships(node);
  }

  /** Copies as if the values came from the database: nothing is changed by it. */
  loadAll(): void {
    for (const { source, target, mapper } of this.#graph.nodes) {
      if (target === null || target === source) continue;
      for (const property of mapper.columns) {
        const value = readRaw(source, property);
        if (value !== undefined) loadValue(target, property, value);
      }
      for (const property of mapper.relationships) {
        if (!cascades(property)) continue;
        const value = this.#related(source, property);
        if (value !== undefined) loadValue(target, property, value);
      }
    }
  }

  #copyColumns({ source, target, mapper, isNew }: MergeNode): void {
    if (target === null) return;
    for (const property of mapper.columns) {
      const value = readRaw(source, property);
      if (value === undefined || property === mapper.versionId || isLedBy(source, mapper, property)) continue;
      // An object that was found by another key keeps its own.
      if (property.column.primaryKey && (value === null || saysSameKey(source, target, property, value))) continue;
      if (!this.#isAllowed(target, property, source, value)) continue;
      const current = readRaw(target, property);
      if (current !== undefined && isEqual(property, current, value) && !(isNew && value === null)) continue;
      setValue(target, property, value);
    }
  }

  #copyRelationships(node: MergeNode): void {
    const { source, target, mapper } = node;
    if (target === null) return;
    for (const property of mapper.relationships) {
      if (!cascades(property)) continue;
      const value = this.#related(source, property);
      if (value === undefined) {
        this.#copyQueue(source, target, property);
        continue;
      }
      if (node.holdsOrigin(property)) {
        if (Array.isArray(value)) addMembers(target, property, value);
        continue;
      }
      const current = readRaw(target, property);
      if (Array.isArray(value)) {
        if (!(Array.isArray(current) && hasSameMembers(current, value))) setValue(target, property, value);
      } else if (current !== value) setValue(target, property, value);
    }
  }

  /** What waits for a collection that the source has not loaded is added to that of the target. */
  #copyQueue(source: Entity, target: Entity, property: RelationshipProperty): void {
    if (!property.many || Array.isArray(readRaw(source, property))) return;
    const { added, removed } = collectionChanges(source, property);
    if (added.length === 0 && removed.length === 0) return;
    const members = new Members(target, property);
    for (const member of this.#graph.targetsOf(added)) members.add(member);
    for (const member of this.#graph.targetsOf(removed)) members.remove(member);
  }

  /** A relationship of the source in terms of the session's objects; undefined if the source does not have it. */
  #related(source: Entity, property: RelationshipProperty): Entity | null | Entity[] | undefined {
    if (property.many) {
      const members = collectionOf(source, property);
      return members === undefined ? undefined : this.#graph.targetsOf(members);
    }
    const value = readRaw(source, property) as Entity | null | undefined; // a to-one slot holds an object
    return value ? this.#graph.targetsOf([value])[0] : value;
  }

  #isAllowed(target: Entity, property: ColumnProperty, source: Entity, value: unknown): boolean {
    let origins = this.#origins.get(target);
    if (origins === undefined) {
      origins = new Map();
      this.#origins.set(target, origins);
    }
    const earlier = origins.get(property);
    origins.set(property, source);
    if (earlier === undefined || earlier === source || this.#onConflict === "last") return true;
    if (isEqual(property, readRaw(earlier, property), value)) return true;
    origins.set(property, earlier);
    if (this.#onConflict === "first") return false;
    throw new ArgumentError(
      `Two objects that are merged into one ${describe(target)} have different values for "${property.name}": ` +
        `${String(readRaw(earlier, property))} and ${String(value)}. Make them equal, or merge with { onConflict: "last" }.`,
    );
  }

  /** What was read in an older version must not overwrite a newer one. */
  #checkVersion({ source, target, mapper }: MergeNode): void {
    const { versionId } = mapper;
    if (versionId === null || target === null || target.$status !== Status.persistent) return;
    const merged = readRaw(source, versionId);
    const stored = readRaw(target, versionId);
    if (merged === undefined || merged === null || stored === undefined || isEqual(versionId, merged, stored)) return;
    throw new StaleDataError(
      `${describe(source)} has version ${String(merged)}, but the stored row has version ${String(stored)}: ` +
        "somebody else changed it meanwhile. Load it again and repeat the change.",
    );
  }
}

/** Lets objects join a collection; what else is there stays. */
function addMembers(owner: Entity, property: RelationshipProperty, joining: readonly Entity[]): void {
  const members = new Members(owner, property);
  const present = new Set<Entity>(membersInMemory(owner, property));
  for (const member of joining) if (!present.has(member)) members.add(member);
}

/** Is the column the foreign key of a relationship that is copied as an object? That one says what it holds. */
function isLedBy(source: Entity, mapper: Mapper, property: ColumnProperty): boolean {
  return property.references.some(
    (reference) =>
      (reference.hidden || cascades(reference)) &&
      (reference.hidden || mapper.relationships.includes(reference)) &&
      isObject(readRaw(source, reference)),
  );
}

/**
 * A key that ignores case finds a row however it is spelled, which is all that it is there for: the row keeps its spelling. Who
 * has set another one on an object that stands for a row means it.
 */
function saysSameKey(source: Entity, target: Entity, property: ColumnProperty, value: unknown): boolean {
  if (target.$session === null || source.$changes?.has(property) === true) return false;
  return isSameText(property.column, readRaw(target, property), value, target.$session.dialectName);
}

function isObject(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function isEqual(property: ColumnProperty, a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || a === undefined || b === null || b === undefined) return false;
  return property.column.sqlType.equals(a, b);
}

function hasSameMembers(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((member, i) => member === b[i]);
}
