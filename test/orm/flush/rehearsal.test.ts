import { describe, expect, it } from "vitest";
import { RowOperation, type RowOperationInit, StatementGroup } from "../../../src/orm/flush/decompose/operation.ts";
import { FlushRows, RowsOfOperations } from "../../../src/orm/flush/rehearse/flush-rows.ts";
import { Rehearsal } from "../../../src/orm/flush/rehearse/rehearsal.ts";
import type { Batch } from "../../../src/orm/flush/sort.ts";
import { type ForeignKeyConstraint, foreignKey, integer, MetaData, Table } from "../../../src/schema/index.ts";
import { columnNamed, type Row } from "./planning.ts";

/** Boxes with things in them, which refer to their box by its number and are numbered within it. */
function declare(onUpdate: { onUpdate?: "cascade" } = {}) {
  const metadata = new MetaData();
  const box = new Table("box", metadata, { id: integer().primaryKey() });
  const thing = new Table("thing", metadata, { boxId: integer().primaryKey(), n: integer().primaryKey() }, (c) => [
    foreignKey([c.boxId], [box.column("id")], { name: "thing_box_fk", ...onUpdate }),
  ]);
  return { box, thing };
}

function image(table: Table, row: Row): unknown[] {
  const values: unknown[] = new Array(table.columns.length);
  for (const [name, value] of Object.entries(row)) values[columnNamed(table, name).index] = value;
  return values;
}

function operation(table: Table, kind: "insert" | "update" | "delete", before: Row, after: Row): RowOperation {
  const was = image(table, before);
  const init: RowOperationInit = { before: was, key: table.primaryKey.map(({ index }) => was[index]) };
  return new RowOperation(table, kind, null, kind === "delete" ? init : { ...init, after: image(table, after) });
}

function batchOf(...operations: readonly [RowOperation, ...RowOperation[]]): Batch {
  const [{ table, kind, group }] = operations;
  return { shape: { table, kind, isCompound: group?.kind === "compound" }, operations };
}

interface Setting {
  readonly referring: readonly ForeignKeyConstraint[];
  readonly actsAtStatementEnd?: boolean;
  readonly defers?: boolean;
}

/** What is said against these batches; the rows are those that `operations` write. */
function rehearse(
  operations: readonly RowOperation[],
  batches: readonly Batch[],
  { referring, actsAtStatementEnd = false, defers = false }: Setting,
): string | null {
  const byTable = new Map<Table, RowOperation[]>();
  for (const one of operations) byTable.set(one.table, [...(byTable.get(one.table) ?? []), one]);
  const flushRows = new FlushRows(byTable);
  const { rows } = flushRows;
  const known = flushRows.atFirst({ dialectName: "sqlite", identityMap: { entities: () => [] } }, new Set(referring));
  const rehearsal = new Rehearsal(known, new RowsOfOperations(rows), {
    isEnforced: () => true,
    actsAtStatementEnd,
    carriesTogether: true,
    referring: (table) => referring.filter(({ referredTable }) => referredTable === table),
  });
  return rehearsal.run(batches, { constraints: new Set(), allForeignKeys: defers }) ?? rehearsal.checkEnd(rows);
}

