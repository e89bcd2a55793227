import { andThen, inSteps, type MaybePromise, type Steps } from "../../engine/maybe-promise.ts";
import type { ColumnElement, FromClause } from "../../expression/from.ts";
import type { Column } from "../../schema/index.ts";
import { comparedTypes } from "../../schema/same-texts.ts";
import { Join } from "../../statement/join.ts";
import { select } from "../../statement/select.ts";
import {
  committedValue,
  type Entity,
  hasUnknownPartner,
  identityKeyFrom,
  loadCollection,
  loadReference,
  readRaw,
  Status,
  writeRaw,
} from "../instance/index.ts";
import { ByMapper, type ColumnProperty, type Mapper, mapperOf, type RelationshipProperty } from "../mapping/index.ts";
import { nearColumns } from "./entity-plan.ts";
import { EntityTables } from "./entity-tables.ts";
import { Hydration, isReferenceChanged, type PendingLoad } from "./hydrate.ts";
import { hashOf, type KeyType, type KeyValues } from "./key-conditions.ts";
import { KeyQuery } from "./key-query.ts";
import { defaultLoads, type LoadNode, type LoadTree } from "./load-tree.ts";
import type { LoaderContext } from "./loader-context.ts";
import { isComplete, refreshEntities, withDeferred } from "./refresh.ts";

/**
 * Loads a relationship of several objects with one statement, or as many as their keys need. Objects that have it loaded,
 * and those without a row, are left as they are.
 *
 * @param tree what to load of the related objects; by default what the mapping says
 */
export function loadRelationship(
  context: LoaderContext,
  property: RelationshipProperty,
  owners: readonly Entity[],
  tree: LoadTree = defaultLoads(property.target),
): MaybePromise<void> {
  return loadAll(context, [{ node: { property, strategy: "selectin", tree }, entities: owners }]);
}

/**
 * Loads relationships, and those of the objects that this brings, level by level.
 * @param populated see {@link Hydration.populated}
 */
export function loadAll(
  context: LoaderContext,
  pending: readonly PendingLoad[],
  populated: Set<Entity> | null = null,
): MaybePromise<void> {
  return inSteps(loadLevels(context, [...pending], populated));
}

function* loadLevels(context: LoaderContext, queue: PendingLoad[], populated: Set<Entity> | null): Steps<void> {
  for (const load of queue) {
    yield andThen(loadLevel(context, load, populated), (next) => {
      queue.push(...next);
    });
  }
}

function loadLevel(
  context: LoaderContext,
  { node, entities }: PendingLoad,
  populated: Set<Entity> | null,
): MaybePromise<readonly PendingLoad[]> {
  const { property, tree } = node;
  const owners: Entity[] = [];
  const present = new Set<Entity>();
  const { mappedClass } = property.mapper;
  new Set(entities).forEach((entity) => {
    if (!(entity instanceof mappedClass)) return;
    const value = readRaw(entity, property);
    if (value === undefined || hasUnknownPartner(entity, property)) {
      if (entity.$status === Status.persistent) owners.push(entity);
    } else if (tree.nodes.length > 0) {
      // What is there already may still lack what the tree asks for.
      for (const related of relatedIn(value, property)) present.add(related);
    }
  });
  const complete = (next: readonly PendingLoad[]): readonly PendingLoad[] =>
    present.size === 0 ? next : [...next, ...tree.nodes.map((child) => ({ node: child, entities: [...present] }))];
  if (owners.length === 0) return complete([]);
  const isReference = property.direction === "manyToOne" && property.join.isPlain;
  const loaded = isReference
    ? loadReferences(context, node, owners, present, populated)
    : loadRelated(context, node, owners, populated);
  return andThen(loaded, complete);
}

function relatedIn(value: unknown, { many }: RelationshipProperty): readonly Entity[] {
  if (many) return value as readonly Entity[]; // a loaded collection
  return value === null ? [] : [value as Entity]; // a loaded reference
}

