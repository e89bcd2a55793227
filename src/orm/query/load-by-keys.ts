import { andThen, type MaybePromise } from "../../engine/maybe-promise.ts";
import { select } from "../../statement/select.ts";
import { type Entity, identityKeyFrom } from "../instance/index.ts";
import type { Mapper } from "../mapping/index.ts";
import { Hydration } from "./hydrate.ts";
import type { KeyValues } from "./key-conditions.ts";
import { KeyQuery } from "./key-query.ts";
import { loadAll } from "./load-relationship.ts";
import { defaultLoads, type LoadTree } from "./load-tree.ts";
import type { LoaderContext } from "./loader-context.ts";
import { isComplete } from "./refresh.ts";

/**
 * Finds objects by their primary keys: those that the session has complete without asking, the others with one
 * statement, or as many as the keys need.
 *
 * @param keys the values of each key, in the order of `mapper.primaryKey`
 * @param tree what else to load; by default what the mapping says
 * @returns the object of each key; null where there is no row, or one of another class
 */
export function loadByKeys(
  context: LoaderContext,
  mapper: Mapper,
  keys: readonly KeyValues[],
  tree: LoadTree = defaultLoads(mapper),
): MaybePromise<(Entity | null)[]> {
  const missing = keys.filter((values) => {
    const entity = storedObject(context, mapper, values);
    return entity === null ? isPossible(context, mapper, values) : !isComplete(entity);
  });
  const found = (): (Entity | null)[] => keys.map((values) => storedObject(context, mapper, values));
  return missing.length === 0 ? found() : andThen(fetchByKeys(context, mapper, missing, tree), found);
}

/** Can a row have the key? A database may refuse to look for a value that the column cannot hold. */
function isPossible({ dialect }: LoaderContext, { primaryKey }: Mapper, values: KeyValues): boolean {
  return primaryKey.every(
    ({ column }, index) => (dialect.valueLimit(column.sqlType)?.(values[index]) ?? null) === null,
  );
}

function fetchByKeys(
  context: LoaderContext,
  mapper: Mapper,
  keys: readonly KeyValues[],
  tree: LoadTree,
): MaybePromise<void> {
  const hydration = new Hydration(context, null);
  return andThen(keyQueryOf(mapper).fetch(context, keys, tree, hydration), () => {
    const pending = hydration.finish();
    if (pending.length > 0) return loadAll(context, pending);
  });
}

const keyQueries = new WeakMap<Mapper, KeyQuery>();

function keyQueryOf(mapper: Mapper): KeyQuery {
  let query = keyQueries.get(mapper);
  if (query === undefined) {
    const columns = mapper.primaryKey.map(({ column }) => column);
    query = new KeyQuery(mapper, select(mapper.mappedClass), columns);
    keyQueries.set(mapper, query);
  }
  return query;
}

function storedObject({ identityMap }: LoaderContext, mapper: Mapper, values: KeyValues): Entity | null {
  const key = identityKeyFrom(mapper, values);
  const entity = key === null ? undefined : identityMap.get(mapper, key);
  return entity !== undefined && entity instanceof mapper.mappedClass ? entity : null;
}
