import { DuplicateIdentityError, MappingError } from "../../errors/index.ts";
import { describeValue } from "../../expression/sql-type.ts";
import {
  describe,
  type Entity,
  expireAttributes,
  type FoldKey,
  type IdentityKey,
  identityKeyFrom,
  loadCollection,
  loadReference,
  loadValue,
  readRaw,
  revertChanges,
  type SessionHooks,
  Status,
} from "../instance/index.ts";
import type { Slotted } from "../instance/slots.ts";
import { type ColumnProperty, type Mapper, mapperOf, type RelationshipProperty } from "../mapping/index.ts";
import type { EntityPlan, Placement, RowValue, Variant } from "./entity-plan.ts";
import type { LoadNode } from "./load-tree.ts";
import type { LoaderContext } from "./loader-context.ts";

/** A row as the driver gave it. */
export type Row = readonly unknown[];

/** Entities that need a relationship loaded by a statement of its own. */
export interface PendingLoad {
  readonly node: LoadNode;
  readonly entities: readonly Entity[];
}

/** Is told what a row has of an object that the session had before, before the object is given what it lacks. */
export type KnownObjectListener = (entity: Entity, values: ReadonlyMap<ColumnProperty, unknown>) => void;

/** One pass over the rows of a statement: what its readers have in common. */
export class Hydration {
  readonly context: LoaderContext;
  /**
   * If the rows win over what objects of the session hold, unsaved changes included: the objects that got the values of
   * their rows already, in this pass or one before it. Null: objects keep what they hold.
   */
  readonly populated: Set<Entity> | null;
  readonly onKnown: KnownObjectListener | null;
  readonly #groups = new Map<Mapper, { readonly entities: Entity[] }>();
  readonly #readers: EntityReader[] = [];

  constructor(context: LoaderContext, populated: Set<Entity> | null, onKnown: KnownObjectListener | null = null) {
    this.context = context;
    this.populated = populated;
    this.onKnown = onKnown;
  }

  reader(plan: EntityPlan): EntityReader {
    const reader = new EntityReader(plan, this);
    this.#readers.push(reader);
    return reader;
  }

  /** The objects of one family that this pass has met. */
  groupOf(mapper: Mapper): { readonly entities: Entity[] } {
    let group = this.#groups.get(mapper.root);
    if (group === undefined) {
      group = { entities: [] };
      this.#groups.set(mapper.root, group);
    }
    return group;
  }

  /** Fills what is complete only after the last row, and says what is still to be loaded. */
  finish(): readonly PendingLoad[] {
    // Readers of joined objects are made before the reader that they belong to.
    return this.#readers.toReversed().flatMap((reader) => reader.finish());
  }
}

/**
 * Makes objects of rows. An object that the session has stays as it is: only what it lacks is filled in.
 */
export class EntityReader {
  readonly #plan: EntityPlan;
  readonly #hydration: Hydration;
  readonly #objects: Map<IdentityKey, Entity>;
  readonly #fold: FoldKey | null;
  readonly #group: { readonly entities: Entity[] };
  readonly #singleKey: RowValue | null;
  readonly #joined: readonly JoinedReader[];
  /** What objects that the session has already must be of; null if all of their family are. */
  readonly #demanded: Mapper | null;
  /** The objects at this place of the statement; null when nothing is to be done for each of them. */
  readonly #met: Set<Entity> | null;
  // What does not change from row to row.
  readonly #hooks: SessionHooks;
  readonly #populated: Set<Entity> | null;
  readonly #onKnown: KnownObjectListener | null;
  readonly #onLoaded: LoaderContext["onLoaded"];

