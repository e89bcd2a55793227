export { chunksOf, keysIn } from "./key-conditions.ts";
export { type LazyView, lazy } from "./lazy.ts";
export { loadByKeys } from "./load-by-keys.ts";
export { joinedLoad, type LoadPath, populateExisting, selectinLoad } from "./load-options.ts";
export { loadRelationship } from "./load-relationship.ts";
export { LAZY_LOAD, type LazyLoader, type LoaderContext, type RawRows, ROW_IS_GONE } from "./loader-context.ts";
export { isComplete, refreshEntities, withDeferred } from "./refresh.ts";
export { lowerReturning, type Returned, readReturned } from "./run-returning.ts";
export { runSelect, streamSelect } from "./run-select.ts";
