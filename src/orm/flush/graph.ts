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
    const outgoing = this.#outgoing[from.id];
    if (outgoing === undefined) this.#outgoing[from.id] = [edge];
    else outgoing.push(edge);
    const incoming = this.#incoming[to.id];
    if (incoming === undefined) this.#incoming[to.id] = [edge];
    else incoming.push(edge);
  }

  outgoing(operation: RowOperation): readonly Edge[] {
    return this.#outgoing[operation.id] ?? NONE;
  }

  incoming(operation: RowOperation): readonly Edge[] {
    return this.#incoming[operation.id] ?? NONE;
  }
}

const NONE: readonly Edge[] = [];
