import { createEngine, integer, MetaData, Table, unique, varchar } from "alkahest";
import { describe, expect, it } from "vitest";
import { RowOperation } from "../../../src/orm/flush/decompose/operation.ts";
import { Touched } from "../../../src/orm/flush/decompose/touched.ts";
import { isOrderedByTables } from "../../../src/orm/flush/edges/foreign-keys.ts";
import { mayExchangeValues } from "../../../src/orm/flush/edges/unique-slots.ts";

const { dialect } = createEngine("sqlite::memory:");

function tables() {
  const metadata = new MetaData();
  const parent = new Table("parent", metadata, { id: integer().primaryKey(), name: varchar(10) }, (c) => [
    unique(null, c.name),
  ]);
  const child = new Table("child", metadata, {
    id: integer().primaryKey(),
    parentId: integer().references(parent.c.id),
    note: varchar(10),
  });
  const node = new Table("node", metadata, {
    id: integer().primaryKey(),
    parentId: integer().references("node.id"),
  });
  const all: readonly Table[] = [parent, child, node];
  const schema = { rank: (table: Table) => all.indexOf(table), loose: () => [] };
  return { parent, child, node, schema };
}

const insert = (table: Table, ...after: unknown[]) => new RowOperation(table, "insert", null, { after });
const update = (table: Table, before: unknown[], after: unknown[]) =>
  new RowOperation(table, "update", null, { key: [before[0]], before, after });
const remove = (table: Table, ...before: unknown[]) =>
  new RowOperation(table, "delete", null, { key: [before[0]], before });

function written(...operations: readonly RowOperation[]): Map<Table, Touched> {
  const tables = new Map<Table, Touched>();
  for (const operation of operations) {
    const touched = tables.get(operation.table) ?? new Touched();
    tables.set(operation.table, touched);
    touched.note(operation);
  }
  return tables;
}

describe("the order of tables", () => {
  it("is enough where rows come, go and change what nothing refers by", () => {
    const { parent, child, schema } = tables();
    const rows = written(
      insert(parent, 1, "a"),
      insert(child, 1, 1, "x"),
      update(child, [2, 2, "x"], [undefined, undefined, "y"]),
      remove(child, 3, 3, "z"),
      remove(parent, 3, "c"),
    );
    expect(isOrderedByTables(rows, schema)).toBe(true);
  });

  it("is not enough where a row refers to another one than before, or a key changes", () => {
    const { parent, child, schema } = tables();
    const moved = update(child, [1, 1, "x"], [undefined, 2, undefined]);
    expect(isOrderedByTables(written(insert(parent, 2, "b"), moved), schema)).toBe(false);
    expect(isOrderedByTables(written(moved), schema)).toBe(true); // to a row that is not written
    const rekeyed = update(parent, [1, "a"], [9]);
    expect(isOrderedByTables(written(rekeyed, insert(child, 1, 9, "x")), schema)).toBe(false);
  });

  it("is not enough where rows of one table, or tables in a circle, refer to each other", () => {
    const { node, parent, child, schema } = tables();
    expect(isOrderedByTables(written(insert(node, 1, null)), schema)).toBe(false);
    const upside = { ...schema, rank: (table: Table) => -schema.rank(table) };
    expect(isOrderedByTables(written(insert(parent, 1, "a"), insert(child, 1, 1, "x")), upside)).toBe(false);
  });
});

describe("unique values", () => {
  it("stay where they are when rows only come, only go, or change something else", () => {
    const { parent, child } = tables();
    expect(mayExchangeValues(written(insert(parent, 1, "a"), insert(parent, 2, "b")), dialect)).toBe(false);
    expect(mayExchangeValues(written(remove(parent, 1, "a"), insert(child, 1, 1, "x")), dialect)).toBe(false);
    expect(mayExchangeValues(written(update(child, [1, 1, "x"], [undefined, 2])), dialect)).toBe(false);
  });

  it("may change hands when a row comes where another one goes, or one of them is written", () => {
    const { parent } = tables();
    expect(mayExchangeValues(written(remove(parent, 1, "a"), insert(parent, 2, "a")), dialect)).toBe(true);
    expect(mayExchangeValues(written(update(parent, [1, "a"], [undefined, "b"])), dialect)).toBe(true);
  });
});
