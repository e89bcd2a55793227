import type { Steps } from "../../../engine/maybe-promise.ts";
import type { ForeignKeyConstraint } from "../../../schema/index.ts";
import { changesKey, committedValue, type Entity, readRaw } from "../../instance/index.ts";
import { currentKeyOf, currentTarget } from "../../instance/references.ts";
import { type Mapper, mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { loadRelationship } from "../../query/index.ts";
import type { FlushContext } from "../context.ts";
import { toOne } from "../decompose/to-one.ts";
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
  /** Whether the rows go of those that were looked at. */
  readonly #isAlong = new Map<Entity, boolean>();
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
    this.#isAlong.clear();
    for (const entity of inTheWay) yield* this.#follow(entity);
    return [...this.#isAlong.keys()].filter((entity) => this.#isAlong.get(entity));
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

  /** Notes whether the row goes, by what it refers to; that is loaded if it is not there. */
  *#follow(entity: Entity): Steps<void> {
    if (this.#isAlong.has(entity)) return;
    this.#isAlong.set(entity, false); // rows may refer to each other
    for (const foreignKey of this.#foreignKeysOf(mapperOf(entity))) {
      const property = toOne(mapperOf(entity)).find((one) => one.foreignKey === foreignKey);
      if (property === undefined) {
        if (this.#goesWithUnmapped(entity, foreignKey)) this.#isAlong.set(entity, true);
        continue;
      }
      if (this.#cascade.unlinked.get(entity)?.has(property) === true) continue;
      const target = yield* this.#target(entity, property);
      if (!target || target.$key === null || this.#takenOver.has(target, foreignKey.referredTable)) continue;
      if (!this.#cascade.deletes.has(target)) yield* this.#follow(target);
      if (this.#cascade.deletes.has(target) || this.#isAlong.get(target) === true) this.#isAlong.set(entity, true);
    }
  }

  *#target(entity: Entity, property: RelationshipProperty): Steps<Entity | null | undefined> {
    const present = currentTarget(entity, property);
    if (present !== undefined) return present;
    yield loadRelationship(this.#context.loader, property, [entity]);
    return currentTarget(entity, property);
  }

  /** Does it refer, by a foreign key that no relationship has, to a row that is deleted? */
  #goesWithUnmapped(entity: Entity, { columns, referredColumns, referredTable }: ForeignKeyConstraint): boolean {
    const mapper = mapperOf(entity);
    const own = columns.map((column) => mapper.findColumnProperty(column));
    return [...this.#cascade.deletes].some((target) => {
      const referred = mapperOf(target);
      if (!referred.tables.includes(referredTable) || this.#takenOver.has(target, referredTable)) return false;
      return own.every((property, i) => {
        const column = referredColumns[i];
        const remote = column === undefined ? null : referred.findColumnProperty(column);
        if (property === null || remote === null) return false;
        const [value, key] = [readRaw(entity, property), committedValue(target, remote)];
        return value != null && key != null && remote.column.sqlType.equals(value, key);
      });
    });
  }
}

const NOBODY: readonly Entity[] = [];
