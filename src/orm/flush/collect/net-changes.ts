import type { Entity } from "../../instance/index.ts";
import type { RelationshipProperty } from "../../mapping/index.ts";
import type { United } from "../unite/united.ts";
import type { Orphan } from "./orphans.ts";

/** A row of an association table that comes or goes. */
export interface LinkChange {
  readonly property: RelationshipProperty;
  readonly owner: Entity;
  /** Null: every row of the owner goes, whatever it points to. */
  readonly target: Entity | null;
  readonly kind: "add" | "remove";
  /** It was added, and neither of the two collections is loaded: the row may be there already. */
  readonly mayBeStored: boolean;
}

/** What a flush has to make true: the result of cascades, orphan rules and net changes, in terms of objects. */
export interface NetChanges {
  readonly inserts: readonly Entity[];
  /** Those of them whose classes have `onConflict`. */
  readonly upserts: readonly Entity[];
  readonly updates: readonly Entity[];
  readonly deletes: readonly Entity[];
  /** New objects that their deleted owner takes along: they are never inserted. */
  readonly discarded: readonly Entity[];
  /** Both of them. */
  readonly gone: ReadonlySet<Entity>;
  /** To-one relationships that lose their target because it is deleted: their foreign keys become NULL. */
  readonly unlinked: ReadonlyMap<Entity, ReadonlySet<RelationshipProperty>>;
  readonly links: readonly LinkChange[];
  /** Objects that are deleted because nobody owns them any more. */
  readonly orphans: readonly Orphan[];
  /** New objects that become one with another; they are not among `inserts`. */
  readonly united: United;
}
