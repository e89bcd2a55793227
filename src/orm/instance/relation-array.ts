import { ArgumentError } from "../../errors/index.ts";
import type { RelationshipProperty } from "../mapping/index.ts";
import type { Entity } from "./entity.ts";

/** What a collection tells of its members. */
export interface CollectionObserver {
  /** @throws ArgumentError for anything that cannot be a member */
  check(owner: Entity, property: RelationshipProperty, value: unknown): void;
  /**
   * The collection is about to change.
   * @returns true if `members` was taken for the log of the owner, so that the collection needs a list of its own
   */
  changing(owner: Entity, property: RelationshipProperty, members: readonly Entity[]): boolean;
  /** Is it a member already? Undefined if the other side cannot tell. */
  has(owner: Entity, property: RelationshipProperty, member: Entity): boolean | undefined;
  joined(owner: Entity, property: RelationshipProperty, member: Entity): void;
  left(owner: Entity, property: RelationshipProperty, member: Entity): void;
}

const native = Array.prototype;

/**
 * A loaded to-many attribute: an array that keeps the other side of the relationship, the history of its owner and the
 * session up to date.
 *
 * Methods take effect at once. Writing to an index or to `length` cannot be seen when it happens; {@link sync} finds it,
 * and is called by everything that depends on it. An array that was replaced or expired is a plain list.
 */
export class RelationArray<T extends Entity = Entity> extends Array<T> {
  /** Methods like `filter` give plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  #owner: Entity | null;
  readonly #property: RelationshipProperty;
  readonly #observer: CollectionObserver;
  /** The members as of the last look; null while nobody can have changed them. */
  #known: T[] | null = null;
  #wasAssigned = false;
  /** There may be an object that is a member twice. */
  #repeats = false;

  constructor(owner: Entity | null, property: RelationshipProperty, observer: CollectionObserver) {
    super();
    this.#owner = owner;
    this.#property = property;
    this.#observer = observer;
  }

  /** The object whose attribute it is; null once it was replaced or expired. */
  get owner(): Entity | null {
    return this.#owner;
  }

  get property(): RelationshipProperty {
    return this.#property;
  }

  /** The program assigned the collection, and did not only read or fill the one that it found. */
  get wasAssigned(): boolean {
    return this.#wasAssigned;
  }

  /** Notes that the program assigned it. */
  noteAssigned(): void {
    this.#wasAssigned = true;
  }

  /** The members as of the last {@link sync}, if something can have changed since. */
  track(): T[] {
    this.#known ??= copyOf(this);
    return this.#known;
  }

  /**
   * Compares with the last look, to find what was written to indexes and `length`, and passes it on. Holes are closed.
   * @returns true if something was found
   * @throws ArgumentError if something was written that cannot be a member
   */
  sync(): boolean {
    const owner = this.#owner;
    const before = this.#known;
    if (owner === null || before === null || isSame(this, before)) return false;
    this.#closeHoles();
    for (let i = 0; i < this.length; i++)
      if (i >= before.length || this[i] !== before[i]) this.#observer.check(owner, this.#property, this[i]);
    this.#observer.changing(owner, this.#property, before);
    const after = copyOf(this);
    this.#known = after;
    const old = new Set(before);
    const members = new Set(after);
    this.#repeats = members.size < after.length;
    for (const member of old) if (!members.has(member)) this.#observer.left(owner, this.#property, member);
    for (const member of members) if (!old.has(member)) this.#observer.joined(owner, this.#property, member);
    return true;
  }