// ── many-to-one ──────────────────────────────────────────────────────────────

/** Owners that refer to the same row. */
interface Reference {
  readonly values: KeyValues;
  readonly owners: Entity[];
}

/** Follows foreign keys: nothing is asked for those that are NULL, nor for objects that the session has. */
function loadReferences(
  context: LoaderContext,
  node: LoadNode,
  owners: readonly Entity[],
  present: Set<Entity>,
  populated: Set<Entity> | null,
): MaybePromise<readonly PendingLoad[]> {
  const lacking = lackingColumns(node.property, owners);
  const follow = (): MaybePromise<readonly PendingLoad[]> =>
    followReferences(context, node, owners, present, populated);
  return lacking.length > 0 ? loadNearColumns(context, node.property, lacking).then(follow) : follow();
}

function followReferences(
  context: LoaderContext,
  { property, tree }: LoadNode,
  owners: readonly Entity[],
  present: Set<Entity>,
  populated: Set<Entity> | null,
): MaybePromise<readonly PendingLoad[]> {
  const { target, pairs } = property;
  const references = new Map<unknown, Reference>();
  const remotes = pairs.map(({ remote }) => remote);
  const types = comparedTypes(remotes, context.dialect.name, remotes);
  for (const owner of owners) {
    const mapper = mapperOf(owner);
    const values = pairs.map(({ local }) => readRaw(owner, mapper.columnProperty(local)));
    const hash = hashOf(values, types);
    if (hash === null) {
      // A row that is gone leaves its foreign key unknown.
      if (values.includes(null)) setReference(context, owner, property, null);
      continue;
    }
    const reference = references.get(hash);
    if (reference === undefined) references.set(hash, { values, owners: [owner] });
    else reference.owners.push(owner);
  }
  const order = primaryKeyOrder(property);
  const missing: Reference[] = [];
  for (const reference of references.values()) {
    const found = order === null ? null : inSession(context, target, reference.values, order);
    if (found === null || (populated !== null && !populated.has(found))) {
      missing.push(reference);
      continue;
    }
    present.add(found);
    for (const owner of reference.owners) setReference(context, owner, property, found);
  }
  if (missing.length === 0) return [];
  const query = referencedQuery(property);
  const asked = missing.map(({ values }) => values);
  return andThen(fetchRelated(context, query, types, asked, tree, populated), ({ found, next }) => {
    for (const reference of missing) {
      const hash = hashOf(reference.values, types);
      for (const owner of reference.owners) setReference(context, owner, property, found.get(hash)?.[0] ?? null);
    }
    return next;
  });
}

const referencedQueries = new WeakMap<RelationshipProperty, KeyQuery>();

/** Asks for the rows that foreign keys refer to, together with what they refer to. */
function referencedQuery(property: RelationshipProperty): KeyQuery {
  let known = referencedQueries.get(property);
  if (known === undefined) {
    const { target } = property;
    const columns = property.pairs.map(({ remote }) => remote);
    known = new KeyQuery(target, select(target.mappedClass, ...columns), columns);
    referencedQueries.set(property, known);
  }
  return known;
}

/** For each part of the target's primary key its place among the pairs; null if they refer to something else. */
function primaryKeyOrder({ target, pairs }: RelationshipProperty): readonly number[] | null {
  const order = target.primaryKey.map(({ columns }) => pairs.findIndex(({ remote }) => columns.includes(remote)));
  return order.length === pairs.length && !order.includes(-1) ? order : null;
}

function inSession(context: LoaderContext, target: Mapper, values: KeyValues, order: readonly number[]): Entity | null {
  const key = identityKeyFrom(
    target,
    order.map((position) => values[position]),
  );
  const found = key === null ? undefined : context.hooks.find(target, key);
  if (!(found instanceof target.mappedClass)) return null;
  const entity = found as Entity; // sessions hold objects of mapped classes
  return entity.$status === Status.pending || isComplete(entity) ? entity : null;
}

