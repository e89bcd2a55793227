export { type Entity, type Extra, type LoadGroup, type SessionHooks, Status } from "./entity.ts";
export { type IdentityKey, identityKeyFrom } from "./identity.ts";
export { IdentityMap } from "./identity-map.ts";
