import type { Column, ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import { refersToNothing } from "../break/park.ts";
import type { TemporaryValues } from "../break/temporary-values.ts";
import { RowOperation } from "../decompose/operation.ts";
import type { FlushGraph } from "../graph.ts";
import { finalValue, isSameValue, type WrittenRow } from "../rehearse/flush-rows.ts";
import type { KnownRows } from "../rehearse/known-rows.ts";

/** A row that takes a temporary key for a while. */
export interface Aside {
  readonly row: WrittenRow;
  /** What it takes meanwhile. */
  readonly values: ReadonlyMap<Column<unknown>, unknown>;
  /** What it has there in the end. */
  readonly final: ReadonlyMap<Column<unknown>, unknown>;
}

/** What the choice of temporary keys needs to know. */
export interface AsideContext {
  readonly temporary: TemporaryValues;
  /** The graph of the whole flush. */
  readonly graph: FlushGraph;
  /** The foreign keys that refer to a table. */
  readonly referring: (table: Table) => readonly ForeignKeyConstraint[];
}

/**
 * Chooses the rows that take temporary keys, in columns that refer to nothing: those whose keys change, and deleted ones
 * whose keys others are to have.
 * @returns null if a column has no temporary value
 */
export function chooseAside(
  rows: readonly WrittenRow[],
  known: KnownRows,
  { temporary, graph, referring }: AsideContext,
): ReadonlyMap<WrittenRow, Aside> | null {
  const chosen = new Map<WrittenRow, Aside>();
  const taken = takenKeys(rows, known);
  for (const row of rows) {
    const columns = columnsAside(row, taken, known, referring);
    if (columns.length === 0) continue;
    const { table, operation, image } = row;
    const values = new Map<Column<unknown>, unknown>();
    const written: unknown[] = [];
    const parked = new RowOperation(table, "update", operation.entity, { before: image, after: written });
    for (const column of columns) {
      const found = temporary.find(graph, operation, column, { written, movesOut: () => true });
      if (found === null || found.after.length > 0) return null;
      written[column.index] = found.value;
      values.set(column, found.value);
      temporary.give(parked, column, operation);
    }
    chosen.set(row, { row, values, final: new Map(columns.map((column) => [column, finalValue(row, column)])) });
  }
  return chosen;
}

function columnsAside(
  row: WrittenRow,
  taken: ReadonlySet<string>,
  known: KnownRows,
  referring: AsideContext["referring"],
): readonly Column<unknown>[] {
  if (row.kind === "insert") return [];
  if (row.kind === "delete") return isTaken(row, taken, known) ? row.table.primaryKey.filter(isFree).slice(0, 1) : [];
  const changed = keyColumnsOf(row.table, referring).filter((column) => isFree(column) && isChanged(row, column));
  if (changed.some((column) => column.primaryKey)) return changed;
  // One that moves to another row keeps its number there, which a row there may have as yet.
  const moves = row.table.primaryKey.some((column) => row.written[column.index] !== undefined);
  const kept = moves ? row.table.primaryKey.find(isFree) : undefined;
  return kept === undefined ? changed : [...changed, kept];
}

function keyColumnsOf(table: Table, referring: AsideContext["referring"]): readonly Column<unknown>[] {
  const referred = referring(table).flatMap(({ referredColumns }) => referredColumns);
  return [...new Set([...table.primaryKey, ...referred])];
}

function isChanged({ image, written }: WrittenRow, column: Column<unknown>): boolean {
  const value = written[column.index];
  return value !== undefined && !isSameValue(column, image[column.index], value);
}

function isFree(column: Column<unknown>): boolean {
  return refersToNothing(column) && column.computed === null;
}

/** What rows have in the end of the parts of their keys that refer to nothing. */
function takenKeys(rows: readonly WrittenRow[], known: KnownRows): ReadonlySet<string> {
  const taken = new Set<string>();
  for (const row of rows) {
    const name = row.kind === "delete" ? null : freePart(row, known);
    if (name !== null) taken.add(name);
  }
  return taken;
}

/** Rows that refer to a deleted one may have to leave it late: its key must not be in the way till then. */
function isTaken(row: WrittenRow, taken: ReadonlySet<string>, known: KnownRows): boolean {
  const name = freePart(row, known);
  return name !== null && taken.has(name);
}

function freePart(row: WrittenRow, known: KnownRows): string | null {
  const { table } = row;
  const free = table.primaryKey.find(isFree);
  const key = free === undefined ? null : known.keyOf([free], [finalValue(row, free)]);
  return key === null ? null : `${table.fullName}:${key}`;
}
