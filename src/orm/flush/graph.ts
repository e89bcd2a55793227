import type { ForeignKeyConstraint, UniqueKey } from "../../schema/index.ts";
import type { RowOperation } from "./decompose/operation.ts";
import type { EdgeKind } from "./edges/edge.ts";

/** `from` must run before `to`. */
export interface Edge {
  readonly from: RowOperation;
  readonly to: RowOperation;
  readonly kind: EdgeKind;
  /** The constraint that asks for the order; null for orders that no constraint asks for. */
  readonly constraint: ForeignKeyConstraint | UniqueKey | null;
  /** Taken out again to break a cycle. */
  dropped: boolean;
}

/**
 * The row operations of a flush and the orders that they need, as a graph that later stages edit: breaking a cycle
 * drops edges and adds operations, it never rebuilds.
 */
export class FlushGraph {
  readonly operations: RowOperation[] = [];
  readonly edges: Edge[] = [];
  /** Edges that leave an operation, by its id. Operations without any have no array. */
  readonly #outgoing: (Edge[] | undefined)[] = [];
  readonly #incoming: (Edge[] | undefined)[] = [];

  add(operation: RowOperation): RowOperation {
    operation.id = this.operations.length;
    this.operations.push(operation);
    return operation;
  }

  order(from: RowOperation, to: RowOperation, kind: EdgeKind, constraint: Edge["constraint"]): void {
    const edge: Edge = { from, to, kind, constraint, dropped: false };
    this.edges.push(edge);
    append(this.#outgoing, from.id, edge);
    append(this.#incoming, to.id, edge);
  }

  outgoing(operation: RowOperation): readonly Edge[] {
    return this.#outgoing[operation.id] ?? NONE;
  }

  incoming(operation: RowOperation): readonly Edge[] {
    return this.#incoming[operation.id] ?? NONE;
  }
}

const NONE: readonly Edge[] = [];

/** Most operations have one or two: arrays of that length, where a pushed one keeps room for seventeen. */
function append(lists: (Edge[] | undefined)[], id: number, edge: Edge): void {
  const list = lists[id];
  if (list === undefined) lists[id] = [edge];
  else if (list.length === 1)
    lists[id] = [list[0] as Edge, edge]; // its only one
  else list.push(edge);
}
