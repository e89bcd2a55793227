import type { ColumnProperty } from "../mapping/index.ts";
import { hasRow, noteChange } from "./changes.ts";
import type { Entity } from "./entity.ts";
import { isEqual } from "./links.ts";
import { extraOf, readRaw } from "./raw.ts";

// JSON documents, arrays, bytes and dates can be changed in place, which nothing reports. Those that the program got hold
// of are compared with a copy before a flush; what nobody read costs nothing.

/** A value that the program got hold of, and a copy of it as it is in the database. */
export interface WatchedValue {
  readonly value: object;
  readonly copy: object;
}

/** The program reads, or has set, a value that it can change in place: from now on {@link syncValues} finds out. */
export function watchValue(entity: Entity, property: ColumnProperty, value: object): void {
  if (!hasRow(entity)) return; // all of a new object is written anyway
  const extra = extraOf(entity);
  extra.watched ??= new Map();
  if (extra.watched.get(property)?.value === value) return;
  const copy = property.column.sqlType.copy(value);
  if (copy === null) return;
  extra.watched.set(property, { value, copy });
  entity.$session?.onValueRead(entity);
}

/** Finds values that were changed in place and puts them into the log of the object. */
export function syncValues(entity: Entity): void {
  const watched = entity.$extra?.watched;
  if (watched === null || watched === undefined) return;
  for (const [property, { value, copy }] of watched) {
    if (readRaw(entity, property) !== value)
      watched.delete(property); // another value took its place
    else if (entity.$changes?.has(property) !== true && !isEqual(property, value, copy))
      noteChange(entity, property, copy);
  }
}

/** What a changed value is now is what is in the database; the program may go on changing it. */
export function resetValue(entity: Entity, property: ColumnProperty): void {
  entity.$extra?.watched?.delete(property);
  const value = readRaw(entity, property);
  if (typeof value === "object" && value !== null) watchValue(entity, property, value);
}
