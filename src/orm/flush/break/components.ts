import type { RowOperation } from "../decompose/operation.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { Edge, FlushGraph } from "../graph.ts";
import { Units } from "../units.ts";

/** A search through pairs is faster than a table for as many edges as most cycles have. */
const FEW_EDGES = 16;

/** As many edges as a component may have for which it is worth trying what would undo it. */
const SMALL = 24;

/** Operations that wait for each other in a circle, and the edges between them. */
export class Component {
  readonly operations: readonly RowOperation[];
  readonly edges: readonly Edge[];
  #ties: Map<RowOperation, Map<RowOperation, Edge[]>> | null = null;
  #members: Set<RowOperation> | null = null;

  constructor(operations: readonly RowOperation[], edges: readonly Edge[]) {
    this.operations = operations;
    this.edges = edges;
  }

  has(operation: RowOperation): boolean {
    this.#members ??= new Set(this.operations);
    return this.#members.has(operation);
  }

  /** Does the edge alone tie its operations together? Taking one of several out changes nothing. */
  isOnlyTie(edge: Edge): boolean {
    const { edges } = this;
    if (edges.length > FEW_EDGES) return this.everyTie(edge, (other) => other === edge);
    for (let i = 0; i < edges.length; i++) {
      const other = edges[i] as Edge; // `i` counts them
      if (other !== edge && other.from === edge.from && other.to === edge.to) return false;
    }
    return true;
  }

  /** So few edges that trying costs nothing? */
  get isSmall(): boolean {
    return this.edges.length <= SMALL;
  }

  /** Would no circle be left without these edges? Takes time in the square of the edges. */
  isUndoneWithout(taken: readonly Edge[]): boolean {
    let edges = this.edges.filter((edge) => !taken.includes(edge));
    for (;;) {
      const waiting = new Set(edges.map(({ to }) => to));
      const rest = edges.filter(({ from }) => waiting.has(from)); // what waits for nothing is in no circle
      if (rest.length === edges.length) return rest.length === 0;
      edges = rest;
    }
  }

  /** Is the edge on a circle of those that are left? In a large component nobody looks. */
  mayBeOnCircle({ from, to }: Edge): boolean {
    if (!this.isSmall) return true;
    const reached = new Set([to]);
    for (const at of reached) {
      if (at === from) return true;
      for (const edge of this.edges) if (!edge.dropped && edge.from === at) reached.add(edge.to);
    }
    return false;
  }

  /** Is something true of all edges that have the same beginning and end, the edge itself included? */
  everyTie({ from, to }: Edge, holds: (edge: Edge) => boolean): boolean {
    const { edges } = this;
    if (edges.length <= FEW_EDGES)
      return edges.every((other) => other.from !== from || other.to !== to || holds(other));
    this.#ties ??= tiesOf(edges);
    return this.#ties.get(from)?.get(to)?.every(holds) ?? true;
  }
}

function tiesOf(edges: readonly Edge[]): Map<RowOperation, Map<RowOperation, Edge[]>> {
  const ties = new Map<RowOperation, Map<RowOperation, Edge[]>>();
  for (const edge of edges) {
    const targets = getOrAdd(ties, edge.from, () => new Map<RowOperation, Edge[]>());
    getOrAdd(targets, edge.to, () => []).push(edge);
  }
  return ties;
}

/** Most cycles have no common statements. */
const NO_UNITS = new Units([]);

const OUTSIDE = 0;
const UNSEEN = 1;
const ON_STACK = 2;
const DONE = 3;

/** Cycles that are found and not yet asked for, one behind the other. */
interface Pending {
  readonly operations: RowOperation[];
  /** Of each cycle, where its operations begin and how many edges it has. */
  readonly numbers: number[];
}

/**
 * Finds the strongly connected components of parts of a graph that hold at least one cycle (Tarjan's algorithm, without
 * recursion: a chain of 100,000 rows is no deeper than one of ten). Its tables are made once: the many small cycles of a
 * large flush cost no memory each until it is their turn.
 */
export class CycleFinder {
  readonly #graph: FlushGraph;
  #units = NO_UNITS;
  readonly #merged = new Map<RowOperation, readonly Edge[]>();
  #state = new Uint8Array(0);
  #index = new Int32Array(0);
  #low = new Int32Array(0);
  /** The component that an operation belongs to. */
  #owner = new Int32Array(0);
  #next = new Int32Array(0);
  #visited = 0;
  #components = 0;
  readonly #pending: Pending = { operations: [], numbers: [] };
  readonly #stack: RowOperation[] = [];
  readonly #path: RowOperation[] = [];

  constructor(graph: FlushGraph) {
    this.#graph = graph;
  }

