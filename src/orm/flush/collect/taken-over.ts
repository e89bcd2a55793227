import type { Table } from "../../../schema/index.ts";
import { type Entity, type IdentityKey, identityKeyOf } from "../../instance/index.ts";
import { mapperOf } from "../../mapping/index.ts";
import { getOrAdd } from "../get-or-add.ts";

/**
 * Deleted objects whose keys new ones have, which take over their rows: no row goes, and the database does nothing of what
 * ON DELETE says.
 */
export class TakenOver {
  readonly #pending: readonly Entity[];
  #keys: ReadonlyMap<Table, ReadonlySet<IdentityKey>> | null = null;

  constructor(pending: readonly Entity[]) {
    this.#pending = pending;
  }

  /** Does a new object take over the row that the deleted one has in the table? */
  has(entity: Entity, table: Table): boolean {
    if (this.#pending.length === 0 || entity.$key === null) return false;
    this.#keys ??= keysOf(this.#pending);
    return this.#keys.get(table)?.has(entity.$key) === true;
  }
}

function keysOf(pending: readonly Entity[]): ReadonlyMap<Table, ReadonlySet<IdentityKey>> {
  const keys = new Map<Table, Set<IdentityKey>>();
  for (const entity of pending) {
    const key = identityKeyOf(entity);
    if (key === null) continue;
    for (const table of mapperOf(entity).tables) getOrAdd(keys, table, () => new Set()).add(key);
  }
  return keys;
}
