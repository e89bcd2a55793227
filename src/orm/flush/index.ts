export { collect } from "./collect/collect.ts";
export type { NetChanges } from "./collect/net-changes.ts";
export type { FlushContext } from "./context.ts";
export { flush, plan } from "./flush.ts";
export { type Deferral, FlushPlan, type PlanJson, type PlanStep } from "./plan.ts";
export { UndoLog } from "./undo-log.ts";
