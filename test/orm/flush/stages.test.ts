import { boolean, createEngine, foreignKey, index, integer, MetaData, Table, unique, varchar } from "alkahest";
import { describe, expect, it } from "vitest";
import { CycleFinder } from "../../../src/orm/flush/break/components.ts";
import { leaveOutKeptKeys } from "../../../src/orm/flush/break/kept-keys.ts";
import { temporaryValue } from "../../../src/orm/flush/break/temporary-value.ts";
import { GeneratedValue, RowOperation, StatementGroup } from "../../../src/orm/flush/decompose/operation.ts";
import { EDGE_KINDS } from "../../../src/orm/flush/edges/edge.ts";
import { addKeyChanges } from "../../../src/orm/flush/edges/key-changes.ts";
import { rounds } from "../../../src/orm/flush/edges/rounds.ts";
import { TemporaryTuples } from "../../../src/orm/flush/edges/temporary-tuples.ts";
import type { ForeignKeyBehaviour } from "../../../src/orm/flush/edges/way-of-following.ts";
import { FlushGraph } from "../../../src/orm/flush/graph.ts";
import { FlushPlan } from "../../../src/orm/flush/plan.ts";
import { sort } from "../../../src/orm/flush/sort.ts";
import { columnNamed, Planning } from "./planning.ts";

const { dialect } = createEngine("sqlite::memory:");

function tableOf(name = "t") {
  return new Table(name, new MetaData(), { id: integer().primaryKey(), a: integer(), b: integer() });
}

function inserts(graph: FlushGraph, table: Table, count: number): RowOperation[] {
  return Array.from({ length: count }, (_, i) => graph.add(new RowOperation(table, "insert", null, { after: [i, i] })));
}

describe("sorting", () => {
  it("keeps batches as large as the orders allow", () => {
    const [parent, child] = [tableOf("parent"), tableOf("child")];
    const graph = new FlushGraph();
    const parents = inserts(graph, parent, 50);
    const children = inserts(graph, child, 50);
    parents.forEach((from, i) => {
      graph.order(from, children[i] ?? from, "refer", null);
    });
    const { batches, stuck } = sort(graph, (table) => (table === parent ? 1 : 0));
    expect(batches.map(({ shape, operations }) => [shape.table.name, operations.length])).toEqual([
      ["parent", 50],
      ["child", 50],
    ]);
    expect(stuck).toEqual([]);
  });

  it("writes a chain of one table by as many statements as it is long, and no more", () => {
    const table = tableOf();
    const graph = new FlushGraph();
    const levels = [1, 2, 4, 8].map((count) => inserts(graph, table, count));
    levels.forEach((level, depth) => {
      for (const [i, to] of level.entries()) {
        const from = levels[depth - 1]?.[Math.floor(i / 2)];
        if (from !== undefined) graph.order(from, to, "refer", null);
      }
    });
    expect(sort(graph, () => 0).batches.map(({ operations }) => operations.length)).toEqual([1, 2, 4, 8]);
  });

  it("puts rows that name other columns, or lie in tables of one name, into statements of their own", () => {
    const [one, other] = [tableOf(), tableOf()];
    const graph = new FlushGraph();
    inserts(graph, one, 2);
    inserts(graph, other, 2);
    for (let columns = 1; columns <= 20; columns++) {
      const after = Array.from({ length: 2 }, (_, i) => (columns % (i + 2) === 0 ? columns : undefined));
      graph.add(new RowOperation(one, "insert", null, { after: [columns, ...after] }));
    }
    const { batches } = sort(graph, () => 0);
    for (const { operations } of batches) {
      const shapes = operations.map(({ table, after }) => [
        table === one,
        ...[0, 1, 2].map((i) => after[i] === undefined),
      ]);
      expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1);
    }
    expect(batches.reduce((sum, { operations }) => sum + operations.length, 0)).toBe(24);
  });

  it("tells what waits for each other in a circle, and sorts the rest", () => {
    const graph = new FlushGraph();
    const [a, b, c] = inserts(graph, tableOf(), 3) as [RowOperation, RowOperation, RowOperation];
    graph.order(a, b, "refer", null);
    graph.order(b, a, "refer", null);
    const { batches, stuck } = sort(graph, () => 0);
    expect(batches.flatMap(({ operations }) => operations)).toEqual([c]);
    expect(stuck).toEqual([a, b]);
  });

  it("moves the members of a group together, when all of them are ready", () => {
    const [table, other] = [tableOf(), tableOf("other")];
    const graph = new FlushGraph();
    const [a, b] = inserts(graph, table, 2) as [RowOperation, RowOperation];
    const [first] = inserts(graph, other, 1) as [RowOperation];
    const group = new StatementGroup("rows");
    group.take(a);
    group.take(b);
    graph.order(first, b, "refer", null);
    expect(sort(graph, () => 0).batches.map(({ operations }) => operations)).toEqual([[first], [a, b]]);
  });
});

