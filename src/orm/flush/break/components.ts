import type { RowOperation } from "../decompose/operation.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { Edge, FlushGraph } from "../graph.ts";

/** Operations that wait for each other in a circle, and the edges between them. */
export interface Component {
  readonly operations: readonly RowOperation[];
  readonly edges: readonly Edge[];
}

/**
 * The strongly connected components of a part of the graph that hold at least one cycle (Tarjan's algorithm, without
 * recursion: a chain of 100,000 rows is no deeper than one of ten).
 */
export function findCycles(graph: FlushGraph, operations: readonly RowOperation[]): Component[] {
  const inside = new Set(operations);
  const index = new Map<RowOperation, number>();
  const low = new Map<RowOperation, number>();
  const onStack = new Set<RowOperation>();
  const stack: RowOperation[] = [];
  const components: Component[] = [];

  const visit = (root: RowOperation): void => {
    const path: { operation: RowOperation; next: number }[] = [];
    const enter = (operation: RowOperation): void => {
      index.set(operation, index.size);
      low.set(operation, index.size - 1);
      stack.push(operation);
      onStack.add(operation);
      path.push({ operation, next: 0 });
    };
    enter(root);
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const { operation } = frame;
      const edge = graph.outgoing(operation)[frame.next++];
      if (edge === undefined) {
        path.pop();
        const parent = path.at(-1)?.operation;
        if (parent !== undefined) low.set(parent, Math.min(at(low, parent), at(low, operation)));
        if (at(low, operation) === at(index, operation)) collect(operation);
      } else if (!edge.dropped && inside.has(edge.to)) {
        if (!index.has(edge.to)) enter(edge.to);
        else if (onStack.has(edge.to)) low.set(operation, Math.min(at(low, operation), at(index, edge.to)));
      }
    }
  };

  const collect = (root: RowOperation): void => {
    const members: RowOperation[] = [];
    for (;;) {
      const member = stack.pop() as RowOperation; // the root is on the stack
      onStack.delete(member);
      members.push(member);
      if (member === root) break;
    }
    const component = new Set(members);
    const edges = members.flatMap((member) =>
      graph.outgoing(member).filter((edge) => !edge.dropped && component.has(edge.to)),
    );
    if (edges.length > 0) components.push({ operations: members.sort((a, b) => a.id - b.id), edges });
  };

  for (const operation of operations) if (!index.has(operation)) visit(operation);
  return components;
}

function at(numbers: ReadonlyMap<RowOperation, number>, operation: RowOperation): number {
  return numbers.get(operation) as number; // set when the operation was entered
}

/** Tells the edges that alone tie their operations together. Taking one of several out changes nothing. */
export function onlyTies({ edges }: Component): (edge: Edge) => boolean {
  const ties = new Map<RowOperation, Map<RowOperation, number>>();
  for (const { from, to } of edges) {
    const targets = getOrAdd(ties, from, () => new Map<RowOperation, number>());
    targets.set(to, (targets.get(to) ?? 0) + 1);
  }
  return (edge) => ties.get(edge.from)?.get(edge.to) === 1;
}
