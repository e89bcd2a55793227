import { evaluate, UNKNOWN } from "../../../expression/index.ts";
import { type Column, columnOf, type ForeignKeyConstraint, type Table } from "../../../schema/index.ts";
import { checksOver, comparable, hasOpaqueChecks, literalsIn } from "./row-checks.ts";
import { candidates, type Hints } from "./temporary-candidates.ts";

const TRIES = 8;

/** What a temporary value has to do with besides the column. */
export interface Surroundings {
  /** What the row has in another column; `UNKNOWN` if only the database knows. */
  readonly read: (column: Column<unknown>) => unknown;
  /** Values that are tried before all others. */
  readonly first?: Iterable<unknown>;
  /** Columns that follow this one, at any depth: they hold the value, too. */
  readonly followers: readonly Column<unknown>[];
  /** Is it nobody's, and does the row leave its place with it? */
  readonly accepts: (value: unknown) => boolean;
}

/** Where nothing else is known. */
export const ALONE: Surroundings = { read: () => UNKNOWN, followers: [], accepts: () => true };

/** The columns that refer to one, at any depth. */
export function followersOf(
  column: Column<unknown>,
  referring: (table: Table) => readonly ForeignKeyConstraint[],
): readonly Column<unknown>[] {
  const found = new Set([column]);
  for (const at of found) {
    for (const { columns, referredColumns } of referring(at.table))
      for (const [i, own] of columns.entries()) if (referredColumns[i] === at) found.add(own);
  }
  found.delete(column);
  return [...found];
}

/**
 * A value that a row may hold in a NOT NULL unique column for a moment: it fits the column's type, length and checks, and
 * no row has it. Rows that are not loaded cannot be seen, so it is random and, if possible, from a range that programs
 * rarely use.
 * A column that says `parkValue` gives its own, which is taken to fit.
 * @returns undefined if there is no such value: booleans, checks that refuse what was tried
 */
export function temporaryValue(column: Column<unknown>, surroundings = ALONE): unknown {
  const { parkValue } = column;
  const { accepts, followers } = surroundings;
  if (parkValue !== null) {
    for (let i = 0; i < TRIES; i++) {
      const value = parkValue();
      if (accepts(value)) return value;
    }
    return undefined;
  }
  const holders = [column, ...followers];
  const hints = hintsOf(holders, surroundings);
  let likely: unknown;
  for (const { sqlType } of holders) {
    for (const value of inTurn(surroundings.first, candidates(sqlType, hints))) {
      if (value === undefined || !holders.every((holder) => holder.sqlType.validate(value) === null)) continue;
      const holds = hints === null || passesChecks(holders, value, surroundings);
      if (holds === false || (holds === UNKNOWN && likely !== undefined) || !accepts(value)) continue;
      if (holds !== UNKNOWN) return value;
      likely = value; // only the database can decide
    }
  }
  return likely;
}

function* inTurn(first: Iterable<unknown> | undefined, others: Iterable<unknown>): Generator<unknown> {
  if (first !== undefined) yield* first;
  yield* others;
}

/** What CHECK constraints say of the values; null if there are none. */
function hintsOf(holders: readonly Column<unknown>[], { read }: Surroundings): Hints | null {
  if (holders.every(({ table }) => table.checks.length === 0)) return null; // mostly so, and asked for every parked row
  const [column] = holders as [Column<unknown>]; // the first is the one that is parked
  const checks = holders.flatMap((holder) => checksOver(holder.table, [holder]));
  const isOpaque = holders.some(({ table }) => hasOpaqueChecks(table));
  if (checks.length === 0 && !isOpaque) return null;
  const others = checks.flatMap(({ columns }) => columns.filter((other) => !holders.includes(other)).map(read));
  const literals = [...checks.flatMap(literalsIn), ...others.filter((value) => value !== UNKNOWN && value !== null)];
  const present = read(column);
  return { literals, present: present === UNKNOWN ? null : present, isOpaque };
}

/** A check of a table that follows knows nothing of the other columns there. */
function passesChecks(holders: readonly Column<unknown>[], value: unknown, { read }: Surroundings): unknown {
  let holds: unknown = true;
  for (const [i, holder] of holders.entries()) {
    for (const { condition } of checksOver(holder.table, [holder])) {
      const result = evaluate(condition, (element) => {
        const column = columnOf(element);
        if (column === holder) return comparable(column.sqlType, value);
        return i === 0 ? comparable(column.sqlType, read(column)) : UNKNOWN;
      });
      if (result === false) return false;
      if (result === UNKNOWN) holds = UNKNOWN;
    }
  }
  return holds;
}
