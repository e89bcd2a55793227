import type { ForeignKeyConstraint } from "./foreign-key.ts";
import type { Table } from "./table.ts";

/** Tables in an order in which they can be created; dropped, in the opposite order. */
export interface SortedTables {
  readonly tables: readonly Table[];
  /** Foreign keys that refer to a later table, since tables refer to each other in a circle. Those to the table itself are none. */
  readonly cyclic: readonly ForeignKeyConstraint[];
}

/**
 * Sorts tables such that each comes after those that it refers to. Otherwise the order stays as it is. A circle is cut
 * such that few foreign keys have to be added later.
 */
export function sortTables(tables: readonly Table[]): SortedTables {
  const waiting = new Map<Table, Set<Table>>();
  for (const table of tables) waiting.set(table, referredTables(table, tables));
  const sorted: Table[] = [];
  while (waiting.size > 0) {
    const next = firstFree(waiting) ?? leastBound(waiting);
    waiting.delete(next);
    sorted.push(next);
    for (const needs of waiting.values()) needs.delete(next);
  }
  return { tables: sorted, cyclic: referencesAhead(sorted) };
}

function referredTables(table: Table, tables: readonly Table[]): Set<Table> {
  const referred = new Set(table.foreignKeys.map(({ referredTable }) => referredTable));
  referred.delete(table);
  // Tables of another metadata are created by others.
  return new Set([...referred].filter((other) => tables.includes(other)));
}

function firstFree(waiting: ReadonlyMap<Table, ReadonlySet<Table>>): Table | undefined {
  for (const [table, needs] of waiting) if (needs.size === 0) return table;
  return undefined;
}

/**
 * All wait for others. The table to go ahead all the same is the one for which the most wait and which waits for the
 * fewest (the heuristic of Eades, Lin and Smyth); the best choice would cost exponential time. A table that only waits
 * behind a circle, without being in one, is no place to cut.
 */
function leastBound(waiting: ReadonlyMap<Table, ReadonlySet<Table>>): Table {
  let best: Table | undefined;
  let bestGain = Number.NEGATIVE_INFINITY;
  for (const [table, needs] of waiting) {
    if (!reaches(table, table, waiting)) continue;
    const neededBy = [...waiting.values()].filter((others) => others.has(table)).length;
    if (neededBy - needs.size > bestGain) {
      best = table;
      bestGain = neededBy - needs.size;
    }
  }
  // Where every table waits for another one, following them leads into a circle.
  return best as Table;
}

function reaches(from: Table, to: Table, waiting: ReadonlyMap<Table, ReadonlySet<Table>>): boolean {
  const seen = new Set<Table>();
  const stack = [...(waiting.get(from) ?? [])];
  for (let table = stack.pop(); table !== undefined; table = stack.pop()) {
    if (table === to) return true;
    if (seen.has(table)) continue;
    seen.add(table);
    stack.push(...(waiting.get(table) ?? []));
  }
  return false;
}

function referencesAhead(sorted: readonly Table[]): ForeignKeyConstraint[] {
  const position = new Map(sorted.map((table, index) => [table, index]));
  return sorted.flatMap((table, index) =>
    table.foreignKeys.filter(({ referredTable }) => (position.get(referredTable) ?? -1) > index),
  );
}
