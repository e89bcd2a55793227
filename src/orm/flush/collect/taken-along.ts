import type { Steps } from "../../../engine/maybe-promise.ts";
import type { Column, ForeignKeyConstraint } from "../../../schema/index.ts";
import { changesKey, committedValue, type Entity, readRaw } from "../../instance/index.ts";
import { currentKeyOf, currentTarget } from "../../instance/references.ts";
import { type ColumnProperty, type Mapper, mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { loadRelationship } from "../../query/index.ts";
import type { FlushContext } from "../context.ts";
import { toOne } from "../decompose/to-one.ts";
import { type TupleKey, tupleKey } from "../decompose/tuple.ts";
import { takesAlong } from "../edges/referential-action.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { DeleteCascade } from "./delete-cascade.ts";
import { loadCommittedValues } from "./load-committed.ts";
import type { TakenOver } from "./taken-over.ts";

/**
 * Stored objects whose rows go by ON DELETE, which nothing in the session says (`passiveDeletes`), where another object is to
 * have their primary key. They are deleted like any other: the key is free then, and the session knows them to be gone.
 */
export class TakenAlong {
  readonly #context: FlushContext;
  readonly #cascade: DeleteCascade;
  readonly #takenOver: TakenOver;
  /** Deleted objects by what foreign keys refer to that no relationship has. */
  readonly #deletedByKey = new Map<ForeignKeyConstraint, ReadonlyMap<TupleKey, Entity>>();
  readonly #foreignKeys = new Map<Mapper, readonly ForeignKeyConstraint[]>();

  constructor(context: FlushContext, cascade: DeleteCascade, takenOver: TakenOver) {
    this.#context = context;
    this.#cascade = cascade;
    this.#takenOver = takenOver;
  }

  /** Those that are not among the deleted objects yet, and what they go with. */
  *find(): Steps<readonly Entity[]> {
    const inTheWay = this.#cascade.deletes.size === 0 ? NOBODY : this.#inTheWay();
    if (inTheWay.length === 0) return NOBODY;
    yield loadCommittedValues(this.#context, [inTheWay]);
    this.#deletedByKey.clear();
    const gone = new Set<Entity>();
    const referring = new Map<Entity, Entity[]>();
    const seen = new Set(inTheWay);
    for (let level = inTheWay; level.length > 0; ) {
      yield* this.#loadReferences(level);
      const next: Entity[] = [];
      for (const entity of level) {
        for (const target of this.#goesWith(entity)) {
          if (this.#cascade.deletes.has(target)) gone.add(entity);
          else getOrAdd(referring, target, () => []).push(entity);
          if (gone.has(entity) || seen.has(target)) continue;
          seen.add(target);
          next.push(target);
        }
      }
      level = next;
    }
    // The set grows while it is read.
    for (const target of gone) for (const entity of referring.get(target) ?? NOBODY) gone.add(entity);
    return [...gone];
  }

  /** The stored objects whose keys others are to have, as far as ON DELETE could take them along. */
  #inTheWay(): readonly Entity[] {
    const { identityMap, pending, dirty } = this.#context;
    const found: Entity[] = [];
    const look = (entity: Entity): void => {
      const mapper = mapperOf(entity);
      if (this.#foreignKeysOf(mapper).length === 0 || (entity.$key !== null && !changesKey(entity))) return;
      const key = currentKeyOf(entity, mapper);
      const stored = key === null || key === entity.$key ? undefined : identityMap.get(mapper, key);
      if (stored !== undefined && !this.#cascade.deletes.has(stored)) found.push(stored);
    };
    pending.forEach(look);
    dirty.forEach(look);
    return found;
  }

  /** The foreign keys by which a row may go with another one. */
  #foreignKeysOf({ root }: Mapper): readonly ForeignKeyConstraint[] {
    return getOrAdd(this.#foreignKeys, root, () => {
      const { dialect, foreignKeysEnforced } = this.#context;
      if (!foreignKeysEnforced) return [];
      return root.table.foreignKeys.filter(
        (foreignKey) => takesAlong(foreignKey.onDelete) && dialect.enforcesForeignKey(foreignKey),
      );
    });
  }

  /** Loads what rows refer to, as far as they may go with it and it is not there. */
  *#loadReferences(entities: readonly Entity[]): Steps<void> {
    const unknown = new Map<RelationshipProperty, Entity[]>();
    for (const entity of entities) {
      for (const foreignKey of this.#foreignKeysOf(mapperOf(entity))) {
        const property = referenceBy(entity, foreignKey);
        if (property !== null && !this.#isUnlinked(entity, property) && currentTarget(entity, property) === undefined)
          getOrAdd(unknown, property, () => []).push(entity);
      }
    }
    for (const [property, all] of unknown) yield loadRelationship(this.#context.loader, property, all);
  }

  /** What the row refers to and goes with, if that goes. */
  *#goesWith(entity: Entity): Iterable<Entity> {
    for (const foreignKey of this.#foreignKeysOf(mapperOf(entity))) {
      const property = referenceBy(entity, foreignKey);
      if (property !== null && this.#isUnlinked(entity, property)) continue;
      const target = property === null ? this.#deletedTarget(entity, foreignKey) : currentTarget(entity, property);
      if (target && target.$key !== null && !this.#takenOver.has(target, foreignKey.referredTable)) yield target;
    }
  }

  #isUnlinked(entity: Entity, property: RelationshipProperty): boolean {
    return this.#cascade.unlinked.get(entity)?.has(property) === true;
  }

  /** The deleted object to which the row refers by a foreign key that no relationship has. */
  #deletedTarget(entity: Entity, foreignKey: ForeignKeyConstraint): Entity | undefined {
    const { columns, referredColumns } = foreignKey;
    const mapper = mapperOf(entity);
    const key = keyOf(referredColumns, columns, (column) => heldBy(entity, mapper.findColumnProperty(column), readRaw));
    return key === null ? undefined : this.#deletedBy(foreignKey).get(key);
  }

  #deletedBy(foreignKey: ForeignKeyConstraint): ReadonlyMap<TupleKey, Entity> {
    return getOrAdd(this.#deletedByKey, foreignKey, () => {
      const { referredTable, referredColumns } = foreignKey;
      const found = new Map<TupleKey, Entity>();
      for (const target of this.#cascade.deletes) {
        const mapper = mapperOf(target);
        if (!mapper.tables.includes(referredTable)) continue;
        const read = (column: Column<unknown>): unknown =>
          heldBy(target, mapper.findColumnProperty(column), committedValue);
        const key = keyOf(referredColumns, referredColumns, read);
        if (key !== null) found.set(key, target);
      }
      return found;
    });
  }
}

function referenceBy(entity: Entity, foreignKey: ForeignKeyConstraint): RelationshipProperty | null {
  return toOne(mapperOf(entity)).find((one) => one.foreignKey === foreignKey) ?? null;
}

function heldBy(entity: Entity, property: ColumnProperty | null, read: typeof readRaw): unknown {
  return property === null ? null : read(entity, property);
}

/** What the columns hold, by what `types` take for equal; null if one of them holds nothing. */
function keyOf(
  types: readonly Column<unknown>[],
  columns: readonly Column<unknown>[],
  read: (column: Column<unknown>) => unknown,
): TupleKey | null {
  const values = columns.map(read);
  return values.some((value) => value === null || value === undefined) ? null : tupleKey(types, values);
}

const NOBODY: readonly Entity[] = [];
