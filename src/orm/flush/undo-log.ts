import { type Entity, type IdentityKey, type IdentityMap, Status, takeBackValues } from "../instance/index.ts";
import type { Property } from "../mapping/index.ts";
import { getOrAdd } from "./get-or-add.ts";

/** Objects as they were before a flush touched them, all alike but for their keys: the new ones of a class mostly are. */
interface Before {
  readonly entities: Entity[];
  /** The key of each. */
  readonly keys: (IdentityKey | null)[];
  readonly status: Status;
  readonly session: Entity["$session"];
  readonly values: AttributeValues;
}

/**
 * Committed values of the attributes that a flush changed, as attribute, value, attribute, value …; `undefined`: was not
 * there. There is one of these for each object that is written, with few attributes or none.
 */
export type AttributeValues = readonly unknown[];

export const NO_VALUES: AttributeValues = [];

/** Such values while they are noted of one object after another, in one list: most are the same, and few are kept. */
export class NotedValues {
  readonly #list: unknown[] = [];
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Begins anew, for the next object. */
  clear(): void {
    this.#length = 0;
  }

  /** Notes the value that an attribute had; what was noted first stays. */
  note(property: Property, value: unknown): void {
    const list = this.#list;
    for (let i = 0; i < this.#length; i += 2) if (list[i] === property) return;
    list[this.#length] = property;
    list[this.#length + 1] = value;
    this.#length += 2;
  }

  isSame(values: AttributeValues): boolean {
    if (values.length !== this.#length) return false;
    for (let i = 0; i < this.#length; i++) if (values[i] !== this.#list[i]) return false;
    return true;
  }

  toValues(): AttributeValues {
    return this.#length === 0 ? NO_VALUES : this.#list.slice(0, this.#length);
  }
}

/**
 * What the flushes of a transaction did to objects, in order, so that a rollback can take it back: new objects become
 * transient again and keep the values that their makers gave them, changed ones are as last committed, deleted ones are
 * persistent again, and keys in the identity map are those of before.
 */
export class UndoLog {
  readonly #entries: Before[] = [];
  readonly #deleted: Entity[] = [];
  readonly #noted = new NotedValues();
  /** The last entry is behind a mark, so that others may join it. */
  #isOpen = false;

  /** Notes an object before a flush changes its state or its committed values. */
  record(entity: Entity, values: ReadonlyMap<Property, unknown>): void {
    this.recordValues(entity, values.size === 0 ? NO_VALUES : [...values].flat());
  }

  /** The same, with the values as the log keeps them. */
  recordValues(entity: Entity, values: AttributeValues): void {
    const last = this.#lastLike(entity);
    if (last !== null && isSame(last.values, values)) join(last, entity);
    else this.#begin(entity, values);
  }

  /** A list for the values of the next object, which {@link recordNoted} reads. */
  noteAnew(): NotedValues {
    this.#noted.clear();
    return this.#noted;
  }

  /** The same, with the values that were noted last. They are kept only where the object before had others. */
  recordNoted(entity: Entity): void {
    const last = this.#lastLike(entity);
    if (last !== null && this.#noted.isSame(last.values)) join(last, entity);
    else this.#begin(entity, this.#noted.toValues());
  }

  /** The last entry, if the object may join it but for the values. */
  #lastLike({ $status, $session }: Entity): Before | null {
    const last = this.#isOpen ? this.#entries[this.#entries.length - 1] : undefined;
    return last?.status === $status && last.session === $session ? last : null;
  }

  #begin(entity: Entity, values: AttributeValues): void {
    const { $status: status, $key: key, $session: session } = entity;
    this.#entries.push({ entities: [entity], keys: [key], status, session, values });
    this.#isOpen = true;
  }

  /** Notes that the row of an object was deleted. */
  noteDeleted(entity: Entity): void {
    this.#deleted.push(entity);
  }

  /** A point to come back to: the beginning of a savepoint. */
  mark(): number {
    this.#isOpen = false;
    return this.#entries.length;
  }

  /** When each attribute was noted first since `mark`, as positions in the log. */
  firstNotes(mark: number): ReadonlyMap<Entity, ReadonlyMap<Property, number>> {
    const notes = new Map<Entity, Map<Property, number>>();
    for (let position = mark; position < this.#entries.length; position++) {
      const { entities, values } = this.#entries[position] as Before; // the position is in bounds
      for (const entity of entities) {
        const own = getOrAdd(notes, entity, () => new Map<Property, number>());
        for (let i = 0; i < values.length; i += 2) {
          const property = values[i] as Property; // attributes are at even positions
          if (!own.has(property)) own.set(property, position);
        }
      }
    }
    return notes;
  }

  /** The key that each object had before it was noted first since `mark`; null for new ones. */
  firstKeys(mark: number): ReadonlyMap<Entity, IdentityKey | null> {
    const keys = new Map<Entity, IdentityKey | null>();
    for (let position = mark; position < this.#entries.length; position++) {
      const before = this.#entries[position] as Before; // the position is in bounds
      before.entities.forEach((entity, i) => {
        if (!keys.has(entity)) keys.set(entity, keyAt(before, i));
      });
    }
    return keys;
  }

  /** Takes back everything since `mark` (everything at all without one). */
  rollback(identityMap: IdentityMap, mark = 0): void {
    this.#isOpen = false;
    const undone = this.#entries.splice(mark).reverse();
    const entities = undone.flatMap((before) => before.entities);
    for (const entity of entities) if (entity.$key !== null) identityMap.delete(entity, entity.$key);
    for (const before of undone) {
      before.entities.forEach((entity, i) => {
        restore(entity, before, keyAt(before, i));
      });
    }
    for (const entity of entities)
      if (entity.$key !== null && entity.$session !== null) identityMap.add(entity, entity.$key);
  }

  /** Forgets everything: the transaction was committed. */
  clear(): void {
    this.#isOpen = false;
    this.#entries.length = 0;
    this.#deleted.length = 0;
  }

  /** Every object that the transaction wrote, some of them several times. */
  get entities(): readonly Entity[] {
    return this.#entries.flatMap(({ entities }) => entities);
  }

  /** Objects whose rows were deleted; a savepoint may have brought some of them back. */
  get deleted(): readonly Entity[] {
    return this.#deleted;
  }
}

function isSame(a: AttributeValues, b: AttributeValues): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function join({ entities, keys }: Before, entity: Entity): void {
  entities.push(entity);
  keys.push(entity.$key);
}

/** The key that one of the objects had. */
function keyAt({ keys }: Before, position: number): IdentityKey | null {
  return keys[position] as IdentityKey | null; // there is one for each object
}

function restore(entity: Entity, { status, session, values }: Before, key: IdentityKey | null): void {
  // What was new before the flush is not stored any more, and belongs to no session until it is added again.
  const wasNew = status === Status.pending;
  entity.$status = wasNew ? Status.transient : status;
  entity.$session = wasNew ? null : session;
  entity.$key = key;
  if (values.length > 0) takeBackValues(entity, values);
}
