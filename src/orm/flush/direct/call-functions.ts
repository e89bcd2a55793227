import { type Entity, hasOwnChanges, readRaw } from "../../instance/index.ts";
import type { FlushContext } from "../context.ts";
import type { MadeValues } from "../decompose/made-values.ts";
import { getOrAdd } from "../get-or-add.ts";
import { type ClassPlan, classPlans, type Reference, type WrittenColumn } from "./class-plan.ts";

/**
 * Calls the functions that make values of rows, before any value is read: they may change objects of the flush. In the order
 * of the plan, by which a program may number its objects: new ones class by class, then the changed ones.
 * @returns false if there are objects for which only the plan can say what is called
 */
export function callFunctions({ pending, dirty, dialect }: FlushContext, made: MadeValues): boolean {
  const plans = classPlans(dialect);
  const isSimple = (entity: Entity): boolean => plans.ofObject(entity) !== null;
  if (!(pending.every(isSimple) && dirty.every(isSimple))) return false;
  const byClass = new Map<ClassPlan, Entity[]>();
  for (const entity of pending) {
    const plan = plans.ofObject(entity);
    if (plan !== null) getOrAdd(byClass, plan, () => []).push(entity);
  }
  for (const [plan, entities] of byClass) {
    const columns = plan.columns.filter(({ column }) => column.default?.kind === "function");
    if (columns.length > 0) for (const entity of entities) callDefaults(entity, columns, made);
  }
  for (const entity of dirty) {
    const onUpdate = plans.ofObject(entity)?.onUpdate ?? [];
    if (onUpdate.some(({ column }) => column.onUpdate?.kind === "function")) callOnUpdate(entity, onUpdate, made);
  }
  return true;
}

function callDefaults(entity: Entity, columns: readonly WrittenColumn[], made: MadeValues): void {
  for (const { column, reference, read, isGenerated } of columns) {
    if (reference !== null && isReferring(entity, reference)) continue; // it says what the row has
    const value = read(entity);
    if (value === undefined || (value === null && column.primaryKey && isGenerated))
      made.make(entity, column, column.default);
  }
}

function isReferring(entity: Entity, { property }: Reference): boolean {
  const target = readRaw(entity, property);
  return target !== undefined && target !== null;
}

function callOnUpdate(entity: Entity, columns: readonly WrittenColumn[], made: MadeValues): void {
  if (!hasOwnChanges(entity)) return;
  for (const { column, property } of columns) {
    const isSet = entity.$changes?.has(property) === true;
    if (!isSet && column.onUpdate?.kind === "function") made.make(entity, column, column.onUpdate);
  }
}
