import type { FlushCircle } from "../../../errors/index.ts";
import { describeOperation } from "../describe.ts";
import { explainEdge, nameOf } from "../explain-edge.ts";
import type { Edge } from "../graph.ts";
import { flowchart } from "../mermaid.ts";

/** A circle of orders, as `FlushCycleError` shows it. */
export function circleOf(edges: readonly Edge[]): FlushCircle {
  const operations = [...new Set(edges.flatMap(({ from, to }) => [from, to]))];
  const rows = operations.map(describeOperation);
  const orders = edges.map((edge) => ({
    before: describeOperation(edge.from),
    after: describeOperation(edge.to),
    reason: explainEdge(edge),
  }));
  return {
    rows,
    constraints: [...new Set(edges.flatMap(({ constraint }) => (constraint === null ? [] : [nameOf(constraint)])))],
    orders,
    toMermaid: () =>
      flowchart(
        rows,
        edges.map(({ from, to }, i) => ({
          from: operations.indexOf(from),
          to: operations.indexOf(to),
          label: orders[i]?.reason ?? "",
        })),
      ),
  };
}
