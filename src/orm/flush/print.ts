import { describe } from "../instance/index.ts";
import type { Orphan } from "./collect/orphans.ts";
import type { OperationKind } from "./decompose/operation.ts";
import { explainEdge, nameOf } from "./explain-edge.ts";
import type { Edge } from "./graph.ts";
import { type Arrow, flowchart } from "./mermaid.ts";
import type { FlushPlan, PlanStep } from "./plan.ts";
import type { Batch } from "./sort.ts";

const ROWS_SHOWN = 3;
const ORDERS_SHOWN = 8;

export function planToString(plan: FlushPlan, orphans: readonly Orphan[]): string {
  if (plan.isEmpty) return "flush plan: nothing to do";
  const { allForeignKeys, constraints } = plan.deferral;
  const lines = ["flush plan"];
  if (allForeignKeys) lines.push("   all foreign keys are checked at the end of the transaction");
  for (const constraint of constraints) lines.push(`   ${nameOf(constraint)} is checked at the end of the transaction`);
  for (const [i, step] of plan.steps.entries()) lines.push(...stepLines(step, plan.batches[i] as Batch, i + 1)); // a step is a batch
  lines.push(...list("orphans", orphans.map(describeOrphan)));
  lines.push(...list("because", [...new Set(plan.orders.map(({ reason }) => reason))]));
  return lines.join("\n");
}

function list(title: string, entries: readonly string[]): string[] {
  if (entries.length === 0) return [];
  const shown = entries.slice(0, ORDERS_SHOWN).map((entry) => `   ${entry}`);
  if (entries.length > ORDERS_SHOWN) shown.push(`   ... and ${entries.length - ORDERS_SHOWN} more`);
  return [title, ...shown];
}

/** `Child#3 was let go by Parent#1.children`. */
export function describeOrphan({ entity, owner, property }: Orphan): string {
  const by = owner === null ? property.mapper.name : describe(owner);
  return `${describe(entity)} was let go by ${by}.${property.name}`;
}

function stepLines(step: PlanStep, batch: Batch, number: number): string[] {
  const shown = step.rows.slice(0, ROWS_SHOWN).map((row) => `      ${row}`);
  if (step.rows.length > ROWS_SHOWN) shown.push(`      ... and ${step.rows.length - ROWS_SHOWN} more`);
  return [`${String(number).padStart(2)} ${headOf(batch, step.columns)}`, ...shown];
}

/** The step in one line: `INSERT child (parent_id, z): 2 rows`. */
function headOf(batch: Batch, columns: readonly string[]): string {
  const { shape, operations } = batch;
  const names = shape.isCompound || columns.length === 0 ? "" : ` (${columns.join(", ")})`;
  const size = isFollowing(batch) ? FOLLOWING : count(operations.length, shape.isCompound ? "operation" : "row");
  const suspended = operations[0]?.suspended === true ? ", without checks of foreign keys" : "";
  return `${titleOf(batch)}${names}: ${size}${suspended}`;
}

function titleOf({ shape, operations }: Batch): string {
  if (shape.isCompound)
    return `ONE STATEMENT for ${[...new Set(operations.map(({ table }) => table.name))].join(", ")}`;
  return `${VERBS[shape.kind]} ${shape.table.name}`;
}

/** Nobody knows how many rows these are. */
const FOLLOWING = "rows that refer to a changed key";

function isFollowing({ shape }: Batch): boolean {
  return shape.kind === "propagate" && !shape.isCompound;
}

const VERBS: Readonly<Record<OperationKind, string>> = {
  insert: "INSERT",
  update: "UPDATE",
  delete: "DELETE",
  propagate: "UPDATE",
  draw: "DRAW KEYS of",
};

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** One node a step, one arrow for each order between steps, with the first of its reasons. */
export function planToMermaid(batches: readonly Batch[], edges: readonly Edge[]): string {
  const stepOf = new Map(batches.flatMap((batch, i) => batch.operations.map((operation) => [operation, i] as const)));
  const arrows = new Map<string, Arrow>();
  // Orders between the parts of one row say less than others.
  for (const edge of [...edges].sort((a, b) => Number(a.kind === "restore") - Number(b.kind === "restore"))) {
    const [from, to] = [stepOf.get(edge.from), stepOf.get(edge.to)];
    if (edge.dropped || from === undefined || to === undefined || from === to || arrows.has(`${from}/${to}`)) continue;
    arrows.set(`${from}/${to}`, { from, to, label: explainEdge(edge) });
  }
  const nodes = batches.map(
    (batch) => `${titleOf(batch)}: ${isFollowing(batch) ? FOLLOWING : batch.operations.length}`,
  );
  return flowchart(nodes, arrows.values());
}