describe("a rehearsed plan", () => {
  it("is right where rows follow a key by ON UPDATE", () => {
    const { box, thing } = declare({ onUpdate: "cascade" });
    const rename = operation(box, "update", { id: 1 }, { id: 2 });
    const renumber = operation(thing, "update", { boxId: 1, n: 1 }, { n: 5 });
    renumber.key = [2, 1]; // as it has followed
    const all = [rename, renumber];
    expect(rehearse(all, [batchOf(rename), batchOf(renumber)], { referring: thing.foreignKeys })).toBeNull();
  });

  it.each([
    [false, "thing_box_fk is violated"],
    [true, "update of thing does not find its row"],
  ])("is wrong where a row is looked for by a key that it has not (checks are put off: %s)", (defers, wrong) => {
    const { box, thing } = declare();
    const rename = operation(box, "update", { id: 1 }, { id: 2 });
    const renumber = operation(thing, "update", { boxId: 1, n: 1 }, { n: 5 });
    renumber.key = [2, 1]; // nothing has carried the change to it
    const all = [rename, renumber];
    const setting = { referring: thing.foreignKeys, defers };
    expect(rehearse(all, [batchOf(rename), batchOf(renumber)], setting)).toBe(wrong);
  });

  it("is wrong where an operation finds another row than its own", () => {
    const { box } = declare();
    const away = operation(box, "update", { id: 1 }, { id: 3 });
    const here = operation(box, "update", { id: 2 }, { id: 1 });
    away.key = [1];
    expect(rehearse([away, here], [batchOf(away), batchOf(here)], { referring: [] })).toBeNull();
    away.key = [2];
    expect(rehearse([away, here], [batchOf(away), batchOf(here)], { referring: [] })).toBe(
      "update of box does not find its row",
    );
  });

  it("is wrong where two rows have one key after a statement", () => {
    const { box } = declare();
    const here = operation(box, "update", { id: 2 }, { id: 1 });
    const away = operation(box, "update", { id: 1 }, { id: 3 });
    expect(rehearse([here, away], [batchOf(here), batchOf(away)], { referring: [] })).toBe(
      "two rows of box have one primary key",
    );
    expect(rehearse([here, away], [batchOf(here, away)], { referring: [] })).toBeNull();
  });

  it("is wrong where a row refers to nothing, unless that is checked later", () => {
    const { box, thing } = declare();
    const remove = operation(box, "delete", { id: 1 }, {});
    const move = operation(thing, "update", { boxId: 1, n: 1 }, { boxId: 2 });
    const make = operation(box, "insert", {}, { id: 2 });
    const all = [remove, move, make];
    const setting = { referring: thing.foreignKeys };
    expect(rehearse(all, [batchOf(make), batchOf(move), batchOf(remove)], setting)).toBeNull();
    const wrong = [batchOf(move), batchOf(make), batchOf(remove)];
    expect(rehearse(all, wrong, setting)).toBe("thing_box_fk is violated");
    expect(rehearse(all, wrong, { ...setting, defers: true })).toBeNull();
    expect(rehearse(all, [batchOf(remove), batchOf(make), batchOf(move)], setting)).toBe("thing_box_fk is violated");
  });

  it("is wrong where a row is not what it is to be in the end", () => {
    const { box, thing } = declare({ onUpdate: "cascade" });
    const move = operation(thing, "update", { boxId: 1, n: 1 }, { boxId: 2 });
    const [away, here] = [
      operation(box, "update", { id: 2 }, { id: 3 }),
      operation(box, "update", { id: 1 }, { id: 2 }),
    ];
    const all = [away, here, move];
    const setting = { referring: thing.foreignKeys };
    expect(rehearse(all, [batchOf(away), batchOf(here), batchOf(move)], setting)).toBe(
      "update of thing does not find its row", // it has followed to where it is to be
    );
    expect(rehearse(all, [batchOf(move), batchOf(away), batchOf(here)], setting)).toBe(
      "thing.boxId is not as it is to be", // it has followed to another box
    );
  });

  it("knows that the parts of one statement find rows as they were before it", () => {
    const { box, thing } = declare();
    const first = operation(box, "update", { id: 1 }, { id: 2 });
    const [followFirst, followSecond] = [new RowOperation(thing, "propagate"), new RowOperation(thing, "propagate")];
    const [boxFk] = thing.foreignKeys as [ForeignKeyConstraint];
    const along = { foreignKey: boxFk, columns: boxFk.columns, sourceColumns: boxFk.referredColumns };
    followFirst.propagation = { ...along, changes: [{ before: [1], after: [2] }] };
    followSecond.propagation = { ...along, changes: [{ before: [2], after: [3] }] };
    const renumber = operation(thing, "update", { boxId: 1, n: 1 }, { n: 5 });
    renumber.key = [2, 1];
    const group = new StatementGroup("compound");
    for (const one of [first, followFirst, followSecond]) group.take(one);
    const together = batchOf(first, followFirst, followSecond);
    const all = [first, renumber];
    expect(rehearse(all, [together, batchOf(renumber)], { referring: thing.foreignKeys })).toBeNull();
  });

  it("knows that unique keys are checked row by row within a statement", () => {
    const { box } = declare();
    const [first, second] = [
      operation(box, "update", { id: 1 }, { id: 2 }),
      operation(box, "update", { id: 2 }, { id: 3 }),
    ];
    const group = new StatementGroup("compound");
    for (const one of [first, second]) group.take(one);
    expect(rehearse([first, second], [batchOf(first, second)], { referring: [] })).toMatch(
      "gives up in the same statement",
    );
    expect(rehearse([first, second], [batchOf(second), batchOf(first)], { referring: [] })).toBeNull();
  });

  it("follows when a statement ends, where the database does", () => {
    const { box, thing } = declare({ onUpdate: "cascade" });
    const [first, second] = [
      operation(box, "update", { id: 1 }, { id: 2 }),
      operation(box, "update", { id: 3 }, { id: 1 }),
    ];
    const renumber = operation(thing, "update", { boxId: 1, n: 1 }, { n: 5 });
    renumber.key = [2, 1];
    const all = [first, second, renumber];
    const batches = [batchOf(first, second), batchOf(renumber)];
    for (const actsAtStatementEnd of [false, true])
      expect(rehearse(all, batches, { referring: thing.foreignKeys, actsAtStatementEnd })).toBeNull();
  });

  it("leaves rows as they were planned for another try", () => {
    const { box } = declare();
    const away = operation(box, "update", { id: 1 }, { id: 3 });
    const rows = new FlushRows(new Map([[box, [away]]]));
    away.key = [7];
    away.after[0] = 8;
    away.suspended = true;
    rows.restore();
    expect([away.key, away.after[0], away.suspended]).toEqual([[1], 3, false]);
  });
});
