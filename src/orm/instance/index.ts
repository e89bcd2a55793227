export { changesKey } from "./changes-key.ts";
export { ChangesMeanwhile } from "./changes-meanwhile.ts";
export { describe, entityOf, isEntity } from "./describe.ts";
export { type Entity, type SessionHooks, Status } from "./entity.ts";
export {
  collectionChanges,
  committedValue,
  type History,
  hasOwnChanges,
  history,
  isLoaded,
  isModified,
  syncCollections,
} from "./history.ts";
export { type FoldKey, type IdentityKey, identityKeyFrom } from "./identity.ts";
export { IdentityMap } from "./identity-map.ts";
export { identityKeyOf, keyInAttributes } from "./identity-of.ts";
export { hasUnknownPartner, loadCollection, loadReference, loadValue, settleInserted } from "./load.ts";
export { Members } from "./members.ts";
export { syncValues, takeValues } from "./mutable-values.ts";
export { readRaw, writeRaw } from "./raw.ts";
export { RelationArray } from "./relation-array.ts";
export { expireAttributes, resetChanges, revertChanges } from "./reset.ts";
export { instanceRuntime } from "./runtime.ts";
export { type Reader, readerOf, type Writer, writerOf } from "./slots.ts";
export { rejoin, takeBackChanges, takeBackValues } from "./take-back.ts";
export { type Removal, settleRemoval, uncertainRemovals } from "./uncertain-removals.ts";
export { setValue } from "./values.ts";
