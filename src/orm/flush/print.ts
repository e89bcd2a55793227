import { explainEdge, nameOf } from "./explain-edge.ts";
import type { Edge } from "./graph.ts";
import type { FlushPlan, PlanStep } from "./plan.ts";
import type { Batch } from "./sort.ts";

const ROWS_SHOWN = 3;
const ORDERS_SHOWN = 8;

export function planToString(plan: FlushPlan): string {
  if (plan.isEmpty) return "flush plan: nothing to do";
  const lines = ["flush plan"];
  if (plan.deferral.allForeignKeys) lines.push("   all foreign keys are checked at the end of the transaction");
  for (const constraint of plan.deferral.constraints)
    lines.push(`   ${nameOf(constraint)} is checked at the end of the transaction`);
  for (const [i, step] of plan.steps.entries()) lines.push(...stepLines(step, i + 1));
  const reasons = [...new Set(plan.orders.map(({ reason }) => reason))];
  if (reasons.length > 0) lines.push("because");
  for (const reason of reasons.slice(0, ORDERS_SHOWN)) lines.push(`   ${reason}`);
  if (reasons.length > ORDERS_SHOWN) lines.push(`   ... and ${reasons.length - ORDERS_SHOWN} more`);
  return lines.join("\n");
}

function stepLines(step: PlanStep, number: number): string[] {
  const columns = step.columns.length > 0 ? ` (${step.columns.join(", ")})` : "";
  const rows = `${step.rowCount} row${step.rowCount === 1 ? "" : "s"}`;
  const head = `${String(number).padStart(2)} ${step.kind.toUpperCase()} ${step.table.name}${columns}: ${rows}`;
  const shown = step.rows.slice(0, ROWS_SHOWN).map((row) => `      ${row}`);
  if (step.rows.length > ROWS_SHOWN) shown.push(`      ... and ${step.rows.length - ROWS_SHOWN} more`);
  return [head, ...shown];
}

export function planToMermaid(batches: readonly Batch[], edges: readonly Edge[]): string {
  const stepOf = new Map(batches.flatMap((batch, i) => batch.operations.map((operation) => [operation, i] as const)));
  const lines = ["flowchart TD"];
  batches.forEach(({ shape, operations }, i) => {
    lines.push(`  s${i}["${shape.kind.toUpperCase()} ${escapeLabel(shape.table.name)}: ${operations.length}"]`);
  });
  const arrows = new Map<string, string>();
  for (const edge of edges) {
    const [from, to] = [stepOf.get(edge.from), stepOf.get(edge.to)];
    if (edge.dropped || from === undefined || to === undefined || arrows.has(`${from}/${to}`)) continue;
    arrows.set(`${from}/${to}`, `  s${from} -->|"${escapeLabel(explainEdge(edge))}"| s${to}`);
  }
  return [...lines, ...arrows.values()].join("\n");
}

/** Mermaid ends a label at a quote and reads `#` as the start of an entity. */
function escapeLabel(text: string): string {
  return text.replace(/#/g, "#35;").replace(/"/g, "#quot;");
}