function setReference(
  { onLoaded }: LoaderContext,
  owner: Entity,
  property: RelationshipProperty,
  target: Entity | null,
): void {
  // The foreign key was set since it was loaded: this is what the object refers to now, not what its row did.
  if (isReferenceChanged(owner, property)) writeRaw(owner, property, target);
  else loadReference(owner, property, target);
  onLoaded?.(owner, property);
}

// ── all others ───────────────────────────────────────────────────────────────

/** Owners whose rows have the same values in the columns that a relationship starts from. */
interface OwnerGroup {
  readonly values: KeyValues;
  readonly owners: Entity[];
}

function loadRelated(
  context: LoaderContext,
  node: LoadNode,
  owners: readonly Entity[],
  populated: Set<Entity> | null,
): MaybePromise<readonly PendingLoad[]> {
  const lacking = lackingColumns(node.property, owners);
  const ask = (): MaybePromise<readonly PendingLoad[]> => askForRelated(context, node, owners, populated);
  return lacking.length > 0 ? loadNearColumns(context, node.property, lacking).then(ask) : ask();
}

function askForRelated(
  context: LoaderContext,
  { property, tree }: LoadNode,
  owners: readonly Entity[],
  populated: Set<Entity> | null,
): MaybePromise<readonly PendingLoad[]> {
  const { query, near, attributes, far } = relatedQuery(property);
  const groups = new Map<unknown, OwnerGroup>();
  const { name } = context.dialect;
  const types = comparedTypes(near, name, near);
  const asked: KeyValues[] = [];
  owners.forEach((owner) => {
    const own = attributes.ofObject(owner);
    const values: unknown[] = [];
    for (let i = 0; i < own.length; i++) {
      // Rows refer to the key that the owner's row has, not to one that is yet to be flushed.
      const value = committedValue(owner, own[i] as ColumnProperty); // `i` counts them
      if (value === undefined) return; // a row that is gone leaves its values unknown
      values.push(value);
    }
    const hash = hashOf(values, types);
    const group = groups.get(hash);
    if (group !== undefined) {
      group.owners.push(owner);
      return;
    }
    groups.set(hash, { values, owners: [owner] });
    if (hash !== null) asked.push(values);
  });
  return andThen(
    fetchRelated(context, query, comparedTypes(far, name, near), asked, tree, populated),
    ({ found, next }) => {
      groups.forEach((group, hash) => {
        const members = (hash === null ? undefined : found.get(hash)) ?? NONE;
        for (const owner of group.owners) {
          if (property.many) loadCollection(owner, property, members);
          else loadReference(owner, property, members[0] ?? null);
          context.onLoaded?.(owner, property);
        }
      });
      return next;
    },
  );
}

const NONE: readonly Entity[] = [];

/** Asks for the related rows of any owners, together with the keys of their owners. */
interface RelatedQuery {
  /** Selects the target, and `far`. */
  readonly query: KeyQuery;
  /** The columns of the owners. */
  readonly near: readonly Column<unknown>[];
  /** The attributes that have them. */
  readonly attributes: Attributes;
  /** The columns in the statement that have their values. */
  readonly far: readonly ColumnElement<unknown>[];
}

const relatedQueries = new WeakMap<RelationshipProperty, RelatedQuery>();

function relatedQuery(property: RelationshipProperty): RelatedQuery {
  let known = relatedQueries.get(property);
  if (known === undefined) {
    known = makeRelatedQuery(property);
    relatedQueries.set(property, known);
  }
  return known;
}

