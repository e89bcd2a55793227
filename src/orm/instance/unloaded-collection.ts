import type { RelationshipProperty } from "../mapping/index.ts";
import type { Entity } from "./entity.ts";
import { addUnloaded, checkMember, loadedCollection, queueOf, removeUnloaded } from "./links.ts";
import { notLoaded } from "./not-loaded.ts";

/** What the debugger and `console.log` show in place of members that are not there. */
class Unloaded extends Array<Entity> {
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[not loaded]";
  }
}

/** Not in the object, where tools that compare or show everything would come across them and fail. */
const standIns = new WeakMap<Entity, Map<RelationshipProperty, object>>();

/**
 * What stands in for a collection that is not loaded: `push`, `add` and `remove` work and wait for the flush, or for
 * the collection to be loaded; everything else is an error that says how to load it. Once the collection is loaded, it
 * leads there, so it may be kept.
 */
export function standIn(owner: Entity, property: RelationshipProperty): object {
  let own = standIns.get(owner);
  if (own === undefined) {
    own = new Map();
    standIns.set(owner, own);
  }
  let stand = own.get(property);
  if (stand === undefined) {
    stand = makeStandIn(owner, property);
    own.set(property, stand);
  }
  return stand;
}

/** The object and attribute that a stand-in stands for, or undefined for anything else. */
export function standsFor(
  value: object,
): { readonly owner: Entity; readonly property: RelationshipProperty } | undefined {
  return stands.get(value);
}

const stands = new WeakMap<object, { readonly owner: Entity; readonly property: RelationshipProperty }>();

function makeStandIn(owner: Entity, property: RelationshipProperty): object {
  const methods = new Map<PropertyKey, unknown>([
    ["push", (...members: unknown[]) => add(owner, property, members)],
    [
      "add",
      (member: unknown) => {
        add(owner, property, [member]);
        return stand;
      },
    ],
    ["remove", (member: unknown) => remove(owner, property, member)],
  ]);
  const loaded = () => loadedCollection(owner, property);
  const fail = (): never => {
    throw notLoaded(owner, property);
  };
  const stand: object = new Proxy(new Unloaded(), {
    get(_, name) {
      const array = loaded();
      if (array !== undefined) {
        const value: unknown = Reflect.get(array, name);
        return typeof value === "function" ? value.bind(array) : value;
      }
      if (methods.has(name)) return methods.get(name);
      // Symbols are asked for by the language and by tools; only iterating needs the members.
      return typeof name === "symbol" && name !== Symbol.iterator ? undefined : fail();
    },
    set: (_, name, value) => Reflect.set(loaded() ?? fail(), name, value),
    deleteProperty: (_, name) => Reflect.deleteProperty(loaded() ?? fail(), name),
    has: (_, name) => Reflect.has(loaded() ?? fail(), name),
    ownKeys: () => Reflect.ownKeys(loaded() ?? fail()),
    getOwnPropertyDescriptor(target, name) {
      const descriptor = Reflect.getOwnPropertyDescriptor(loaded() ?? fail(), name);
      // `length` is fixed on every array, also on the one below the proxy: it may be shown as it is.
      if (descriptor !== undefined && !Reflect.has(target, name)) descriptor.configurable = true;
      return descriptor;
    },
    defineProperty: (_, name, descriptor) => Reflect.defineProperty(loaded() ?? fail(), name, descriptor),
  });
  stands.set(stand, { owner, property });
  return stand;
}

function add(owner: Entity, property: RelationshipProperty, members: readonly unknown[]): number {
  for (const member of members) checkMember(owner, property, member);
  for (const member of members) addUnloaded(owner, property, member as Entity); // checked above
  return queueOf(owner, property)?.added.size ?? 0;
}

function remove(owner: Entity, property: RelationshipProperty, member: unknown): boolean {
  checkMember(owner, property, member);
  return removeUnloaded(owner, property, member);
}
