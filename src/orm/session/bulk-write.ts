import { type ColumnElement, evaluate, type SqlExpression, UNKNOWN } from "../../expression/index.ts";
import type { Column } from "../../schema/index.ts";
import { type Delete, select, type Update } from "../../statement/index.ts";
import {
  committedValue,
  type Entity,
  type IdentityKey,
  identityKeyFrom,
  loadValue,
  RelationArray,
  readRaw,
  Status,
  writeRaw,
} from "../instance/index.ts";
import { type ColumnProperty, Mapper, mapperOf, type Property, type RelationshipProperty } from "../mapping/index.ts";
import { chunksOf, keysIn, loadRelationship, refreshEntities } from "../query/index.ts";
import type { SessionWork } from "./session-work.ts";

/** UPDATE and DELETE of a mapped class: what they do to rows happens to the objects in memory, too. */
type BulkWrite = Update<any, any, any> | Delete<any, any>;

/** The objects in memory that a statement concerns. */
interface Concerned {
  readonly mapper: Mapper;
  /** Its conditions hold for them. */
  readonly matched: Entity[];
  /** Only the database can tell. */
  readonly uncertain: Entity[];
}

/** Is it a statement about a mapped class? Statements about tables are not followed. */
export function changesObjects(statement: BulkWrite): boolean {
  return statement.entity?.mapping instanceof Mapper;
}

/**
 * Executes an UPDATE. New values that can be computed in memory are, others are read again. A rollback restores them.
 */
export async function updateWithObjects<R>(
  work: SessionWork,
  statement: Update<any, any, any>,
  execute: () => Promise<R>,
): Promise<R> {
  const { mapper, matched, uncertain } = concerned(work, statement);
  // Before the statement runs: the new values may depend on the old ones.
  const { assignsInTurn } = work.engine.dialect.capabilities;
  const computed = new Map(matched.map((entity) => [entity, newValues(entity, mapper, statement, assignsInTurn)]));
  const unknown = uncertain.map((entity) => [entity, unknownValues(mapper, statement)] as const);
  const result = await execute();
  const follower = new Follower(work);
  for (const [entity, values] of [...computed, ...unknown]) follower.change(entity, values);
  await follower.finish();
  return result;
}

/** Executes a DELETE. Objects whose rows are gone leave the session; a rollback brings them back. */
export async function deleteWithObjects<R>(
  work: SessionWork,
  statement: Delete<any, any>,
  execute: () => Promise<R>,
): Promise<R> {
  const { mapper, matched, uncertain } = concerned(work, statement);
  const result = await execute();
  const left = await stillStored(work, mapper, uncertain);
  const gone = [...matched, ...uncertain.filter((entity) => !left.has(entity))];
  for (const entity of gone) work.leaveDeleted(entity);
  return result;
}

function concerned(work: SessionWork, statement: BulkWrite): Concerned {
  const mapper = statement.entity?.mapping as Mapper; // asked by changesObjects
  const matched: Entity[] = [];
  const uncertain: Entity[] = [];
  for (const entity of work.objects.identityMap.of(mapper).values()) {
    if (entity.$status !== Status.persistent || !mapperOf(entity).isA(mapper)) continue;
    const verdicts = statement.conditions.map((condition) => evaluate(condition, readerOf(entity)));
    if (verdicts.every((verdict) => verdict === true)) matched.push(entity);
    else if (verdicts.every((verdict) => verdict === true || verdict === UNKNOWN)) uncertain.push(entity);
  }
  return { mapper, matched, uncertain };
}

/** Reads what the row has: changes that were not flushed do not count. */
function readerOf(entity: Entity): (column: ColumnElement<unknown>) => unknown {
  const mapper = mapperOf(entity);
  return (column) => {
    const origin = column.origin as Column; // a column of another FROM element is found to belong to another table
    const property = mapper.tables.some((table) => table === column.table) ? mapper.findColumnProperty(origin) : null;
    const value = property === null ? undefined : committedValue(entity, property);
    return value === undefined ? UNKNOWN : value;
  };
}

/** The new values of a matched object; UNKNOWN: to be read again. */
function newValues(
  entity: Entity,
  mapper: Mapper,
  statement: Update<any, any, any>,
  assignsInTurn: boolean,
): Map<ColumnProperty, unknown> {
  const values = unknownValues(mapper, statement);
  for (const [i, column] of statement.columns.entries()) {
    const property = mapper.findColumnProperty(column);
    const expression = statement.newValues[i];
    if (property === null || expression === undefined) continue;
    const others = assignsInTurn ? statement.columns.filter((other) => other !== column) : [];
    values.set(property, newValue(entity, column, expression, others));
  }
  return values;
}

/**
 * A value that the column cannot hold, such as a fraction, is stored as the database makes it fit.
 * @param unsure columns whose value the expression may see as it was or as it is to be
 */
function newValue(
  entity: Entity,
  { sqlType }: Column,
  expression: SqlExpression<unknown>,
  unsure: readonly ColumnElement<unknown>[],
): unknown {
  const read = readerOf(entity);
  const value = evaluate(expression, (column) => (unsure.includes(column.origin ?? column) ? UNKNOWN : read(column)));
  return value === UNKNOWN || value === null || sqlType.validate(value) === null ? value : UNKNOWN;
}