function makeRelatedQuery(property: RelationshipProperty): RelatedQuery {
  const { join, target, mapper, orderBy } = property;
  const { secondary } = join;
  const itself = (column: Column<unknown>): ColumnElement<unknown> => column;
  let from: FromClause = target.from;
  let near = nearColumns(property);
  let attributes = nearAttributes(property);
  let far: readonly ColumnElement<unknown>[];
  if (join.isPlain) {
    far = secondary === null ? join.pairs.map(({ remote }) => remote) : secondary.local.map((pair) => pair.secondary);
    if (secondary !== null) from = new Join(from, secondary.table, join.target(itself, itself), "inner");
  } else {
    // The join is more than equal columns: the owners' rows have to take part in it.
    const owners = EntityTables.aliased(mapper);
    near = mapper.primaryKey.map(({ column }) => column);
    attributes = attributesOf(near);
    far = near.map(owners.columnOf);
    if (secondary !== null) from = new Join(from, secondary.table, join.target(itself, itself), "inner");
    const on = join.direct(owners.columnOf, itself);
    const [first, ...others] = mapper.tables.toReversed();
    if (first === undefined) throw new Error(`${mapper.name} has no table.`);
    from = new Join(from, owners.memberOf(first), on, "inner");
    for (const table of others) {
      from = new Join(from, owners.memberOf(table), owners.parentCondition(mapper, table), "inner");
    }
  }
  const statement = select(target.mappedClass, ...far)
    .with({ froms: [from] })
    .orderBy(...orderBy);
  return { query: new KeyQuery(target, statement, far), near, attributes, far };
}

// ── fetching ─────────────────────────────────────────────────────────────────

/** Objects by the values of the columns that they were asked for by. */
interface Fetched {
  readonly found: ReadonlyMap<unknown, readonly Entity[]>;
  readonly next: readonly PendingLoad[];
}

/** Objects of a class by the values of some columns. */
function fetchRelated(
  context: LoaderContext,
  query: KeyQuery,
  types: readonly KeyType[],
  keys: readonly KeyValues[],
  tree: LoadTree,
  populated: Set<Entity> | null,
): MaybePromise<Fetched> {
  const found = new Map<unknown, Entity[]>();
  if (keys.length === 0) return { found, next: [] };
  const hydration = new Hydration(context, populated);
  return andThen(query.fetch(context, keys, tree, hydration), (results) => {
    // The statement selects the target and then the columns.
    (results as readonly [Entity | null, ...unknown[]][]).forEach((result) => {
      const entity = result[0];
      if (entity === null) return;
      const hash = hashOf(result, types, 1);
      const members = found.get(hash);
      if (members === undefined) found.set(hash, [entity]);
      else members.push(entity);
    });
    return { found, next: hydration.finish() };
  });
}

/** Those of the owners that lack columns which the relationship starts from, because they expired, or because these are deferred. */
function lackingColumns(property: RelationshipProperty, owners: readonly Entity[]): readonly Entity[] {
  if (!property.join.isPlain) return NONE;
  const attributes = nearAttributes(property);
  return owners.filter((owner) => {
    const own = attributes.ofObject(owner);
    for (let i = 0; i < own.length; i++) if (readRaw(owner, own[i] as ColumnProperty) === undefined) return true; // `i` counts them
    return false;
  });
}

/** The attributes of each class that have some columns. */
type Attributes = ByMapper<readonly ColumnProperty[]>;

function attributesOf(columns: readonly Column<unknown>[]): Attributes {
  return new ByMapper((mapper) => columns.map((column) => mapper.columnProperty(column)));
}

const knownAttributes = new WeakMap<RelationshipProperty, Attributes>();

/** Those that a relationship with a plain join starts from. */
function nearAttributes(property: RelationshipProperty): Attributes {
  let known = knownAttributes.get(property);
  if (known === undefined) {
    known = attributesOf(nearColumns(property));
    knownAttributes.set(property, known);
  }
  return known;
}

function loadNearColumns(
  context: LoaderContext,
  property: RelationshipProperty,
  owners: readonly Entity[],
): Promise<unknown> {
  const near = nearColumns(property);
  return refreshEntities(context, owners, (mapper) =>
    withDeferred(mapper, ({ columns }) => columns.some((column) => near.includes(column))),
  );
}
