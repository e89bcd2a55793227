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
  const byTable = new Map<Table, Pair[]>(); // a class may have its columns in several tables
  for (const pair of pairs) getOrAdd(byTable, pair[0].table, () => []).push(pair);
  for (const [table, own] of byTable) {
    const known = getOrAdd(loose, table, () => []);
    if ([...table.foreignKeys, ...known].some((foreignKey) => covers(foreignKey, own))) continue;
    const [from, to] = [own.map((pair) => pair[0]), own.map((pair) => pair[1])];
    known.push(new ForeignKeyConstraint(table, from, to, {}));
  }
}

function covers({ columns, referredColumns }: ForeignKeyConstraint, pairs: readonly Pair[]): boolean {
  return pairs.every(([from, to]) => columns.some((column, i) => column === from && referredColumns[i] === to));
}