function cyclesAmong(graph: FlushGraph, rows: readonly RowOperation[]): (readonly RowOperation[])[] {
  const finder = new CycleFinder(graph);
  finder.find(rows);
  const found: (readonly RowOperation[])[] = [];
  for (let cycle = finder.next(); cycle !== undefined; cycle = finder.next()) found.push(cycle.operations);
  return found;
}

describe("finding cycles", () => {
  it("tells circles apart, and leaves out what only leads into them", () => {
    const graph = new FlushGraph();
    const rows = inserts(graph, tableOf(), 6);
    const edges = [
      [0, 1],
      [1, 0],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 2],
      [4, 5],
    ] as const;
    for (const [from, to] of edges) graph.order(rows[from] as RowOperation, rows[to] as RowOperation, "refer", null);
    const found = cyclesAmong(graph, rows);
    expect(found.map((operations) => operations.map(({ id }) => id)).sort()).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
  });

  it("is not deeper for a long chain than for a short one", () => {
    const graph = new FlushGraph();
    const rows = inserts(graph, tableOf(), 100_000);
    rows.forEach((row, i) => {
      graph.order(row, rows[(i + 1) % rows.length] as RowOperation, "refer", null);
    });
    expect(cyclesAmong(graph, rows).map(({ length }) => length)).toEqual([100_000]);
  });

  it("finds anew what is left of a circle that lost an order since", () => {
    const graph = new FlushGraph();
    const [a, b, c, d] = inserts(graph, tableOf(), 4) as [RowOperation, RowOperation, RowOperation, RowOperation];
    for (const [from, to] of [
      [a, b],
      [b, a],
      [b, c],
      [c, b],
    ] as const)
      graph.order(from, to, "refer", null);
    const finder = new CycleFinder(graph);
    finder.find([a, b, c, d]);
    for (const edge of graph.edges) if (edge.from === a) edge.dropped = true;
    expect(finder.next()?.operations).toEqual([b, c]);
    expect(finder.next()).toBeUndefined();
  });
});

describe("what waits for what", () => {
  it("is told along orders that hold, and by way of a common statement", () => {
    const graph = new FlushGraph();
    const [a, b, c, d] = inserts(graph, tableOf(), 4) as [RowOperation, RowOperation, RowOperation, RowOperation];
    graph.order(a, b, "refer", null);
    graph.order(c, d, "refer", null);
    expect([graph.isBehind([b], [a]), graph.isBehind([a], [b]), graph.isBehind([d], [a])]).toEqual([
      true,
      false,
      false,
    ]);
    const group = new StatementGroup("rows");
    group.take(b);
    group.take(c);
    expect(graph.isBehind([d], [a])).toBe(true);
    for (const edge of graph.outgoing(c)) edge.dropped = true;
    expect(graph.isBehind([d], [a])).toBe(false);
  });
});

describe("a key that is written as it is", () => {
  const written = (after: unknown[], key: unknown[] = [1]): unknown[] => {
    const graph = new FlushGraph();
    const row = graph.add(new RowOperation(tableOf(), "update", null, { key, before: [1, 2, 3], after }));
    leaveOutKeptKeys(graph);
    return [...row.after];
  };

  it("is left out, also if nothing else is written", () => {
    expect(written([1, 5])).toEqual([undefined, 5]);
    expect(written([1])).toEqual([undefined]);
  });

  it("stays where the row is found by another one, and where it is another one", () => {
    expect(written([1, 5], [-9])).toEqual([1, 5]); // it goes back from a temporary one
    expect(written([2, 5])).toEqual([2, 5]);
  });

  it("stays in a statement of several parts, each of which has to write something", () => {
    const graph = new FlushGraph();
    const row = graph.add(new RowOperation(tableOf(), "update", null, { key: [1], before: [1, 2, 3], after: [1] }));
    new StatementGroup("compound").take(row);
    expect(leaveOutKeptKeys(graph)).toBe(false);
    expect(row.after).toEqual([1]);
  });
});

