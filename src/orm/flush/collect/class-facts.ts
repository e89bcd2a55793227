import type { Column } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import {
  ByMapper,
  type ColumnProperty,
  type Mapper,
  mapperOf,
  type RelationshipProperty,
} from "../../mapping/index.ts";
import { toOne } from "../decompose/to-one.ts";

/** What collecting changes has to look at in the objects of a class: for most classes, next to nothing. */
export interface ClassFacts {
  /** Relationships that delete what they let go of. */
  readonly owning: readonly RelationshipProperty[];
  /** To-one relationships whose other side deletes what it lets go of. */
  readonly owned: readonly RelationshipProperty[];
  readonly manyToMany: readonly RelationshipProperty[];
  /** Relationships whose objects are concerned when an object of the class is deleted. */
  readonly reachedByDelete: readonly RelationshipProperty[];
  /** The attributes of foreign keys and unique keys, by which rows are ordered. */
  readonly inKeys: readonly ColumnProperty[];
}

const facts = new ByMapper(derive);

export function classFactsOf(entity: Entity): ClassFacts {
  return facts.of(mapperOf(entity));
}

function derive(mapper: Mapper): ClassFacts {
  const relationships = mapper.relationships.filter(({ viewOnly }) => !viewOnly);
  return {
    owning: relationships.filter(({ cascade }) => cascade.deleteOrphan),
    owned: toOne(mapper).filter(({ inverse }) => inverse?.cascade.deleteOrphan === true),
    manyToMany: relationships.filter(({ direction }) => direction === "manyToMany"),
    reachedByDelete: relationships.filter(({ direction, cascade }) => direction === "oneToMany" || cascade.delete),
    inKeys: mapper.columns.filter(({ columns }) => columns.some(isInKey)),
  };
}

function isInKey(column: Column<unknown>): boolean {
  const { foreignKeys, uniqueKeys } = column.table;
  return (
    foreignKeys.some(({ columns }) => columns.includes(column)) ||
    uniqueKeys.some(({ columns }) => columns === null || columns.includes(column))
  );
}