  /** Was it a member at the last look? */
  hasSeen(member: T): boolean {
    return (this.#known ?? this).includes(member);
  }

  /** Takes back what was written to indexes and `length` since the last look. */
  discardUnseen(): void {
    if (this.#known !== null && !isSame(this, this.#known)) this.replaceMembers(this.#known);
  }

  /** Appends an object whose other side is up to date already. */
  accept(member: T): void {
    const known = this.#begin();
    native.push.call(this, member);
    known?.push(member);
  }

  /** Appends an object that the database has in the collection: that is no change. */
  acceptStored(member: T): void {
    native.push.call(this, member);
    this.#known?.push(member);
  }

  /** Removes an object, every time it is there; its other side is up to date already. */
  drop(member: T): void {
    if (positionOf(this, member) < 0 && (this.#known === null || positionOf(this.#known, member) < 0)) return;
    const known = this.#begin();
    removeAll(this, member, this.#repeats);
    if (known !== null) removeAll(known, member, this.#repeats);
  }

  /** Gives it other members without telling anybody: what the database has, or what was committed. */
  replaceMembers(members: readonly T[]): void {
    const next = this.length > 0 || this.#known !== null ? copyOf(members) : members; // may be this array itself, or of it
    if (this.length > 0) this.length = 0;
    for (let i = 0; i < next.length; i++) this[i] = next[i] as T; // `i` counts them
    this.#repeats = hasRepeats(next);
    if (this.#known !== null) this.#known = copyOf(next);
  }

  /** An object that is a member several times stays once: rows say no more than that. */
  removeRepeats(): void {
    if (this.#repeats) this.replaceMembers([...new Set(this)]);
  }

  /** From now on it is a plain list: its owner has another collection, or none. */
  release(): void {
    this.#owner = null;
    this.#known = null;
  }

  override push(...members: T[]): number {
    const owner = this.#owner;
    if (owner === null) return super.push(...members);
    for (let i = 0; i < members.length; i++) this.#observer.check(owner, this.#property, members[i]);
    for (let i = 0; i < members.length; i++) {
      const member = members[i] as T; // `i` counts them
      this.accept(member);
      this.#join(owner, member);
    }
    return this.length;
  }

  override pop(): T | undefined {
    if (this.#owner === null || this.length === 0) return super.pop();
    const known = this.#begin();
    const member = super.pop();
    if (known !== null && member !== undefined && known.length === this.length + 1 && known.at(-1) === member) {
      known.pop();
      this.#leave(member);
    } else this.sync();
    return member;
  }

  override shift(): T | undefined {
    if (this.#owner === null || this.length === 0) return super.shift();
    return this.#replaceRange(this.#owner, 0, 1, [])[0];
  }

  override unshift(...members: T[]): number {
    if (this.#owner === null) return super.unshift(...members);
    this.#replaceRange(this.#owner, 0, 0, members);
    return this.length;
  }

  override splice(start: number, deleteCount?: number, ...members: T[]): T[];
  override splice(...parameters: [number, number?, ...T[]]): T[] {
    const [start = 0, deleteCount, ...members] = parameters;
    // The number of arguments matters: splice(1) removes the rest, splice(1, undefined) nothing.
    const removed = parameters.length === 0 ? 0 : parameters.length === 1 ? this.length : (deleteCount ?? 0);
    if (this.#owner === null) return super.splice(start, removed, ...members);
    return this.#replaceRange(this.#owner, start, removed, members);
  }

  override sort(compare?: (a: T, b: T) => number): this {
    return this.#mutate([], () => super.sort(compare));
  }

  override reverse(): T[] {
    return this.#mutate([], () => super.reverse());
  }

  override fill(member: T, start?: number, end?: number): this {
    return this.#mutate([member], () => super.fill(member, start, end));
  }

  override copyWithin(target: number, start: number, end?: number): this {
    return this.#mutate([], () => super.copyWithin(target, start, end));
  }

  /** `push`, under the name that sets have for it: works whether the collection is loaded or not. */
  add(member: T): this {
    this.push(member);
    return this;
  }

  /**
   * Removes one occurrence of an object: works whether the collection is loaded or not.
   * @returns true if it was a member
   */
  remove(member: T): boolean {
    const position = this.indexOf(member);
    if (position >= 0) this.splice(position, 1);
    return position >= 0;
  }

  /** Before anything changes: the owner's log gets the members, if it does not have them yet. */
  #begin(): T[] | null {
    if (this.#owner === null) return null;
    const known = this.track();
    if (this.#observer.changing(this.#owner, this.#property, known)) this.#known = copyOf(known);
    return this.#known;
  }

  /** `splice` for an array that has an owner. */
  #replaceRange(owner: Entity, start: number, deleteCount: number, members: readonly T[]): T[] {
    for (const member of members) this.#observer.check(owner, this.#property, member);
    this.track();
    this.sync();
    const known = this.#begin() ?? [];
    const before = known.length;
    const removed = known.splice(start, deleteCount, ...members);
    const first = start < 0 ? Math.max(0, before + start) : Math.min(start, before);
    for (let i = first; i < known.length; i++) this[i] = known[i] as T; // it is there
    this.length = known.length;
    for (const member of removed) if (!members.includes(member)) this.#leave(member);
    for (const member of members) if (!removed.includes(member)) this.#join(owner, member);
    return removed;
  }

  /** Any other change, which `sync` makes out. */
  #mutate<R>(members: readonly T[], change: () => R): R {
    if (this.#owner === null) return change();
    for (const member of members) this.#observer.check(this.#owner, this.#property, member);
    this.track();
    const result = change();
    this.sync();
    return result;
  }

  /** Tells of a member that is in the list already. */
  #join(owner: Entity, member: T): void {
    const seen = this.#known ?? this; // what was written to indexes since is for `sync` to tell
    const repeated =
      this.#observer.has(owner, this.#property, member) ?? seen.indexOf(member) !== seen.lastIndexOf(member);
    if (repeated) this.#repeats = true;
    else this.#observer.joined(owner, this.#property, member);
  }

  #leave(member: T): void {
    if (this.#owner === null || (this.#repeats && this.hasSeen(member))) return;
    this.#observer.left(this.#owner, this.#property, member);
  }

  /** `delete array[i]` and a greater `length` leave holes: there is no member. */
  #closeHoles(): void {
    let end = 0;
    for (let i = 0; i < this.length; i++) {
      if (!(i in this)) continue;
      if (end < i) this[end] = this[i] as T; // it is there
      end++;
    }
    if (end < this.length) this.length = end;
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** As many members are compared one by one, which is less work than a table for them. */
const FEW = 8;

function hasRepeats(list: readonly unknown[]): boolean {
  if (list.length > FEW) return new Set(list).size < list.length;
  for (let i = 1; i < list.length; i++) if (list.indexOf(list[i]) < i) return true;
  return false;
}

// Array's own methods are slow on arrays that have a class of their own, except for `push`, `pop` and searching.

function copyOf<T>(list: readonly T[]): T[] {
  const copy: T[] = [];
  for (let i = 0; i < list.length; i++) copy.push(list[i] as T); // it is there
  return copy;
}

function removeAll(list: unknown[], member: unknown, repeats: boolean): void {
  let position = positionOf(list, member);
  while (position >= 0) {
    removeAt(list, position);
    position = repeats ? positionOf(list, member) : -1;
  }
}

/** Long lists are mostly taken apart from one of their ends. */
function positionOf(list: readonly unknown[], member: unknown): number {
  const last = list.length - 1;
  return list[last] === member ? last : list.indexOf(member);
}

function removeAt(list: unknown[], position: number): void {
  if (!(list instanceof RelationArray)) {
    list.splice(position, 1);
    return;
  }
  for (let i = position + 1; i < list.length; i++) {
    if (list[i] === undefined && !(i in list)) delete list[i - 1];
    else list[i - 1] = list[i];
  }
  list.length--;
}

/** The error of a value that no collection of this relationship can have. */
export function notAMember(owner: string, property: RelationshipProperty, value: string): ArgumentError {
  return new ArgumentError(
    `${owner}: "${property.name}" holds objects of class ${property.target.name}, and ${value} is none.`,
  );
}
