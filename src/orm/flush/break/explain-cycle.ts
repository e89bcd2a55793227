import { FlushCycleError } from "../../../errors/index.ts";
import type { UniqueKey } from "../../../schema/index.ts";
import { EDGE_KINDS } from "../edges/edge.ts";
import { factsOf } from "../edges/unique-key.ts";
import type { Edge } from "../graph.ts";
import type { BreakContext } from "./break-cycles.ts";
import { circleOf } from "./circle.ts";
import type { Component } from "./components.ts";
import { refersToNothing } from "./park.ts";

const SHOWN = 6;

/** The error for operations that no order satisfies: which rows, why each waits for the next, and what would help. */
export function explainCycle({ edges }: Component, context: BreakContext): FlushCycleError {
  const shortest = shortestCircle(edges);
  const circle = circleOf(shortest);
  const { constraints, orders } = circle;
  const steps = orders
    .slice(0, SHOWN)
    .map(({ before, after, reason }) => `  ${before} must run before ${after}: ${reason}`);
  if (orders.length > SHOWN) steps.push(`  ... and ${orders.length - SHOWN} more`);
  return new FlushCycleError(
    `No order of statements satisfies all constraints (${constraints.join(", ")}). Nothing was executed.\n${steps.join("\n")}\n${remedies(shortest, context)}`,
    { circle },
  );
}

function remedies(circle: readonly Edge[], context: BreakContext): string {
  const unique = circle.some(({ kind }) => EDGE_KINDS[kind].constraint === "unique");
  const foreign = circle.some(({ kind }) => EDGE_KINDS[kind].constraint === "foreign key");
  const ways = [
    "make a column of one of these constraints nullable",
    "declare one of them { deferrable: true } where the database can",
    ...(unique ? ["give a column parkValue(...), a value that a row may hold for a moment"] : []),
    ...(circle.some((edge) => wouldReinsert(edge, context))
      ? ["say { reinsert: true } in mapperArgs of its class"]
      : []),
    ...(context.maySuspendForeignKeys && (foreign || circle.some(isOfReference))
      ? ["open the session with { suspendForeignKeyChecks: true }"]
      : []),
    ...(foreign ? ["set the keys yourself instead of letting the database make them"] : []),
    "flush the change in two parts",
  ];
  return `Any of these helps: ${ways.join("; ")}.`;
}

/** Could the row be deleted and inserted again, if its class said so? */
function wouldReinsert({ kind, from }: Edge, { referring }: BreakContext): boolean {
  return kind === "slot" && from.kind === "update" && from.entity !== null && referring(from.table).length === 0;
}

/** Does the unique value that the edge is about refer to a row? */
function isOfReference({ kind, constraint }: Edge): boolean {
  if (EDGE_KINDS[kind].constraint !== "unique") return false;
  const { dependsOn } = factsOf(constraint as UniqueKey); // the kind says so
  return !dependsOn.every(refersToNothing);
}

/** One shortest circle through the first edge: the rest of the component would only hide it. */
function shortestCircle(edges: readonly Edge[]): readonly Edge[] {
  const [first] = edges;
  if (first === undefined) return [];
  const outgoing = new Map<Edge["from"], Edge[]>();
  for (const edge of edges) outgoing.set(edge.from, [...(outgoing.get(edge.from) ?? []), edge]);
  const reachedBy = new Map<Edge["from"], Edge>();
  const queue = [first.to];
  for (const operation of queue) {
    if (operation === first.from) break;
    for (const edge of outgoing.get(operation) ?? []) {
      if (edge === first || reachedBy.has(edge.to) || edge.to === first.to) continue;
      reachedBy.set(edge.to, edge);
      queue.push(edge.to);
    }
  }
  const circle: Edge[] = [];
  for (let at = first.from; at !== first.to; ) {
    const edge = reachedBy.get(at);
    if (edge === undefined) break;
    circle.unshift(edge);
    at = edge.from;
  }
  return [first, ...circle];
}
