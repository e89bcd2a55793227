import { type Entity, type IdentityKey, identityKeyOf } from "../../instance/index.ts";
import { type Mapper, mapperOf } from "../../mapping/index.ts";
import { getOrAdd } from "../get-or-add.ts";

/**
 * Deleted objects whose keys new ones have, which take over their rows: no row goes, and the database does nothing of what
 * ON DELETE says.
 */
export class TakenOver {
  readonly #pending: readonly Entity[];
  #keys: ReadonlyMap<Mapper, ReadonlySet<IdentityKey>> | null = null;

  constructor(pending: readonly Entity[]) {
    this.#pending = pending;
  }

  has(entity: Entity): boolean {
    if (this.#pending.length === 0 || entity.$key === null) return false;
    this.#keys ??= keysOf(this.#pending);
    return this.#keys.get(mapperOf(entity))?.has(entity.$key) === true;
  }
}

function keysOf(pending: readonly Entity[]): ReadonlyMap<Mapper, ReadonlySet<IdentityKey>> {
  const keys = new Map<Mapper, Set<IdentityKey>>();
  for (const entity of pending) {
    const key = identityKeyOf(entity);
    if (key !== null) getOrAdd(keys, mapperOf(entity), () => new Set()).add(key);
  }
  return keys;
}
