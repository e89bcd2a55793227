import { ArgumentError } from "../../errors/index.ts";
import { KeyedBy, type RelationshipProperty } from "../mapping/index.ts";
import { describe, describeMember } from "./describe.ts";
import type { Entity } from "./entity.ts";
import { checkMember, queueOf } from "./links.ts";
import { Members } from "./members.ts";

// To-many attributes that are declared as a Set or a Map. The members are in an array as those of all others; what the
// program gets is a view of it, the same one for as long as the object lives.

const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const NOT_LOADED = "[not loaded]";

/** What `Set` has got since Node 22 looks at its own storage, which a view does not have. */
const SET_OPERATIONS = [
  "union",
  "intersection",
  "difference",
  "symmetricDifference",
  "isSubsetOf",
  "isSupersetOf",
  "isDisjointFrom",
] as const;

/** A to-many attribute as a Set. */
class SetView extends Set<Entity> {
  readonly #members: Members;

  constructor(members: Members) {
    super();
    this.#members = members;
  }

  override get size(): number {
    return this.#members.all.length;
  }

  override has(member: Entity): boolean {
    return this.#members.all.includes(member);
  }

  override add(member: Entity): this {
    this.#members.add(member);
    return this;
  }

  override delete(member: Entity): boolean {
    return this.#members.remove(member);
  }

  override clear(): void {
    this.#members.clear();
  }

  override values(): SetIterator<Entity> {
    return new Set(this.#members.all).values();
  }

  override keys(): SetIterator<Entity> {
    return this.values();
  }

  override entries(): SetIterator<[Entity, Entity]> {
    return new Set(this.#members.all).entries();
  }

  override [Symbol.iterator](): SetIterator<Entity> {
    return this.values();
  }

  override forEach(callback: (member: Entity, same: Entity, set: Set<Entity>) => void, self?: unknown): void {
    for (const member of this) callback.call(self, member, member, this);
  }

  [INSPECT](): unknown {
    return this.#members.loaded === undefined ? NOT_LOADED : new Set(this);
  }
}

for (const name of SET_OPERATIONS) {
  const operation: unknown = Reflect.get(Set.prototype, name);
  if (typeof operation !== "function") continue;
  Object.defineProperty(SetView.prototype, name, {
    configurable: true,
    writable: true,
    value(this: SetView, other: unknown): unknown {
      return Reflect.apply(operation, new Set(this), [other]);
    },
  });
}

/**
 * A to-many attribute as a Map by one of the attributes of its members. Of several members with one key, which rows or keys
 * that change may bring, it shows the last one.
 */
class MapView extends Map<unknown, Entity> {
  readonly #members: Members;
  readonly #key: string;

  constructor(members: Members, key: string) {
    super();
    this.#members = members;
    this.#key = key;
  }

  override get size(): number {
    return this.#copy().size;
  }

  override get(key: unknown): Entity | undefined {
    return this.#members.all.findLast((member) => this.#keyOf(member) === key);
  }

  override has(key: unknown): boolean {
    return this.get(key) !== undefined;
  }

  /**
   * Puts an object in the place of the one with its key. Before the members are loaded, that is only one that was put in
   * since: what the database has stays.
   *
   * @throws ArgumentError if the object has another key
   */
  override set(key: unknown, member: Entity): this {
    const { owner, property, loaded } = this.#members;
    checkMember(owner, property, member);
    checkKey(owner, property, key, this.#keyOf(member));
    const before = loaded === undefined ? this.#queued(key) : this.get(key);
    if (before !== undefined && before !== member) this.#members.remove(before);
    this.#members.add(member);
    return this;
  }

  override delete(key: unknown): boolean {
    const member = this.get(key);
    return member !== undefined && this.#members.remove(member);
  }

  override clear(): void {
    this.#members.clear();
  }

  override entries(): MapIterator<[unknown, Entity]> {
    return this.#copy().entries();
  }

  override keys(): MapIterator<unknown> {
    return this.#copy().keys();
  }

  override values(): MapIterator<Entity> {
    return this.#copy().values();
  }

  override [Symbol.iterator](): MapIterator<[unknown, Entity]> {
    return this.entries();
  }

  override forEach(callback: (member: Entity, key: unknown, map: Map<unknown, Entity>) => void, self?: unknown): void {
    for (const [key, member] of this) callback.call(self, member, key, this);
  }

  [INSPECT](): unknown {
    return this.#members.loaded === undefined ? NOT_LOADED : this.#copy();
  }

  #queued(key: unknown): Entity | undefined {
    const { owner, property } = this.#members;
    for (const member of queueOf(owner, property)?.added ?? []) if (this.#keyOf(member) === key) return member;
    return undefined;
  }

  #keyOf(member: Entity): unknown {
    return Reflect.get(member, this.#key);
  }

  #copy(): Map<unknown, Entity> {
    const copy = new Map<unknown, Entity>();
    for (const member of this.#members.all) copy.set(this.#keyOf(member), member);
    return copy;
  }
}

const views = new WeakMap<Entity, Map<RelationshipProperty, SetView | MapView>>();

/** The Set or Map that shows a to-many attribute which is declared as one. */
export function collectionView(owner: Entity, property: RelationshipProperty): SetView | MapView {
  let own = views.get(owner);
  if (own === undefined) {
    own = new Map();
    views.set(owner, own);
  }
  let view = own.get(property);
  if (view === undefined) {
    const members = new Members(owner, property);
    const { collection } = property;
    view = collection instanceof KeyedBy ? new MapView(members, collection.attribute.key) : new SetView(members);
    own.set(property, view);
  }
  return view;
}

/**
 * What is assigned to such an attribute, as a list: a Set or an array of objects; to a Map also a Map.
 * @throws ArgumentError for anything else, and for an object that is not under its own key
 */
export function viewedMembers(owner: Entity, property: RelationshipProperty, value: unknown): readonly unknown[] {
  const { collection, name } = property;
  if (collection instanceof KeyedBy && value instanceof Map) {
    for (const [key, member] of value) {
      checkMember(owner, property, member);
      checkKey(owner, property, key, Reflect.get(member, collection.attribute.key));
    }
    return [...value.values()];
  }
  if (Array.isArray(value) || value instanceof Set) return [...new Set<unknown>(value)];
  const wanted = collection instanceof KeyedBy ? "a Map" : "a Set";
  throw new ArgumentError(
    `${describe(owner)}: "${name}" is a collection: assign ${wanted} or an array, not ${describeMember(value)}.`,
  );
}

function checkKey(owner: Entity, property: RelationshipProperty, key: unknown, own: unknown): void {
  if (own === key) return;
  throw new ArgumentError(
    `${describe(owner)}: "${property.name}" cannot hold an object under ${describeMember(key)} whose own key is ${describeMember(own)}.`,
  );
}
