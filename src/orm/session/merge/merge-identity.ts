import { comparedTypes } from "../../../schema/same-texts.ts";
import { committedValue, type Entity, type IdentityKey, identityKeyFrom, readRaw } from "../../instance/index.ts";
import type { Mapper } from "../../mapping/index.ts";
import type { UnitOfWork } from "../unit-of-work.ts";
import { keySource, type MergeNode, type SourceGraph } from "./source-graph.ts";

/** What tells an object of a merge from others of its class. */
export interface MergeIdentity {
  /** Equal for objects that are to become one, among those whose `values` are known, or unknown. */
  readonly unity: IdentityKey;
  /** The values of the primary key; null if a part of it is not known before the flush. */
  readonly values: readonly unknown[] | null;
}

/**
 * Identities of the objects of one merge. A part of the key that is another object's key counts also when that is not
 * known yet: two new lines with the number 1 of one new order are one line.
 */
export class MergeIdentities {
  readonly #graph: SourceGraph;
  readonly #objects: UnitOfWork;
  /** Numbers for objects whose keys are not known. */
  readonly #numbers = new Map<Entity, number>();

  constructor(graph: SourceGraph, objects: UnitOfWork) {
    this.#graph = graph;
    this.#objects = objects;
  }

  /** Is a part of the key that of an object in `waiting`? Then its own target comes first. */
  dependsOn(node: MergeNode, waiting: ReadonlySet<MergeNode>): boolean {
    if (storedKey(node) !== null) return false;
    return node.mapper.primaryKey.some((part) => {
      const parent = keySource(node.source, part)?.parent;
      const parentNode = parent === undefined ? undefined : this.#graph.nodeOf(parent);
      return parentNode !== undefined && parentNode !== node && waiting.has(parentNode);
    });
  }

  /** @returns null for an object that has no key, and so is one of its own */
  identityOf(node: MergeNode): MergeIdentity | null {
    const { mapper, source } = node;
    const stored = storedKey(node);
    if (stored !== null) return this.#known(mapper, stored);
    const columns = mapper.primaryKey.map(({ column }) => column);
    const types = comparedTypes(columns, this.#objects.dialectName, columns);
    const parts: string[] = [];
    let isKnown = true;
    const values: unknown[] = [];
    for (const [i, part] of mapper.primaryKey.entries()) {
      const origin = keySource(source, part);
      const parent = origin === null ? null : (this.#graph.nodeOf(origin.parent)?.target ?? origin.parent);
      const value = origin === null || parent === null ? readRaw(source, part) : readRaw(parent, origin.remote);
      values.push(value);
      if (value !== null && value !== undefined) parts.push(`=${types[i]?.sqlType.keyOf(value)}`);
      else if (parent !== null) {
        isKnown = false;
        parts.push(`@${this.#numberOf(parent)}`);
      } else return null;
    }
    if (!isKnown) return { unity: JSON.stringify(parts), values: null };
    return this.#known(mapper, values);
  }

  /** Keys that are one to the database are one here. */
  #known(mapper: Mapper, values: readonly unknown[]): MergeIdentity | null {
    const key = identityKeyFrom(mapper, values);
    if (key === null) return null;
    return { unity: this.#objects.identityMap.foldOf(mapper)?.(key) ?? key, values };
  }

  #numberOf(entity: Entity): number {
    let number = this.#numbers.get(entity);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(entity, number);
    }
    return number;
  }
}

/**
 * The key of a source that has a row: it stands for that row, whatever became of its key since. Its new key is copied
 * like any other value.
 */
function storedKey({ mapper, source }: MergeNode): readonly unknown[] | null {
  if (source.$key === null) return null;
  const values = mapper.primaryKey.map((part) => committedValue(source, part));
  return identityKeyFrom(mapper, values) === null ? null : values;
}
