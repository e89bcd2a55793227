import type { ForeignKeyConstraint, Table } from "../../schema/index.ts";
import type { RowOperation } from "./decompose/operation.ts";
import { getOrAdd } from "./get-or-add.ts";
import type { Edge, FlushGraph } from "./graph.ts";
import { mayBeTaken } from "./hold-back.ts";
import { Units } from "./units.ts";

/** Operations of one shape (table, kind, columns) that run as one statement, or as few as the parameter limit allows. */
export interface Batch {
  readonly shape: Shape;
  readonly operations: readonly RowOperation[];
}

/** What makes operations fit into one statement. */
export interface Shape {
  readonly table: Table;
  readonly kind: RowOperation["kind"];
  /** The statement has several parts, each of a table and kind of its own; `table` and `kind` are those of the first. */
  readonly isCompound: boolean;
}

type Below = (table: Table) => readonly ForeignKeyConstraint[];

const NO_KEYS: readonly ForeignKeyConstraint[] = [];
const NOTHING_BELOW: Below = () => NO_KEYS;

/** Operations of one shape that wait or are ready. */
interface Bucket extends Shape {
  /** The operation by which the shape is known. */
  readonly first: RowOperation;
  readonly order: number;
  ready: RowOperation[];
  waiting: number;
  /** What had better run before, though no row is known to ask for it. */
  behind: readonly Bucket[];
}

/**
 * Puts the operations of an acyclic graph into batches: Kahn's algorithm with a ready queue a shape, so that batches
 * stay large. A shape of which no operation waits any more goes first, since it will never be larger; then deletes,
 * which free what others take, updates and inserts.
 * @param below the foreign keys that refer to rows which ON DELETE CASCADE takes along with rows of a table
 * @returns the batches in order; `stuck` are the operations that wait for each other in a circle
 */
export function sort(
  graph: FlushGraph,
  rank: (table: Table) => number,
  below: Below = NOTHING_BELOW,
): { batches: Batch[]; stuck: RowOperation[] } {
  const { operations } = graph;
  const units = new Units(operations);
  if (graph.edges.length === 0 && units.isEmpty) return { batches: inShapeOrder(operations, rank, below), stuck: [] };
  const blockers = countBlockers(graph, units);
  const followers = new Followers(graph);
  const buckets = new Buckets(rank);
  const bucketOf: Bucket[] = new Array(operations.length);
  operations.forEach((operation) => {
    const bucket =
      operation.group?.kind === "compound" ? buckets.ofAll(units.membersOf(operation)) : buckets.of(operation);
    bucketOf[operation.id] = bucket;
    bucket.waiting++;
  });
  holdBack(buckets.all, below);
  const makeReady = (operation: RowOperation): void => {
    const bucket = bucketOf[operation.id] as Bucket; // every operation got a bucket above
    bucket.ready.push(operation);
    bucket.waiting--;
  };
  const release = (head: RowOperation): void => {
    if (head.group === null) makeReady(head);
    else for (const operation of units.membersOf(head)) makeReady(operation);
  };
  operations.forEach((operation) => {
    if (blockers[operation.id] === 0 && units.headOf(operation) === operation) release(operation);
  });

  const batches: Batch[] = [];
  let done = 0;
  for (let bucket = choose(buckets.all); bucket !== null; bucket = choose(buckets.all)) {
    const batch = bucket.ready;
    bucket.ready = [];
    done += batch.length;
    batches.push({ shape: bucket, operations: inRowOrder(batch) });
    followers.visit(batch, (edge) => {
      if (edge.dropped || isWithin(units, edge)) return;
      const head = units.headOf(edge.to);
      blockers[head.id] = (blockers[head.id] as number) - 1; // one for each operation
      if (blockers[head.id] === 0) release(head);
    });
  }
  const stuck = done === operations.length ? [] : stuckOf(graph, batches);
  return { batches, stuck };
}

/** The batches of operations that need not wait for each other, and of which each moves alone. */
export function inShapeOrder(
  operations: readonly RowOperation[],
  rank: (table: Table) => number,
  below: Below = NOTHING_BELOW,
): Batch[] {
  const buckets = new Buckets(rank);
  operations.forEach((operation) => {
    buckets.of(operation).ready.push(operation);
  });
  const batchOf = (bucket: Bucket): Batch => ({ shape: bucket, operations: inRowOrder(bucket.ready) });
  if (!holdBack(buckets.all, below)) return [...buckets.all].sort((a, b) => a.order - b.order).map(batchOf);
  const batches: Batch[] = [];
  for (let bucket = choose(buckets.all); bucket !== null; bucket = choose(buckets.all)) {
    batches.push(batchOf(bucket));
    bucket.ready = [];
  }
  return batches;
}

/**
 * Rows that go along with deleted ones are known to nobody: what may refer to them is written before.
 * @returns true if something is held back
 */
function holdBack(buckets: readonly Bucket[], below: Below): boolean {
  let isHeld = false;
  for (const bucket of buckets) {
    const foreignKeys = bucket.kind === "delete" ? below(bucket.table) : NO_KEYS;
    if (foreignKeys.length === 0) continue;
    bucket.behind = buckets.filter((other) => other !== bucket && mayBeTaken(other.first, foreignKeys));
    isHeld ||= bucket.behind.length > 0;
  }
  return isHeld;
}

