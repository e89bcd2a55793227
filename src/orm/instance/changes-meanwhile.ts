import type { Property, RelationshipProperty } from "../mapping/index.ts";
import { noteChange } from "./changes.ts";
import type { CollectionQueue } from "./collection-queue.ts";
import { type Entity, type SessionHooks, Status } from "./entity.ts";
import { changeQueue, writeColumn } from "./links.ts";
import { watchAssigned } from "./mutable-values.ts";
import { readRaw } from "./raw.ts";
import { RelationArray } from "./relation-array.ts";

/** What the program made of a column or to-one attribute. */
interface Change {
  /** What it had when the flush took its value. */
  readonly before: unknown;
  value: unknown;
}

/** What the program made of a loaded collection. */
interface MemberChange {
  /** The members when the flush took them. */
  readonly before: readonly Entity[];
  added: readonly Entity[];
  removed: readonly Entity[];
}

/** What the program did to a collection that is not loaded. */
type QueueChange = (queue: CollectionQueue) => void;

/**
 * What the program sets while a flush waits for the database, which writes what objects had before. The flush shows them
 * that in the end, and takes it for all there is: these changes are then made once more, for the next flush to write.
 */
export class ChangesMeanwhile {
  // Null as long as there are none: mostly so.
  #values: Changes<Property, Change> | null = null;
  #members: Changes<RelationshipProperty, MemberChange> | null = null;
  #queues: Changes<RelationshipProperty, QueueChange[]> | null = null;

  note(entity: Entity, property: Property, before: unknown, value: unknown): void {
    this.#values ??= new Changes();
    this.#values.of(entity, property, () => ({ before, value })).value = value;
  }

  /** A loaded collection is about to change. */
  noteMembers(owner: Entity, property: RelationshipProperty, members: readonly Entity[]): void {
    this.#members ??= new Changes();
    this.#members.of(owner, property, () => ({ before: [...members], added: [], removed: [] }));
  }

  noteQueued(owner: Entity, property: RelationshipProperty, change: QueueChange): void {
    this.#queues ??= new Changes();
    this.#queues.of(owner, property, () => []).push(change);
  }

  /** All statements are executed. What happens to collections from now on is the flush's own doing. */
  end(): void {
    this.#members?.forEach((owner, property, change) => {
      const now = membersOf(owner, property);
      if (now === null) return;
      const [before, after] = [new Set(change.before), new Set(now)];
      change.added = [...after].filter((member) => !before.has(member));
      change.removed = [...before].filter((member) => !after.has(member));
    });
  }

  /**
   * @param session the objects that are still in it are changed
   * @param wasTaken was the stored object one of those of the flush?
   */
  makeAgain(session: SessionHooks, wasTaken: (entity: Entity) => boolean): void {
    const isThere = ({ $session: own, $status: status }: Entity): boolean =>
      own === session && status === Status.persistent;
    this.#values?.forEach((entity, property, { before, value }) => {
      if (!isThere(entity)) return;
      // Where the flush did not write the attribute, the object has the value; only that it is a change was forgotten.
      if (readRaw(entity, property) === value) {
        if (before !== value) noteChange(entity, property, before);
      } else if (property.kind === "column") {
        writeColumn(entity, property, value);
        watchAssigned(entity, property, value);
      }
    });
    this.#members?.forEach((owner, property, change) => {
      if (isThere(owner)) noteMembersAgain(owner, property, change, isThere);
    });
    this.#queues?.forEach((owner, property, changes) => {
      if (!isThere(owner) || !wasTaken(owner) || readRaw(owner, property) !== undefined) return;
      for (const change of changes) changeQueue(owner, property, change);
    });
  }
}

/** The collection has what the program put in; that this is a change was forgotten. */
function noteMembersAgain(
  owner: Entity,
  property: RelationshipProperty,
  { before, added, removed }: MemberChange,
  isThere: (entity: Entity) => boolean,
): void {
  const now = membersOf(owner, property);
  if (now === null) return;
  // Not those of before as they were: the flush may have deleted some, or put others in their place.
  const isNew = new Set(added);
  const stored = new Set([...now, ...removed].filter((member) => !isNew.has(member) && isThere(member)));
  const committed = [...new Set([...before, ...stored])].filter((member) => stored.has(member));
  const isSame = committed.length === now.length && committed.every((member, i) => member === now[i]);
  if (!isSame) noteChange(owner, property, committed);
}

/** The members of a loaded collection, as of the last look; null if it is not loaded. */
function membersOf(owner: Entity, property: RelationshipProperty): readonly Entity[] | null {
  const array = readRaw(owner, property);
  return array instanceof RelationArray ? array.track() : null;
}

/** What is known of attributes of objects, in the order in which it was noted first. */
class Changes<P extends Property, C> {
  readonly #byEntity = new Map<Entity, Map<P, C>>();

  /** What is known of an attribute; what `first` gives if that is nothing yet. */
  of(entity: Entity, property: P, first: () => C): C {
    let own = this.#byEntity.get(entity);
    if (own === undefined) {
      own = new Map();
      this.#byEntity.set(entity, own);
    }
    let known = own.get(property);
    if (known === undefined) {
      known = first();
      own.set(property, known);
    }
    return known;
  }

  forEach(action: (entity: Entity, property: P, change: C) => void): void {
    for (const [entity, own] of this.#byEntity) for (const [property, change] of own) action(entity, property, change);
  }
}
