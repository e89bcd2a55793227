import { type Column, ForeignKeyConstraint, type Table } from "../../schema/index.ts";
import { mapperForTable, type RelationshipProperty } from "../mapping/index.ts";
import { getOrAdd } from "./get-or-add.ts";

/** A column and the one that it refers to. */
type Pair = readonly [from: Column<unknown>, to: Column<unknown>];

/**
 * References that only relationships make (`primaryJoin` with `foreignKeys`), by the table that has the columns: as foreign
 * keys that no database knows. It checks nothing of them, but a key that it makes has to be there before it is written
 * elsewhere.
 */
export function looseReferences(tables: Iterable<Table>): ReadonlyMap<Table, readonly ForeignKeyConstraint[]> {
  const loose = new Map<Table, ForeignKeyConstraint[]>();
  for (const table of tables) {
    for (const { relationships, hiddenRelationships } of mapperForTable(table)?.selfAndDescendants() ?? [])
      for (const property of [...relationships, ...hiddenRelationships])
        for (const pairs of writtenPairs(property)) note(loose, pairs);
  }
  return loose;
}

/** What the rows of a relationship refer to. */
function writtenPairs({ viewOnly, direction, pairs, secondary }: RelationshipProperty): readonly (readonly Pair[])[] {
  if (viewOnly) return [];
  if (secondary !== null) {
    return [
      secondary.local.map(({ secondary: from, local }): Pair => [from, local]),
      secondary.remote.map(({ secondary: from, remote }): Pair => [from, remote]),
    ];
  }
  return direction === "manyToOne" ? [pairs.map(({ local, remote }): Pair => [local, remote])] : [];
}

function note(loose: Map<Table, ForeignKeyConstraint[]>, pairs: readonly Pair[]): void {
  for (const [from, to] of pairs) {
    const { table } = from;
    const known = getOrAdd(loose, table, () => []);
    const isKnown = [...table.foreignKeys, ...known].some(({ columns, referredColumns }) =>
      columns.some((column, i) => column === from && referredColumns[i] === to),
    );
    // One for each column: the columns of a hierarchy are in several tables.
    if (!isKnown) known.push(new ForeignKeyConstraint(table, [from], [to], {}));
  }
}