/** The edges by the operation that they leave, in two tables: a large graph is sorted without an array for each. */
class Followers {
  readonly #graph: FlushGraph;
  /** Filled when the first operations are ready: where all wait in circles, nobody asks. */
  #edges: Edge[] = [];
  /** Where the edges of an operation begin, by its id; they end where those of the next one begin. */
  #starts = new Int32Array(0);

  constructor(graph: FlushGraph) {
    this.#graph = graph;
  }

  #fill({ operations, edges }: FlushGraph): void {
    const starts = new Int32Array(operations.length + 1);
    for (let i = 0; i < edges.length; i++) {
      const { id } = (edges[i] as Edge).from; // `i` counts them
      starts[id + 1] = (starts[id + 1] as number) + 1; // one for each operation, and one more
    }
    for (let id = 1; id < starts.length; id++) starts[id] = (starts[id] as number) + (starts[id - 1] as number); // as above
    const next = starts.slice();
    this.#edges = new Array(edges.length);
    for (let i = 0; i < edges.length; i++) {
      const edge = edges[i] as Edge; // as above
      const position = next[edge.from.id] as number; // as above
      this.#edges[position] = edge;
      next[edge.from.id] = position + 1;
    }
    this.#starts = starts;
  }

  visit(operations: readonly RowOperation[], visitor: (edge: Edge) => void): void {
    if (this.#graph.edges.length === 0) return;
    if (this.#edges.length === 0) this.#fill(this.#graph);
    for (let i = 0; i < operations.length; i++) {
      const { id } = operations[i] as RowOperation; // `i` counts them
      const end = this.#starts[id + 1] as number; // one for each operation, and one more
      for (let at = this.#starts[id] as number; at < end; at++) visitor(this.#edges[at] as Edge); // as above
    }
  }
}

/** How many orders each unit still waits for, by the id of its first operation. */
function countBlockers(graph: FlushGraph, units: Units): Int32Array {
  const blockers = new Int32Array(graph.operations.length);
  graph.edges.forEach((edge) => {
    if (edge.dropped || isWithin(units, edge)) return;
    const { id } = units.headOf(edge.to);
    blockers[id] = (blockers[id] as number) + 1; // one for each operation
  });
  return blockers;
}

/** An order between operations that run at the same time says nothing. */
function isWithin(units: Units, { from, to }: Edge): boolean {
  return from !== to && from.group !== null && units.headOf(from) === units.headOf(to);
}

const KIND_ORDER = { draw: -1, delete: 0, update: 1, propagate: 2, insert: 3 } as const;

/** As many shapes of a table are compared one by one; more have their signatures looked up. */
const FEW_SHAPES = 8;

/** The shapes of a flush. Operations mostly come in runs of few shapes, so that no signature need be written for each. */
class Buckets {
  readonly all: Bucket[] = [];
  readonly #byTable = new Map<Table, TableShapes>();
  readonly #compound = new Map<string, Bucket>();
  readonly #numbers = new Map<Table, number>();
  readonly #rank: (table: Table) => number;
  #last: Bucket | null = null;

  constructor(rank: (table: Table) => number) {
    this.#rank = rank;
  }

  of(operation: RowOperation): Bucket {
    const { table, kind } = operation;
    const last = this.#last;
    if (last !== null && last.table === table && !last.isCompound && hasShape(last.first, operation)) return last;
    const bucket = this.#find(operation, table, kind);
    this.#last = bucket;
    return bucket;
  }

  #find(operation: RowOperation, table: Table, kind: RowOperation["kind"]): Bucket {
    const shapes = getOrAdd(this.#byTable, table, newShapes);
    const found = shapes.find(operation, kind);
    if (found !== undefined) return found;
    const bucket = newBucket(operation, this.#rank(table));
    shapes.add(bucket);
    this.all.push(bucket);
    return bucket;
  }

  /** The bucket of operations that are the parts of one statement; those that have the same parts share one. */
  ofAll(parts: readonly RowOperation[]): Bucket {
    const [first] = parts as readonly [RowOperation]; // a unit has a member
    const signature = parts.map((part) => `${this.#number(part.table)}/${part.kind}/${signatureOf(part)}`).join("+");
    return getOrAdd(this.#compound, signature, () => {
      const bucket = { ...newBucket(first, this.#rank(first.table)), isCompound: true };
      this.all.push(bucket);
      return bucket;
    });
  }

  #number(table: Table): number {
    return getOrAdd(this.#numbers, table, () => this.#numbers.size);
  }
}

/** The shapes of one table, which mostly are few. */
class TableShapes {
  readonly #list: Bucket[] = [];
  #bySignature: Map<string, Bucket> | null = null;

  find(operation: RowOperation, kind: RowOperation["kind"]): Bucket | undefined {
    if (this.#bySignature !== null) return this.#bySignature.get(`${kind}/${signatureOf(operation)}`);
    return this.#list.find(({ first }) => hasShape(first, operation));
  }

  add(bucket: Bucket): void {
    this.#list.push(bucket);
    if (this.#list.length <= FEW_SHAPES) return;
    this.#bySignature ??= new Map(this.#list.map((one) => [keyOf(one), one]));
    this.#bySignature.set(keyOf(bucket), bucket);
  }
}

const newShapes = (): TableShapes => new TableShapes();

function keyOf({ kind, first }: Bucket): string {
  return `${kind}/${signatureOf(first)}`;
}

function newBucket(first: RowOperation, rank: number): Bucket {
  const { table, kind } = first;
  // Rows are inserted from the tables that are referred to downwards, and deleted upwards.
  const position = kind === "delete" ? 100_000 - rank : rank;
  const order = KIND_ORDER[kind] * 1_000_000 + position;
  return { table, kind, isCompound: false, first, order, ready: [], waiting: 0, behind: NONE };
}

const NONE: readonly Bucket[] = [];

/** Do two operations of one table name the same columns in the same kind of statement? */
function hasShape(a: RowOperation, b: RowOperation): boolean {
  if (a.kind !== b.kind || a.suspended !== b.suspended || a.kind === "propagate") return false;
  if (a.kind !== "insert" && !hasSameKey(a, b)) return false;
  if (a.kind === "delete") return true;
  if ((a.conflict !== null || b.conflict !== null) && conflictShape(a) !== conflictShape(b)) return false;
  const length = Math.max(a.after.length, b.after.length);
  for (let i = 0; i < length; i++) if ((a.after[i] === undefined) !== (b.after[i] === undefined)) return false;
  return true;
}

function hasSameKey({ keyColumns: a }: RowOperation, { keyColumns: b }: RowOperation): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((column, i) => column === b[i]);
}

/** The columns that the statement names: rows that agree on them share it. */
function signatureOf(operation: RowOperation): string {
  let signature = operation.suspended ? "suspended " : "";
  if (operation.kind === "propagate" && operation.propagation !== null && operation.group?.kind === "compound") {
    const { foreignKey, columns } = operation.propagation;
    return `${operation.table.foreignKeys.indexOf(foreignKey)}:${columns.map((column) => column.index).join()}`;
  }
  if (operation.kind !== "insert") signature += `${operation.keyColumns.map((column) => column.index).join()}:`;
  if (operation.kind === "delete") return signature;
  if (operation.kind === "propagate") return `${signature}${operation.id}`;
  signature += conflictShape(operation);
  const { after } = operation;
  for (let i = 0; i < after.length; i++) if (after[i] !== undefined) signature += `${i},`;
  return signature;
}

/** What an upsert does about an existing row is a part of its statement. */
function conflictShape({ conflict }: RowOperation): string {
  if (conflict === null) return "";
  const { target, set, increment, assign } = conflict;
  return [target, set, increment, [...assign.keys()]]
    .map((columns) => columns.map(({ index }) => index).join())
    .join("/");
}

function choose(buckets: readonly Bucket[]): Bucket | null {
  let best: Bucket | null = null;
  for (const bucket of buckets) {
    if (bucket.ready.length === 0) continue;
    if (best === null || precedes(bucket, best)) best = bucket;
  }
  return best;
}

function precedes(a: Bucket, b: Bucket): boolean {
  const isHeld = b.behind.some(hasRows);
  if (a.behind.some(hasRows) !== isHeld) return isHeld;
  const waits = b.waiting > 0;
  return a.waiting > 0 === waits ? a.order < b.order : waits;
}

function hasRows({ ready, waiting }: Bucket): boolean {
  return ready.length > 0 || waiting > 0;
}

/** Inserts keep the order in which objects were added; updates and deletes go by key, which makes deadlocks rare. */
function inRowOrder(batch: RowOperation[]): readonly RowOperation[] {
  const compare = batch[0]?.kind === "insert" ? compareIds : compareRows;
  // Mostly they are: objects are changed in the order in which they were loaded.
  for (let i = 1; i < batch.length; i++) {
    if (compare(batch[i - 1] as RowOperation, batch[i] as RowOperation) > 0) return batch.sort(compare); // `i` counts them
  }
  return batch;
}

function compareIds(a: RowOperation, b: RowOperation): number {
  return a.id - b.id;
}

function compareRows(a: RowOperation, b: RowOperation): number {
  return compareKeys(a.key, b.key) || a.id - b.id;
}

function compareKeys(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** The order of two values of one column, as far as it is plain; else 0. */
export function compareValues(x: unknown, y: unknown): number {
  if (typeof x !== typeof y || x === y) return 0;
  if (typeof x === "number" || typeof x === "string" || typeof x === "bigint") return x < (y as typeof x) ? -1 : 1; // same typeof
  return 0;
}

function stuckOf(graph: FlushGraph, batches: readonly Batch[]): RowOperation[] {
  const sorted = new Uint8Array(graph.operations.length);
  for (const batch of batches) for (const operation of batch.operations) sorted[operation.id] = 1;
  return graph.operations.filter((operation) => sorted[operation.id] === 0);
}
