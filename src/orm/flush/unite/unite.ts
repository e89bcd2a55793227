import { DuplicateIdentityError } from "../../../errors/index.ts";
import type { Column } from "../../../schema/index.ts";
import { describe, type Entity, type IdentityMap, readRaw, Status } from "../../instance/index.ts";
import { conflictColumns, type Mapper, mapperOf, type Property } from "../../mapping/index.ts";
import { toOne, toOneOver } from "../decompose/to-one.ts";
import { getOrAdd } from "../get-or-add.ts";
import { NOBODY_UNITED, United } from "./united.ts";

/**
 * Finds the new objects of classes with `onConflict` that stand for one row, because they agree on its target: with each
 * other, or with a stored object of the session. A part of the target may be the key of another object, also one that is
 * not known yet. Of equal objects the stored one survives, else the one that was added first.
 * @param leaving objects whose rows are deleted in this flush
 * @throws DuplicateIdentityError for objects of different classes of which none is both
 */
export function unite(inserts: readonly Entity[], leaving: ReadonlySet<Entity>, identityMap: IdentityMap): United {
  const upserted = inserts.filter((entity) => mapperOf(entity).onConflict !== null);
  return upserted.length === 0 ? NOBODY_UNITED : new Uniter(leaving, identityMap).run(upserted);
}

class Uniter {
  readonly #leaving: ReadonlySet<Entity>;
  readonly #identityMap: IdentityMap;
  /** For each object that is equal to another one the one that was met first, which stands for both. */
  readonly #standsFor = new Map<Entity, Entity>();
  /** The objects by the columns of the target and its values. */
  readonly #known = new Map<string, Map<string, Entity>>();
  /** Numbers for objects whose keys are not known. */
  readonly #numbers = new Map<Entity, number>();

  constructor(leaving: ReadonlySet<Entity>, identityMap: IdentityMap) {
    this.#leaving = leaving;
    this.#identityMap = identityMap;
  }

  run(upserted: readonly Entity[]): United {
    const waiting = new Set(upserted);
    while (waiting.size > 0) {
      const held = this.#heldBack(waiting);
      const free = [...waiting].filter(
        (entity) => !held.has(mapperOf(entity).root) && !this.#waitsFor(entity, waiting),
      );
      // Targets that depend on one another in a circle are as known as they will ever be.
      for (const entity of free.length > 0 ? free : [...waiting]) {
        this.#settle(entity);
        waiting.delete(entity);
      }
    }
    return this.#standsFor.size === 0 ? NOBODY_UNITED : this.#choose(upserted);
  }

  /** The stored one of equal objects survives, else the first that was added; the others join it in that order. */
  #choose(upserted: readonly Entity[]): United {
    const survivorOf = new Map<Entity, Entity>();
    for (const first of this.#standsFor.values()) if (first.$key !== null) survivorOf.set(first, first);
    const survivors = new Map<Entity, Entity>();
    const values = new Map<Entity, Map<Property, unknown>>();
    for (const entity of upserted) {
      const survivor = getOrAdd(survivorOf, this.#standsFor.get(entity) ?? entity, () => entity);
      if (survivor === entity) continue;
      survivors.set(entity, survivor);
      join(entity, survivor, values);
    }
    return new United(survivors, values);
  }

  /** Families of which a stored object has got an owner that has not found its survivor yet: its own target is not known. */
  #heldBack(waiting: ReadonlySet<Entity>): ReadonlySet<Mapper> {
    const held = new Set<Mapper>();
    for (const mapper of new Set([...waiting].map((entity) => mapperOf(entity)))) {
      const columns = targetColumns(mapper).filter((column) => toOneOver(mapper, column).length > 0);
      if (columns.length === 0) continue;
      for (const entity of this.#identityMap.of(mapper.root).values())
        if (!this.#leaving.has(entity) && this.#waitsFor(entity, waiting, columns)) held.add(mapper.root);
    }
    return held;
  }

  /** Is a part of the target the key of an object that has not found its survivor yet? */
  #waitsFor(entity: Entity, waiting: ReadonlySet<Entity>, columns = targetColumns(mapperOf(entity))): boolean {
    return columns.some((column) => {
      const parent = referred(entity, column)?.parent;
      return parent !== undefined && parent !== entity && waiting.has(parent);
    });
  }

  #settle(entity: Entity): void {
    const mapper = mapperOf(entity);
    const columns = targetColumns(mapper);
    const tuple = this.#tupleOf(entity, columns);
    if (tuple === null) return;
    const known = this.#of(mapper, columns);
    const first = known.get(tuple);
    if (first === undefined) known.set(tuple, entity);
    else this.#standsFor.set(entity, first);
  }

