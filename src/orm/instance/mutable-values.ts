import { SqlType } from "../../expression/index.ts";
import type { ColumnProperty } from "../mapping/index.ts";
import { hasRow, noteChange } from "./changes.ts";
import type { Entity } from "./entity.ts";
import { isEqual } from "./links.ts";
import { extraOf, readRaw } from "./raw.ts";

// JSON documents, arrays, bytes and dates can be changed in place, which nothing reports. Those that the program got hold
// of are compared with a copy before a flush; what nobody read costs nothing.

/** A value that the program got hold of, or has set. */
export interface WatchedValue {
  readonly value: object;
  /** A copy of it as it is in the database; null: all of it is yet to be written. */
  copy: object | null;
  /** A copy of it as it was when the flush that is under way took it. */
  taken: object | null;
}

/** Values of the column can be changed in place, which only a look at them tells. */
export function holdsObjects({ column: { sqlType } }: ColumnProperty): boolean {
  return sqlType.copy !== SqlType.prototype.copy;
}

/** The program reads, or has set, a value that it can change in place: from now on {@link syncValues} finds out. */
export function watchValue(entity: Entity, property: ColumnProperty, value: object): void {
  const { $session: session } = entity;
  const isWritten = !isUnwritten(entity, property);
  const known = entity.$extra?.watched?.get(property);
  if (known?.value === value && (known.copy !== null || !isWritten)) return;
  const { sqlType } = property.column;
  const copy = isWritten ? sqlType.copy(value) : null;
  if (isWritten && copy === null) return;
  const extra = extraOf(entity);
  extra.watched ??= new Map();
  const taken = isWritten || (session?.meanwhile ?? null) === null ? null : sqlType.copy(value);
  extra.watched.set(property, { value, copy, taken });
  session?.onValueRead(entity);
}

/** The same for what the program has set on a stored object: it may keep the value. */
export function watchAssigned(entity: Entity, property: ColumnProperty, value: unknown): void {
  if (typeof value === "object" && value !== null && hasRow(entity) && holdsObjects(property))
    watchValue(entity, property, value);
}

/** Will the next flush write all of the value, whatever it is? */
function isUnwritten(entity: Entity, property: ColumnProperty): boolean {
  return !hasRow(entity) || entity.$changes?.has(property) === true;
}

/** Finds values that were changed in place and puts them into the log of the object. */
export function syncValues(entity: Entity): void {
  const watched = entity.$extra?.watched;
  if (watched === null || watched === undefined) return;
  for (const [property, { value, copy }] of watched) {
    if (readRaw(entity, property) !== value)
      watched.delete(property); // another value took its place
    else if (copy !== null && !isUnwritten(entity, property) && !isEqual(property, value, copy)) {
      entity.$session?.meanwhile?.note(entity, property, copy, value);
      noteChange(entity, property, copy);
    }
  }
}

/** A flush takes the values of the object: what the program makes of them in place from now on is for the next one. */
export function takeValues(entity: Entity): void {
  for (const [property, watched] of entity.$extra?.watched ?? NOTHING)
    watched.taken = isUnwritten(entity, property) ? property.column.sqlType.copy(watched.value) : null;
}

const NOTHING: ReadonlyMap<ColumnProperty, WatchedValue> = new Map();

/** What a changed value was when it was taken is what is in the database; the program may go on changing it. */
export function resetValue(entity: Entity, property: ColumnProperty): void {
  const watched = entity.$extra?.watched;
  const value = readRaw(entity, property);
  const known = watched?.get(property);
  if (known !== undefined && known.taken !== null && known.value === value) {
    settle(known);
    return;
  }
  watched?.delete(property);
  if (typeof value === "object" && value !== null) watchValue(entity, property, value);
}

/** The same for all values of a new object, whose row was inserted. */
export function resetValues(entity: Entity): void {
  entity.$extra?.watched?.forEach(settle);
}

function settle(watched: WatchedValue): void {
  watched.copy = watched.taken ?? watched.copy;
  watched.taken = null;
}
