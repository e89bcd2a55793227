import { InvalidStateError } from "../../../errors/index.ts";
import { collectionChanges, describe, type Entity, RelationArray, readRaw } from "../../instance/index.ts";
import type { RelationshipProperty } from "../../mapping/index.ts";
import type { FlushContext } from "../context.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { United } from "../unite/united.ts";
import { classFactsOf } from "./class-facts.ts";

/**
 * The parents that objects got by relationships with `singleParent`: an object has one at most, since what becomes of it
 * when that one lets go of it would be wrong for another one.
 */
export class SingleParents {
  readonly #byProperty = new Map<RelationshipProperty, Map<Entity, Entity[]>>();

  /** @param changed the objects that may have got others */
  constructor(changed: readonly (readonly Entity[])[]) {
    for (const entities of changed) entities.forEach(this.#note, this);
  }

  /** Did the object get a parent that stays? */
  isTaken(child: Entity, property: RelationshipProperty, deletes: ReadonlySet<Entity>): boolean {
    return (
      this.#byProperty
        .get(property)
        ?.get(child)
        ?.some((parent) => !deletes.has(parent)) === true
    );
  }

  /**
   * Asks all objects in memory whether they hold what has got a parent.
   * @throws InvalidStateError if one does
   */
  check({ identityMap, pending }: FlushContext, deletes: ReadonlySet<Entity>, united: United): void {
    for (const [property, parents] of this.#byProperty) {
      const { mappedClass } = property.mapper;
      for (const other of [...identityMap.of(property.mapper).values(), ...pending]) {
        if (!(other instanceof mappedClass) || deletes.has(other)) continue;
        for (const child of held(other, property)) {
          const parent = parents
            .get(child)
            ?.find((one) => united.survivorOf(one) !== united.survivorOf(other) && !deletes.has(one));
          if (parent !== undefined) throw secondParent(child, property, parent, other);
        }
      }
    }
  }

  #note(parent: Entity): void {
    for (const property of classFactsOf(parent).singleParent) {
      for (const child of joined(parent, property)) {
        const parents = getOrAdd(this.#byProperty, property, () => new Map<Entity, Entity[]>());
        getOrAdd(parents, child, () => []).push(parent);
      }
    }
  }
}

function joined(parent: Entity, property: RelationshipProperty): readonly Entity[] {
  if (property.many) return collectionChanges(parent, property).added;
  return parent.$key === null || parent.$changes?.has(property) === true ? held(parent, property) : [];
}

/** What an object holds by a relationship, as far as it is in memory. */
function held(parent: Entity, property: RelationshipProperty): readonly Entity[] {
  const value = readRaw(parent, property);
  if (value instanceof RelationArray) return value;
  return value === null || value === undefined ? [] : [value as Entity]; // a to-one slot holds an object
}

function secondParent(child: Entity, property: RelationshipProperty, one: Entity, other: Entity): InvalidStateError {
  const holds = (parent: Entity): string => `${describe(parent)}.${property.name}`;
  return new InvalidStateError(
    `${holds(one)} and ${holds(other)} both hold ${describe(child)}, which can have one parent at most: ${property.label} ` +
      "is a one-to-one relationship, or has singleParent. Take it out of one of them first.",
  );
}
