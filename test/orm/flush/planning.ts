import { type BreakContext, breakCycles } from "../../../src/orm/flush/break/break-cycles.ts";
import { StoredSlots } from "../../../src/orm/flush/break/stored-slots.ts";
import { TemporaryValues } from "../../../src/orm/flush/break/temporary-values.ts";
import { RowOperation } from "../../../src/orm/flush/decompose/operation.ts";
import { BetweenSlots } from "../../../src/orm/flush/edges/between-slots.ts";
import { addForeignKeyEdges } from "../../../src/orm/flush/edges/foreign-keys.ts";
import type { UniqueKeyDialect } from "../../../src/orm/flush/edges/unique-key.ts";
import { addUniqueSlotEdges } from "../../../src/orm/flush/edges/unique-slots.ts";
import { FlushGraph } from "../../../src/orm/flush/graph.ts";
import { sort } from "../../../src/orm/flush/sort.ts";
import type { Column, Table } from "../../../src/schema/index.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Plans row operations on tables without objects, sessions and databases. */
export class Planning {
  readonly graph = new FlushGraph();
  readonly #byTable = new Map<Table, RowOperation[]>();
  readonly context: BreakContext = {
    checksAtStatementEnd: true,
    actsAtStatementEnd: true,
    sharesStatement: false,
    drawsKeys: false,
    canSuspendForeignKeys: false,
    maySuspendForeignKeys: false,
    referring: (table) =>
      [...this.#byTable.keys()].flatMap(({ foreignKeys }) =>
        foreignKeys.filter(({ referredTable }) => referredTable === table),
      ),
    canDeferAllForeignKeys: false,
    canDeferDeclared: false,
    canDeferUnique: false,
    maxParameters: 1000,
    cascadesInCircles: true,
    moved: () => null,
    followed: new Set(),
    preferLate: new Set(),
    deferred: new Set(),
    deferAllForeignKeys: false,
    between: new BetweenSlots(this.#byTable, () => null, uniqueKeys(false)),
    temporary: new TemporaryValues(
      this.#byTable,
      () => null,
      uniqueKeys(false),
      (table) => this.context.referring(table),
      new StoredSlots(),
    ),
  };

  insert(table: Table, after: Row): RowOperation {
    return this.#add(new RowOperation(table, "insert", null, { after: image(table, after) }));
  }

  update(table: Table, before: Row, after: Row): RowOperation {
    const was = image(table, before);
    const key = table.primaryKey.map((column) => was[column.index]);
    return this.#add(new RowOperation(table, "update", null, { key, before: was, after: image(table, after) }));
  }

  delete(table: Table, before: Row): RowOperation {
    const was = image(table, before);
    const key = table.primaryKey.map((column) => was[column.index]);
    return this.#add(new RowOperation(table, "delete", null, { key, before: was }));
  }

  /** The batches in words: `["delete child 2", "insert child 1"]`. */
  plan(context: Partial<BreakContext> = {}, { textsFold = false } = {}): readonly string[] {
    addForeignKeyEdges(this.graph, this.#byTable, {
      looseOf: () => [],
      isEnforced: () => true,
      isCheckedByRow: !(context.checksAtStatementEnd ?? true),
      isFollowed: () => false,
      isReached: () => false,
      dangling: [],
      isDeferred: () => false,
      typesOf: ({ referredColumns }) => referredColumns,
      bringersOf: () => [],
      moved: () => null,
    });
    addUniqueSlotEdges(this.graph, this.#byTable, () => null, uniqueKeys(textsFold));
    const rank = (table: Table): number => [...this.#byTable.keys()].indexOf(table);
    let sorted = sort(this.graph, rank);
    while (sorted.stuck.length > 0) {
      breakCycles(this.graph, sorted.stuck, Object.assign(this.context, context));
      sorted = sort(this.graph, rank);
    }
    return sorted.batches.map(({ shape, operations }) => `${shape.kind} ${shape.table.name} ${operations.length}`);
  }

  #add(operation: RowOperation): RowOperation {
    this.graph.add(operation);
    const rows = this.#byTable.get(operation.table);
    if (rows === undefined) this.#byTable.set(operation.table, [operation]);
    else rows.push(operation);
    return operation;
  }
}

function uniqueKeys(textsFold: boolean): UniqueKeyDialect {
  return { name: "sqlite", capabilities: { textsFold, partialIndexes: true, expressionIndexes: true } };
}

/** A column of a table, by name. */
export function columnNamed(table: Table, name: string): Column<unknown> {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`${table.name} has no column ${name}`);
  return column;
}

function image(table: Table, row: Row): unknown[] {
  const values: unknown[] = [];
  for (const [name, value] of Object.entries(row)) values[columnNamed(table, name).index] = value;
  return values;
}
