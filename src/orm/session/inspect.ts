import { Engine, type Inspector } from "../../engine/index.ts";
import { committedValue, type Entity, type History, history, isEntity, readRaw, Status } from "../instance/index.ts";
import { type AnyModel, type Mapper, mapperOf } from "../mapping/index.ts";
import { type Session, sessionOf } from "./session.ts";

/** Where an object is in its life. */
export type ObjectState = "transient" | "pending" | "persistent" | "deleted" | "detached";

const STATES: Readonly<Record<Status, ObjectState>> = {
  [Status.transient]: "transient",
  [Status.pending]: "pending",
  [Status.persistent]: "persistent",
  [Status.deleted]: "deleted",
  [Status.detached]: "detached",
  [Status.gone]: "detached",
};

/** What is known of an object of a mapped class. Nothing is loaded by asking. */
export class ObjectInspection {
  readonly #entity: Entity;

  constructor(entity: Entity) {
    this.#entity = entity;
  }

  get mapper(): Mapper {
    return mapperOf(this.#entity);
  }

  get state(): ObjectState {
    return STATES[this.#entity.$status];
  }

  /**
   * The primary key of the row that the object stands for: the value, or an array of the values of several columns; null
   * if there is no row.
   */
  get identity(): unknown {
    const entity = this.#entity;
    if (entity.$key === null) return null;
    const values = this.mapper.primaryKey.map((property) => committedValue(entity, property));
    // The key of an expired object is known all the same.
    if (values.length === 1) return values[0] ?? entity.$key;
    return values;
  }

  /** The session that the object is in. */
  get session(): Session | null {
    return sessionOf(this.#entity.$session);
  }

  /**
   * Is the attribute there, so that reading it gives a value?
   * @throws MappingError if the class has no attribute of this name
   */
  isLoaded(name: string): boolean {
    return readRaw(this.#entity, this.mapper.property(name)) !== undefined;
  }

  /**
   * What changed in the attribute since it was loaded or flushed.
   * @throws MappingError if the class has no attribute of this name
   */
  history(name: string): History {
    return history(this.#entity, this.mapper.property(name));
  }
}

/**
 * Looks into things: an object of a mapped class gives its state, a mapped class its mapper, an engine the inspector of
 * its schema.
 *
 * @throws MappingError for a class that is not mapped, ArgumentError for other objects
 * @example
 * ```ts
 * import { declarativeBase, inspect, integer, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class User extends Base("users", { id: integer().primaryKey(), name: varchar(50) }) {}
 * const user = new User({ name: "ed" });
 * console.log(inspect(user).state); // "transient"
 * console.log(inspect(user).history("name").added); // ["ed"]
 * console.log(inspect(User).table.name); // "users"
 * ```
 */
export function inspect(engine: Engine): Inspector;
export function inspect(mappedClass: AnyModel): Mapper;
export function inspect(object: object): ObjectInspection;
export function inspect(subject: object): Inspector | Mapper | ObjectInspection {
  if (subject instanceof Engine) return subject.inspect();
  if (isEntity(subject)) return new ObjectInspection(subject);
  return mapperOf(subject);
}
