import type { Table } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import { currentTarget, referenceColumns } from "../../instance/references.ts";
import { ByMapper, type Mapper, mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import type { FlushContext } from "../context.ts";
import { toOne } from "../decompose/to-one.ts";
import { setsNull } from "../edges/referential-action.ts";
import { getOrAdd } from "../get-or-add.ts";
import { SchemaFacts } from "../schema-facts.ts";
import type { DeleteCascade } from "./delete-cascade.ts";
import type { TakenOver } from "./taken-over.ts";

/**
 * Unlinks objects that come to refer to one which is deleted in the same flush, where the foreign key says ON DELETE SET NULL:
 * that is what the database would make of their rows, were they written before.
 */
export function unlinkEmptied(
  { pending, dirty, foreignKeysEnforced, dialect }: FlushContext,
  { deletes, unlinked }: DeleteCascade,
  takenOver: TakenOver,
): void {
  if (deletes.size === 0 || pending.length + dirty.length === 0 || !foreignKeysEnforced) return;
  if (!mayEmpty(deletes)) return;
  const look = (entity: Entity): void => {
    const references = emptied.ofObject(entity);
    if (references.length === 0 || deletes.has(entity)) return;
    for (const property of references) {
      const { foreignKey } = property;
      if (foreignKey === null || !dialect.enforcesForeignKey(foreignKey) || !refersAnew(entity, property)) continue;
      const target = currentTarget(entity, property);
      if (!target || !deletes.has(target) || takenOver.has(target, foreignKey.referredTable)) continue;
      getOrAdd(unlinked, entity, () => new Set()).add(property);
    }
  };
  pending.forEach(look);
  dirty.forEach(look);
}

/** The relationships of a class whose foreign keys are emptied with what they refer to. */
const emptied = new ByMapper((mapper): readonly RelationshipProperty[] =>
  toOne(mapper).filter(({ foreignKey }) => foreignKey !== null && setsNull(foreignKey.onDelete)),
);

/** Does a foreign key refer to one of the tables of the deleted objects that is emptied then? */
function mayEmpty(deletes: ReadonlySet<Entity>): boolean {
  const mappers = new Set<Mapper>();
  for (const entity of deletes) mappers.add(mapperOf(entity));
  const isEmptied = (table: Table): boolean =>
    new SchemaFacts([table]).referring(table).some(({ onDelete }) => setsNull(onDelete));
  return [...mappers].some(({ tables }) => tables.some(isEmptied));
}

/** Of a row that refers to it already, the database tells what becomes of it. */
function refersAnew({ $key: key, $changes: changes }: Entity, property: RelationshipProperty): boolean {
  if (key === null) return true;
  if (changes === null) return false;
  return changes.has(property) || referenceColumns(property).locals.some((local) => changes.has(local));
}
