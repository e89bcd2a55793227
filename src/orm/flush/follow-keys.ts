import type { Column } from "../../schema/index.ts";
import { comparedTypes } from "../../schema/same-texts.ts";
import { committedValue, type Entity, readRaw, writeRaw } from "../instance/index.ts";
import { type ColumnProperty, type Mapper, mapperOf, type Property } from "../mapping/index.ts";
import type { FlushContext } from "./context.ts";
import { type KeyChange, resolve } from "./decompose/operation.ts";
import { type KeyType, type TupleKey, tupleKey } from "./decompose/tuple.ts";
import type { FollowedKey } from "./edges/key-changes.ts";
import { letsGo, setsNull } from "./edges/referential-action.ts";
import { getOrAdd } from "./get-or-add.ts";
import { madeByUpdate, type StaleValues } from "./made-by-update.ts";
import { agreeWithRow } from "./show-upserted.ts";

/** One followed foreign key as the objects of a class see it. */
interface Move {
  readonly properties: readonly ColumnProperty[];
  /** The other attributes of the foreign key, if all of it becomes NULL where a part of the key has changed. */
  readonly emptied: readonly ColumnProperty[];
  readonly followed: FollowedKey;
  /** What says which keys are equal to the database. */
  readonly types: readonly KeyType[];
  readonly byKey: ReadonlyMap<TupleKey, KeyChange>;
}

/**
 * Shows changed keys to every loaded object that refers to them, at any depth: the database, or a statement of the
 * flush, has changed their rows already.
 * @param stale takes what the database has made anew of rows that follow
 * @param wroteItself tells objects that wrote the foreign key in this flush and have its value
 * @param beforeFlush what the row of an object had in a column that the flush has written; else undefined
 * @returns the objects whose own keys changed with it, which the identity map still knows by their old ones
 */
export function followKeys(
  context: FlushContext,
  followed: Iterable<FollowedKey>,
  wroteItself: (entity: Entity, followed: FollowedKey) => boolean,
  beforeFlush: (entity: Entity, property: ColumnProperty) => unknown,
  stale: StaleValues,
): readonly Entity[] {
  const keys = [...followed];
  if (keys.length === 0) return [];
  const moves = new Map<Mapper, readonly Move[]>();
  const rekeyed: Entity[] = [];
  for (const object of context.identityMap.entities()) {
    const entity = object as Entity; // the identity map holds mapped objects only
    const mapper = mapperOf(entity);
    const own = getOrAdd(moves, mapper, () => movesOf(mapper, keys, context.dialect.name));
    if (own.length === 0) continue;
    // All by what the object had before: one change may end where another begins.
    const written = new Map<ColumnProperty, unknown>();
    const kept = new Set<Property>();
    const before = (property: ColumnProperty): unknown =>
      beforeFlush(entity, property) ?? committedOf(entity, property);
    for (const move of own) if (!wroteItself(entity, move.followed)) follow(move, before, written, kept);
    if (written.size === 0) continue;
    show(context, entity, written, stale);
    const hasLetGo = own.some(({ followed }) => letsGo(followed.foreignKey.onUpdate));
    if (hasLetGo || [...written.values()].includes(null)) agreeWithRow(context, entity);
    if (mapper.primaryKey.some((property) => written.has(property))) rekeyed.push(entity);
  }
  return rekeyed;
}

function movesOf(mapper: Mapper, keys: readonly FollowedKey[], dialectName: string): readonly Move[] {
  const moves: Move[] = [];
  for (const followed of keys) {
    if (!mapper.tables.includes(followed.foreignKey.table)) continue;
    const properties = followed.columns.map((column) => mapper.findColumnProperty(column));
    if (properties.includes(null)) continue;
    const referred = referredBy(followed);
    const types = comparedTypes(referred, dialectName, referred);
    const byKey = new Map(
      followed.changes.map((change) => [
        tupleKey(types, change.before),
        { ...change, after: change.after.map(resolve) },
      ]),
    );
    const { foreignKey, columns } = followed;
    const others = setsNull(foreignKey.onUpdate) ? foreignKey.columns.filter((one) => !columns.includes(one)) : [];
    const emptied = others.flatMap((column) => mapper.findColumnProperty(column) ?? []);
    moves.push({ properties: properties as ColumnProperty[], emptied, followed, types, byKey }); // none is null
  }
  return moves;
}

/** The columns that those of a followed key refer to. */
function referredBy({ foreignKey, columns }: FollowedKey): readonly Column<unknown>[] {
  return columns.map((column) => foreignKey.referredColumns[foreignKey.columns.indexOf(column)] ?? column);
}

/**
 * Notes what an object gets by a change; what a change of more columns has given it stays.
 * @param before what its row had before the flush
 * @param kept attributes that such a change has written anew, perhaps as they were: another row has the key now
 */
function follow(
  { properties, emptied, types, byKey }: Move,
  before: (property: ColumnProperty) => unknown,
  written: Map<ColumnProperty, unknown>,
  kept: Set<Property>,
): void {
  const current = properties.map(before);
  if (properties.some((property, i) => written.has(property) && written.get(property) !== current[i])) return;
  if (current.some((value) => value === undefined || value === null)) return;
  const key = tupleKey(types, current);
  const change = byKey.get(key);
  if (change === undefined) return;
  const { after, anew } = change;
  // What another foreign key shares with this one may stay as it is by both.
  if (properties.some((property, i) => kept.has(property) && after[i] !== current[i])) return;
  const isKept = tupleKey(types, after) === key;
  for (const [i, property] of properties.entries()) {
    written.set(property, after[i]);
    if (isKept || anew?.[i] === true) kept.add(property);
  }
  for (const property of emptied) written.set(property, null);
}

/**
 * What the row had before the flush. The object may show another key: that of the same object, set once more, which in an
 * exchange of keys looks like the one of another row.
 */
function committedOf(entity: Entity, property: ColumnProperty): unknown {
  const before = committedValue(entity, property);
  return before === undefined ? readRaw(entity, property) : before; // it was set without being loaded
}

function show(
  context: FlushContext,
  entity: Entity,
  written: ReadonlyMap<ColumnProperty, unknown>,
  stale: StaleValues,
): void {
  const made = madeByUpdate.ofObject(entity);
  const noted = context.undo.noteAnew();
  for (const [property, value] of written) {
    noted.note(property, readRaw(entity, property));
    writeRaw(entity, property, value);
    if (made.length > 0) for (const { table } of property.columns) stale.forget(entity, made, table, noted);
  }
  context.undo.recordNoted(entity);
}
