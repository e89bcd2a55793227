import type { Property } from "../mapping/index.ts";
import { noteChange } from "./changes.ts";
import { type Entity, type SessionHooks, Status } from "./entity.ts";
import { writeColumn } from "./links.ts";
import { readRaw } from "./raw.ts";

/** What the program made of a column or to-one attribute. */
interface Change {
  /** What it had when the flush took its value. */
  readonly before: unknown;
  value: unknown;
}

/**
 * What the program sets while a flush waits for the database, which writes what objects had before. The flush shows them
 * that in the end, and takes it for all there is: these changes are then made once more, for the next flush to write.
 */
export class ChangesMeanwhile {
  /** Null as long as there are none: mostly so. */
  #changes: Map<Entity, Map<Property, Change>> | null = null;

  note(entity: Entity, property: Property, before: unknown, value: unknown): void {
    this.#changes ??= new Map();
    let own = this.#changes.get(entity);
    if (own === undefined) {
      own = new Map();
      this.#changes.set(entity, own);
    }
    const known = own.get(property);
    if (known === undefined) own.set(property, { before, value });
    else known.value = value;
  }

  /** @param session the objects that are still in it are changed */
  makeAgain(session: SessionHooks): void {
    for (const [entity, changes] of this.#changes ?? []) {
      if (entity.$session !== session || entity.$status !== Status.persistent) continue;
      for (const [property, { before, value }] of changes) {
        // Where the flush did not write the attribute, the object has the value; only that it is a change was forgotten.
        if (readRaw(entity, property) === value) {
          if (before !== value) noteChange(entity, property, before);
        } else if (property.kind === "column") writeColumn(entity, property, value);
      }
    }
    this.#changes = null;
  }
}
