import { expect } from "vitest";
import {
  type Entity,
  entityOf,
  type IdentityKey,
  IdentityMap,
  identityKeyOf,
  type RelationArray,
  readRaw,
  resetChanges,
  type SessionHooks,
  Status,
  settleInserted,
  writeRaw,
} from "../../../src/orm/instance/index.ts";
import { type Mapper, mapperOf, type RelationshipProperty } from "../../../src/orm/mapping/index.ts";

/** What a session does as far as objects notice: they are in an identity map, and tell what happens to them. */
export class FakeSession implements SessionHooks {
  readonly meanwhile = null;
  readonly dialectName = "";
  readonly identityMap = new IdentityMap();
  readonly modified = new Set<Entity>();
  readonly keysChanged: Entity[] = [];
  readonly attached: string[] = [];
  readonly detached: string[] = [];
  readonly collectionsRead = new Set<RelationArray<Entity>>();

  onModified(entity: Entity): void {
    this.modified.add(entity);
  }

  onAttached(owner: Entity, property: RelationshipProperty, child: Entity): void {
    this.attached.push(label(owner, property, child));
  }

  onDetached(owner: Entity, property: RelationshipProperty, child: Entity): void {
    this.detached.push(label(owner, property, child));
  }

  onKeyChanged(entity: Entity): void {
    this.keysChanged.push(entity);
  }

  onCollectionRead(array: RelationArray<Entity>): void {
    this.collectionsRead.add(array);
  }

  readonly valuesRead = new Set<Entity>();

  onValueRead(entity: Entity): void {
    this.valuesRead.add(entity);
  }

  find(mapper: Mapper, key: IdentityKey): object | undefined {
    return this.identityMap.get(mapper, key);
  }

  /** Makes new objects what they are after a flush; their keys have to be set. */
  store<T extends object>(...objects: T[]): T[] {
    for (const object of objects) {
      const entity = entityOf(object);
      const key = identityKeyOf(entity);
      if (key === null) throw new Error("The key has to be set.");
      entity.$session = this;
      entity.$status = Status.persistent;
      entity.$key = key;
      this.identityMap.add(entity, key);
    }
    for (const object of objects) {
      const entity = entityOf(object);
      for (const property of mapperOf(entity).columns) {
        if (readRaw(entity, property) === undefined) writeRaw(entity, property, null);
      }
      for (const reference of mapperOf(entity).relationships) {
        const target = reference.direction === "manyToOne" ? (readRaw(entity, reference) as Entity | null) : null;
        if (!target) continue;
        for (const { local, remote } of reference.pairs) {
          writeRaw(
            entity,
            mapperOf(entity).columnProperty(local),
            readRaw(target, reference.target.columnProperty(remote)),
          );
        }
      }
      resetChanges(entity);
    }
    settleInserted(objects.map(entityOf));
    this.modified.clear();
    return objects;
  }

  /** Makes an object what it is after loading it without its relationships. */
  load<T extends object>(object: T): T {
    this.store(object);
    const entity = entityOf(object);
    for (const property of mapperOf(entity).relationships) writeRaw(entity, property, undefined);
    return object;
  }
}

function label(owner: Entity, property: RelationshipProperty, child: Entity): string {
  return `${mapperOf(owner).name}.${property.name} ${mapperOf(child).name}`;
}

/** Attributes by the names that tests use. */
export function property(object: object, name: string) {
  return mapperOf(object).property(name);
}

export function relationship(object: object, name: string): RelationshipProperty {
  const found = property(object, name);
  if (found.kind !== "relationship") throw new Error(`${name} is a column.`);
  return found;
}

/** The same objects in the same order; `toEqual` takes objects with equal values for equal. */
export function expectSame(actual: readonly unknown[], expected: readonly unknown[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, object] of expected.entries()) expect(actual[i]).toBe(object);
}
