import type { Column, ForeignKeyConstraint, Table, UniqueKey } from "../../../schema/index.ts";
import { type OperationRole, RowOperation, type RowOperationInit } from "../decompose/operation.ts";
import type { KeyChanges } from "../edges/key-changes.ts";
import { letsGo } from "../edges/referential-action.ts";
import { factsOf } from "../edges/unique-key.ts";
import { getOrAdd } from "../get-or-add.ts";
import { type Edge, FlushGraph } from "../graph.ts";
import type { Ordered } from "../ordered.ts";
import {
  type FlushRows,
  finalValue,
  insertedImage,
  type RehearsedSession,
  RowsOfOperations,
  type WrittenRow,
} from "../rehearse/flush-rows.ts";
import type { KnownRow, KnownRows } from "../rehearse/known-rows.ts";
import { Rehearsal, type RehearsedDatabase } from "../rehearse/rehearsal.ts";
import type { Batch } from "../sort.ts";
import { type Aside, type AsideContext, chooseAside } from "./aside.ts";
import { addTargets, type FinalTargets, followedBy, writes } from "./final-targets.ts";

export interface StagesContext extends AsideContext, RehearsedSession {
  readonly database: RehearsedDatabase;
  readonly keyChanges: KeyChanges;
  /** The table's place in an order in which referred tables come before those that refer to them. */
  readonly rank: (table: Table) => number;
  /** Puts the operations of a stage in order; null if there is none. */
  readonly order: (graph: FlushGraph, byTable: Map<Table, RowOperation[]>) => Ordered | null;
}

export interface Staged extends Ordered {
  /** Gives new rows the keys that they have in the end, once they are written. */
  readonly finish: () => void;
}

/**
 * Another way to write rows whose keys change hands along several foreign keys: not each change in its place among all
 * others, but in stages, each of which is simple.
 *
 * 1. Rows that get another key take a temporary one, in the part of it that refers to nothing; what refers to them follows.
 *    From now on no two keys are alike.
 * 2. Rows of which a part of the key refers to others move to those, which are found by the keys that they have by now.
 * 3. All else: rows are inserted, deleted and changed.
 * 4. Rows take the keys that they are to have; what refers to them follows.
 *
 * It takes up to four statements for a row, so it is for flushes for which nothing else is found.
 * @param flushRows the changes as they were made
 * @returns null if there is no such order for this flush either
 */
export function planInStages(flushRows: FlushRows, context: StagesContext): Staged | null {
  const { keyChanges } = context;
  const { rows } = flushRows;
  // The key of a row that may be there already is not known before; that of a pair is.
  if (rows.some(({ operation: { conflict, role } }) => conflict !== null && role !== "link")) return null;
  if (keyChanges.blocked.length > 0 || keyChanges.followed.some(({ foreignKey }) => letsGo(foreignKey.onUpdate)))
    return null;
  const known = flushRows.atFirst(context, followedBy(keyChanges));
  const targets = addTargets(known, rows, keyChanges);
  const aside = chooseAside(rows, known, context);
  return aside === null ? null : new Stages(rows, known, targets, aside, context).plan();
}

/** What is written in the stage at hand. */
interface Writing {
  /** Does the row change what it refers to by the foreign key? */
  readonly moves: (row: KnownRow, foreignKey: ForeignKeyConstraint) => boolean;
  readonly writes: (row: WrittenRow, column: Column<unknown>) => boolean;
}

class Stages {
  readonly #context: StagesContext;
  readonly #rows: readonly WrittenRow[];
  readonly #known: KnownRows;
  readonly #targets: FinalTargets;
  readonly #aside: ReadonlyMap<KnownRow, Aside>;
  /** Columns that were written when rows moved. */
  readonly #moved = new Map<KnownRow, ReadonlySet<Column<unknown>>>();
  readonly #operations: RowsOfOperations;
  readonly #rehearsal: Rehearsal;
  readonly #batches: Batch[] = [];
  readonly #edges: Edge[] = [];
  readonly #deferred = new Set<ForeignKeyConstraint | UniqueKey>();
  #defersAll = false;

  constructor(
    rows: readonly WrittenRow[],
    known: KnownRows,
    targets: FinalTargets,
    aside: ReadonlyMap<KnownRow, Aside>,
    context: StagesContext,
  ) {
    this.#context = context;
    this.#rows = rows;
    this.#known = known;
    this.#targets = targets;
    this.#aside = aside;
    this.#operations = new RowsOfOperations(rows);
    this.#rehearsal = new Rehearsal(known, this.#operations, context.database);
  }

