import { ArgumentError, InvalidStateError } from "../../errors/index.ts";
import { describe, type Entity, entityOf, readRaw, Status } from "../instance/index.ts";
import { mapperOf, type Property, suggestion } from "../mapping/index.ts";
import { loadRelationship } from "./load-relationship.ts";
import { isLazyLoader, LAZY_LOAD, type LoaderContext, ROW_IS_GONE } from "./loader-context.ts";
import { refreshEntities } from "./refresh.ts";

/** The attributes of an object as promises. */
export type LazyView<T> = { readonly [K in keyof T]: Promise<T[K]> };

/**
 * Reads attributes of an object and loads them if need be: relationships, deferred columns, and what expired. What is
 * loaded for one object is loaded for all that came from the same query, in the same statement: a loop over the results
 * of a query costs one statement, not one for each of them.
 *
 * Changes are flushed first, if the session does that for queries. What is loaded already is answered without any SQL.
 *
 * @throws ArgumentError for an attribute that the object does not have
 * @throws DetachedInstanceError (as a rejection) for objects that belong to no session, if they lack the attribute
 * @throws InvalidStateError (as a rejection) if the object has to be read and its row is gone: it leaves the session
 *
 * @example
 * ```ts
 * import { createEngine, declarativeBase, integer, lazy, manyToOne, oneToMany, select, Session } from "alkahest";
 *
 * const Base = declarativeBase();
 * class User extends Base("users", {
 *   id: integer().primaryKey(),
 *   get notes() { return oneToMany(Note, { backPopulates: "user" }); },
 * }) {}
 * class Note extends Base("notes", {
 *   id: integer().primaryKey(),
 *   get userId() { return integer().references(User.c.id); },
 *   get user() { return manyToOne(User, { backPopulates: "notes" }); },
 * }) {}
 *
 * const engine = createEngine("sqlite::memory:");
 * await Base.metadata.createAll(engine);
 * await using session = new Session(engine);
 * session.addAll([new User({ notes: [new Note()] }), new User({ notes: [new Note(), new Note()] })]);
 * await session.commit();
 * session.clear();
 *
 * for (const user of await session.all(select(User))) {
 *   console.log((await lazy(user).notes).length); // one SELECT for the notes of both
 * }
 * ```
 */
export function lazy<T extends object>(object: T): LazyView<T> {
  const entity = entityOf(object);
  const mapper = mapperOf(entity);
  const view: object = new Proxy(Object.create(null), {
    get(_, name) {
      if (typeof name === "symbol") return undefined;
      const property = mapper.findProperty(name);
      if (property !== null) return readLazily(entity, property);
      if (name in entity) return Promise.resolve(Reflect.get(entity, name));
      if (name === "then") return undefined; // a view that is awaited by mistake is no promise
      const known = mapper.properties.map((other) => other.name);
      throw new ArgumentError(`${mapper.name} has no attribute "${name}".${suggestion(name, known)}`);
    },
    set(_, name) {
      throw new ArgumentError(`lazy() only reads: set "${String(name)}" on the object itself.`);
    },
    has: (_, name) => name in entity,
  });
  return view as LazyView<T>; // the proxy answers each attribute with a promise of it
}

async function readLazily(entity: Entity, property: Property): Promise<unknown> {
  const session = entity.$session;
  if (isMissing(entity, property) && session !== null && isLazyLoader(session)) {
    await session[LAZY_LOAD](async (context) => {
      const gone = await loadForSiblings(context, entity, property);
      for (const one of gone) session[ROW_IS_GONE](one);
      if (!gone.includes(entity)) return;
      throw new InvalidStateError(
        `${describe(entity)}: "${property.name}" cannot be loaded: its row is gone. The object has left the session.`,
      );
    });
  }
  // The attribute itself knows what to say if it is still missing.
  return Reflect.get(entity, property.name);
}

function isMissing(entity: Entity, property: Property): boolean {
  return entity.$status === Status.persistent && readRaw(entity, property) === undefined;
}

/** @returns the objects whose rows are gone */
async function loadForSiblings(context: LoaderContext, entity: Entity, property: Property): Promise<readonly Entity[]> {
  // While this waited for its turn, it may have been loaded for a sibling.
  if (!isMissing(entity, property)) return [];
  const { $group, $session } = entity;
  const siblings = ($group?.entities ?? []).filter(
    (one) =>
      one.$group === $group &&
      one.$session === $session &&
      one instanceof property.mapper.mappedClass &&
      isMissing(one, property),
  );
  const owners = siblings.includes(entity) ? siblings : [entity];
  if (property.kind === "column")
    return refreshEntities(context, owners, property.column.deferred ? () => [property] : undefined);
  await loadRelationship(context, property, owners);
  // What could not be loaded starts from columns that expired, and of which there is no row any more.
  const missing = owners.filter((owner) => isMissing(owner, property));
  return missing.length === 0 ? missing : refreshEntities(context, missing);
}
