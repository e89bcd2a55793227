import type { Dialect, Processor } from "../../engine/dialect.ts";
import type { ColumnElement } from "../../expression/from.ts";
import type { SqlExpression } from "../../expression/sql-expression.ts";
import type { SqlType } from "../../expression/sql-type.ts";
import type { Column } from "../../schema/index.ts";
import { type Reader, readerOf, type Writer, writerOf } from "../instance/index.ts";
import type { ColumnProperty, Mapper, RelationshipProperty } from "../mapping/index.ts";
import type { EntityTables } from "./entity-tables.ts";
import type { LoadNode, LoadTree } from "./load-tree.ts";

/** A value of the rows: where it is, and how it is decoded. */
export interface RowValue {
  readonly index: number;
  readonly decode: Processor | null;
  readonly type: SqlType<unknown>;
}

/** A value of the rows that goes to a slot of an object. */
export interface Placement extends RowValue {
  readonly property: ColumnProperty;
  readonly read: Reader;
  readonly write: Writer;
}

/** A class that a row can become an object of, and the values that it then takes. */
export interface Variant {
  readonly mapper: Mapper;
  readonly placements: readonly Placement[];
}

/** How rows become objects of one class: made once for a statement, used for all of its rows. */
export interface EntityPlan {
  readonly mapper: Mapper;
  /** The primary key; a row in which it is NULL has no object (an outer join found none). */
  readonly key: readonly RowValue[];
  readonly own: Variant;
  /** What decides about the class of a row, if it is not always the same. */
  readonly discriminator: (RowValue & { readonly variants: ReadonlyMap<unknown, Variant> }) | null;
  /** Relationships whose objects are in the same rows. Filled while the statement is put together. */
  readonly joined: JoinedPlan[];
  /** Relationships to load afterwards. */
  readonly selectin: readonly LoadNode[];
}

/** A relationship whose objects are in the same rows. */
export interface JoinedPlan {
  readonly node: LoadNode;
  readonly target: EntityPlan;
}

/** What a statement selects while it is put together, in the order of the rows. */
export class RowLayout {
  readonly expressions: SqlExpression<unknown>[] = [];
  readonly #places = new Map<SqlExpression<unknown>, number>();
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  has(expression: SqlExpression<unknown>): boolean {
    return this.#places.has(expression);
  }

  /** Selects an expression, whether or not it is selected already. */
  append(expression: SqlExpression<unknown>): RowValue {
    const index = this.expressions.push(expression) - 1;
    this.#places.set(expression, index);
    return this.#at(index, expression);
  }

  /** The value of an expression in the rows; it is selected if it is not yet. */
  value(expression: SqlExpression<unknown>): RowValue {
    const index = this.#places.get(expression);
    return index === undefined ? this.append(expression) : this.#at(index, expression);
  }

  #at(index: number, { sqlType }: SqlExpression<unknown>): RowValue {
    return { index, decode: this.#dialect.resultProcessor(sqlType), type: sqlType };
  }
}

/**
 * Adds the columns of a class to the selected ones, those of the classes that extend it included.
 *
 * @param isFixed nothing can be added: objects get what is selected already
 */
export function planEntity(
  mapper: Mapper,
  tables: EntityTables,
  layout: RowLayout,
  tree: LoadTree,
  isFixed = false,
): EntityPlan {
  const plan: EntityPlan = {
    mapper,
    // The column of the class's own table comes first: where that is missing, so is the object.
    key: mapper.primaryKey.map((part) => layout.value(columnFor(part, tables, layout))),
    own: planVariant(mapper, tables, layout, isFixed),
    discriminator: planDiscriminator(mapper, tables, layout, isFixed),
    joined: [],
    selectin: tree.nodes.filter(({ strategy }) => strategy === "selectin"),
  };
  for (const { strategy, property } of tree.nodes) {
    if (strategy !== "joined") continue;
    // The columns that the join will be made with, in case the rest of the statement becomes a subquery.
    for (const column of nearColumns(property)) if (tables.has(column)) layout.value(tables.columnOf(column));
  }
  return plan;
}

function planDiscriminator(
  mapper: Mapper,
  tables: EntityTables,
  layout: RowLayout,
  isFixed: boolean,
): EntityPlan["discriminator"] {
  const { polymorphic } = mapper;
  const family = mapper.selfAndDescendants();
  if (polymorphic === null || family.length === 1) return null;
  const variants = new Map<unknown, Variant>();
  for (const [identity, member] of polymorphic.map) {
    if (!family.includes(member)) continue;
    if (!isFixed) tables.joinSubclass(member);
    variants.set(identity, planVariant(member, tables, layout, isFixed));
  }
  return { ...layout.value(columnFor(polymorphic.on, tables, layout)), variants };
}

function planVariant(mapper: Mapper, tables: EntityTables, layout: RowLayout, isFixed: boolean): Variant {
  const isThere = ({ columns }: ColumnProperty) =>
    columns.some((column) => tables.has(column) && layout.has(tables.columnOf(column)));
  const properties = mapper.columns.filter((property) => (isFixed ? isThere(property) : !property.column.deferred));
  return { mapper, placements: placementsOf(properties, tables, layout) };
}

/** Selects columns and says how their values get into objects. */
export function placementsOf(
  properties: readonly ColumnProperty[],
  tables: EntityTables,
  layout: RowLayout,
): readonly Placement[] {
  return properties.map((property) => ({
    ...layout.value(columnFor(property, tables, layout)),
    property,
    read: readerOf(property.slot),
    write: writerOf(property.slot),
  }));
}

/** The column to read an attribute from: with joined inheritance several tables have it, and one of them may do. */
function columnFor(
  { columns, column }: ColumnProperty,
  tables: EntityTables,
  layout: RowLayout,
): ColumnElement<unknown> {
  const candidates = columns.filter((one) => tables.has(one)).map(tables.columnOf);
  return candidates.find((candidate) => layout.has(candidate)) ?? candidates[0] ?? tables.columnOf(column);
}

/** The columns on the side of the class that its relationship is joined by. */
export function nearColumns({ join }: RelationshipProperty): readonly Column<unknown>[] {
  const { secondary, pairs } = join;
  return (secondary?.local ?? pairs).map(({ local }) => local);
}