  /**
   * Finds the cycles among `operations`, which {@link next} returns; edges to others do not count. Operations that share a
   * statement count as one.
   */
  find(operations: readonly RowOperation[]): void {
    this.#grow(this.#graph.operations.length);
    this.#units = operations.some(({ group }) => group !== null) ? new Units(operations) : NO_UNITS;
    if (this.#merged.size > 0) this.#merged.clear(); // clearing makes a new table, also of an empty map
    operations.forEach(({ id }) => {
      this.#state[id] = UNSEEN;
      this.#next[id] = 0;
    });
    operations.forEach((operation) => {
      if (this.#units.headOf(operation) === operation && this.#state[operation.id] === UNSEEN) this.#visit(operation);
    });
    operations.forEach(({ id }) => {
      this.#state[id] = OUTSIDE;
    });
  }

  /** The cycle that was found last and not returned yet; undefined if there are no more. */
  next(): Component | undefined {
    const { operations, numbers } = this.#pending;
    for (;;) {
      const count = numbers.pop();
      const start = numbers.pop();
      if (count === undefined || start === undefined) return undefined;
      const members = operations.slice(start);
      while (operations.length > start) operations.pop();
      const edges = new Array<Edge>(count);
      if (this.#readEdges(members, edges) === count) return new Component(sortById(members), edges);
      this.find(sortById(members)); // what broke another cycle took some of its edges
    }
  }

  /** The edges that leave an operation, or all that share its statement, one by one. */
  #outgoingAt(head: RowOperation, position: number): Edge | undefined {
    if (head.group === null) return this.#graph.outgoingAt(head, position);
    return this.#mergedOf(head)[position];
  }

  #mergedOf(head: RowOperation): readonly Edge[] {
    return getOrAdd(this.#merged, head, () =>
      this.#units
        .membersOf(head)
        .flatMap((member) => this.#graph.outgoing(member))
        .filter((edge) => edge.to.group !== head.group),
    );
  }

  #grow(length: number): void {
    if (length <= this.#state.length) return;
    const size = Math.max(length, this.#state.length * 2);
    this.#state = resized(new Uint8Array(size), this.#state);
    this.#index = resized(new Int32Array(size), this.#index);
    this.#low = resized(new Int32Array(size), this.#low);
    this.#owner = resized(new Int32Array(size), this.#owner);
    this.#next = resized(new Int32Array(size), this.#next);
  }

  #enter(operation: RowOperation): void {
    const { id } = operation;
    this.#index[id] = this.#visited;
    this.#low[id] = this.#visited++;
    this.#state[id] = ON_STACK;
    this.#stack.push(operation);
    this.#path.push(operation);
  }

  #visit(root: RowOperation): void {
    const path = this.#path;
    this.#enter(root);
    for (let operation = path.at(-1); operation !== undefined; operation = path.at(-1)) {
      const { id } = operation;
      const position = this.#next[id] as number; // the tables are as long as the graph
      this.#next[id] = position + 1;
      const edge = this.#outgoingAt(operation, position);
      if (edge === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (parent !== undefined) this.#lower(parent, this.#low[id] as number); // as above
        if (this.#low[id] === this.#index[id]) this.#collect(operation);
      } else if (!edge.dropped) {
        const to = this.#units.headOf(edge.to);
        const state = this.#state[to.id];
        if (state === UNSEEN) this.#enter(to);
        else if (state === ON_STACK) this.#lower(operation, this.#index[to.id] as number); // as above
      }
    }
  }

  #lower({ id }: RowOperation, value: number): void {
    if (value < (this.#low[id] as number)) this.#low[id] = value; // as above
  }

  #refersToItself(operation: RowOperation): boolean {
    for (let at = 0, edge = this.#graph.outgoingAt(operation, 0); edge !== undefined; ) {
      if (edge.to === operation && !edge.dropped) return true;
      edge = this.#graph.outgoingAt(operation, ++at);
    }
    return false;
  }

  #collect(root: RowOperation): void {
    const component = ++this.#components;
    const stack = this.#stack;
    if (stack.at(-1) === root && root.group === null && !this.#refersToItself(root)) {
      stack.pop(); // most operations are in no circle: nothing is kept for them
      this.#state[root.id] = DONE;
      return;
    }
    const { operations, numbers } = this.#pending;
    const start = operations.length;
    for (let head = stack.pop(); head !== undefined; head = head === root ? undefined : stack.pop()) {
      this.#state[head.id] = DONE;
      for (const member of this.#units.membersOf(head)) {
        this.#owner[member.id] = component;
        operations.push(member);
      }
    }
    const edges = this.#readEdges(operations, null, start);
    if (edges > 0) numbers.push(start, edges);
    else while (operations.length > start) operations.pop();
  }

  /**
   * Reads the edges within one component.
   * @param operations its operations, from `start` on
   * @returns how many there are
   */
  #readEdges(operations: readonly RowOperation[], edges: Edge[] | null, start = 0): number {
    let count = 0;
    for (let i = start; i < operations.length; i++) {
      const member = operations[i] as RowOperation; // `i` counts them
      const component = this.#owner[member.id];
      for (let at = 0, edge = this.#graph.outgoingAt(member, 0); edge !== undefined; ) {
        const { to, dropped } = edge;
        const isWithin = member.group !== null && to.group === member.group;
        if (!dropped && !isWithin && this.#owner[to.id] === component) {
          if (edges !== null) edges[count] = edge;
          count++;
        }
        edge = this.#graph.outgoingAt(member, ++at);
      }
    }
    return count;
  }
}

/** As many operations are sorted where they are: `sort` copies them, for each of the small cycles of a large flush. */
const FEW_OPERATIONS = 16;

function sortById(operations: RowOperation[]): RowOperation[] {
  if (operations.length > FEW_OPERATIONS) return operations.sort((a, b) => a.id - b.id);
  for (let i = 1; i < operations.length; i++) {
    const operation = operations[i] as RowOperation; // `i` counts them
    let at = i;
    for (; at > 0; at--) {
      const before = operations[at - 1] as RowOperation; // as above
      if (before.id < operation.id) break;
      operations[at] = before;
    }
    operations[at] = operation;
  }
  return operations;
}

function resized<A extends Uint8Array | Int32Array>(target: A, from: A): A {
  target.set(from);
  return target;
}
