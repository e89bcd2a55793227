import type { Dialect, ValueLimit } from "../../../engine/dialect.ts";
import type { Column, Table } from "../../../schema/index.ts";
import { type Reader, readerOf, type Writer, writerOf } from "../../instance/index.ts";
import { ByMapper, type ColumnProperty, type Mapper, type RelationshipProperty } from "../../mapping/index.ts";
import type { ColumnWrite } from "../decompose/table-writes.ts";
import { toOneOver } from "../decompose/to-one.ts";
import { type TablePlan, writePlans } from "../decompose/write-plan.ts";
import { letsGo } from "../edges/referential-action.ts";
import { factsOf } from "../edges/unique-key.ts";
import { madeByUpdate } from "../made-by-update.ts";
import { SchemaFacts } from "../schema-facts.ts";
import { type InsertShape, Shapes, type UpdateShape } from "./shapes.ts";

/** How objects of a class are written without a plan. */
export interface ClassPlan {
  readonly mapper: Mapper;
  readonly table: Table;
  /** The columns that objects write, in the order of the table. */
  readonly columns: readonly WrittenColumn[];
  /** By index, those that an UPDATE may write whatever other rows do; null: no UPDATE of the class is that simple. */
  readonly free: readonly (WrittenColumn | undefined)[] | null;
  /** Those of them that have a value of their own in each UPDATE. */
  readonly onUpdate: readonly WrittenColumn[];
  /** Functions make values of its rows. */
  readonly hasFunctions: boolean;
  /** The primary key, if it has one column. */
  readonly key: WrittenColumn | null;
  /** Where in `columns` that is; -1: nowhere. */
  readonly keyPosition: number;
  /** Can new objects be inserted without a look at other rows, if what they refer to allows it? */
  readonly isInsertable: boolean;
  /** Does nothing happen to other rows when rows of the class are deleted, but what the flush says? */
  readonly isDeletable: boolean;
  /** The table's place in an order in which referred tables come first. */
  readonly rank: number;
  /** The referred tables whose place is not before it. */
  readonly refersAhead: readonly Table[];
  /** Tables of which rows are to be deleted before those of the class, though their place is not behind it. */
  readonly deletedBefore: readonly Table[];
  /** How many tables there were: another one may change the order, or refer to what was free. */
  readonly tableCount: number;
  readonly updateShapes: Shapes<UpdateShape>;
  readonly insertShapes: Shapes<InsertShape>;
}

/** An attribute that shows a column. */
export interface ShownColumn {
  readonly property: ColumnProperty;
  readonly read: Reader;
  readonly write: Writer;
}

/** A column that objects write. */
export interface WrittenColumn extends ShownColumn {
  readonly column: Column<unknown>;
  readonly limit: ValueLimit | null;
  /** Does the database make a value where none is given? */
  readonly isGenerated: boolean;
  /** The relationship that says what the column refers to, and the attribute of the other object. */
  readonly reference: Reference | null;
}

export interface Reference {
  readonly property: RelationshipProperty;
  readonly remote: Column<unknown>;
}

/** As many columns are one bit each of a number. */
const BITS = 31;

const plans = new WeakMap<Dialect, ByMapper<ClassPlan | null>>();

/** The plans of all classes for a database; null for those that are not simple. */
export function classPlans(dialect: Dialect): ByMapper<ClassPlan | null> {
  let known = plans.get(dialect);
  if (known === undefined) {
    known = new ByMapper((mapper) => planOf(mapper, dialect));
    plans.set(dialect, known);
  }
  return known;
}

