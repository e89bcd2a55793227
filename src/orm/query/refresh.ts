import type { Column } from "../../schema/index.ts";
import { Select } from "../../statement/select.ts";
import { ExpressionItem } from "../../statement/select-item.ts";
import {
  committedValue,
  type Entity,
  type IdentityKey,
  identityKeyFrom,
  type Reader,
  readerOf,
} from "../instance/index.ts";
import { ByMapper, type ColumnProperty, type Mapper, mapperOf } from "../mapping/index.ts";
import { type Placement, placementsOf, RowLayout } from "./entity-plan.ts";
import { EntityTables } from "./entity-tables.ts";
import { decoded, fillMissing } from "./hydrate.ts";
import { chunksOf, keysIn } from "./key-conditions.ts";
import type { LoaderContext } from "./loader-context.ts";

/** Does the object have all values that its class loads by itself? */
export function isComplete(entity: Entity): boolean {
  const readers = ownReaders.ofObject(entity);
  for (let i = 0; i < readers.length; i++) {
    if ((readers[i] as Reader)(entity) === undefined) return false; // `i` counts them
  }
  return true;
}

/** Of the columns that objects of a class load by themselves. */
const ownReaders = new ByMapper((mapper): readonly Reader[] => notDeferred(mapper).map(({ slot }) => readerOf(slot)));

/** The columns that objects of a class load by themselves, and of the deferred ones those that are asked for. */
export function withDeferred(
  { columns }: Mapper,
  isWanted: (property: ColumnProperty) => boolean,
): readonly ColumnProperty[] {
  return columns.filter((property) => !property.column.deferred || isWanted(property));
}

function notDeferred(mapper: Mapper): readonly ColumnProperty[] {
  return withDeferred(mapper, () => false);
}

/**
 * Reads the rows of objects again and fills in the columns that they lack, and the committed values that they do not
 * know. What they have, stays: to replace it, expire it first.
 *
 * @param propertiesOf the columns to read of a class; by default all but the deferred ones
 * @returns the objects whose rows are gone
 */
export async function refreshEntities(
  context: LoaderContext,
  entities: readonly Entity[],
  propertiesOf: (mapper: Mapper) => readonly ColumnProperty[] = notDeferred,
): Promise<readonly Entity[]> {
  const byMapper = new Map<Mapper, Map<IdentityKey, Entity>>();
  for (const entity of entities) {
    if (entity.$key === null) continue;
    const mapper = mapperOf(entity);
    const key = context.identityMap.foldOf(mapper)?.(entity.$key) ?? entity.$key;
    const group = byMapper.get(mapper);
    if (group === undefined) byMapper.set(mapper, new Map([[key, entity]]));
    else group.set(key, entity);
  }
  const gone: Entity[] = [];
  for (const [mapper, group] of byMapper)
    gone.push(...(await refreshGroup(context, mapper, group, propertiesOf(mapper))));
  return gone;
}

async function refreshGroup(
  context: LoaderContext,
  mapper: Mapper,
  group: ReadonlyMap<IdentityKey, Entity>,
  properties: readonly ColumnProperty[],
): Promise<Iterable<Entity>> {
  const layout = new RowLayout(context.dialect);
  const tables = EntityTables.of(mapper.from, mapper);
  const key = mapper.primaryKey.map(({ column }) => layout.value(column));
  const placements: readonly Placement[] = placementsOf(properties, tables, layout);
  const statement = new Select<unknown>({
    items: layout.expressions.map((expression) => new ExpressionItem(expression)),
    shape: "tuple",
    keys: [],
  }).with({ froms: [mapper.from] });
  const keyColumns: readonly Column<unknown>[] = mapper.primaryKey.map(({ column }) => column);
  const fold = context.identityMap.foldOf(mapper);
  const gone = new Map(group);
  for (const chunk of chunksOf([...group.values()], keyColumns.length, context.dialect)) {
    const keys = chunk.map((entity) => mapper.primaryKey.map((part) => committedValue(entity, part)));
    const { rows } = await context.query(statement.where(keysIn(keyColumns, keys, context.dialect)));
    for (const row of rows) {
      const written = identityKeyFrom(
        mapper,
        key.map((part) => decoded(row, part)),
      );
      const identity = fold === null || written === null ? written : fold(written);
      const entity = identity === null ? undefined : group.get(identity);
      if (entity === undefined || identity === null) continue;
      gone.delete(identity);
      fillMissing(context, entity, placements, row);
    }
  }
  return gone.values();
}
