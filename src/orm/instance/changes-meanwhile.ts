import type { Property } from "../mapping/index.ts";
import { noteChange } from "./changes.ts";
import { type Entity, type SessionHooks, Status } from "./entity.ts";
import { writeColumn } from "./links.ts";
import { readRaw } from "./raw.ts";

/** A column or to-one attribute that the program set. */
interface Note {
  readonly entity: Entity;
  readonly property: Property;
  readonly before: unknown;
  readonly value: unknown;
}

/**
 * What the program sets while a flush waits for the database, which writes what objects had before. The flush shows them
 * that in the end, and takes it for all there is: these changes are then made once more, for the next flush to write.
 */
export class ChangesMeanwhile {
  readonly #notes: Note[] = [];

  note(entity: Entity, property: Property, before: unknown, value: unknown): void {
    this.#notes.push({ entity, property, before, value });
  }

  /** @param session the objects that are still in it are changed */
  makeAgain(session: SessionHooks): void {
    for (const { entity, property, before, value } of this.#notes.splice(0)) {
      if (entity.$session !== session || entity.$status !== Status.persistent) continue;
      // Where the flush did not write the attribute, the object has the value; only that it is a change was forgotten.
      if (readRaw(entity, property) === value) noteChange(entity, property, before);
      else if (property.kind === "column") writeColumn(entity, property, value);
    }
  }
}