/** Everything that the statement may have changed. */
function unknownValues(mapper: Mapper, statement: Update<any, any, any>): Map<ColumnProperty, unknown> {
  const values = new Map<ColumnProperty, unknown>();
  for (const property of mapper.columns) {
    const { column } = property;
    const followsByItself = column.onUpdate !== null || column.serverOnUpdate !== null || column.computed !== null;
    if (statement.columns.includes(column) || (followsByItself && column.table === statement.table)) {
      values.set(property, UNKNOWN);
    }
  }
  return values;
}

/** Makes objects follow an UPDATE or an upsert: values, keys, and the relationships that depend on foreign keys. */
export class Follower {
  readonly #work: SessionWork;
  readonly #incomplete = new Set<Entity>();
  readonly #rekeyed: Entity[] = [];
  /** Collections that gained or lost somebody. */
  readonly #collections = new Map<RelationshipProperty, Set<Entity>>();

  constructor(work: SessionWork) {
    this.#work = work;
  }

  change(entity: Entity, values: ReadonlyMap<ColumnProperty, unknown>): void {
    const references = new Set<RelationshipProperty>();
    const before = new Map<Property, unknown>();
    for (const [property, value] of values) {
      if (value !== UNKNOWN && value === committedValue(entity, property)) continue;
      before.set(property, committedValue(entity, property));
      for (const reference of property.references) references.add(reference);
    }
    if (before.size === 0) return;
    for (const reference of references) before.set(reference, committedValue(entity, reference));
    this.#work.transaction.undo.record(entity, before);
    const mapper = mapperOf(entity);
    for (const [property, value] of values) {
      if (!before.has(property)) continue;
      if (value === UNKNOWN) this.#incomplete.add(entity);
      if (value !== UNKNOWN) loadValue(entity, property, value);
      else if (!mapper.primaryKey.includes(property)) writeRaw(entity, property, undefined);
    }
    if (mapper.primaryKey.some((property) => before.has(property))) this.#rekeyed.push(entity);
    for (const reference of references) this.#unlink(entity, reference);
  }

  /** Reads what could not be computed, and the collections that changed. */
  async finish(): Promise<void> {
    const { identityMap } = this.#work.objects;
    // Two rows may have exchanged their keys: all leave before the first comes back.
    for (const entity of this.#rekeyed) if (entity.$key !== null) identityMap.delete(entity, entity.$key);
    for (const entity of this.#rekeyed) {
      const key = keyOf(entity);
      if (key === null) continue;
      entity.$key = key;
      identityMap.add(entity, key);
    }
    if (this.#incomplete.size > 0) await refreshEntities(this.#work.loader, [...this.#incomplete]);
    for (const [property, owners] of this.#collections) {
      await loadRelationship(this.#work.loader, property, [...owners]);
    }
  }

  /** The object that a changed foreign key means is found when it is asked for; collections are read again. */
  #unlink(entity: Entity, reference: RelationshipProperty): void {
    if (entity.$changes?.has(reference) === true) return;
    writeRaw(entity, reference, undefined);
    const { inverse } = reference;
    if (inverse === null || !inverse.many) return;
    for (const owner of this.#work.objects.identityMap.of(inverse.mapper).values()) {
      const members = readRaw(owner, inverse);
      if (!(members instanceof RelationArray) || this.#collections.get(inverse)?.has(owner) === true) continue;
      this.#work.transaction.undo.record(owner, new Map([[inverse, [...members]]]));
      loadValue(owner, inverse, undefined);
      const owners = this.#collections.get(inverse);
      if (owners === undefined) this.#collections.set(inverse, new Set([owner]));
      else owners.add(owner);
    }
  }
}

function keyOf(entity: Entity): IdentityKey | null {
  const mapper = mapperOf(entity);
  return identityKeyFrom(
    mapper,
    mapper.primaryKey.map((property) => readRaw(entity, property)),
  );
}

/** Asks the database which of these objects still have a row. */
async function stillStored(work: SessionWork, mapper: Mapper, entities: readonly Entity[]): Promise<Set<Entity>> {
  const left = new Set<Entity>();
  if (entities.length === 0) return left;
  const columns = mapper.primaryKey.map((property) => property.columns.at(-1) ?? property.column);
  const keys = entities.map((entity) => mapper.primaryKey.map((property) => committedValue(entity, property)));
  const connection = await work.connection();
  for (const chunk of chunksOf(keys, columns.length, work.engine.dialect)) {
    const rows = await connection.execute(select(...columns).where(keysIn(columns, chunk, work.engine.dialect)));
    // Rows of several columns are tuples of them.
    for (const row of rows as Iterable<readonly unknown[]>) {
      const key = identityKeyFrom(mapper, row);
      const entity = key === null ? undefined : work.objects.identityMap.get(mapper, key);
      if (entity !== undefined) left.add(entity);
    }
  }
  return left;
}