describe("the kinds of orders", () => {
  it("say of each whether it is a preference, and how a plan words it", () => {
    for (const info of Object.values(EDGE_KINDS)) expect(info.reason).not.toBe("");
    expect(EDGE_KINDS.slot.soft).toBe(false);
    expect(EDGE_KINDS.likelySlot.soft).toBe(true);
  });
});

describe("changed keys", () => {
  function keyed(onUpdate?: "cascade") {
    const metadata = new MetaData();
    const parent = new Table("parent", metadata, { id: varchar(9).primaryKey() });
    const child = new Table("child", metadata, { id: integer().primaryKey(), parent_id: varchar(9) }, (c) => [
      foreignKey([c.parent_id], [parent.c.id], onUpdate === undefined ? {} : { onUpdate }),
    ]);
    return { parent, child };
  }

  function change(
    { parent, child }: { readonly parent: Table; readonly child: Table },
    enforced: boolean,
    canDefer = true,
    behaviour: Partial<ForeignKeyBehaviour> = {},
  ) {
    const graph = new FlushGraph();
    const update = graph.add(new RowOperation(parent, "update", null, { key: ["a"], before: ["a"], after: ["b"] }));
    const changes = addKeyChanges(
      graph,
      new Map([[parent, [update]]]),
      (table) => (table === parent ? child.foreignKeys : []),
      {
        isEnforced: () => enforced,
        canDefer: () => canDefer,
        sharesStatement: false,
        suspends: false,
        cascadesInCircles: true,
        ...behaviour,
      },
    );
    return { graph, changes };
  }

  it("are carried by one statement a foreign key, whose check is put off", () => {
    const { graph, changes } = change(keyed(), true);
    expect(graph.operations.map(({ kind }) => kind)).toEqual(["update", "propagate"]);
    expect(changes.deferred.size).toBe(1);
  });

  it("are left to the database with ON UPDATE CASCADE, where it checks foreign keys", () => {
    expect(change(keyed("cascade"), true).graph.operations).toHaveLength(1);
    expect(change(keyed("cascade"), false).graph.operations).toHaveLength(2);
  });

  it("are blocked where nothing can carry them", () => {
    const { graph, changes } = change(keyed(), true, false);
    expect(graph.operations).toHaveLength(1);
    expect(changes.blocked).toMatchObject([{ changes: [{ before: ["a"], after: ["b"] }] }]);
  });

  it("are followed by the statement that makes them, where one statement can write several tables", () => {
    const { graph } = change(keyed(), true, false, { sharesStatement: true });
    expect(sort(graph, () => 0).batches.map(({ shape, operations }) => [shape.isCompound, operations.length])).toEqual([
      [true, 2],
    ]);
  });

  it("are followed while checks are suspended, where the session allows it", () => {
    const { graph } = change(keyed("cascade"), true, false, { suspends: true, cascadesInCircles: true });
    expect(graph.operations.map(({ suspended }) => suspended)).toEqual([false]); // ON UPDATE does it
    const plain = change(keyed(), true, false, { suspends: true }).graph;
    expect(plain.operations.map(({ kind, suspended }) => [kind, suspended])).toEqual([
      ["update", true],
      ["propagate", true],
    ]);
  });

  it("that ON UPDATE cannot bring to a row twice are in the way of rows that have them twice", () => {
    const metadata = new MetaData();
    const parent = new Table("parent", metadata, { id: varchar(9).primaryKey() });
    const reference = () => varchar(9).references(parent.c.id, { onUpdate: "cascade" });
    const child = new Table("child", metadata, { parent_id: reference().primaryKey(), other_id: reference() });
    const { changes } = change({ parent, child }, true, false, { cascadesInCircles: false });
    expect(changes.blocked).toMatchObject([
      { columns: [columnNamed(child, "parent_id"), columnNamed(child, "other_id")], changes: [{ before: ["a", "a"] }] },
    ]);
    expect(change({ parent, child }, true, false).changes.blocked).toEqual([]);
    const { graph } = change({ parent, child }, true, false, { cascadesInCircles: false, suspends: true });
    expect(graph.operations.map(({ kind }) => kind)).toEqual(["update", "propagate", "propagate"]);
  });

  it("that a row follows which is then told to keep its own are followed twice by those that refer to the row", () => {
    const metadata = new MetaData();
    const parent = new Table("parent", metadata, { id: integer().primaryKey() });
    const child = new Table("child", metadata, {
      parent_id: integer().primaryKey().references(parent.c.id),
      n: integer().primaryKey(),
    });
    const grandchild = new Table(
      "grandchild",
      metadata,
      { id: integer().primaryKey(), parent_id: integer(), n: integer() },
      (c) => [foreignKey([c.parent_id, c.n], [child.c.parent_id, child.c.n])],
    );
    const graph = new FlushGraph();
    // Parent 1 becomes 2, and the child moves from it to whatever becomes 1: its own key stays as it is.
    const rekeyed = new RowOperation(parent, "update", null, { key: [1], before: [1], after: [2] });
    const moved = new RowOperation(child, "update", null, { key: [1, 5], before: [1, 5], after: [1] });
    for (const operation of [rekeyed, moved]) graph.add(operation);
    const referring = new Map<Table, Table["foreignKeys"]>([
      [parent, child.foreignKeys],
      [child, grandchild.foreignKeys],
    ]);
    const byTable = new Map<Table, RowOperation[]>([
      [parent, [rekeyed]],
      [child, [moved]],
    ]);
    addKeyChanges(graph, byTable, (table) => referring.get(table) ?? [], {
      isEnforced: () => true,
      canDefer: () => false,
      sharesStatement: true,
      suspends: false,
      cascadesInCircles: true,
    });
    const tables: readonly Table[] = [parent, child, grandchild];
    const { batches, stuck } = sort(graph, (table) => tables.indexOf(table));
    expect(stuck).toEqual([]);
    const steps = batches.map(({ operations }) =>
      operations.map(({ table, key, propagation }) => [table.name, propagation?.changes ?? key]),
    );
    expect(steps).toEqual([
      [
        ["parent", [1]],
        ["child", [{ before: [1], after: [2] }]],
        ["grandchild", [{ before: [1], after: [2] }]],
      ],
      [
        ["child", [2, 5]],
        ["grandchild", [{ before: [2, 5], after: [1, 5] }]],
      ],
    ]);
  });

  it("that nothing can carry further are changed while no row has them: rows leave before, and come afterwards", () => {
    const metadata = new MetaData();
    const parent = new Table("parent", metadata, { id: integer().primaryKey() });
    const child = new Table("child", metadata, {
      parent_id: integer().primaryKey().references(parent.c.id, { onUpdate: "cascade" }),
    });
    const grandchild = new Table("grandchild", metadata, {
      id: integer().primaryKey(),
      parent_id: integer().references(child.c.parent_id),
    });
    const graph = new FlushGraph();
    const rekeyed = new RowOperation(parent, "update", null, { key: [1], before: [1], after: [2] });
    const leaving = new RowOperation(grandchild, "delete", null, { key: [7], before: [7, 1] });
    const coming = new RowOperation(grandchild, "insert", null, { after: [8, 1] }); // to whatever takes the key
    for (const operation of [rekeyed, leaving, coming]) graph.add(operation);
    const referring = new Map<Table, Table["foreignKeys"]>([
      [parent, child.foreignKeys],
      [child, grandchild.foreignKeys],
    ]);
    const byTable = new Map<Table, RowOperation[]>([
      [parent, [rekeyed]],
      [grandchild, [leaving, coming]],
    ]);
    const { blocked } = addKeyChanges(graph, byTable, (table) => referring.get(table) ?? [], {
      isEnforced: () => true,
      canDefer: () => false,
      sharesStatement: false,
      suspends: false,
      cascadesInCircles: true,
    });
    expect(blocked.map(({ foreignKey }) => foreignKey)).toEqual(grandchild.foreignKeys);
    const orders = [rekeyed, leaving, coming].flatMap((operation) =>
      graph.outgoing(operation).map(({ from, to, kind }) => [from.kind, kind, to.kind]),
    );
    expect(orders).toEqual([
      ["update", "carry", "insert"],
      ["delete", "release", "update"],
    ]);
  });

  it("that are exchanged under a unique foreign key go by rounds, with one parked", () => {
    const metadata = new MetaData();
    const parent = new Table("parent", metadata, { id: integer().primaryKey() });
    const child = new Table("child", metadata, { parent_id: integer().primaryKey().references(parent.c.id) });
    const [key] = child.foreignKeys;
    if (key === undefined) throw new Error("it has one");
    const changes = [
      { before: [1], after: [2] },
      { before: [2], after: [1] },
      { before: [5], after: [6] },
    ];
    const steps = rounds(key, key.columns, changes, new TemporaryTuples(key.columns, () => []));
    const rows = new Map([1, 2, 5].map((id) => [id, id]));
    for (const step of steps) {
      for (const { before, after } of step) {
        const from = [...rows].find(([, value]) => value === before[0])?.[0];
        expect([...rows.values()]).not.toContain(after[0]);
        if (from !== undefined) rows.set(from, after[0] as number);
      }
    }
    expect([...rows]).toEqual([
      [1, 2],
      [2, 1],
      [5, 6],
    ]);
  });
});

