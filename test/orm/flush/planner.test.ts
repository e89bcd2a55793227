import {
  boolean,
  FlushCycleError,
  float,
  foreignKey,
  index,
  integer,
  MetaData,
  Table,
  unique,
  varchar,
} from "alkahest";
import { describe, expect, it } from "vitest";
import { GeneratedValue } from "../../../src/orm/flush/decompose/operation.ts";
import { columnNamed, Planning } from "./planning.ts";

function family(options: { readonly nullable?: boolean } = {}) {
  const metadata = new MetaData();
  const parent = new Table("parent", metadata, { id: integer().primaryKey(), name: varchar(20).unique() });
  const child = new Table(
    "child",
    metadata,
    {
      id: integer().primaryKey(),
      parent_id:
        options.nullable === false ? integer().notNull().references(parent.c.id) : integer().references(parent.c.id),
      z: float(),
    },
    (c) => [unique("child_uk", c.parent_id, c.z)],
  );
  return { parent, child };
}

/** Rows that refer to the next one of their kind. */
function ringTable({ nullable }: { readonly nullable: boolean }) {
  return new Table(
    "ring",
    new MetaData(),
    { id: integer().primaryKey(), next: nullable ? integer() : integer().notNull(), name: varchar(9) },
    (c) => [foreignKey([c.next], [c.id], { name: "ring_next" })],
  );
}

describe("foreign keys order rows", () => {
  it("a row that is referred to comes first, whatever the order of the operations", () => {
    const { parent, child } = family();
    const planning = new Planning();
    planning.insert(child, { id: 1, parent_id: 5, z: 1 });
    planning.insert(parent, { id: 5 });
    expect(planning.plan()).toEqual(["insert parent 1", "insert child 1"]);
  });

  it("a row that is let go of goes last", () => {
    const { parent, child } = family();
    const planning = new Planning();
    planning.delete(parent, { id: 5, name: "a" });
    planning.delete(child, { id: 1, parent_id: 5, z: 1 });
    planning.update(child, { id: 2, parent_id: 5, z: 2 }, { parent_id: null });
    expect(planning.plan().at(-1)).toBe("delete parent 1");
  });

  it("a key that the database makes is waited for", () => {
    const { parent, child } = family();
    const planning = new Planning();
    const holder = planning.insert(child, { id: 1 });
    const owner = planning.insert(parent, { name: "a" });
    holder.after[columnNamed(child, "parent_id").index] = new GeneratedValue(owner, columnNamed(parent, "id"));
    expect(planning.plan()).toEqual(["insert parent 1", "insert child 1"]);
  });
});

describe("unique slots order rows", () => {
  it("what is freed by a DELETE is taken by an INSERT after it, each in one batch", () => {
    const { child } = family();
    const planning = new Planning();
    planning.insert(child, { parent_id: 1, z: 5.5 });
    planning.insert(child, { parent_id: 1, z: 4 });
    for (const [id, z] of [
      [1, 3.5],
      [2, 5.5],
      [3, 2.5],
    ])
      planning.delete(child, { id, parent_id: 1, z });
    expect(planning.plan()).toEqual(["delete child 3", "insert child 2"]);
  });

  it("NULL takes no slot", () => {
    const { child } = family();
    const planning = new Planning();
    planning.delete(child, { id: 1, parent_id: null, z: 1 });
    planning.insert(child, { parent_id: null, z: 1 });
    planning.plan();
    expect(planning.graph.edges).toEqual([]);
  });

  it("a chain of updates runs from its free end", () => {
    const { parent } = family();
    const planning = new Planning();
    const moves = [
      ["a", "b"],
      ["b", "c"],
      ["c", "d"],
    ].map(([from, to], i) => planning.update(parent, { id: i + 1, name: from }, { name: to }));
    expect(planning.plan()).toEqual(["update parent 1", "update parent 1", "update parent 1"]);
    expect(planning.graph.edges.map(({ from, to }) => [from, to])).toEqual([
      [moves[1], moves[0]],
      [moves[2], moves[1]],
    ]);
  });

  it("a partial index counts where its predicate holds", () => {
    const metadata = new MetaData();
    const table = new Table("t", metadata, { id: integer().primaryKey(), name: varchar(9), active: boolean() }, (c) => [
      index("one_active", c.name, { unique: true, where: c.active.eq(true) }),
    ]);
    const planning = new Planning();
    planning.insert(table, { id: 2, name: "a", active: true });
    planning.update(table, { id: 1, name: "a", active: true }, { active: false });
    expect(planning.plan()).toEqual(["update t 1", "insert t 1"]);
    const apart = new Planning();
    apart.insert(table, { id: 2, name: "a", active: false });
    apart.update(table, { id: 1, name: "a", active: true }, { active: false });
    apart.plan();
    expect(apart.graph.edges).toEqual([]);
  });

  it("a flush that only inserts looks at no slots", () => {
    const { parent } = family();
    const planning = new Planning();
    planning.insert(parent, { id: 1, name: "a" });
    planning.insert(parent, { id: 2, name: "a" });
    planning.plan();
    expect(planning.graph.edges).toEqual([]);
  });
});

