/**
 * What planning alone costs, without objects and without a database: microseconds an operation for 1,000 to 1,000,000
 * row operations, with and without conflicts. Run it with `npm run bench:planning`, on an idle machine.
 */
import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { integer, MetaData, Table, unique, varchar } from "alkahest";
import { type BreakContext, breakCycles } from "../src/orm/flush/break/break-cycles.ts";
import { StoredSlots } from "../src/orm/flush/break/stored-slots.ts";
import { TemporaryValues } from "../src/orm/flush/break/temporary-values.ts";
import { RowOperation } from "../src/orm/flush/decompose/operation.ts";
import { BetweenSlots } from "../src/orm/flush/edges/between-slots.ts";
import { addForeignKeyEdges } from "../src/orm/flush/edges/foreign-keys.ts";
import { addKeyChanges } from "../src/orm/flush/edges/key-changes.ts";
import { addUniqueSlotEdges } from "../src/orm/flush/edges/unique-slots.ts";
import { FlushGraph } from "../src/orm/flush/graph.ts";
import { sort } from "../src/orm/flush/sort.ts";

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
/** Fewer operations leave little behind, and what is compiled for them does not survive a forced collection. */
const LARGE = 100_000;
const CHILDREN = 4;

const metadata = new MetaData();
const parent = new Table("parent", metadata, { id: integer().primaryKey(), name: varchar(20).notNull().unique() });
const child = new Table(
  "child",
  metadata,
  { id: integer().primaryKey(), parent_id: integer().notNull().references(parent.c.id), z: integer().notNull() },
  (c) => [unique("child_uk", c.parent_id, c.z)],
);

type Add = (operation: RowOperation) => void;

interface Workload {
  readonly name: string;
  /** The most microseconds that an operation should take. */
  readonly target: number;
  readonly fill: (add: Add, operations: number) => void;
}

function insert(table: Table, after: unknown[]): RowOperation {
  return new RowOperation(table, "insert", null, { after });
}

function update(table: Table, before: unknown[], after: unknown[]): RowOperation {
  return new RowOperation(table, "update", null, { key: [before[0]], before, after });
}

function remove(table: Table, before: unknown[]): RowOperation {
  return new RowOperation(table, "delete", null, { key: [before[0]], before });
}

/** Each family is one parent and its children. */
function families(operations: number, family: (id: number) => void): void {
  for (let id = 1; id <= operations / (CHILDREN + 1); id++) family(id);
}

const workloads: readonly Workload[] = [
  {
    name: "insert parents and children",
    target: 2,
    fill: (add, operations) =>
      families(operations, (id) => {
        for (let i = 0; i < CHILDREN; i++) add(insert(child, [id * CHILDREN + i, id, i]));
        add(insert(parent, [id, `p${id}`]));
      }),
  },
  {
    name: "delete parents and children",
    target: 2,
    fill: (add, operations) =>
      families(operations, (id) => {
        add(remove(parent, [id, `p${id}`]));
        for (let i = 0; i < CHILDREN; i++) add(remove(child, [id * CHILDREN + i, id, i]));
      }),
  },
  {
    name: "update columns of no key",
    target: 2,
    fill: (add, operations) => {
      const plain = new Table("plain", new MetaData(), { id: integer().primaryKey(), a: integer() });
      for (let id = 1; id <= operations; id++) add(update(plain, [id, 1], [undefined, 2]));
    },
  },
  {
    name: "replace children",
    target: 6,
    fill: (add, operations) => {
      for (let id = 1; id <= operations / 2; id++) {
        add(insert(child, [undefined, 1, id]));
        add(remove(child, [id, 1, id]));
      }
    },
  },
  {
    name: "shift by one",
    target: 6,
    fill: (add, operations) => {
      // Lists of a hundred: a chain is written row by row in any case.
      for (let id = 0; id < operations; id++) {
        const list = Math.floor(id / 100);
        add(update(child, [id, list, id % 100], [undefined, undefined, (id % 100) + 1]));
      }
    },
  },
  {
    name: "rotate by threes",
    target: 6,
    fill: (add, operations) => {
      for (let id = 0; id < operations; id++) {
        const group = Math.floor(id / 3);
        add(update(child, [id, group, id % 3], [undefined, undefined, (id + 1) % 3]));
      }
    },
  },
];