describe("temporary values", () => {
  it("fit the type and its length, and are given by the column if it says how", () => {
    const table = new Table("t", new MetaData(), {
      id: integer().primaryKey(),
      short: varchar(3).notNull(),
      flag: boolean().notNull(),
      own: varchar(9).parkValue(() => "parked"),
    });
    const short = temporaryValue(columnNamed(table, "short"));
    expect(String(short).length).toBeLessThanOrEqual(3);
    expect(temporaryValue(columnNamed(table, "flag"))).toBeUndefined();
    expect(temporaryValue(columnNamed(table, "own"))).toBe("parked");
  });
});

describe("unique keys", () => {
  it("that are fed by a key which is not made yet collide with nothing", () => {
    const metadata = new MetaData();
    const parent = new Table("parent", metadata, { id: integer().primaryKey() });
    const child = new Table(
      "child",
      metadata,
      { id: integer().primaryKey(), parent_id: integer().references(parent.c.id), n: integer() },
      (c) => [unique("child_uk", c.parent_id, c.n)],
    );
    const planning = new Planning();
    const owner = planning.insert(parent, {});
    const moved = planning.update(child, { id: 1, parent_id: 5, n: 1 }, {});
    moved.after[1] = new GeneratedValue(owner, columnNamed(parent, "id"));
    planning.insert(child, { parent_id: 5, n: 1 });
    expect(planning.plan()).toEqual(["insert parent 1", "update child 1", "insert child 1"]);
  });

  it("over expressions collide by what these give", () => {
    const table = new Table("t", new MetaData(), { id: integer().primaryKey(), a: integer(), b: integer() }, (c) => [
      index("sum", c.a.add(c.b), { unique: true }),
    ]);
    const planning = new Planning();
    planning.insert(table, { id: 2, a: 2, b: 1 });
    planning.delete(table, { id: 1, a: 1, b: 2 });
    expect(planning.plan()).toEqual(["delete t 1", "insert t 1"]);
    expect(planning.graph.edges).toHaveLength(1);
  });

  it("park one row for several values that two rows exchange", () => {
    const table = new Table("t", new MetaData(), {
      id: integer().primaryKey(),
      a: integer().unique(),
      b: integer().notNull().unique(),
    });
    const planning = new Planning();
    planning.update(table, { id: 1, a: 1, b: 1 }, { a: 2, b: 2 });
    planning.update(table, { id: 2, a: 2, b: 2 }, { a: 1, b: 1 });
    expect(planning.plan()).toEqual(["update t 1", "update t 1", "update t 1"]);
  });
});

