import { ArgumentError } from "../../errors/index.ts";
import { describeValue } from "../../expression/sql-type.ts";
import { type AnyModel, declarationOf } from "../mapping/index.ts";
import { assertFunction } from "./arguments.ts";
import type { Session } from "./session.ts";

const NAMES = ["beforeInsert", "afterInsert", "beforeUpdate", "afterUpdate", "beforeDelete", "afterDelete"] as const;

/** The moments in the life of a row that listeners of a class can hook into. */
export type ClassEventName = (typeof NAMES)[number];

/** Called with the object and the session that flushes it; a promise that it returns is waited for. */
export type ClassListener<T> = (object: T, session: Session) => unknown;

type Listeners = Map<ClassEventName, readonly ClassListener<unknown>[]>;

const listenersByClass = new WeakMap<object, Listeners>();
let listenerCount = 0;

/**
 * Has `listener` called for each object of the class, and of those that extend it, that a flush of any session inserts,
 * updates or deletes.
 *
 * The `before` listeners run before the flush plans anything: they may change values, add and delete objects and fill
 * collections; the flush writes that, too, and calls the listeners of what has turned up. Each object gets each event
 * once in a flush. `beforeUpdate` and `afterUpdate` are for objects whose own rows change, not for those of which only a
 * collection does. Objects that a cascade deletes, or that lost their owner, get `beforeDelete` as well.
 *
 * The `after` listeners run after the statements, within the transaction: what they change is for the next flush, which
 * `commit()` does by itself.
 *
 * What a listener calls on the session runs within the flush and does not flush first; `flush`, `commit` and `rollback`
 * throw `InvalidStateError`. An error of a listener fails the flush. `session.plan()` calls no listeners, nor do
 * statements of `session.execute`.
 *
 * @returns a function that ends it
 * @throws ArgumentError for an event that does not exist, or for no function; MappingError for a class that is not mapped
 * @example
 * ```ts
 * import { createEngine, declarativeBase, integer, listen, Session, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class User extends Base("users", { id: integer().primaryKey(), email: varchar(50) }) {}
 * const stop = listen(User, "beforeInsert", (user) => {
 *   user.email = user.email?.toLowerCase() ?? null;
 * });
 *
 * const engine = createEngine("sqlite::memory:");
 * await Base.metadata.createAll(engine);
 * await using session = new Session(engine);
 * const ed = new User({ email: "Ed@Example.org" });
 * session.add(ed);
 * await session.commit();
 * console.log(ed.email); // "ed@example.org"
 * stop();
 * ```
 */
export function listen<C extends AnyModel>(
  mappedClass: C,
  event: ClassEventName,
  listener: ClassListener<InstanceType<C>>,
): () => void {
  assertFunction(`listen(${describeValue(mappedClass)}, "${event}")`, listener);
  if (!NAMES.includes(event)) {
    throw new ArgumentError(`A class has no event ${describeValue(event)}; it has ${NAMES.join(", ")}.`);
  }
  declarationOf(mappedClass);
  const own: Listeners = listenersByClass.get(mappedClass) ?? new Map();
  listenersByClass.set(mappedClass, own);
  // The objects of the class are all that it is called with.
  const entry = ((object, session) => listener(object as InstanceType<C>, session)) satisfies ClassListener<unknown>;
  own.set(event, [...(own.get(event) ?? []), entry]);
  listenerCount++;
  return () => {
    const before = own.get(event) ?? [];
    const rest = before.filter((one) => one !== entry);
    listenerCount -= before.length - rest.length;
    own.set(event, rest);
  };
}

/** Does anybody listen to any class? */
export function hasClassListeners(): boolean {
  return listenerCount > 0;
}

/** The listeners to a class and those that it extends; those of the topmost first, then in the order in which they came. */
export function listenersTo(mappedClass: object, event: ClassEventName): readonly ClassListener<unknown>[] {
  const found: ClassListener<unknown>[] = [];
  for (let one: object | null = mappedClass; one !== null; one = Object.getPrototypeOf(one)) {
    found.unshift(...(listenersByClass.get(one)?.get(event) ?? []));
  }
  return found;
}