  constructor(plan: EntityPlan, hydration: Hydration) {
    this.#plan = plan;
    this.#hydration = hydration;
    this.#objects = hydration.context.identityMap.of(plan.mapper);
    this.#fold = hydration.context.identityMap.foldOf(plan.mapper);
    this.#group = hydration.groupOf(plan.mapper);
    this.#singleKey = plan.key.length === 1 ? (plan.key[0] ?? null) : null;
    this.#joined = plan.joined.map(
      ({ node, target }) => new JoinedReader(node, hydration.reader(target), hydration.context),
    );
    this.#demanded = plan.mapper.parent === null ? null : plan.mapper;
    this.#met = plan.joined.length > 0 || plan.selectin.length > 0 ? new Set() : null;
    this.#hooks = hydration.context.hooks;
    this.#populated = hydration.populated;
    this.#onKnown = hydration.onKnown;
    this.#onLoaded = hydration.context.onLoaded;
  }

  /** The object of a row; null if an outer join found none. */
  read(row: Row): Entity | null {
    const key = this.#keyOf(row);
    if (key === null) return null;
    let entity = this.#objects.get(this.#fold === null ? key : this.#fold(key));
    if (entity === undefined) entity = this.#make(row, key);
    else if (this.#demanded !== null && !(entity instanceof this.#demanded.mappedClass)) {
      throw ofAnotherClass(entity, this.#demanded);
    } else if (entity.$group !== this.#group) this.#fill(entity, row);
    if (this.#met !== null) this.#follow(entity, row, this.#met);
    return entity;
  }

  finish(): readonly PendingLoad[] {
    const late = this.#joined.flatMap((joined) => joined.finish());
    if (this.#met === null || this.#met.size === 0) return late;
    const entities = [...this.#met];
    return [...late, ...this.#plan.selectin.map((node) => ({ node, entities }))];
  }

  #keyOf(row: Row): IdentityKey | null {
    const single = this.#singleKey;
    if (single !== null) {
      const value = decoded(row, single);
      return value === null ? null : single.type.keyOf(value);
    }
    const { key, mapper } = this.#plan;
    return identityKeyFrom(
      mapper,
      key.map((part) => decoded(row, part)),
    );
  }

  #make(row: Row, key: IdentityKey): Entity {
    const { mapper, placements } = this.#variantOf(row);
    const entity = mapper.construct() as Slotted; // objects of mapped classes are laid out by their constructor
    for (let i = 0; i < placements.length; i++) {
      const placement = placements[i] as Placement; // i is in bounds
      const { index, decode } = placement;
      const raw = row[index] ?? null;
      placement.write(entity, raw === null || decode === null ? raw : decode(raw));
    }
    entity.$session = this.#hooks;
    entity.$status = Status.persistent;
    entity.$key = key;
    this.#objects.set(this.#fold === null ? key : this.#fold(key), entity);
    this.#meet(entity);
    this.#populated?.add(entity);
    this.#onLoaded?.(entity, null);
    return entity;
  }

  #fill(entity: Entity, row: Row): void {
    this.#meet(entity);
    const { mapper, placements } = this.#variantOf(row);
    if (!(entity instanceof mapper.mappedClass)) return;
    const populated = this.#populated;
    this.#onKnown?.(entity, new Map(placements.map((placement) => [placement.property, decoded(row, placement)])));
    if (populated !== null && !populated.has(entity)) {
      populated.add(entity);
      revertChanges(entity);
      expireAttributes(entity);
    }
    fillMissing(this.#hydration.context, entity, placements, row);
  }

  #meet(entity: Entity): void {
    entity.$group = this.#group;
    this.#group.entities.push(entity);
  }

  /** @throws MappingError if no class of the family has the value of the discriminator */
  #variantOf(row: Row): Variant {
    const { discriminator, own, mapper } = this.#plan;
    if (discriminator === null) return own;
    const value = decoded(row, discriminator);
    if (value === null) return own;
    const variant = discriminator.variants.get(value);
    if (variant !== undefined) return variant;
    if (mapper.polymorphic?.map.has(value) === true) return own;
    throw new MappingError(
      `A row of ${mapper.name} has ${describeValue(value)} in "${mapper.polymorphic?.on.name}", which no class stands for. ` +
        `Add it to the polymorphicMap of ${mapper.root.name}.`,
    );
  }

  #follow(entity: Entity, row: Row, met: Set<Entity>): void {
    const isFirst = !met.has(entity);
    if (isFirst) met.add(entity);
    for (const joined of this.#joined) joined.read(entity, row, isFirst);
  }
}

/** The session has an object of another class for a row than is asked for: it cannot be both. */
function ofAnotherClass(entity: Entity, { name, root }: Mapper): DuplicateIdentityError {
  const why =
    root.polymorphic === null
      ? `the row was loaded as a ${mapperOf(entity).name} before, and ${root.name} has no polymorphicOn to say that it is a ${name}. ` +
        `Give ${root.name} a polymorphicOn and a polymorphicMap, or load the row as a ${name} first`
      : "its row has changed its class since it was loaded. Let the object go with session.expunge(...) first";
  return new DuplicateIdentityError(
    `A row of ${name} is in the session as ${describe(entity)}, an object of another class: ${why}.`,
  );
}

/** Reads a relationship whose objects are in the rows of its owners. */
class JoinedReader {
  readonly #context: LoaderContext;
  readonly #node: LoadNode;
  readonly #reader: EntityReader;
  /** The members of each collection that this pass fills. */
  readonly #collections = new Map<Entity, Set<Entity>>();
  /** Owners that refer to another object by now than their rows did. */
  readonly #late: Entity[] = [];

  constructor(node: LoadNode, reader: EntityReader, context: LoaderContext) {
    this.#node = node;
    this.#context = context;
    this.#reader = reader;
  }

  read(owner: Entity, row: Row, isFirst: boolean): void {
    const { property } = this.#node;
    if (!(owner instanceof property.mapper.mappedClass)) return;
    const related = this.#reader.read(row);
    if (property.many) {
      if (isFirst && readRaw(owner, property) === undefined) this.#collections.set(owner, new Set());
      if (related !== null) this.#collections.get(owner)?.add(related);
    } else if (isFirst && readRaw(owner, property) === undefined) {
      if (isReferenceChanged(owner, property)) this.#late.push(owner);
      else {
        loadReference(owner, property, related);
        this.#context.onLoaded?.(owner, property);
      }
    }
  }

  finish(): readonly PendingLoad[] {
    for (const [owner, members] of this.#collections) {
      loadCollection(owner, this.#node.property, [...members]);
      this.#context.onLoaded?.(owner, this.#node.property);
    }
    return this.#late.length === 0 ? [] : [{ node: this.#node, entities: this.#late }];
  }
}

/** Was the foreign key of a many-to-one relationship set since the row was read? */
export function isReferenceChanged({ $changes }: Entity, property: RelationshipProperty): boolean {
  if ($changes === null || property.direction !== "manyToOne") return false;
  if ($changes.has(property)) return true;
  return property.pairs.some(({ local }) => $changes.has(property.mapper.columnProperty(local)));
}

/** Gives an object the values that it lacks, and the committed values that it does not know. */
export function fillMissing(
  { onLoaded }: LoaderContext,
  entity: Entity,
  placements: readonly Placement[],
  row: Row,
): void {
  const changes = entity.$changes;
  let isFilled = false;
  for (const placement of placements) {
    const isKnown =
      changes?.has(placement.property) === true
        ? changes.get(placement.property) !== undefined
        : placement.read(entity as Slotted) !== undefined; // every entity was laid out with its slots
    if (isKnown) continue;
    loadValue(entity, placement.property, decoded(row, placement));
    isFilled = true;
  }
  if (isFilled) onLoaded?.(entity, null);
}

/** A value of a row as objects hold it. */
export function decoded(row: Row, { index, decode }: RowValue): unknown {
  const raw = row[index];
  return raw === null || raw === undefined || decode === null ? (raw ?? null) : decode(raw);
}