const DIALECT = { name: "sqlite", capabilities: { textsFold: false, partialIndexes: true, expressionIndexes: true } };

function context(byTable: ReadonlyMap<Table, RowOperation[]>): BreakContext {
  return {
    checksAtStatementEnd: true,
    actsAtStatementEnd: true,
    sharesStatement: false,
    drawsKeys: false,
    canSuspendForeignKeys: false,
    maySuspendForeignKeys: false,
    referring: (table) => (table === parent ? child.foreignKeys : []),
    canDeferAllForeignKeys: true,
    canDeferDeclared: false,
    canDeferUnique: false,
    maxParameters: 32_766,
    moved: () => null,
    between: new BetweenSlots(byTable, () => null, DIALECT),
    temporary: new TemporaryValues(
      byTable,
      () => null,
      DIALECT,
      (table) => (table === parent ? child.foreignKeys : []),
      new StoredSlots(),
    ),
    cascadesInCircles: true,
    followed: new Set(),
    preferLate: new Set(),
    deferred: new Set(),
    deferAllForeignKeys: false,
  };
}

function plan(graph: FlushGraph, byTable: Map<Table, RowOperation[]>): number {
  const rank = (table: Table): number => (table === parent ? 0 : 1);
  const keyChanges = addKeyChanges(graph, byTable, (table) => (table === parent ? child.foreignKeys : []), {
    isEnforced: () => true,
    canDefer: () => true,
    sharesStatement: false,
    suspends: false,
    cascadesInCircles: true,
  });
  addForeignKeyEdges(graph, byTable, {
    looseOf: () => [],
    isEnforced: () => true,
    isCheckedByRow: false,
    isFollowed: (foreignKey) => keyChanges.isFollowed(foreignKey),
    isReached: (foreignKey) => keyChanges.isReached(foreignKey),
    isDeferred: (foreignKey) => keyChanges.deferred.has(foreignKey),
    typesOf: ({ referredColumns }) => referredColumns,
    bringersOf: (foreignKey, operation) => keyChanges.bringersOf(foreignKey, operation),
    moved: (table, row) => keyChanges.moved(table, row),
    dangling: [],
  });
  addUniqueSlotEdges(graph, byTable, (table, row) => keyChanges.moved(table, row), DIALECT);
  const breaking = context(byTable);
  let sorted = sort(graph, rank);
  while (sorted.stuck.length > 0) {
    breakCycles(graph, sorted.stuck, breaking);
    sorted = sort(graph, rank);
  }
  return sorted.batches.length;
}

/** Microseconds an operation. */
function measure(workload: Workload, operations: number): number {
  const graph = new FlushGraph();
  const byTable = new Map<Table, RowOperation[]>();
  workload.fill((operation) => {
    graph.add(operation);
    const rows = byTable.get(operation.table);
    if (rows === undefined) byTable.set(operation.table, [operation]);
    else rows.push(operation);
  }, operations);
  const count = graph.operations.length;
  if (operations >= LARGE) collectGarbage(); // what the operations themselves leave behind is not planning
  const start = performance.now();
  plan(graph, byTable);
  return ((performance.now() - start) * 1000) / count;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // what the flag adds to new contexts

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const only = process.argv[2];
for (let i = 0; i < 20; i++) for (const workload of workloads) measure(workload, 2_000); // lets the compiler settle
console.log(["microseconds an operation", ...SIZES.map((size) => size.toLocaleString("en")), "target"].join(" | "));
for (const workload of workloads) {
  if (only !== undefined && !workload.name.includes(only)) continue;
  const cells = SIZES.map((size) => {
    const runs = Math.max(1, Math.min(50, 1_000_000 / size));
    return median(Array.from({ length: runs }, () => measure(workload, size))).toFixed(2);
  });
  console.log([workload.name, ...cells, workload.target].join(" | "));
}