  plan(): Staged | null {
    const tables = [...new Set(this.#rows.map(({ table }) => table))];
    const upwards = tables.sort((a, b) => this.#context.rank(b) - this.#context.rank(a));
    const isDone =
      upwards.every((table) => this.#goAside(table)) &&
      upwards.every((table) => this.#move(table)) &&
      this.#writeOthers() &&
      upwards.every((table) => this.#comeBack(table)) &&
      this.#rehearsal.checkEnd(this.#rows) === null;
    if (!isDone) return null;
    return {
      batches: this.#batches,
      deferral: { constraints: this.#deferred, allForeignKeys: this.#defersAll },
      edges: this.#edges,
      finish: () => {
        for (const { operation, kind, written } of this.#rows) {
          if (kind !== "insert") continue;
          for (const [i, value] of written.entries()) if (value !== undefined) operation.after[i] = value;
        }
      },
    };
  }

  #goAside(table: Table): boolean {
    const operations: RowOperation[] = [];
    for (const { row, values } of this.#aside.values())
      if (row.table === table) operations.push(this.#update(row, values, row.kind === "delete" ? "vacate" : "park"));
    return this.#run(operations);
  }

  #comeBack(table: Table): boolean {
    const operations: RowOperation[] = [];
    for (const { row, final } of this.#aside.values())
      if (row.table === table && row.kind !== "delete") operations.push(this.#update(row, final));
    return this.#run(operations);
  }

  /** Rows that refer to others by a part of their keys move to other ones that are there. */
  #move(table: Table): boolean {
    const moving = new Map<KnownRow, readonly ForeignKeyConstraint[]>();
    for (const row of this.#rows) {
      if (row.table !== table || row.kind !== "update") continue;
      const foreignKeys = movingKeys(row);
      const isReady = (foreignKey: ForeignKeyConstraint): boolean =>
        this.#targets.of(row, foreignKey)?.isThere === true && !isInOtherKey(foreignKey);
      if (foreignKeys.length > 0 && foreignKeys.every(isReady)) moving.set(row, foreignKeys);
    }
    const writing: Writing = {
      moves: (row, foreignKey) => moving.get(row)?.includes(foreignKey) === true,
      writes: () => false,
    };
    const operations: RowOperation[] = [];
    for (const row of this.#rows) {
      const columns = moving.get(row)?.flatMap((foreignKey) => foreignKey.columns) ?? [];
      if (columns.length === 0) continue;
      const values = new Map(columns.map((column) => [column, this.#valueAfter(row, column, writing)]));
      operations.push(this.#update(row, values, "early link"));
      this.#moved.set(row, new Set(columns));
    }
    return this.#run(operations);
  }

  #writeOthers(): boolean {
    const isDone = (row: KnownRow, column: Column<unknown>): boolean => this.#moved.get(row)?.has(column) === true;
    const writing: Writing = {
      moves: (row, foreignKey) =>
        isWritten(row) && writes(row, foreignKey) && !foreignKey.columns.some((column) => isDone(row, column)),
      writes: (row, column) =>
        row.written[column.index] !== undefined &&
        !isDone(row, column) &&
        this.#aside.get(row)?.values.has(column) !== true,
    };
    const operations: RowOperation[] = [];
    for (const row of this.#rows) {
      if (row.kind === "delete") {
        operations.push(this.#wholeOperation(row, { kind: "delete" }));
        continue;
      }
      const values = new Map<Column<unknown>, unknown>();
      for (const column of row.table.columns) {
        if (writing.writes(row, column)) values.set(column, this.#valueAfter(row, column, writing));
      }
      if (row.kind === "insert") {
        for (const [column, value] of values) row.operation.after[column.index] = value;
        operations.push(row.operation);
      } else if (values.size > 0) operations.push(this.#wholeOperation(row, { kind: "update", values }));
    }
    return this.#run(operations);
  }

  /** What the row has in the column when the stage at hand has run. */
  #valueAfter(row: KnownRow, column: Column<unknown>, writing: Writing, asked: readonly Asked[] = []): unknown {
    const isNew = isWritten(row) && row.kind === "insert" && !row.isThere;
    const image = isNew ? insertedImage(row) : row.image;
    const isAsked = asked.some((one) => one.row === row && one.column === column); // rows may refer to each other
    for (const foreignKey of isAsked ? [] : row.table.foreignKeys) {
      const referred = foreignKey.referredColumns[foreignKey.columns.indexOf(column)];
      if (referred === undefined) continue;
      const target = writing.moves(row, foreignKey)
        ? this.#targets.of(row, foreignKey)
        : this.#present(image, foreignKey);
      if (target !== null) return this.#valueAfter(target, referred, writing, [...asked, { row, column }]);
    }
    return isWritten(row) && !isNew && writing.writes(row, column) ? finalValue(row, column) : image[column.index];
  }

  /** The row that an image refers to at present. */
  #present(image: KnownRow["image"], { columns, referredColumns }: ForeignKeyConstraint): KnownRow | null {
    const held = columns.map(({ index }) => image[index]);
    const [target] = this.#known.having(referredColumns, held);
    return target ?? null;
  }

  /** An UPDATE of a part of the row. */
  #update(row: WrittenRow, values: Values, role: OperationRole = "row"): RowOperation {
    const { table, image } = row;
    const key = table.primaryKey.map(({ index }) => image[index]);
    return this.#add(
      row,
      new RowOperation(table, "update", row.operation.entity, { ...initOf(row, values), role, key }),
    );
  }

  /** The operation that finds the row by its version, too. */
  #wholeOperation(row: WrittenRow, { kind, values = NO_VALUES }: Whole): RowOperation {
    const { table, operation, keyColumns, key, image } = row;
    const present = keyColumns.map((column, i) => (column.primaryKey ? image[column.index] : key[i]));
    const init = { ...initOf(row, values), keyColumns, key: present };
    const whole = new RowOperation(table, kind, operation.entity, init);
    whole.versioned = row.isVersioned;
    return this.#add(row, whole);
  }

  #add(row: WrittenRow, operation: RowOperation): RowOperation {
    this.#operations.set(operation, row);
    return operation;
  }

  /** Plans a stage and rehearses it; false if it cannot be done. */
  #run(operations: readonly RowOperation[]): boolean {
    if (operations.length === 0) return true;
    const graph = new FlushGraph();
    const byTable = new Map<Table, RowOperation[]>();
    for (const operation of operations) {
      graph.add(operation);
      getOrAdd(byTable, operation.table, () => []).push(operation);
    }
    const ordered = this.#context.order(graph, byTable);
    if (ordered === null || this.#rehearsal.run(ordered.batches, ordered.deferral) !== null) return false;
    this.#batches.push(...ordered.batches);
    this.#edges.push(...ordered.edges);
    for (const constraint of ordered.deferral.constraints) this.#deferred.add(constraint);
    this.#defersAll ||= ordered.deferral.allForeignKeys;
    return true;
  }
}

type Values = ReadonlyMap<Column<unknown>, unknown>;

const NO_VALUES: Values = new Map();

interface Whole {
  readonly kind: "update" | "delete";
  readonly values?: Values;
}

/** The row as it is, and what is written of it. */
function initOf({ table, image }: WrittenRow, values: Values): Required<Pick<RowOperationInit, "before" | "after">> {
  const after: unknown[] = new Array(table.columns.length);
  for (const [column, value] of values) after[column.index] = value;
  return { before: [...image], after };
}

/** A value of a row that somebody has asked for. */
interface Asked {
  readonly row: KnownRow;
  readonly column: Column<unknown>;
}

function isWritten(row: KnownRow): row is WrittenRow {
  return "operation" in row;
}

/** The written foreign keys that a part of the primary key belongs to. */
function movingKeys(row: WrittenRow): readonly ForeignKeyConstraint[] {
  return row.table.foreignKeys.filter(
    (foreignKey) => foreignKey.columns.some(({ primaryKey }) => primaryKey) && writes(row, foreignKey),
  );
}

/** Another unique key has columns of the foreign key: what else of that the row changes, it has to change at once. */
function isInOtherKey({ table, columns }: ForeignKeyConstraint): boolean {
  return table.uniqueKeys.some((uniqueKey) => {
    const { dependsOn } = factsOf(uniqueKey);
    const isPrimary = dependsOn.every((column) => column.primaryKey);
    return !isPrimary && dependsOn.some((column) => columns.includes(column));
  });
}
