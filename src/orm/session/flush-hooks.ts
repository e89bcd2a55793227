import type { MaybePromise } from "../../engine/maybe-promise.ts";
import { InvalidStateError } from "../../errors/index.ts";
import { getOrAdd } from "../flush/get-or-add.ts";
import type { NetChanges } from "../flush/index.ts";
import { describe, type Entity, hasOwnChanges, Status } from "../instance/index.ts";
import { type Mapper, mapperOf } from "../mapping/index.ts";
import { type ClassEventName, type ClassListener, listenersTo } from "./class-listeners.ts";
import type { Session } from "./session.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** Listeners may bring new objects, which have listeners of their own; but not forever. */
const MAX_ROUNDS = 100;

/** The objects of each event. */
interface Calls {
  readonly beforeInsert: readonly Entity[];
  readonly beforeUpdate: readonly Entity[];
  readonly beforeDelete: readonly Entity[];
}

/** Calls the listeners of classes around one flush. */
export class FlushHooks {
  readonly #session: Session;
  readonly #objects: UnitOfWork;
  readonly #listeners = new Map<ClassEventName, Map<Mapper, readonly ClassListener<unknown>[]>>();
  #written: Calls = { beforeInsert: [], beforeUpdate: [], beforeDelete: [] };

  constructor(session: Session, objects: UnitOfWork) {
    this.#session = session;
    this.#objects = objects;
  }

  /**
   * Calls the `before` listeners of everything that is to be written, and of what turns up by that, until nothing new
   * does. Each object gets each event once.
   * @param collect finds what is to be written now
   * @param discard what was found does not count: a listener is going to be called, which may change it
   * @returns what is to be written after all
   * @throws InvalidStateError if there is no end to it
   */
  async before(collect: () => MaybePromise<NetChanges>, discard: () => void): Promise<NetChanges> {
    const done = { beforeInsert: new Set<Entity>(), beforeUpdate: new Set<Entity>(), beforeDelete: new Set<Entity>() };
    let last: Entity | null = null;
    for (let round = 0; round <= MAX_ROUNDS; round++) {
      const changes = await collect();
      const calls = callsOf(changes);
      const marked = new Set(this.#objects.deleted);
      this.#written = calls;
      let called: Entity | null = null;
      for (const event of ["beforeInsert", "beforeUpdate", "beforeDelete"] as const) {
        for (const entity of calls[event]) {
          if (done[event].has(entity) || !this.#isStillMeant(event, entity, marked)) continue;
          done[event].add(entity);
          if (this.#listenersOf(event, entity).length === 0) continue;
          discard();
          called = entity;
          await this.#call(event, entity);
        }
      }
      if (called === null) return changes;
      last = called;
    }
    const name = last === null ? "" : ` The last one was ${describe(last)}.`;
    throw new InvalidStateError(
      `After ${MAX_ROUNDS} rounds, listeners of classes still bring new objects into the flush.${name} A listener must not ` +
        "add an object of its own class each time.",
    );
  }

  /** Calls the `after` listeners of everything that was written. */
  async after(): Promise<void> {
    const { beforeInsert, beforeUpdate, beforeDelete } = this.#written;
    for (const entity of beforeInsert) {
      // One that became one with another object was not stored itself.
      if (entity.$status === Status.persistent) await this.#call("afterInsert", entity);
    }
    for (const entity of beforeUpdate) await this.#call("afterUpdate", entity);
    for (const entity of beforeDelete) await this.#call("afterDelete", entity);
  }

  /**
   * A listener that was called before may have let the object go, or kept it after all.
   * @param marked the objects that were marked for deletion when the round began
   */
  #isStillMeant(event: keyof Calls, entity: Entity, marked: ReadonlySet<Entity>): boolean {
    const { pending, deleted } = this.#objects;
    if (event === "beforeInsert") return pending.has(entity);
    if (!this.#objects.has(entity)) return false;
    return event === "beforeUpdate" ? !deleted.has(entity) : !marked.has(entity) || deleted.has(entity);
  }

  async #call(event: ClassEventName, entity: Entity): Promise<void> {
    for (const listener of this.#listenersOf(event, entity)) await listener(entity, this.#session);
  }

  #listenersOf(event: ClassEventName, entity: Entity): readonly ClassListener<unknown>[] {
    const mapper = mapperOf(entity);
    const byMapper = getOrAdd(this.#listeners, event, () => new Map<Mapper, readonly ClassListener<unknown>[]>());
    return getOrAdd(byMapper, mapper, () => listenersTo(mapper.mappedClass, event));
  }
}

function callsOf({ inserts, updates, deletes, unlinked, united }: NetChanges): Calls {
  return {
    beforeInsert: inserts,
    beforeUpdate: updates.filter(
      (entity) => hasOwnChanges(entity) || unlinked.has(entity) || united.values.has(entity),
    ),
    beforeDelete: deletes,
  };
}
