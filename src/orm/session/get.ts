import { andThen, type MaybePromise } from "../../engine/maybe-promise.ts";
import { ArgumentError } from "../../errors/index.ts";
import { IntegerType } from "../../expression/index.ts";
import { type Entity, type IdentityKey, identityKeyFrom, Status } from "../instance/index.ts";
import { type ColumnProperty, type Mapper, mapperOf, type ShapedModel } from "../mapping/index.ts";
import { isComplete, loadByKeys, refreshEntities } from "../query/index.ts";
import type { SessionWork } from "./session-work.ts";

/** Which object is asked for. */
export interface Wanted {
  readonly mapper: Mapper;
  /** The values of the primary key, in the order of the mapper. */
  readonly values: readonly unknown[];
  readonly identity: IdentityKey;
}

/** @throws ArgumentError for a key that is incomplete or of the wrong type */
export function identify(mappedClass: ShapedModel, key: unknown): Wanted {
  const mapper = mapperOf(mappedClass);
  const values = keyValues(mapper, key);
  const identity = identityKeyFrom(mapper, values);
  if (identity === null) throw new ArgumentError(`The primary key of ${mapper.name} has no value that is null.`);
  if (typeof key === "number" && mapper.primaryKey[0]?.column.sqlType instanceof IntegerType)
    byNumber.set(mappedClass, mapper);
  return { mapper, values, identity };
}

/** The mappers of classes that were asked for and whose primary key is one whole number, by which objects are known as it is. */
const byNumber = new WeakMap<ShapedModel, Mapper>();

/**
 * What {@link findPresent} finds where next to nothing has to be looked at, which is most of the time: a stored object of a
 * class whose key is a number.
 */
export function findByNumber(work: SessionWork, mappedClass: ShapedModel, key: unknown): Entity | undefined {
  if (typeof key !== "number" || !work.isIdle) return undefined;
  const mapper = byNumber.get(mappedClass);
  const entity = mapper === undefined ? undefined : work.objects.findStored(mapper, key);
  if (entity === undefined || mapperOf(entity) !== mapper || !isComplete(entity)) return undefined;
  return entity;
}

/**
 * The object of the session, new ones included, if nothing of it has to be loaded.
 * @returns null if the key belongs to an object of another class, undefined if only the database can tell
 */
export function findPresent(work: SessionWork, { mapper, identity }: Wanted): Entity | null | undefined {
  const present = work.objects.find(mapper, identity);
  if (present === undefined || isExpired(present) || mayBeOf(mapper, present)) return undefined;
  return ofClass(mapper, present);
}

/**
 * Finds an object by its primary key: among those of the session, new ones included, then in the database, after an
 * autoflush.
 * @returns null if there is no such row, or if it is of another class
 * @throws DuplicateIdentityError if the session has it as an object of a parent class, and nothing told that it is not
 */
export function getByKey(work: SessionWork, { mapper, values, identity }: Wanted): MaybePromise<Entity | null> {
  const present = work.objects.find(mapper, identity);
  if (present !== undefined && !mayBeOf(mapper, present))
    return andThen(current(work, present), (entity) => ofClass(mapper, entity));
  const load = (): MaybePromise<Entity | null> =>
    andThen(loadByKeys(work.loader, mapper, [values]), ([loaded]) => loaded ?? null);
  if (!work.needsAutoflush) return load();
  return andThen(work.autoflush(), () => {
    // The flush may have given an object this key.
    const flushed = work.objects.find(mapper, identity);
    return flushed === undefined ? load() : ofClass(mapper, flushed);
  });
}

function isExpired(entity: Entity): boolean {
  return entity.$status === Status.persistent && !isComplete(entity);
}

/** An object that was expired is read again; it may be that its row is gone. */
function current(work: SessionWork, entity: Entity): MaybePromise<Entity | null> {
  return isExpired(entity) ? readAgain(work, entity) : entity;
}

async function readAgain(work: SessionWork, entity: Entity): Promise<Entity | null> {
  await work.autoflush();
  const gone = await refreshEntities(work.loader, [entity]);
  if (gone.length === 0) return entity;
  work.leaveDeleted(entity);
  return null;
}

function ofClass(mapper: Mapper, entity: Entity | null): Entity | null {
  return entity !== null && mapperOf(entity).isA(mapper) ? entity : null;
}

/** Was the object's row read as one of a parent, while nothing in it tells which class it is of? */
function mayBeOf(mapper: Mapper, entity: Entity): boolean {
  const own = mapperOf(entity);
  return mapper.root.polymorphic === null && own !== mapper && mapper.isA(own);
}

/** The values of a key in the order of the mapper. */
function keyValues(mapper: Mapper, key: unknown): unknown[] {
  const { primaryKey } = mapper;
  const [only] = primaryKey;
  if (primaryKey.length === 1 && only !== undefined && (typeof key !== "object" || !isKeyObject(key, only)))
    return [checked(mapper, only, key)];
  const names = primaryKey.map(({ name }) => name);
  if (!isRecord(key)) {
    throw new ArgumentError(
      `The primary key of ${mapper.name} has the parts ${names.join(", ")}: give them as an object, { ${names.map((name) => `${name}: ...`).join(", ")} }.`,
    );
  }
  const unknown = Object.keys(key).filter((name) => !names.includes(name));
  const missing = names.filter((name) => key[name] === undefined);
  if (unknown.length > 0 || missing.length > 0) {
    throw new ArgumentError(
      `The primary key of ${mapper.name} has the parts ${names.join(", ")}` +
        `${missing.length > 0 ? `; missing: ${missing.join(", ")}` : ""}${unknown.length > 0 ? `; unknown: ${unknown.join(", ")}` : ""}.`,
    );
  }
  return primaryKey.map((property) => checked(mapper, property, key[property.name]));
}

/** `{ id: 5 }` for a key of one column; the value of a column can be an object itself. */
function isKeyObject(key: unknown, only: ColumnProperty): boolean {
  return isRecord(key) && only.name in key && only.column.sqlType.validate(key) !== null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function checked(mapper: Mapper, property: ColumnProperty, value: unknown): unknown {
  if (value === null || value === undefined) {
    throw new ArgumentError(`${mapper.name}.${property.name} is a primary key, which is never ${String(value)}.`);
  }
  const reason = property.column.sqlType.validate(value);
  if (reason === null) return value;
  throw new ArgumentError(`${mapper.name}.${property.name} is a primary key that cannot be looked up: ${reason}.`);
}
