import { type Entity, type IdentityKey, type IdentityMap, Status, takeBackValues } from "../instance/index.ts";
import type { Property } from "../mapping/index.ts";
import { getOrAdd } from "./get-or-add.ts";

/** As what the objects of a part of the log were noted: mostly it is all of it. */
interface Run {
  /** The position of the first of them. */
  readonly start: number;
  readonly status: Status;
  readonly session: Entity["$session"];
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
  // By position: the objects, with the keys that they had, and the values. Large flushes note each of their objects.
  readonly #entities: Entity[] = [];
  readonly #keys: (IdentityKey | null)[] = [];
  readonly #values: AttributeValues[] = [];
  readonly #runs: Run[] = [];
  readonly #deleted: Entity[] = [];
  readonly #noted = new NotedValues();

  /** Notes an object before a flush changes its state or its committed values. */
  record(entity: Entity, values: ReadonlyMap<Property, unknown>): void {
    this.recordValues(entity, values.size === 0 ? NO_VALUES : [...values].flat());
  }

  /** The same, with the values as the log keeps them. */
  recordValues(entity: Entity, values: AttributeValues): void {
    const { $status: status, $session: session } = entity;
    const last = this.#runs[this.#runs.length - 1];
    if (last === undefined || last.status !== status || last.session !== session)
      this.#runs.push({ start: this.#entities.length, status, session });
    this.#entities.push(entity);
    this.#keys.push(entity.$key);
    this.#values.push(values);
  }

  /** A list for the values of the next object, which {@link recordNoted} reads. */
  noteAnew(): NotedValues {
    this.#noted.clear();
    return this.#noted;
  }

  /** The same, with the values that were noted last. Those of the object before are shared: new ones mostly have the same. */
  recordNoted(entity: Entity): void {
    const last = this.#values[this.#values.length - 1];
    this.recordValues(entity, last !== undefined && this.#noted.isSame(last) ? last : this.#noted.toValues());
  }

  /** Notes that the row of an object was deleted. */
  noteDeleted(entity: Entity): void {
    this.#deleted.push(entity);
  }

  /** A point to come back to: the beginning of a savepoint. */
  mark(): number {
    return this.#entities.length;
  }

  /** When each attribute was noted first since `mark`, as positions in the log. */
  firstNotes(mark: number): ReadonlyMap<Entity, ReadonlyMap<Property, number>> {
    const notes = new Map<Entity, Map<Property, number>>();
    for (let position = mark; position < this.#entities.length; position++) {
      const own = getOrAdd(notes, this.#entityAt(position), () => new Map<Property, number>());
      const values = this.#values[position] as AttributeValues; // the position is in bounds
      for (let i = 0; i < values.length; i += 2) {
        const property = values[i] as Property; // attributes are at even positions
        if (!own.has(property)) own.set(property, position);
      }
    }
    return notes;
  }

  /** The key that each object had before it was noted first since `mark`; null for new ones. */
  firstKeys(mark: number): ReadonlyMap<Entity, IdentityKey | null> {
    const keys = new Map<Entity, IdentityKey | null>();
    for (let position = mark; position < this.#entities.length; position++) {
      const entity = this.#entityAt(position);
      if (!keys.has(entity)) keys.set(entity, this.#keyAt(position));
    }
    return keys;
  }

  /** Takes back everything since `mark` (everything at all without one). */
  rollback(identityMap: IdentityMap, mark = 0): void {
    const end = this.#entities.length;
    const entities = this.#entities.slice(mark);
    for (const entity of entities) if (entity.$key !== null) identityMap.delete(entity, entity.$key);
    let run = this.#runs.length - 1;
    for (let position = end - 1; position >= mark; position--) {
      while ((this.#runs[run] as Run).start > position) run--; // the first run begins the log
      restore(
        this.#entityAt(position),
        this.#runs[run] as Run, // as above
        this.#keyAt(position),
        this.#values[position] as AttributeValues, // the position is in bounds
      );
    }
    this.#cut(mark);
    for (const entity of entities)
      if (entity.$key !== null && entity.$session !== null) identityMap.add(entity, entity.$key);
  }

  /** Forgets everything: the transaction was committed. */
  clear(): void {
    this.#cut(0);
    this.#deleted.length = 0;
  }

  #cut(length: number): void {
    this.#entities.length = length;
    this.#keys.length = length;
    this.#values.length = length;
    while ((this.#runs.at(-1)?.start ?? -1) >= length) this.#runs.pop();
  }

  /** Every object that the transaction wrote, some of them several times. */
  get entities(): readonly Entity[] {
    return this.#entities;
  }

  /** Objects whose rows were deleted; a savepoint may have brought some of them back. */
  get deleted(): readonly Entity[] {
    return this.#deleted;
  }

  #entityAt(position: number): Entity {
    return this.#entities[position] as Entity; // the position is in bounds
  }

  #keyAt(position: number): IdentityKey | null {
    return this.#keys[position] as IdentityKey | null; // as above
  }
}

function restore(entity: Entity, { status, session }: Run, key: IdentityKey | null, values: AttributeValues): void {
  // What was new before the flush is not stored any more, and belongs to no session until it is added again.
  const wasNew = status === Status.pending;
  entity.$status = wasNew ? Status.transient : status;
  entity.$session = wasNew ? null : session;
  entity.$key = key;
  if (values.length > 0) takeBackValues(entity, values);
}