describe("a plan as text", () => {
  function planned(): FlushPlan {
    const table = new Table("item", new MetaData(), { id: integer().primaryKey(), name: varchar(9).unique() });
    const planning = new Planning();
    planning.insert(table, { id: 2, name: 'say "a"' });
    planning.delete(table, { id: 1, name: 'say "a"' });
    planning.plan();
    const { batches } = sort(planning.graph, () => 0);
    return new FlushPlan(
      { edges: planning.graph.edges, batches, deferral: { constraints: new Set(), allForeignKeys: true } },
      [],
      dialect,
    );
  }

  it("lists the steps and the reasons for their order", () => {
    const text = String(planned());
    expect(text).toMatch(/1 DELETE item.*2 INSERT item/s);
    expect(text).toContain("all foreign keys are checked at the end of the transaction");
    expect(text).toMatch(/because.*takes .*name.* that .* gives up/s);
    expect(
      String(
        new FlushPlan(
          { edges: [], batches: [], deferral: { constraints: new Set(), allForeignKeys: false } },
          [],
          dialect,
        ),
      ),
    ).toBe("flush plan: nothing to do");
  });

  it("draws a flowchart whose labels break nothing", () => {
    const chart = planned().toMermaid();
    expect(chart).toMatch(
      /^flowchart TD\n {2}s0\["DELETE item: 1"\]\n {2}s1\["INSERT item: 1"\]\n {2}s0 -->\|".*"\| s1$/,
    );
    for (const label of chart.matchAll(/\|"(.*?)"\|/g)) expect(label[1]).not.toContain('"');
  });
});