describe("cycles are broken", () => {
  it("of two rows that would be roots of one name for a while, one is", () => {
    const roots = new Table(
      "roots",
      new MetaData(),
      { id: integer().primaryKey(), next: integer(), name: varchar(9) },
      (c) => [
        foreignKey([c.next], [c.id], { name: "roots_next" }),
        index("roots_uk", c.name, { unique: true, where: c.next.isNull() }),
      ],
    );
    const planning = new Planning();
    planning.insert(roots, { id: 1, next: 2, name: "a" });
    planning.insert(roots, { id: 2, next: 1, name: "a" });
    const plan = planning.plan({ checksAtStatementEnd: false });
    expect(plan).toEqual(["insert roots 1", "insert roots 1", "update roots 1"]);
  });

  it("at a nullable foreign key: NULL first, one UPDATE for all rows later", () => {
    const node = ringTable({ nullable: true });
    const planning = new Planning();
    const [id, next] = [columnNamed(node, "id"), columnNamed(node, "next")];
    const rows = [0, 1, 2].map(() => planning.insert(node, { name: "n" }));
    rows.forEach((row, i) => {
      row.after[next.index] = new GeneratedValue(rows[(i + 1) % 3] ?? row, id);
    });
    expect(planning.plan()).toEqual(["insert ring 3", "update ring 3"]);
  });

  it("that share a row are undone there, where one row will do", () => {
    const item = new Table(
      "item",
      new MetaData(),
      { id: integer().primaryKey(), next: integer(), a: varchar(9).unique(), b: varchar(9).unique() },
      (c) => [foreignKey([c.next], [c.id], { name: "item_next" })],
    );
    const planning = new Planning();
    // 2 takes "x" of 1, which it refers to until 3 is there, which takes "y" of 1.
    planning.delete(item, { id: 1, next: null, a: "x", b: "y" });
    planning.insert(item, { id: 3, next: null, a: "z", b: "y" });
    planning.update(item, { id: 2, next: 1, a: "w", b: "v" }, { a: "x", next: 3 });
    expect(planning.plan()).toEqual(["update item 1", "insert item 1", "update item 1", "delete item 1"]);
  });

  it("at a row that gives up its unique value and what it refers to by one UPDATE", () => {
    const item = new Table(
      "item",
      new MetaData(),
      { id: integer().primaryKey(), next: integer(), name: varchar(9).unique() },
      (c) => [foreignKey([c.next], [c.id], { name: "item_next" })],
    );
    const planning = new Planning();
    // 2 takes "a" of 1, which it refers to until 3 is there, which takes "b" of 2.
    planning.delete(item, { id: 1, next: null, name: "a" });
    planning.insert(item, { id: 3, next: null, name: "b" });
    planning.update(item, { id: 2, next: 1, name: "b" }, { next: 3, name: "a" });
    expect(planning.plan()).toEqual(["update item 1", "delete item 1", "insert item 1", "update item 1"]);
    const [parked] = planning.graph.operations.filter(({ role }) => role === "park");
    expect(parked?.after).toEqual([undefined, null, null]);
  });

  it("at one side of a foreign key: rows are linked late or unlinked first, not both", () => {
    const metadata = new MetaData();
    const box = new Table("box", metadata, { id: integer().primaryKey(), name: varchar(9).notNull().unique() });
    const thing = new Table("thing", metadata, {
      id: integer().primaryKey(),
      box_id: integer().references(box.c.id),
    });
    const label = new Table("label", metadata, {
      id: integer().primaryKey(),
      thing_id: integer().notNull().references(thing.c.id),
    });
    const planning = new Planning();
    planning.delete(box, { id: 1, name: "a" });
    planning.delete(thing, { id: 1, box_id: 1 });
    planning.insert(box, { id: 2, name: "a" });
    planning.insert(thing, { id: 2, box_id: 2 });
    planning.update(label, { id: 1, thing_id: 1 }, { thing_id: 2 });
    planning.plan();
    expect(planning.graph.operations).toHaveLength(6);
  });

  it("of two that exchange a nullable unique value, one is parked on NULL", () => {
    const { parent } = family();
    const planning = new Planning();
    planning.update(parent, { id: 1, name: "a" }, { name: "b" });
    planning.update(parent, { id: 2, name: "b" }, { name: "a" });
    expect(planning.plan()).toEqual(["update parent 1", "update parent 1", "update parent 1"]);
    const parked = planning.graph.operations.filter(({ role }) => role === "park");
    expect(parked.map(({ after }) => after[columnNamed(parent, "name").index])).toEqual([null]);
  });

  it("a rotation of k rows costs k + 1 updates", () => {
    const { parent } = family();
    const planning = new Planning();
    const names = Array.from({ length: 50 }, (_, i) => `n${i}`);
    for (const [i, name] of names.entries())
      planning.update(parent, { id: i, name }, { name: names[(i + 1) % names.length] });
    planning.plan();
    expect(planning.graph.operations).toHaveLength(51);
  });

  it("where the column is NOT NULL, one row takes a value that nobody has and that fits", () => {
    const metadata = new MetaData();
    const table = new Table("t", metadata, { id: integer().primaryKey(), code: varchar(4).notNull().unique() });
    const planning = new Planning();
    planning.update(table, { id: 1, code: "a" }, { code: "b" });
    planning.update(table, { id: 2, code: "b" }, { code: "a" });
    planning.plan();
    const [value] = planning.graph.operations.filter(({ role }) => role === "park").map(({ after }) => after[1]);
    expect(value).toBeTypeOf("string");
    expect((value as string).length).toBeLessThanOrEqual(4);
    expect(["a", "b"]).not.toContain(value);
  });

  it("a DELETE that foreign keys hold back gives its unique value up early", () => {
    const { parent, child } = family({ nullable: false });
    const planning = new Planning();
    planning.delete(parent, { id: 1, name: "a" });
    planning.insert(parent, { id: 2, name: "a" });
    planning.update(child, { id: 7, parent_id: 1, z: 1 }, { parent_id: 2 });
    expect(planning.plan()).toEqual(["update parent 1", "insert parent 1", "update child 1", "delete parent 1"]);
  });

  it("a ring of rows whose keys are known shares one INSERT, or one DELETE", () => {
    const ring = ringTable({ nullable: false });
    const inserting = new Planning();
    inserting.insert(ring, { id: 1, next: 2 });
    inserting.insert(ring, { id: 2, next: 1 });
    expect(inserting.plan()).toEqual(["insert ring 2"]);
    const deleting = new Planning();
    deleting.delete(ring, { id: 1, next: 2 });
    deleting.delete(ring, { id: 2, next: 1 });
    expect(deleting.plan()).toEqual(["delete ring 2"]);
  });

  it("or the flush refuses, naming rows, constraints and remedies", () => {
    const ring = ringTable({ nullable: false });
    const planning = new Planning();
    planning.insert(ring, { id: 1, next: 2 });
    planning.insert(ring, { id: 2, next: 1 });
    const attempt = () => planning.plan({ checksAtStatementEnd: false });
    expect(attempt).toThrow(FlushCycleError);
    expect(attempt).toThrow(/ring_next.*refers to.*nullable/s);
  });
});
