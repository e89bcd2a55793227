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
  /** Edges that leave an operation, by its id; made when somebody asks. */
  #outgoing: EdgeList[] | null = null;
  #incoming: EdgeList[] | null = null;

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
    const list = this.#outgoingOf(operation);
    return list === undefined ? NONE : Array.isArray(list) ? list : [list];
  }

  incoming(operation: RowOperation): readonly Edge[] {
    const list = this.#incomingOf(operation);
    return list === undefined ? NONE : Array.isArray(list) ? list : [list];
  }

  /** The edges that leave an operation, one by one: a large flush should not make an array to read one edge. */
  outgoingAt(operation: RowOperation, position: number): Edge | undefined {
    const list = this.#outgoingOf(operation);
    if (Array.isArray(list)) return list[position];
    return position === 0 ? list : undefined;
  }

  /** The edges that lead to an operation, one by one. */
  incomingAt(operation: RowOperation, position: number): Edge | undefined {
    const list = this.#incomingOf(operation);
    if (Array.isArray(list)) return list[position];
    return position === 0 ? list : undefined;
  }

  /** Must one of `targets` wait for one of `starts`, or run together with it? */
  isBehind(targets: readonly RowOperation[], starts: readonly RowOperation[]): boolean {
    const reached = new Set(starts);
    for (const operation of reached) {
      if (targets.includes(operation)) return true;
      for (const { to, dropped } of this.outgoing(operation)) if (!dropped) reached.add(to);
      for (const member of operation.group?.members ?? []) reached.add(member);
    }
    return false;
  }

  #outgoingOf({ id }: RowOperation): EdgeList {
    this.#outgoing ??= this.#lists(({ from }) => from);
    return this.#outgoing[id];
  }

  #incomingOf({ id }: RowOperation): EdgeList {
    this.#incoming ??= this.#lists(({ to }) => to);
    return this.#incoming[id];
  }

  #lists(end: (edge: Edge) => RowOperation): EdgeList[] {
    const lists: EdgeList[] = new Array(this.operations.length); // filled in no order: one that grows would become a table
    this.edges.forEach((edge) => {
      append(lists, end(edge).id, edge);
    });
    return lists;
  }
}

const NONE: readonly Edge[] = [];

/** Most operations have one: a large flush should not keep an array for each. */
type EdgeList = Edge | Edge[] | undefined;

function append(lists: EdgeList[], id: number, edge: Edge): void {
  const list = lists[id];
  if (list === undefined) lists[id] = edge;
  else if (Array.isArray(list)) list.push(edge);
  else lists[id] = [list, edge];
}
