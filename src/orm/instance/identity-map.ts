import { type Mapper, mapperOf } from "../mapping/index.ts";
import type { Entity } from "./entity.ts";
import type { IdentityKey } from "./identity.ts";

type Registry = Map<Mapper, Map<IdentityKey, Entity>>;

/**
 * The objects of a session by class and primary key: one object for each row, as long as the session has it. Classes of
 * one inheritance hierarchy share their keys. Objects that are to be inserted have an index of their own.
 *
 * The map holds its objects strongly: what a session loaded, it has until it is told to let go.
 */
export class IdentityMap {
  readonly #stored: Registry = new Map();
  readonly #pending: Registry = new Map();
  readonly #pendingKeys = new Map<Entity, IdentityKey>();
  /** New objects whose key another one had before, by that other one. */
  readonly #rivals = new Map<Entity, Entity[]>();

  /** The object of this row, or undefined. */
  get(mapper: Mapper, key: IdentityKey): Entity | undefined {
    return this.#stored.get(mapper.root)?.get(key);
  }

  /** Registers the object of a row. An object that was registered under this key is replaced. */
  add(entity: Entity, key: IdentityKey): void {
    this.of(mapperOf(entity)).set(key, entity);
  }

  /** Forgets a row, unless another object than `entity` stands for it by now. */
  delete(entity: Entity, key: IdentityKey): void {
    remove(this.#stored, entity, key);
  }

  /** Moves an object to another key. When several objects exchange keys: delete all, then add all. */
  rekey(entity: Entity, from: IdentityKey, to: IdentityKey): void {
    this.delete(entity, from);
    this.add(entity, to);
  }

  /** The objects of a class and of the classes that share its keys, by key. It is the map itself: hot loops use it. */
  of(mapper: Mapper): Map<IdentityKey, Entity> {
    return bucket(this.#stored, mapper);
  }

  /** All objects that stand for a row. */
  *entities(): Generator<Entity> {
    for (const objects of this.#stored.values()) yield* objects.values();
  }

  /** Visits all objects that stand for a row. */
  forEach(visit: (entity: Entity) => void): void {
    for (const objects of this.#stored.values()) objects.forEach(visit);
  }

  /** How many objects stand for a row. */
  get size(): number {
    let size = 0;
    for (const objects of this.#stored.values()) size += objects.size;
    return size;
  }

  /**
   * Registers an object that is to be inserted with this key, also when it had another one before. Of several objects
   * with one key, the first is found.
   */
  addPending(entity: Entity, key: IdentityKey): void {
    if (this.#pendingKeys.get(entity) === key) return;
    this.removePending(entity);
    this.#pendingKeys.set(entity, key);
    const objects = bucket(this.#pending, mapperOf(entity));
    const first = objects.get(key);
    if (first === undefined) objects.set(key, entity);
    else this.#rivals.set(first, [...(this.#rivals.get(first) ?? []), entity]);
  }

  removePending(entity: Entity): void {
    if (this.#pendingKeys.size === 0) return;
    const key = this.#pendingKeys.get(entity);
    if (key === undefined) return;
    this.#pendingKeys.delete(entity);
    const objects = bucket(this.#pending, mapperOf(entity));
    const first = objects.get(key);
    if (first === undefined) return;
    const others = (this.#rivals.get(first) ?? []).filter((other) => other !== entity);
    this.#rivals.delete(first);
    if (first === entity) objects.delete(key);
    const next = first === entity ? others.shift() : first;
    if (next === undefined) return;
    objects.set(key, next);
    if (others.length > 0) this.#rivals.set(next, others);
  }

  /** The object that is to be inserted with this key, or undefined. */
  getPending(mapper: Mapper, key: IdentityKey): Entity | undefined {
    return this.#pending.get(mapper.root)?.get(key);
  }

  clear(): void {
    this.#stored.clear();
    this.#pending.clear();
    this.#pendingKeys.clear();
    this.#rivals.clear();
  }
}

function bucket(registry: Registry, mapper: Mapper): Map<IdentityKey, Entity> {
  let objects = registry.get(mapper.root);
  if (objects === undefined) {
    objects = new Map();
    registry.set(mapper.root, objects);
  }
  return objects;
}

function remove(registry: Registry, entity: Entity, key: IdentityKey): void {
  const objects = registry.get(mapperOf(entity).root);
  if (objects?.get(key) === entity) objects.delete(key);
}