function planOf(mapper: Mapper, dialect: Dialect): ClassPlan | null {
  const { tables } = writePlans(dialect).of(mapper);
  const [only] = tables;
  if (only === undefined || tables.length > 1 || only.writes.table.columns.length > BITS) return null;
  if (mapper.versionId !== null || mapper.onConflict !== null) return null;
  if (mapper.root !== mapper || mapper.polymorphic !== null) return null;
  const { table } = only.writes;
  const schema = new SchemaFacts([table]);
  const references = [...table.foreignKeys, ...schema.loose(table)].map(({ referredTable }) => referredTable);
  if (references.some(({ metadata }) => metadata !== table.metadata)) return null; // they have no order in common
  const rank = schema.rank(table);
  const refersAhead = references.filter((referred) => schema.rank(referred) >= rank);
  const columns = only.writes.columns.map((write, i) => writtenColumn(mapper, write, only, i));
  columns.sort((a, b) => a.column.index - b.column.index);
  const [key, ...others] = only.writes.key;
  const keyPosition = others.length > 0 ? -1 : columns.findIndex(({ column }) => column === key?.column);
  return {
    mapper,
    table,
    columns,
    free: freeColumns(mapper, table, columns, schema),
    onUpdate: columns.filter(({ column }) => column.onUpdate !== null),
    hasFunctions: columns.some(
      ({ column }) => column.default?.kind === "function" || column.onUpdate?.kind === "function",
    ),
    key: columns[keyPosition] ?? null,
    keyPosition,
    isInsertable: keyPosition >= 0 && isInsertable(mapper),
    isDeletable: keyPosition >= 0 && !schema.referring(table).some(({ onDelete }) => letsGo(onDelete)),
    rank,
    refersAhead,
    // What refers to rows that ON DELETE CASCADE takes along lets go of them before.
    deletedBefore: [
      ...refersAhead,
      ...schema
        .below(table)
        .map((foreignKey) => foreignKey.table)
        .filter((other) => other !== table && schema.rank(other) <= rank),
    ],
    tableCount: table.metadata.tables.size,
    updateShapes: new Shapes(),
    insertShapes: new Shapes(),
  };
}

function writtenColumn(mapper: Mapper, write: ColumnWrite, { readers, limits }: TablePlan, i: number): WrittenColumn {
  const { column, property, isGenerated } = write;
  const [relationship] = toOneOver(mapper, column);
  const remote = relationship?.pairs.find(({ local }) => local === column)?.remote;
  return {
    column,
    property,
    read: readers[i] ?? readerOf(property.slot),
    write: writerOf(property.slot),
    limit: limits[i] ?? null,
    isGenerated,
    reference: relationship === undefined || remote === undefined ? null : { property: relationship, remote },
  };
}

/** The columns that are in no key, and to which no key of another table refers. */
function freeColumns(
  mapper: Mapper,
  table: Table,
  columns: readonly WrittenColumn[],
  schema: SchemaFacts,
): readonly (WrittenColumn | undefined)[] | null {
  if (madeByUpdate.of(mapper).length > 0) return null; // it is to be read afterwards
  const keys = table.uniqueKeys.map(factsOf);
  if (keys.some(({ parts }) => parts.some(({ hasText }) => hasText))) return null; // who knows what it depends on
  const inKeys = new Set<Column<unknown>>([
    ...table.primaryKey,
    ...table.foreignKeys.flatMap((foreignKey) => foreignKey.columns),
    ...keys.flatMap(({ dependsOn }) => dependsOn),
    ...schema.referring(table).flatMap(({ referredColumns }) => referredColumns),
  ]);
  const free: (WrittenColumn | undefined)[] = [];
  for (const one of columns) {
    const { column, property } = one;
    if (!inKeys.has(column) && property.columns.length === 1 && property.references.length === 0)
      free[column.index] = one;
    else if (column.onUpdate !== null) return null; // each UPDATE writes a key
  }
  return free;
}

/** Each reference is one column of its own and in no key, and no cascade looks at new objects. */
function isInsertable({ relationships, hiddenRelationships, columns, primaryKey }: Mapper): boolean {
  if (primaryKey.some(({ references }) => references.length > 0)) return false;
  if (columns.some(({ references }) => references.length > 1)) return false;
  return [...relationships, ...hiddenRelationships].every(isSimple);
}

function isSimple({ viewOnly, direction, many, pairs, singleParent, cascade }: RelationshipProperty): boolean {
  if (viewOnly) return true;
  if (direction === "oneToMany") return many;
  return direction === "manyToOne" && pairs.length === 1 && !singleParent && !cascade.deleteOrphan;
}

/** Are there still the tables of which the plan knows? */
export function isCurrent({ table, tableCount }: ClassPlan): boolean {
  return table.metadata.tables.size === tableCount;
}
