import { type Entity, readRaw } from "../../instance/index.ts";
import type { Property } from "../../mapping/index.ts";

/**
 * New objects that become one with another object before anything is written: only that one, the survivor, has a row.
 * Objects themselves stay as they are until the flush has succeeded; until then, this says what they will be.
 */
export class United {
  /** The survivor of each object that becomes one with another. */
  readonly survivors: ReadonlyMap<Entity, Entity>;
  /** The attributes that survivors take over. `undefined`: a relationship gives way to its foreign key columns. */
  readonly values: ReadonlyMap<Entity, ReadonlyMap<Property, unknown>>;

  #known: ReadonlySet<Entity> | null = null;

  constructor(survivors: ReadonlyMap<Entity, Entity>, values: ReadonlyMap<Entity, ReadonlyMap<Property, unknown>>) {
    this.survivors = survivors;
    this.values = values;
  }

  /** The object that has the row: itself, for most. */
  survivorOf(entity: Entity): Entity {
    return this.survivors.get(entity) ?? entity;
  }

  /** Have others become one with it? */
  isSurvivor(entity: Entity): boolean {
    this.#known ??= new Set(this.survivors.values());
    return this.#known.has(entity);
  }

  /** What an object has for an attribute once it is united; see {@link readRaw}. */
  read(entity: Entity, property: Property): unknown {
    const values = this.values.size === 0 ? undefined : this.values.get(entity);
    return values?.has(property) === true ? values.get(property) : readRaw(entity, property);
  }
}

export const NOBODY_UNITED = new United(new Map(), new Map());
