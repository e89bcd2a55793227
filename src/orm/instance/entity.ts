import type { ColumnProperty, Mapper, RelationshipProperty } from "../mapping/index.ts";
import type { ChangeLog } from "./change-log.ts";
import type { ChangesMeanwhile } from "./changes-meanwhile.ts";
import type { CollectionQueue } from "./collection-queue.ts";
import type { IdentityKey } from "./identity.ts";
import type { WatchedValue } from "./mutable-values.ts";
import type { RelationArray } from "./relation-array.ts";

/** Where an object is in its life: numbers that grow with how far it got. */
export const Status = {
  /** Made by the program, unknown to any session. */
  transient: 0,
  /** Added to a session; the next flush inserts its row. */
  pending: 1,
  /** Stands for a row of the database, in a session. */
  persistent: 2,
  /** Its row was deleted in the transaction that is still open. */
  deleted: 3,
  /** Stands for a row, outside of any session. */
  detached: 4,
  /** Its row was deleted, once and for all: it is in no session, and does not come back to one. */
  gone: 5,
} as const;
export type Status = (typeof Status)[keyof typeof Status];

/**
 * What an object of a mapped class carries besides its values. It is part of the object itself: one allocation and one
 * hidden class per mapped class.
 */
export interface Entity {
  /** The session that the object belongs to, as far as the object calls it. */
  $session: SessionHooks | null;
  $status: Status;
  /** The primary key that the row has in the database; null until it has one. */
  $key: IdentityKey | null;
  /**
   * The committed value of each attribute that changed since, null if none did; `undefined` as a value: was not loaded.
   * Collections have the committed members. Objects that have no row yet keep no log: all of them is new.
   */
  $changes: ChangeLog | null;
  /** What few objects need. */
  $extra: Extra | null;
  /** The objects that came from the same query. */
  $group: LoadGroup | null;
  /** Where a list that a flush makes has the object; the list itself tells whether it does. */
  $position: number;
}

/** What few objects need. */
export interface Extra {
  /** The values of hidden relationships: property, object, property, object … */
  hidden: (RelationshipProperty | Entity | null)[] | null;
  /** What joined and left the collections that are not loaded. */
  queues: Map<RelationshipProperty, CollectionQueue> | null;
  /** The values that the program can change in place. */
  watched: Map<ColumnProperty, WatchedValue> | null;
  /** What many-to-one relationships referred to before they expired: it may have the object in a loaded collection. */
  expired: Map<RelationshipProperty, Entity> | null;
}

/** The objects that one query brought, which load what they miss together. */
export interface LoadGroup {
  readonly entities: readonly Entity[];
}

/** What objects ask of, and tell, the session that they belong to. All of it is called synchronously. */
export interface SessionHooks {
  /** The database, whose collations say which texts are equal. */
  readonly dialectName: string;
  /** While a flush waits for the database: takes what is set. */
  readonly meanwhile: ChangesMeanwhile | null;
  /** The object has changes, and had none before. */
  onModified(entity: Entity): void;
  /** `child` joined `owner` through the relationship: the cascade of `property` may reach it. Called for both sides. */
  onAttached(owner: Entity, property: RelationshipProperty, child: Entity): void;
  /** `child` left `owner`. Called for both sides. */
  onDetached(owner: Entity, property: RelationshipProperty, child: Entity): void;
  /** A part of the primary key changed. */
  onKeyChanged(entity: Entity): void;
  /**
   * The program got hold of a collection, so it can now write to an index or to `length`, which nothing reports: from
   * now on {@link RelationArray.sync} finds out. Called at each read of the attribute; the program may keep the array,
   * so a session forgets it no sooner than its owner.
   */
  onCollectionRead(array: RelationArray<Entity>): void;
  /** The program got hold of a value that it can change in place: `syncValues` finds out. Called once for each value. */
  onValueRead(entity: Entity): void;
  /** The object with this key, if the session has it. Never loads. */
  find(mapper: Mapper, key: IdentityKey): object | undefined;
}
