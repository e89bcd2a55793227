import type { Property } from "../mapping/index.ts";

/**
 * The committed values of the attributes of one object that changed since, in the order in which they did; `undefined`:
 * was not loaded. Few attributes change at once, and every changed object has one of these: it is a list, not a table.
 */
export class ChangeLog {
  /** Attribute, value, attribute, value … */
  readonly #entries: unknown[];

  constructor(property: Property, committed: unknown) {
    this.#entries = [property, committed];
  }

  /** How many attributes changed. */
  get size(): number {
    return this.#entries.length / 2;
  }

  /** The attribute that changed as the first, second … one, for loops over large numbers of objects. */
  propertyAt(position: number): Property {
    return this.#entries[2 * position] as Property; // attributes are at even positions
  }

  /** Its committed value. */
  valueAt(position: number): unknown {
    return this.#entries[2 * position + 1];
  }

  has(property: Property): boolean {
    return this.#find(property) >= 0;
  }

  /** The committed value of an attribute that has `current` now. */
  committed(property: Property, current: unknown): unknown {
    const at = this.#find(property);
    return at < 0 ? current : this.#entries[at + 1];
  }

  /** The committed value; undefined if it was not loaded, or if the attribute did not change. */
  get(property: Property): unknown {
    const at = this.#find(property);
    return at < 0 ? undefined : this.#entries[at + 1];
  }

  set(property: Property, committed: unknown): void {
    const at = this.#find(property);
    if (at < 0) this.#entries.push(property, committed);
    else this.#entries[at + 1] = committed;
  }

  /** Returns true if the attribute had changed. */
  delete(property: Property): boolean {
    const at = this.#find(property);
    if (at >= 0) this.#entries.splice(at, 2);
    return at >= 0;
  }

  /** The attributes, in a list that stays as it is. */
  properties(): Property[] {
    const properties: Property[] = [];
    for (let position = 0; position < this.size; position++) properties.push(this.propertyAt(position));
    return properties;
  }

  /** All of it: attribute, value, attribute, value …, in a list that stays as it is. */
  flat(): unknown[] {
    return this.#entries.slice();
  }

  /** The same without a copy, of a log that nobody writes to any more. */
  release(): readonly unknown[] {
    return this.#entries;
  }

  /** The key that a class of a family declares again is the same attribute as that of its parent: it has its slot. */
  #find(property: Property): number {
    const entries = this.#entries;
    const { slot } = property;
    for (let at = 0; at < entries.length; at += 2) {
      const known = entries[at] as Property; // attributes are at even positions
      if (known === property || (known.slot === slot && slot >= 0)) return at;
    }
    return -1;
  }
}
