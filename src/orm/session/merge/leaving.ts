import { isOrphan } from "../../flush/index.ts";
import type { Entity } from "../../instance/index.ts";
import type { SessionWork } from "../session-work.ts";

/** What the next flush deletes: what was marked for that, what goes with it, and what lost its owner. */
export class LeavingObjects {
  readonly #deletes: ReadonlySet<Entity>;

  private constructor(deletes: ReadonlySet<Entity>) {
    this.#deletes = deletes;
  }

  /** Loads what goes with objects that are marked, as their flush would do. */
  static async of(work: SessionWork): Promise<LeavingObjects> {
    const { deleted } = work.objects;
    return new LeavingObjects(deleted.size === 0 ? deleted : await work.deletes());
  }

  has(entity: Entity): boolean {
    return this.#deletes.has(entity) || isOrphan(entity);
  }
}
