import { type Mapper, mapperOf } from "../mapping/index.ts";
import type { Entity } from "./entity.ts";
import { type FoldKey, type IdentityKey, keyFoldingOf } from "./identity.ts";

/** The objects of a family by their keys. */
interface Family {
  readonly objects: Map<IdentityKey, Entity>;
  /** Makes keys equal that differ in what the database ignores; null where it ignores nothing. */
  readonly fold: FoldKey | null;
}

type Registry = Map<Mapper, Family>;

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

  readonly #dialectName: string;

  /** @param dialectName the database: its collations say which texts are one key */
  constructor(dialectName = "") {
    this.#dialectName = dialectName;
  }

  /** The object of this row, or undefined. */
  get(mapper: Mapper, key: IdentityKey): Entity | undefined {
    return find(this.#stored.get(mapper.root), key);
  }

  /** Registers the object of a row. An object that was registered under this key is replaced. */
  add(entity: Entity, key: IdentityKey): void {
    const { objects, fold } = this.#family(this.#stored, mapperOf(entity));
    objects.set(fold === null ? key : fold(key), entity);
  }

  /** Forgets a row, unless another object than `entity` stands for it by now. */
  delete(entity: Entity, key: IdentityKey): void {
    const family = this.#stored.get(mapperOf(entity).root);
    if (family !== undefined && find(family, key) === entity)
      family.objects.delete(family.fold === null ? key : family.fold(key));
  }

  /** Moves an object to another key. When several objects exchange keys: delete all, then add all. */
  rekey(entity: Entity, from: IdentityKey, to: IdentityKey): void {
    this.delete(entity, from);
    this.add(entity, to);
  }

  /**
   * The objects of a class and of the classes that share its keys, by key as {@link foldOf} makes it. It is the map itself:
   * hot loops use it.
   */
  of(mapper: Mapper): Map<IdentityKey, Entity> {
    return this.#family(this.#stored, mapper).objects;
  }

  /** What makes those keys of the class equal that are one key to the database; null: they are as they are. */
  foldOf(mapper: Mapper): FoldKey | null {
    return this.#family(this.#stored, mapper).fold;
  }

  /** All objects that stand for a row. */
  *entities(): Generator<Entity> {
    for (const { objects } of this.#stored.values()) yield* objects.values();
  }

  /** Visits all objects that stand for a row. */
  forEach(visit: (entity: Entity) => void): void {
    for (const { objects } of this.#stored.values()) objects.forEach(visit);
  }

  /** How many objects stand for a row. */
  get size(): number {
    let size = 0;
    for (const { objects } of this.#stored.values()) size += objects.size;
    return size;
  }

  /**
   * Registers an object that is to be inserted with this key, also when it had another one before. Of several objects
   * with one key, the first is found.
   */
  addPending(entity: Entity, written: IdentityKey): void {
    const { objects, fold } = this.#family(this.#pending, mapperOf(entity));
    const key = fold === null ? written : fold(written);
    if (this.#pendingKeys.get(entity) === key) return;
    this.removePending(entity);
    this.#pendingKeys.set(entity, key);
    const first = objects.get(key);
    if (first === undefined) objects.set(key, entity);
    else this.#rivals.set(first, [...(this.#rivals.get(first) ?? []), entity]);
  }

  removePending(entity: Entity): void {
    if (this.#pendingKeys.size === 0) return;
    const key = this.#pendingKeys.get(entity);
    if (key === undefined) return;
    this.#pendingKeys.delete(entity);
    const { objects } = this.#family(this.#pending, mapperOf(entity));
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
    return find(this.#pending.get(mapper.root), key);
  }

  clear(): void {
    this.#stored.clear();
    this.#pending.clear();
    this.#pendingKeys.clear();
    this.#rivals.clear();
  }

  #family(registry: Registry, { root }: Mapper): Family {
    let family = registry.get(root);
    if (family === undefined) {
      family = { objects: new Map(), fold: keyFoldingOf(root, this.#dialectName) };
      registry.set(root, family);
    }
    return family;
  }
}

function find(family: Family | undefined, key: IdentityKey): Entity | undefined {
  if (family === undefined) return undefined;
  return family.objects.get(family.fold === null ? key : family.fold(key));
}
