import type { RelationshipProperty } from "../mapping/index.ts";
import type { Entity } from "./entity.ts";
import { addUnloaded, checkMember, loadedCollection, removeUnloaded } from "./links.ts";
import { notLoaded } from "./not-loaded.ts";
import type { RelationArray } from "./relation-array.ts";

/** The members of a to-many relationship of an object, loaded or not, whatever the attribute is shown as. */
export class Members {
  readonly owner: Entity;
  readonly property: RelationshipProperty;

  constructor(owner: Entity, property: RelationshipProperty) {
    this.owner = owner;
    this.property = property;
  }

  /** Undefined if they are not loaded. */
  get loaded(): RelationArray | undefined {
    return loadedCollection(this.owner, this.property);
  }

  /** @throws NotLoadedError if they are not loaded */
  get all(): RelationArray {
    const array = this.loaded;
    if (array === undefined) throw notLoaded(this.owner, this.property);
    return array;
  }

  /** Adds an object, also to members that are not loaded. */
  add(member: unknown): void {
    checkMember(this.owner, this.property, member);
    const array = this.loaded;
    if (array === undefined) addUnloaded(this.owner, this.property, member);
    else if (!array.includes(member)) array.push(member);
  }

  /**
   * Removes an object, also from members that are not loaded.
   * @returns true if it was one, as far as that is known
   */
  remove(member: unknown): boolean {
    checkMember(this.owner, this.property, member);
    const array = this.loaded;
    return array === undefined ? removeUnloaded(this.owner, this.property, member) : array.remove(member);
  }

  clear(): void {
    this.all.splice(0);
  }
}
