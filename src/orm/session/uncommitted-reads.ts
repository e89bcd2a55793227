import type { UndoLog } from "../flush/index.ts";
import type { Entity } from "../instance/index.ts";
import { type Mapper, mapperOf, type Property, type RelationshipProperty } from "../mapping/index.ts";

/**
 * What the transaction has written: nothing; rows of objects, which the undo log knows one by one; or anything, by
 * statements that nobody looked into and by keys that changed.
 */
export type Writes = "nothing" | "objects" | "anything";

/** Something that was loaded when the transaction had written. */
interface Read {
  readonly entity: Entity;
  /** Null: columns. */
  readonly property: RelationshipProperty | null;
  readonly writes: Writes;
  /** How long the undo log was: what it noted before that is older than what was loaded. */
  readonly undoMark: number;
}

/** Attributes that show what was rolled back. */
export interface Stale {
  readonly entity: Entity;
  readonly names: readonly string[];
}

/**
 * What was loaded from a database with uncommitted changes. A rollback undoes the changes, so what was read of them is
 * to be forgotten; what they cannot have touched stays loaded.
 */
export class UncommittedReads {
  readonly #undo: UndoLog;
  readonly #reads: Read[] = [];
  #writes: Writes = "nothing";

  constructor(undo: UndoLog) {
    this.#undo = undo;
  }

  get writes(): Writes {
    return this.#writes;
  }

  /** The transaction writes. */
  noteWrite(writes: Writes): void {
    if (this.#writes !== "anything" && writes !== "nothing") this.#writes = writes;
  }

  /** Something was loaded. */
  readonly note = (entity: Entity, property: RelationshipProperty | null): void => {
    const writes = this.#writes;
    // Columns of objects that were written are known to the undo log, and so are their foreign keys; of those that left,
    // `findSuccessors` finds who took their place.
    if (writes === "objects" && (property === null || property.direction === "manyToOne")) return;
    if (property?.hidden !== true) this.#reads.push({ entity, property, writes, undoMark: this.#undo.mark() });
  };

  /** A point in time, for {@link stale}. */
  mark(): number {
    return this.#reads.length;
  }

  /** What a rollback to these marks makes stale. To be asked before the undo log goes back. */
  stale(mark: number, undoMark: number): readonly Stale[] {
    const reads = this.#reads.splice(mark);
    if (reads.length === 0) return [];
    const noted = this.#undo.firstNotes(undoMark);
    const families = new Set<Mapper>([...noted.keys()].map((entity) => mapperOf(entity).root));
    const stale: Stale[] = [];
    for (const read of reads) {
      const own = noted.get(read.entity);
      // What was noted before it was loaded comes back from the undo log.
      const isRestored = (property: Property) => (own?.get(property) ?? Number.POSITIVE_INFINITY) < read.undoMark;
      const names = touched(read, families)
        .filter((property) => !isRestored(property))
        .map(({ name }) => name);
      if (names.length > 0) stale.push({ entity: read.entity, names });
      // A savepoint was undone; what the transaction wrote before that can be undone, too.
      else this.#reads.push({ ...read, undoMark: Math.min(read.undoMark, undoMark) });
    }
    return stale;
  }

  /** The transaction ended. */
  clear(): void {
    this.#reads.length = 0;
    this.#writes = "nothing";
  }
}

/** What of it the transaction's changes may have touched. */
function touched({ entity, property, writes }: Read, families: ReadonlySet<Mapper>): readonly Property[] {
  if (property === null) return mapperOf(entity).columns;
  return writes === "anything" || families.has(property.target.root) ? [property] : [];
}
