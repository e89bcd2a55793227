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
  /** Edges that leave an operation, by its id; made when somebody asks. Operations without any have no array. */
  #outgoing: EdgeLists | null = null;
  #incoming: EdgeLists | null = null;

  add(operation: RowOperation): RowOperation {
    operation.id = this.operations.length;
    this.operations.push(operation);
    return operation;
  }

  order(from: RowOperation, to: RowOperation, kind: EdgeKind, constraint: Edge["constraint"]): void {
    const edge: Edge = { from, to, kind, constraint, dropped: false };
    this.edges.push(edge);
    if (this.#outgoing !== null) append(this.#outgoing, from.id, edge);
    if (this.#incoming !== null) append(this.#incoming, to.id, edge);
  }

  outgoing(operation: RowOperation): readonly Edge[] {
    this.#outgoing ??= this.#lists(({ from }) => from);
    return this.#outgoing[operation.id] ?? NONE;
  }

  incoming(operation: RowOperation): readonly Edge[] {
    this.#incoming ??= this.#lists(({ to }) => to);
    return this.#incoming[operation.id] ?? NONE;
  }

  #lists(end: (edge: Edge) => RowOperation): EdgeLists {
    const lists: EdgeLists = new Array(this.operations.length); // filled in no order: one that grows would become a table
    for (const edge of this.edges) append(lists, end(edge).id, edge);
    return lists;
  }
}

const NONE: readonly Edge[] = [];

type EdgeLists = (Edge[] | undefined)[];

/** Most operations have one or two: arrays of that length, where a pushed one keeps room for seventeen. */
function append(lists: EdgeLists, id: number, edge: Edge): void {
  const list = lists[id];
  if (list === undefined) lists[id] = [edge];
  else if (list.length === 1)
    lists[id] = [list[0] as Edge, edge]; // its only one
  else list.push(edge);
}