  /** The objects of a family by their values in `columns`; to begin with, the stored ones. */
  #of(mapper: Mapper, columns: readonly Column<unknown>[]): Map<string, Entity> {
    const scope = `${mapper.root.table.fullName}/${columns.map(({ index }) => index).join()}`;
    return getOrAdd(this.#known, scope, () => {
      const stored = new Map<string, Entity>();
      for (const entity of this.#identityMap.of(mapper.root).values()) {
        if (this.#leaving.has(entity)) continue;
        const tuple = this.#tupleOf(entity, columns);
        if (tuple !== null) stored.set(tuple, entity);
      }
      return stored;
    });
  }

  /** The values of the target as one text; null if one of them is missing: then there is nothing to be equal to. */
  #tupleOf(entity: Entity, columns: readonly Column<unknown>[]): string | null {
    let tuple = "";
    for (const column of columns) {
      const part = this.#part(entity, column, new Set());
      if (part === null) return null;
      tuple += `${part.length}:${part}`;
    }
    return tuple;
  }

  #part(entity: Entity, column: Column<unknown>, path: Set<Entity>): string | null {
    path.add(entity);
    const from = referred(entity, column);
    if (from !== null) {
      const parent = this.#standsFor.get(from.parent) ?? from.parent;
      if (!path.has(parent)) return this.#part(parent, from.remote, path);
    }
    const value = ownValue(entity, column);
    if (value !== null && value !== undefined) return `=${column.sqlType.keyOf(value)}`;
    // The key of another object, which the flush will make, is the same for all that refer to it.
    return path.size > 1 && entity.$status === Status.pending ? `@${this.#numberOf(entity)}.${column.index}` : null;
  }

  #numberOf(entity: Entity): number {
    return getOrAdd(this.#numbers, entity, () => this.#numbers.size);
  }
}

function join(entity: Entity, survivor: Entity, values: Map<Entity, Map<Property, unknown>>): void {
  const mapper = mapperOf(entity);
  if (!mapperOf(survivor).isA(mapper)) {
    throw new DuplicateIdentityError(
      `${describe(entity)} (${mapper.name}) and ${describe(survivor)} (${mapperOf(survivor).name}) stand for the same row ` +
        `by onConflict, but the second one is no ${mapper.name}. Use one object, of the class that is meant.`,
    );
  }
  const isUpdate = mapper.onConflict?.do === "update";
  if (!isUpdate && survivor.$status === Status.persistent) return; // its row stays as it is
  takeOver(
    entity,
    survivor,
    isUpdate,
    getOrAdd(values, survivor, () => new Map()),
  );
}

/**
 * Notes what the survivor has of the other object: what that one has set, as far as the survivor has not (`nothing`), or
 * in any case (`update`: the last one wins). The primary key and the version are the survivor's own.
 */
function takeOver(entity: Entity, survivor: Entity, wins: boolean, values: Map<Property, unknown>): void {
  const mapper = mapperOf(entity);
  const own = mapperOf(survivor);
  const read = (of: Entity, property: Property): unknown =>
    of === survivor && values.has(property) ? values.get(property) : readRaw(of, property);
  const target = targetColumns(mapper);
  const done = new Set<Property>();
  const take = (properties: readonly Property[]): void => {
    for (const property of properties) done.add(property);
    if (properties.every((property) => read(entity, property) === undefined)) return;
    // Relationships are shared with subclasses, columns may be declared again.
    const mine = properties.map((property) =>
      property.kind === "relationship" ? property : (own.findProperty(property.name) ?? property),
    );
    if (!wins && mine.some((property) => read(survivor, property) !== undefined)) return;
    for (const [i, property] of mine.entries()) values.set(property, read(entity, properties[i] as Property)); // as many
  };
  // A relationship and its foreign key columns are one value.
  for (const property of toOne(mapper)) {
    const columns = property.pairs.flatMap(({ local }) => mapper.findColumnProperty(local) ?? []);
    if (columns.some((column) => column.columns.some((one) => one.primaryKey || target.includes(one)))) {
      for (const column of columns) done.add(column);
    } else take([property, ...columns]);
  }
  for (const property of mapper.columns) {
    if (done.has(property) || property === mapper.versionId || property.column.computed !== null) continue;
    if (property.columns.some((column) => target.includes(column))) continue;
    if (property.column.primaryKey && own.primaryKey.some((part) => read(survivor, part) !== undefined)) continue;
    take([property]);
  }
}

function targetColumns({ onConflict }: Mapper): readonly Column<unknown>[] {
  return onConflict === null ? [] : conflictColumns(onConflict);
}

/** The object whose key a column holds, if a relationship says so, and the column of that key. */
function referred(
  entity: Entity,
  column: Column<unknown>,
): { readonly parent: Entity; readonly remote: Column<unknown> } | null {
  for (const property of toOneOver(mapperOf(entity), column)) {
    const parent = readRaw(entity, property) as Entity | null | undefined; // a to-one slot holds an object
    const pair = property.pairs.find(({ local }) => local === column);
    if (parent !== null && parent !== undefined && pair !== undefined) return { parent, remote: pair.remote };
  }
  return null;
}

/** The value of a column as the flush will write it, if it is known before. */
function ownValue(entity: Entity, column: Column<unknown>): unknown {
  const mapper = mapperOf(entity);
  const property = mapper.findColumnProperty(column);
  if (property === null) return undefined;
  const value = readRaw(entity, property);
  if (value !== undefined || entity.$status !== Status.pending) return value;
  if (mapper.polymorphic?.on === property) return mapper.polymorphic.identity;
  return column.default?.kind === "value" ? column.default.value : undefined;
}
