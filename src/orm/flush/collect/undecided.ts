import type { Table } from "../../../schema/index.ts";
import { type Entity, readRaw } from "../../instance/index.ts";
import { ByMapper, type ColumnProperty, type Mapper, mapperOf } from "../../mapping/index.ts";
import { toOneOver } from "../decompose/to-one.ts";
import { getOrAdd } from "../get-or-add.ts";
import { classFactsOf } from "./class-facts.ts";
import { isOrphan, letsGoOfOwned } from "./orphans.ts";

/** The objects that a flush would write. */
export interface Unwritten {
  readonly pending: Iterable<Entity>;
  readonly dirty: Iterable<Entity>;
}

/**
 * The families of classes with objects of which the program has not decided yet to whom they belong: stored ones that left
 * the owner without which they are deleted, and those without a row to which their foreign key, which is required, refers.
 * A flush that nobody called for (that of a query) leaves them alone, with all objects of their families, whose unique
 * values they may give up or take, and with those that may refer to one of these. That is SQLAlchemy's way of deleting a
 * child between two owners, if the collection of the second one is to be loaded first.
 */
export function undecidedFamilies({ pending, dirty }: Unwritten): ReadonlySet<Mapper> {
  const undecided = new Set<Mapper>();
  for (const entity of dirty) {
    const { root } = mapperOf(entity);
    if (undecided.has(root)) continue;
    if (isOrphan(entity) || lacksReference(entity)) undecided.add(root);
    for (const property of classFactsOf(entity).owning)
      if (letsGoOfOwned(entity, property)) undecided.add(root).add(property.target.root);
  }
  for (const entity of pending) {
    const { root } = mapperOf(entity);
    if (!undecided.has(root) && lacksReference(entity)) undecided.add(root);
  }
  if (undecided.size > 0) addReferring(undecided, mappersOf(pending, dirty));
  return undecided;
}

/** Columns of foreign keys that are NOT NULL, and that only the program gives a value. */
const required = new ByMapper(({ columns }): readonly ColumnProperty[] =>
  columns.filter(({ column, columns: all }) => {
    const isGiven = column.default !== null || column.serverDefault !== null || column.computed !== null;
    return all.length === 1 && !column.nullable && !isGiven && column.foreignKeys.length > 0;
  }),
);

/** Has a foreign key that is required neither a value nor an object whose key it will have? */
function lacksReference(entity: Entity): boolean {
  return required.ofObject(entity).some((property) => {
    const value = readRaw(entity, property);
    if (value !== null && (value !== undefined || entity.$key !== null)) return false;
    return !toOneOver(mapperOf(entity), property.column).some((reference) => readRaw(entity, reference));
  });
}

/** The classes of the objects, by their families. */
function mappersOf(pending: Iterable<Entity>, dirty: Iterable<Entity>): ReadonlyMap<Mapper, ReadonlySet<Mapper>> {
  const families = new Map<Mapper, Set<Mapper>>();
  for (const entities of [pending, dirty]) {
    for (const entity of entities) {
      const mapper = mapperOf(entity);
      getOrAdd(families, mapper.root, () => new Set()).add(mapper);
    }
  }
  return families;
}

/** Adds the families that may refer to rows of one that is undecided, by a foreign key or an association table. */
function addReferring(undecided: Set<Mapper>, families: ReadonlyMap<Mapper, ReadonlySet<Mapper>>): void {
  for (const root of undecided) {
    const tables = new Set<Table>([...root.selfAndDescendants()].flatMap(({ tables }) => tables));
    for (const [other, mappers] of families)
      if (!undecided.has(other) && [...mappers].some((mapper) => mayReferTo(mapper, root, tables)))
        undecided.add(other);
  }
}

function mayReferTo({ tables, relationships }: Mapper, root: Mapper, referred: ReadonlySet<Table>): boolean {
  return (
    tables.some(({ foreignKeys }) => foreignKeys.some(({ referredTable }) => referred.has(referredTable))) ||
    relationships.some(({ direction, target }) => direction === "manyToMany" && target.root === root)
  );
}
