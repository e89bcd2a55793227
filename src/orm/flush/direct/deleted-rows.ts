import type { Dialect } from "../../../engine/dialect.ts";
import type { Entity } from "../../instance/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import { compareValues } from "../sort.ts";
import { type ClassPlan, classPlans, isCurrent, type WrittenColumn } from "./class-plan.ts";

/** The deleted objects of one class, in the order of their keys. */
export class DeletedRows {
  readonly plan: ClassPlan;
  readonly key: WrittenColumn;
  /** One of the objects. */
  readonly first: Entity;
  readonly keys: unknown[] = [];
  #isInOrder = true;

  constructor(plan: ClassPlan, key: WrittenColumn, first: Entity) {
    this.plan = plan;
    this.key = key;
    this.first = first;
  }

  /** @returns false if its key is not known: it expired */
  add(entity: Entity): boolean {
    const key = this.key.read(entity);
    if (key === undefined) return false;
    const { keys } = this;
    if (keys.length > 0 && compareValues(keys[keys.length - 1], key) > 0) this.#isInOrder = false;
    keys.push(key);
    return true;
  }

  /** Mostly they are in order: objects are deleted as they were loaded. */
  sort(): void {
    if (!this.#isInOrder) this.keys.sort(compareValues);
    this.#isInOrder = true;
  }
}

/**
 * The rows of a flush that does nothing but delete, from the tables that refer to others upwards.
 * @returns null if the flush needs a plan
 */
export function directDeletes(changes: NetChanges, dialect: Dialect): readonly DeletedRows[] | null {
  const { inserts, updates, unlinked, links, discarded, united, deletes } = changes;
  if (inserts.length + updates.length + links.length + discarded.length > 0) return null;
  if (unlinked.size > 0 || united.survivors.size > 0 || deletes.length === 0) return null;
  const plans = classPlans(dialect);
  const all: DeletedRows[] = [];
  let last: DeletedRows | null = null;
  for (let i = 0; i < deletes.length; i++) {
    const entity = deletes[i] as Entity; // `i` counts them
    const plan = plans.ofObject(entity);
    if (plan === null || plan.key === null || !plan.isDeletable || entity.$changes !== null) return null;
    if (last === null || last.plan !== plan) {
      last = all.find((rows) => rows.plan === plan) ?? null;
      if (last === null) {
        last = new DeletedRows(plan, plan.key, entity);
        all.push(last);
      }
    }
    if (!last.add(entity)) return null;
  }
  const isOrdered = ({ plan }: DeletedRows): boolean =>
    isCurrent(plan) && !all.some((one) => plan.deletedBefore.includes(one.plan.table));
  if (!all.every(isOrdered)) return null;
  for (const rows of all) rows.sort();
  return all.sort((a, b) => b.plan.rank - a.plan.rank);
}
