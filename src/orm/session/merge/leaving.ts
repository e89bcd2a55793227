import type { Entity } from "../../instance/index.ts";
import { reachableFrom } from "../cascade.ts";
import type { UnitOfWork } from "../unit-of-work.ts";

/** What the next flush deletes: what was marked for that, and what goes with it, as far as it is in memory. */
export class LeavingObjects {
  readonly #deleted: ReadonlySet<Entity>;
  #reached: Set<Entity> | null = null;

  constructor({ deleted }: UnitOfWork) {
    this.#deleted = deleted;
  }

  has(entity: Entity): boolean {
    if (this.#deleted.size === 0) return false;
    return this.#deleted.has(entity) || this.#all().has(entity);
  }

  /** Found once for a merge, which deletes nothing before it copies. */
  #all(): ReadonlySet<Entity> {
    if (this.#reached === null) {
      this.#reached = new Set();
      for (const entity of this.#deleted) reachableFrom(entity, "delete", this.#reached);
    }
    return this.#reached;
  }
}
