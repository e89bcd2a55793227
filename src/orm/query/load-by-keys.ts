import { select } from "../../statement/select.ts";
import { type Entity, identityKeyFrom } from "../instance/index.ts";
import type { Mapper } from "../mapping/index.ts";
import { Hydration } from "./hydrate.ts";
import { chunksOf, type KeyValues, keysIn } from "./key-conditions.ts";
import { loadAll } from "./load-relationship.ts";
import { defaultLoads, type LoadTree } from "./load-tree.ts";
import type { LoaderContext } from "./loader-context.ts";
import { lower } from "./lower.ts";
import { isComplete } from "./refresh.ts";
import { readRows } from "./row-plan.ts";

/**
 * Finds objects by their primary keys: those that the session has complete without asking, the others with one
 * statement, or as many as the keys need.
 *
 * @param keys the values of each key, in the order of `mapper.primaryKey`
 * @param tree what else to load; by default what the mapping says
 * @returns the object of each key; null where there is no row, or one of another class
 */
export async function loadByKeys(
  context: LoaderContext,
  mapper: Mapper,
  keys: readonly KeyValues[],
  tree: LoadTree = defaultLoads(mapper),
): Promise<(Entity | null)[]> {
  const missing = keys.filter((values) => {
    const entity = storedObject(context, mapper, values);
    return entity === null || !isComplete(entity);
  });
  if (missing.length > 0) await fetchByKeys(context, mapper, missing, tree);
  return keys.map((values) => storedObject(context, mapper, values));
}

async function fetchByKeys(
  context: LoaderContext,
  mapper: Mapper,
  keys: readonly KeyValues[],
  tree: LoadTree,
): Promise<void> {
  const { dialect } = context;
  const columns = mapper.primaryKey.map(({ column }) => column);
  const statement = select(mapper.mappedClass);
  const hydration = new Hydration(context, null);
  for (const chunk of chunksOf(keys, columns.length, dialect)) {
    const { statement: core, plan } = lower(statement.where(keysIn(columns, chunk, dialect)), dialect, [tree]);
    const { rows } = await context.query(core);
    readRows(plan, rows, hydration);
  }
  await loadAll(context, hydration.finish());
}

function storedObject({ identityMap }: LoaderContext, mapper: Mapper, values: KeyValues): Entity | null {
  const key = identityKeyFrom(mapper, values);
  const entity = key === null ? undefined : identityMap.get(mapper, key);
  return entity !== undefined && entity instanceof mapper.mappedClass ? entity : null;
}
