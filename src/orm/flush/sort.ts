import type { Table } from "../../schema/index.ts";
import type { RowOperation } from "./decompose/operation.ts";
import type { FlushGraph } from "./graph.ts";

/** Operations of one shape (table, kind, columns) that run as one statement, or as few as the parameter limit allows. */
export interface Batch {
  readonly shape: Shape;
  readonly operations: readonly RowOperation[];
}

/** What makes operations fit into one statement. */
export interface Shape {
  readonly table: Table;
  readonly kind: RowOperation["kind"];
  readonly signature: string;
}

/** Operations of one shape that wait or are ready. */
interface Bucket extends Shape {
  readonly order: number;
  ready: RowOperation[];
  waiting: number;
}

/**
 * Puts the operations of an acyclic graph into batches: Kahn's algorithm with a ready queue a shape, so that batches
 * stay large. A shape of which no operation waits any more goes first, since it will never be larger; then deletes,
 * which free what others take, updates and inserts.
 * @returns the batches in order; `stuck` are the operations that wait for each other in a circle
 */
export function sort(graph: FlushGraph, rank: (table: Table) => number): { batches: Batch[]; stuck: RowOperation[] } {
  const { operations } = graph;
  const units = unitsOf(operations);
  const blockers = countBlockers(graph, units);
  const buckets = new Map<string, Bucket>();
  const bucketOf: Bucket[] = new Array(operations.length);
  for (const operation of operations) {
    const bucket = bucketFor(buckets, operation, rank);
    bucketOf[operation.id] = bucket;
    bucket.waiting++;
  }
  const release = (unit: readonly RowOperation[]): void => {
    for (const operation of unit) {
      const bucket = bucketOf[operation.id] as Bucket; // every operation got a bucket above
      bucket.ready.push(operation);
      bucket.waiting--;
    }
  };
  for (const operation of operations) {
    const unit = units[operation.id] as readonly RowOperation[]; // every operation has one
    if (unit[0] === operation && blockers[operation.id] === 0) release(unit);
  }

  const batches: Batch[] = [];
  let done = 0;
  for (let bucket = choose(buckets); bucket !== null; bucket = choose(buckets)) {
    const batch = bucket.ready;
    bucket.ready = [];
    done += batch.length;
    batches.push({ shape: bucket, operations: inRowOrder(batch) });
    for (const operation of batch) {
      for (const edge of graph.outgoing(operation)) {
        if (edge.dropped) continue;
        const unit = units[edge.to.id] as readonly RowOperation[];
        const head = headOf(unit);
        blockers[head] = (blockers[head] as number) - 1;
        if (blockers[head] === 0) release(unit);
      }
    }
  }
  const stuck = done === operations.length ? [] : stuckOf(graph, batches);
  return { batches, stuck };
}

/** The operations that move as one: those that share a statement, or the operation alone. */
function unitsOf(operations: readonly RowOperation[]): (readonly RowOperation[])[] {
  const grouped = new Map<object, RowOperation[]>();
  return operations.map((operation) => {
    if (operation.group === null) return [operation];
    const unit = grouped.get(operation.group);
    if (unit === undefined) {
      const fresh = [operation];
      grouped.set(operation.group, fresh);
      return fresh;
    }
    unit.push(operation);
    return unit;
  });
}

function headOf(unit: readonly RowOperation[]): number {
  return (unit[0] as RowOperation).id; // a unit is never empty
}

/** How many orders each unit still waits for, by the id of its first operation. */
function countBlockers(graph: FlushGraph, units: readonly (readonly RowOperation[])[]): Int32Array {
  const blockers = new Int32Array(graph.operations.length);
  for (const edge of graph.edges) {
    if (edge.dropped) continue;
    const head = headOf(units[edge.to.id] as readonly RowOperation[]);
    blockers[head] = (blockers[head] as number) + 1;
  }
  return blockers;
}

const KIND_ORDER = { delete: 0, update: 1, propagate: 2, insert: 3 } as const;

function bucketFor(buckets: Map<string, Bucket>, operation: RowOperation, rank: (table: Table) => number): Bucket {
  const tableRank = rank(operation.table);
  const signature = signatureOf(operation);
  const key = `${tableRank}/${operation.kind}/${signature}`;
  let bucket = buckets.get(key);
  if (bucket === undefined) {
    // Rows are inserted from the tables that are referred to downwards, and deleted upwards.
    const position = operation.kind === "delete" ? 100_000 - tableRank : tableRank;
    const order = KIND_ORDER[operation.kind] * 1_000_000 + position;
    bucket = { table: operation.table, kind: operation.kind, signature, order, ready: [], waiting: 0 };
    buckets.set(key, bucket);
  }
  return bucket;
}

/** The columns that the statement names: rows that agree on them share it. */
function signatureOf(operation: RowOperation): string {
  let signature = "";
  if (operation.kind !== "insert") signature = `${operation.keyColumns.map((column) => column.index).join()}:`;
  if (operation.kind === "delete") return signature;
  if (operation.kind === "propagate") return `${signature}${operation.id}`;
  const { after } = operation;
  for (let i = 0; i < after.length; i++) if (after[i] !== undefined) signature += `${i},`;
  return signature;
}

function choose(buckets: ReadonlyMap<string, Bucket>): Bucket | null {
  let best: Bucket | null = null;
  for (const bucket of buckets.values()) {
    if (bucket.ready.length === 0) continue;
    if (best === null || precedes(bucket, best)) best = bucket;
  }
  return best;
}

function precedes(a: Bucket, b: Bucket): boolean {
  const [aWaits, bWaits] = [a.waiting > 0, b.waiting > 0];
  return aWaits === bWaits ? a.order < b.order : bWaits;
}

/** Inserts keep the order in which objects were added; updates and deletes go by key, which makes deadlocks rare. */
function inRowOrder(batch: RowOperation[]): readonly RowOperation[] {
  const [first] = batch;
  if (first === undefined || first.kind === "insert") return batch.sort((a, b) => a.id - b.id);
  return batch.sort((a, b) => compareKeys(a.key, b.key) || a.id - b.id);
}

function compareKeys(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i], b[i]];
    if (typeof x !== typeof y || x === y) continue;
    if (typeof x === "number" || typeof x === "string" || typeof x === "bigint") return x < (y as typeof x) ? -1 : 1; // same typeof
  }
  return 0;
}

function stuckOf(graph: FlushGraph, batches: readonly Batch[]): RowOperation[] {
  const sorted = new Uint8Array(graph.operations.length);
  for (const batch of batches) for (const operation of batch.operations) sorted[operation.id] = 1;
  return graph.operations.filter((operation) => sorted[operation.id] === 0);
}
