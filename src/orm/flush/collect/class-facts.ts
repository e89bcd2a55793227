import type { Column } from "../../../schema/index.ts";
import { type Entity, type Reader, readerOf } from "../../instance/index.ts";
import { ByMapper, type ColumnProperty, type Mapper, type RelationshipProperty } from "../../mapping/index.ts";
import { withDeferred } from "../../query/index.ts";
import { toOne } from "../decompose/to-one.ts";
import { factsOf } from "../edges/unique-key.ts";

/** What collecting changes has to look at in the objects of a class: for most classes, next to nothing. */
export interface ClassFacts {
  /** Nothing of what follows down to `manyToMany`, nor `onConflict`: mostly so. */
  readonly isPlain: boolean;
  /** Relationships that delete what they let go of. Of a one-to-many relationship, the other side tells. */
  readonly owning: readonly RelationshipProperty[];
  /** To-one relationships whose other side deletes what it lets go of. */
  readonly owned: readonly RelationshipProperty[];
  readonly manyToMany: readonly RelationshipProperty[];
  /** Relationships whose objects can have no other parent by them, where the other end does not see to that. */
  readonly singleParent: readonly RelationshipProperty[];
  /** One-to-one relationships whose foreign key the other side has. */
  readonly partners: readonly RelationshipProperty[];
  /** Relationships whose objects are concerned when an object of the class is deleted. */
  readonly reachedByDelete: readonly RelationshipProperty[];
  /** The attributes of foreign keys and unique keys, by which rows are ordered, and the version. */
  readonly inKeys: readonly KeyAttribute[];
  /** All attributes of the rows, where the class has leave to insert a row again; otherwise none. */
  readonly wholeRow: readonly KeyAttribute[];
  /** What is loaded where one of these is not known: they, and what objects load by themselves. */
  readonly loaded: readonly ColumnProperty[];
}

export interface KeyAttribute {
  readonly property: ColumnProperty;
  readonly read: Reader;
}

const facts = new ByMapper(derive);

export function classFactsOf(entity: Entity): ClassFacts {
  return facts.ofObject(entity);
}

/** What is loaded of objects of a class where the planner does not know enough of them. */
export function loadedOf(mapper: Mapper): readonly ColumnProperty[] {
  return facts.of(mapper).loaded;
}

function derive(mapper: Mapper): ClassFacts {
  const relationships = mapper.relationships.filter(({ viewOnly }) => !viewOnly);
  const owning = relationships.filter(({ cascade, direction }) => cascade.deleteOrphan && direction !== "oneToMany");
  const owned = toOne(mapper).filter(({ inverse }) => inverse?.cascade.deleteOrphan === true);
  const manyToMany = relationships.filter(({ direction }) => direction === "manyToMany");
  const singleParent = relationships.filter(
    ({ singleParent, direction, inverse }) => singleParent && direction !== "oneToMany" && inverse?.many !== false,
  );
  const inKeys = mapper.columns.filter(
    ({ column, columns }) => columns.some(isInKey) || mapper.versionId?.column === column,
  );
  return {
    isPlain: owning.length + owned.length + manyToMany.length + singleParent.length === 0 && mapper.onConflict === null,
    owning,
    owned,
    manyToMany,
    singleParent,
    partners: relationships.filter(({ direction, many }) => direction === "oneToMany" && !many),
    reachedByDelete: relationships.filter(({ direction, cascade }) => direction === "oneToMany" || cascade.delete),
    inKeys: inKeys.map(keyAttribute),
    wholeRow: mapper.reinsert ? mapper.columns.map(keyAttribute) : [],
    loaded: withDeferred(mapper, (property) => mapper.reinsert || inKeys.includes(property)),
  };
}

function keyAttribute(property: ColumnProperty): KeyAttribute {
  return { property, read: readerOf(property.slot) };
}

function isInKey(column: Column<unknown>): boolean {
  const { foreignKeys, uniqueKeys } = column.table;
  return (
    foreignKeys.some(({ columns }) => columns.includes(column)) ||
    uniqueKeys.some((uniqueKey) => factsOf(uniqueKey).dependsOn.includes(column))
  );
}
