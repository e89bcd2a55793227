import { InvalidStateError } from "../../errors/index.ts";
import {
  ChangesMeanwhile,
  changesKey,
  describe,
  type Entity,
  entityOf,
  type IdentityKey,
  IdentityMap,
  isModified,
  keyInAttributes,
  RelationArray,
  readRaw,
  rejoin,
  Status,
  syncCollections,
  syncValues,
  takeValues,
} from "../instance/index.ts";
import { type Mapper, mapperOf, type RelationshipProperty } from "../mapping/index.ts";
import { LAZY_LOAD, type LazyLoader, type LoaderContext, ROW_IS_GONE } from "../query/index.ts";
import { partFromAll, reachableFrom } from "./cascade.ts";
import { keepMembers, keepTaken } from "./kept.ts";
import type { Session } from "./session.ts";
import { assertNotBeingDeleted, assertNothingUnderWay, isBeingInserted, type UnderWay } from "./under-way.ts";
import { assertOwn, isWelcome } from "./welcome.ts";

/** What the unit of work needs of the session that it belongs to. */
export interface UnitOfWorkHost {
  readonly session: Session;
  /** @throws InvalidStateError if the session is closed, or waits for a rollback */
  assertUsable(): void;
  /** Loads in the session's turn, after an autoflush. */
  load<T>(operation: (context: LoaderContext) => Promise<T>): Promise<T>;
  /** Lets an object go whose row turned out to be gone, until a rollback brings it back. */
  leaveDeleted(entity: Entity): void;
}

/**
 * The objects of one session: which are new, changed, deleted, and which object stands for which row. Objects report to
 * it what happens to them (it is their `$session`); nothing here does any I/O.
 */
export class UnitOfWork implements LazyLoader {
  readonly identityMap: IdentityMap;
  readonly dialectName: string;
  /** New objects, in the order in which they came. */
  readonly pending = new Set<Entity>();
  /** Stored objects that reported a change; it may have been taken back since. */
  readonly dirty = new Set<Entity>();
  /** Stored objects that are to be deleted, and new ones whose row is being inserted. */
  readonly deleted = new Set<Entity>();
  meanwhile: ChangesMeanwhile | null = null;
  /** What the flush that is under way has taken; null: there is none, or listeners may still change what it takes. */
  underWay: UnderWay | null = null;
  readonly #host: UnitOfWorkHost;
  /** Arrays that the program got hold of: it can write to an index or to `length`, which nothing reports. */
  readonly #readArrays = new Set<RelationArray<Entity>>();
  /** Objects that have handed out values which can be changed in place. */
  readonly #readValues = new Set<Entity>();
  /** New objects that an owner let go of under `delete-orphan`, and that did not find another one since. */
  readonly #letGo = new Map<Entity, Set<RelationshipProperty>>();
  /** A key of a stored object was set since somebody asked whether one changed. */
  #mayChangeKeys = false;
  #isWithoutCascades = false;
  /** Objects may be here without all that save-update reaches from them: some have left. */
  #isTorn = false;

  constructor(host: UnitOfWorkHost, dialectName: string) {
    this.#host = host;
    this.dialectName = dialectName;
    this.identityMap = new IdentityMap(dialectName);
  }

  get session(): Session {
    return this.#host.session;
  }

  // ── what the session asks for ──────────────────────────────────────────────

  /**
   * Takes an object in, with everything that is reachable by save-update. Nothing is taken in if one of them is refused.
   * @throws InvalidStateError for an object of another session, of a deleted row, or whose row another object stands for
   */
  add(object: object): void {
    const start = entityOf(object);
    this.#keep(start);
    this.#addReachable(start, { isWhole: this.#isTorn });
  }

  /** Takes several objects in, as {@link add} does: what is reachable from more than one of them is looked at once. */
  addAll(objects: Iterable<object>): void {
    const seen = new Set<Entity>();
    // All of them are looked at first: one that cannot be added leaves the others out, too.
    for (const start of Array.from(objects, entityOf)) {
      this.#host.assertUsable();
      this.#keep(start);
      this.#addReachable(start, { seen, isWhole: this.#isTorn });
    }
  }

