import type { Entity } from "./entity.ts";

/**
 * What joined and left a collection that is not loaded. Loading applies it to what the database has; a flush writes it
 * without loading. What joins and leaves again leaves no trace.
 */
export class CollectionQueue {
  readonly #added = new Set<Entity>();
  readonly #removed = new Set<Entity>();

  get added(): ReadonlySet<Entity> {
    return this.#added;
  }

  get removed(): ReadonlySet<Entity> {
    return this.#removed;
  }

  get isEmpty(): boolean {
    return this.#added.size === 0 && this.#removed.size === 0;
  }

  add(member: Entity): void {
    if (!this.#removed.delete(member)) this.#added.add(member);
  }

  remove(member: Entity): void {
    if (!this.#added.delete(member)) this.#removed.add(member);
  }
}
