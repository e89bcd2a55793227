export { collect } from "./collect/collect.ts";
export { followDeletes } from "./collect/delete-cascade.ts";
export type { NetChanges } from "./collect/net-changes.ts";
export { isOrphan } from "./collect/orphans.ts";
export type { FlushContext } from "./context.ts";
export { flush, plan } from "./flush.ts";
export type { Deferral } from "./ordered.ts";
export { FlushPlan, type PlanJson, type PlanStep } from "./plan.ts";
export { UndoLog } from "./undo-log.ts";