  /**
   * Marks a stored object for deletion; a new one is simply let go of again, unless its row is being inserted.
   * @throws InvalidStateError for an object that was never added, belongs to another session, or whose row is deleted
   */
  delete(object: object): void {
    const entity = entityOf(object);
    switch (entity.$status) {
      case Status.transient:
        throw new InvalidStateError(
          `${describe(entity)} cannot be deleted: it is not stored. Only objects that were loaded or flushed can be.`,
        );
      case Status.pending:
        assertOwn(this, entity);
        if (isBeingInserted(this.underWay, entity)) this.deleted.add(entity);
        else this.#releaseNew(entity);
        return;
      case Status.deleted:
        assertOwn(this, entity);
        return;
      case Status.gone:
        throw new InvalidStateError(`${describe(entity)} has been deleted already.`);
      default:
        if (entity.$session === null) {
          this.#take(entity);
          this.#isTorn = true;
        } else assertOwn(this, entity);
        this.deleted.add(entity);
    }
  }

  /**
   * Lets an object go, with what its relationships cascade to: a new one is transient again, a stored one detached.
   * Changes that were not flushed stay on the object and are nobody's business any more.
   * @throws InvalidStateError if the object is not in this session, or a flush is under way
   */
  expunge(object: object): void {
    const start = entityOf(object);
    assertNothingUnderWay(this.underWay, "expunge()");
    if (start.$session !== this) {
      throw new InvalidStateError(`${describe(start)} cannot be expunged: it is not in this session.`);
    }
    for (const entity of reachableFrom(start, "expunge")) if (entity.$session === this) this.#release(entity);
    this.#isTorn = true;
  }

  /**
   * Lets every object go.
   * @throws InvalidStateError while a flush is under way
   */
  clear(): void {
    assertNothingUnderWay(this.underWay, "clear()");
    for (const entity of [...this.pending]) this.makeTransient(entity);
    this.identityMap.forEach((entity) => {
      entity.$session = null;
      entity.$status = Status.detached;
    });
    this.identityMap.clear();
    this.dirty.clear();
    this.deleted.clear();
    this.#readArrays.clear();
    this.#readValues.clear();
    this.#letGo.clear();
    this.#isTorn = false;
  }

  /** A flush has taken the values of its objects: what the program does to them from now on is noted. */
  beginWriting(): void {
    if (this.meanwhile !== null) return;
    this.meanwhile = new ChangesMeanwhile();
    this.#readValues.forEach(takeValues);
  }

  /** The objects that a flush has taken show what became of their rows: what is not stored cannot be deleted. */
  endFlush(): void {
    this.underWay = null;
    for (const entity of this.deleted) if (entity.$status !== Status.persistent) this.deleted.delete(entity);
  }

  /** Lets go of an object if a flush deleted it, once that is final: it is detached, and stands for no row. */
  releaseDeleted(entity: Entity): void {
    if (entity.$status !== Status.deleted || entity.$session !== this) return;
    entity.$session = null;
    entity.$status = Status.gone;
  }

  /** Is the object here, and not deleted? */
  has(entity: Entity): boolean {
    return entity.$session === this && entity.$status !== Status.deleted;
  }

  /** An object whose row is gone leaves the session as deleted. */
  leaveDeleted(entity: Entity): void {
    this.dirty.delete(entity);
    this.deleted.delete(entity);
    if (entity.$key !== null) this.identityMap.delete(entity, entity.$key);
    entity.$status = Status.deleted;
  }

  /** Takes in an object that stands for the row with this key. */
  takeLoaded(entity: Entity, key: IdentityKey): void {
    entity.$key = key;
    this.#take(entity);
  }

  /** Makes a new object transient again; its values stay. */
  makeTransient(entity: Entity): void {
    this.pending.delete(entity);
    this.identityMap.removePending(entity);
    entity.$session = null;
    entity.$status = Status.transient;
    entity.$key = null;
    this.#readValues.delete(entity);
    undone.add(entity);
  }

