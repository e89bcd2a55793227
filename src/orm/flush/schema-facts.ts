import type { ForeignKeyConstraint, MetaData, Table } from "../../schema/index.ts";
import { configurations, mapperForTable } from "../mapping/index.ts";
import { takesAlong } from "./edges/referential-action.ts";
import { getOrAdd } from "./get-or-add.ts";
import { looseReferences } from "./loose-references.ts";

/** What the tables of a flush say about each other; worked out once for each metadata, and again when there are more of them. */
export class SchemaFacts {
  readonly #known: readonly Facts[];

  constructor(tables: Iterable<Table>) {
    const known: Facts[] = [];
    for (const { metadata } of tables) {
      const facts = factsOf(metadata);
      if (!known.includes(facts)) known.push(facts);
    }
    this.#known = known;
  }

  /** The foreign keys that refer to a table. */
  referring(table: Table): readonly ForeignKeyConstraint[] {
    for (const { referring } of this.#known) {
      const found = referring.get(table);
      if (found !== undefined) return found;
    }
    return NONE;
  }

  /** The references of a table that only relationships make, see `looseReferences`. */
  loose(table: Table): readonly ForeignKeyConstraint[] {
    for (const { loose } of this.#known) {
      const found = loose.get(table);
      if (found !== undefined) return found;
    }
    return NONE;
  }

  /** The table's place in an order in which referred tables come before those that refer to them. */
  rank(table: Table): number {
    for (const { ranks } of this.#known) {
      const rank = ranks.get(table);
      if (rank !== undefined) return rank;
    }
    return 0;
  }

  /**
   * The foreign keys that refer to rows which go along with rows of the table, by ON DELETE CASCADE, at any depth: of these
   * rows, which nobody may have loaded, a flush knows nothing.
   */
  below(table: Table): readonly ForeignKeyConstraint[] {
    for (const facts of this.#known) {
      if (facts.referring.has(table)) return getOrAdd(facts.below, table, () => findBelow(table, facts.referring));
    }
    return NONE;
  }
}

const NONE: readonly ForeignKeyConstraint[] = [];

function findBelow(table: Table, referring: Facts["referring"]): readonly ForeignKeyConstraint[] {
  const taken = new Set<Table>();
  const take = (from: Table): void => {
    for (const { table: own, onDelete } of referring.get(from) ?? []) if (takesAlong(onDelete)) taken.add(own);
  };
  take(table);
  for (const at of taken) take(at); // a set goes on with what is added to it meanwhile
  return [...taken].flatMap((one) => referring.get(one) ?? []);
}

interface Facts {
  readonly tableCount: number;
  /** How often classes had been configured. */
  readonly configurations: number;
  readonly loose: ReadonlyMap<Table, readonly ForeignKeyConstraint[]>;
  readonly ranks: ReadonlyMap<Table, number>;
  readonly referring: ReadonlyMap<Table, readonly ForeignKeyConstraint[]>;
  /** Found when somebody asks. */
  readonly below: Map<Table, readonly ForeignKeyConstraint[]>;
}

const known = new WeakMap<MetaData, Facts>();

function factsOf(metadata: MetaData): Facts {
  const facts = known.get(metadata);
  const { count } = configurations;
  if (facts?.tableCount === metadata.tables.size && facts.configurations === count) return facts;
  const { tables } = metadata.sortedTables();
  const referring = new Map<Table, ForeignKeyConstraint[]>();
  for (const table of tables) {
    for (const foreignKey of table.foreignKeys) {
      getOrAdd(referring, foreignKey.referredTable, () => []).push(foreignKey);
    }
  }
  const fresh: Facts = {
    tableCount: metadata.tables.size,
    configurations: count,
    loose: looseReferences(tables),
    ranks: new Map(tables.map((table, i) => [table, i])),
    referring,
    below: new Map(),
  };
  known.set(metadata, fresh);
  return fresh;
}

/** Foreign keys of relationships with `postUpdate`: if a cycle has to be broken, the user wants these to be written late. */
export function lateForeignKeys(tables: Iterable<Table>): Set<ForeignKeyConstraint> {
  const late = new Set<ForeignKeyConstraint>();
  for (const table of tables) {
    for (const property of mapperForTable(table)?.relationships ?? []) {
      if (!property.postUpdate) continue;
      const columns =
        property.direction === "manyToOne"
          ? property.pairs.map(({ local }) => local)
          : property.pairs.map(({ remote }) => remote);
      for (const foreignKey of columns[0]?.table.foreignKeys ?? []) {
        if (columns.some((column) => foreignKey.columns.includes(column))) late.add(foreignKey);
      }
    }
  }
  return late;
}