  /** Lets objects be joined and parted without a cascade: what undoes things must not take anything in. */
  withoutCascades(action: () => void): void {
    this.#isWithoutCascades = true;
    try {
      action();
    } finally {
      this.#isWithoutCascades = false;
    }
  }

  /**
   * Finds what nobody reported: values that were changed in place, what index assignments did to arrays (of stored objects, those that were handed out; of
   * new objects, all), and new objects without an owner, which are let go of.
   */
  takeStock(): void {
    this.#readValues.forEach(syncValues);
    this.#readArrays.forEach((array) => {
      if (array.owner === null)
        this.#readArrays.delete(array); // another one took its place
      else array.sync();
    });
    // A new object can come with one of the arrays: the set grows while it is read.
    this.pending.forEach(syncCollections);
    for (const [entity, properties] of this.#letGo)
      if (properties.size > 0 && this.pending.has(entity) && !isBeingInserted(this.underWay, entity))
        this.#releaseNew(entity);
    this.#letGo.clear();
  }

  /**
   * Before a rollback: values that were changed in place are to be seen, so that they are taken back with all others;
   * what was written to indexes of arrays has had no effect yet and goes.
   */
  takeStockForRollback(): void {
    for (const entity of this.#readValues) syncValues(entity);
    for (const array of this.#readArrays) array.discardUnseen();
  }

  /** Is there nothing that a flush would have to look at? Free of cost for a session that only reads. */
  get isClean(): boolean {
    if (this.dirty.size > 0 || this.deleted.size > 0) return false;
    if (this.pending.size > 0 && this.#letGo.size === 0) return false;
    if (this.#readArrays.size > 0 || this.#readValues.size > 0 || this.#letGo.size > 0) this.takeStock();
    return this.pending.size === 0 && this.dirty.size === 0;
  }

  /** Do stored objects have other primary keys than their rows? Looks at objects only if a key was set. */
  get changesKeys(): boolean {
    if (this.#mayChangeKeys) this.#mayChangeKeys = [...this.dirty].some(changesKey);
    return this.#mayChangeKeys;
  }

  /** The stored objects with net changes. */
  modified(): Entity[] {
    this.takeStock();
    return [...this.dirty].filter((entity) => !this.deleted.has(entity) && isModified(entity));
  }

  /** The object that stands for a row, or will: one to be deleted gives way to a new one of the same key. */
  find(mapper: Mapper, key: IdentityKey): Entity | undefined {
    const stored = this.identityMap.get(mapper, key);
    if (stored === undefined || this.deleted.has(stored)) return this.identityMap.getPending(mapper, key) ?? stored;
    return stored;
  }

  /** The object of a row, unless it is to be deleted. */
  findStored(mapper: Mapper, key: IdentityKey): Entity | undefined {
    const stored = this.identityMap.get(mapper, key);
    return stored === undefined || this.deleted.has(stored) ? undefined : stored;
  }

  // ── what objects report ────────────────────────────────────────────────────

  onModified(entity: Entity): void {
    if (entity.$status === Status.persistent) this.dirty.add(entity);
  }

  onAttached(owner: Entity, property: RelationshipProperty, child: Entity): void {
    this.#letGo.get(child)?.delete(property);
    if (property.inverse !== null) this.#letGo.get(owner)?.delete(property.inverse);
    if (this.#isWithoutCascades || owner.$session !== this) return;
    if (child.$session === this) keepTaken(this.deleted, owner, property, child);
    else if (property.cascade.saveUpdate && !property.viewOnly) this.#addReachable(child);
  }

  onDetached(_owner: Entity, property: RelationshipProperty, child: Entity): void {
    if (!property.cascade.deleteOrphan || child.$status !== Status.pending) return;
    // It may join another owner in the next moment.
    const properties = this.#letGo.get(child);
    if (properties === undefined) this.#letGo.set(child, new Set([property]));
    else properties.add(property);
  }

  onKeyChanged(entity: Entity): void {
    if (entity.$status === Status.pending) this.#indexPending(entity);
    else this.#mayChangeKeys = true;
  }

  onCollectionRead(array: RelationArray<Entity>): void {
    this.#readArrays.add(array);
  }

  onValueRead(entity: Entity): void {
    this.#readValues.add(entity);
  }

  [LAZY_LOAD]<T>(operation: (context: LoaderContext) => Promise<T>): Promise<T> {
    return this.#host.load(operation);
  }

  [ROW_IS_GONE](entity: Entity): void {
    this.#host.leaveDeleted(entity);
  }

  // ── taking in and letting go ───────────────────────────────────────────────

  /** An object that was marked for deletion stays after all. */
  #keep(entity: Entity): void {
    if (entity.$session !== this || !this.deleted.has(entity)) return;
    assertNotBeingDeleted(this.underWay, entity);
    this.deleted.delete(entity);
  }

  /**
   * What is here came with all that belongs to it: who adds objects one by one does not walk the whole graph for each.
   * @param seen what was reached before, by what has been taken in since
   * @param isWhole looks beyond what is here all the same
   */
  #addReachable(start: Entity, { seen, isWhole = false }: { seen?: Set<Entity>; isWhole?: boolean } = {}): void {
    this.#host.assertUsable();
    const isHome = isWhole ? null : (entity: Entity): boolean => entity.$session === this;
    const reached = reachableFrom(start, "saveUpdate", seen, isHome);
    let areAllNew = true;
    for (let i = 0; i < reached.length; i++) {
      if (!isWelcome(this, reached[i] as Entity, reached)) areAllNew = false; // `i` counts them
    }
    // Only what is here already belongs to this session yet.
    const taken = areAllNew ? reached : reached.filter(({ $session }) => $session !== this);
    for (let i = 0; i < taken.length; i++) this.#take(taken[i] as Entity); // as above
    for (let i = 0; i < taken.length; i++) {
      const entity = taken[i] as Entity; // as above
      if (undone.delete(entity)) rejoin(entity);
    }
    if (this.deleted.size > 0) keepMembers(this.deleted, taken);
  }

  #take(entity: Entity): void {
    entity.$session = this;
    if (entity.$key === null) {
      entity.$status = Status.pending;
      this.pending.add(entity);
      this.#indexPending(entity);
      if (entity.$extra !== null && entity.$extra.watched !== null) this.#readValues.add(entity);
    } else {
      entity.$status = Status.persistent;
      this.identityMap.add(entity, entity.$key);
      if (!isModified(entity)) return;
      this.dirty.add(entity);
      this.#mayChangeKeys = true;
    }
  }

  /** Lets a new object go. What it owns is deleted with it, and nothing refers to it any more. */
  #releaseNew(entity: Entity): void {
    this.#release(entity);
    for (const member of partFromAll(entity)) if (this.has(member)) this.delete(member);
  }

  /** New objects are found by their key as soon as they have one. */
  #indexPending(entity: Entity): void {
    const key = keyInAttributes(entity, mapperOf(entity));
    if (key === null) this.identityMap.removePending(entity);
    else this.identityMap.addPending(entity, key);
  }

  #release(entity: Entity): void {
    this.#readValues.delete(entity);
    for (const property of mapperOf(entity).relationships) {
      if (!property.many) continue;
      const value = readRaw(entity, property);
      if (value instanceof RelationArray) this.#readArrays.delete(value);
    }
    if (entity.$status === Status.pending) {
      this.makeTransient(entity);
      return;
    }
    this.dirty.delete(entity);
    this.deleted.delete(entity);
    if (entity.$key !== null && entity.$status === Status.persistent) this.identityMap.delete(entity, entity.$key);
    entity.$session = null;
    entity.$status = Status.detached;
  }
}

/** New objects that were in a session before: what they belong to may not know them any more. */
const undone = new WeakSet<Entity>();
