import { ArgumentError } from "../../errors/index.ts";
import { describeValue } from "../../expression/sql-type.ts";
import { isJoinSource, type LoadOption } from "../../statement/interfaces.ts";
import type { RelationAttribute } from "../mapping/relation-attribute.ts";

/** How related objects are fetched: by one more statement for all parents, or in the same statement by a join. */
export type LoadStrategy = "selectin" | "joined";

/** One relationship of a load path. */
export interface LoadStep {
  readonly strategy: LoadStrategy;
  readonly attribute: RelationAttribute;
}

/** @throws ArgumentError for what is no relationship; callers may have no types */
function loadStep(strategy: LoadStrategy, attribute: RelationAttribute): LoadStep {
  if (isJoinSource(attribute)) return { strategy, attribute };
  throw new ArgumentError(
    `${strategy}Load() takes a relationship, such as User.c.addresses, not ${describeValue(attribute)}.`,
  );
}

/**
 * Relationships to load along a path, starting from a selected class: made by {@link selectinLoad} and
 * {@link joinedLoad}, given to `select(...).options(...)`. Immutable: each method returns a longer path.
 *
 * `K` is the relationship that the path starts with, which is what the type of the loaded objects says of them.
 */
export class LoadPath<K extends string> implements LoadOption<K> {
  /** For types only. */
  declare readonly loads: K;
  readonly steps: readonly LoadStep[];

  constructor(steps: readonly LoadStep[]) {
    this.steps = steps;
  }

  /** Goes on from the objects that the path has reached so far, with a statement of its own. */
  selectinLoad(attribute: RelationAttribute): LoadPath<K> {
    return new LoadPath([...this.steps, loadStep("selectin", attribute)]);
  }

  /** Goes on from the objects that the path has reached so far, by a join in the statement that fetches them. */
  joinedLoad(attribute: RelationAttribute): LoadPath<K> {
    return new LoadPath([...this.steps, loadStep("joined", attribute)]);
  }
}

/**
 * Loads a relationship of all objects that a query returns with one more SELECT (`WHERE key IN (...)`), or a few when
 * there are more keys than the database takes parameters. Objects without related rows get an empty array, or null.
 *
 * A relationship that is loaded already is left as it is. Chain to go deeper, self-referential ones included: as deep as
 * the chain says.
 *
 * @example
 * ```ts
 * import { createEngine, declarativeBase, integer, manyToOne, oneToMany, select, selectinLoad, Session } from "alkahest";
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
 * session.add(new User({ notes: [new Note(), new Note()] }));
 * await session.commit();
 * session.clear();
 *
 * const [user] = await session.all(select(User).options(selectinLoad(User.c.notes)));
 * console.log(user?.notes.length); // 2
 * ```
 */
export function selectinLoad<K extends string>(attribute: RelationAttribute<K>): LoadPath<K> {
  return new LoadPath([loadStep("selectin", attribute)]);
}

/**
 * Loads a relationship in the same statement, by a LEFT JOIN. Best for many-to-one: a collection repeats its parent in
 * each row, and two collections of one parent multiply. The joins are invisible to the rest of the query: its conditions,
 * its order and its LIMIT mean the same as without them.
 *
 * @example
 * ```ts
 * import { createEngine, declarativeBase, integer, joinedLoad, manyToOne, select, Session, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class City extends Base("cities", { id: integer().primaryKey(), name: varchar(50) }) {}
 * class User extends Base("users", {
 *   id: integer().primaryKey(),
 *   get cityId() { return integer().references(City.c.id); },
 *   get city() { return manyToOne(City); },
 * }) {}
 *
 * const engine = createEngine("sqlite::memory:");
 * await Base.metadata.createAll(engine);
 * await using session = new Session(engine);
 * session.add(new User({ city: new City({ name: "Prague" }) }));
 * await session.commit();
 * session.clear();
 *
 * const [user] = await session.all(select(User).options(joinedLoad(User.c.city)));
 * console.log(user?.city?.name); // "Prague"
 * ```
 */
export function joinedLoad<K extends string>(attribute: RelationAttribute<K>): LoadPath<K> {
  return new LoadPath([loadStep("joined", attribute)]);
}

/** Made by {@link populateExisting}. */
export class PopulateExisting implements LoadOption<never> {
  /** For types only. */
  declare readonly loads: never;
}

/**
 * Lets the rows of a query win over what objects of the session hold: loaded values, loaded relationships and unsaved
 * changes of the objects that it returns are replaced, or forgotten. Without it, an object keeps what it has.
 *
 * @example
 * ```ts
 * import { createEngine, declarativeBase, integer, populateExisting, select, Session, text, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class User extends Base("users", { id: integer().primaryKey(), name: varchar(50) }) {}
 *
 * const engine = createEngine("sqlite::memory:");
 * await Base.metadata.createAll(engine);
 * await using session = new Session(engine);
 * const user = new User({ name: "ed" });
 * session.add(user);
 * await session.commit();
 *
 * await session.execute(text("UPDATE users SET name = 'jack'"));
 * await session.all(select(User).options(populateExisting()));
 * console.log(user.name); // "jack"
 * ```
 */
export function populateExisting(): LoadOption<never> {
  return new PopulateExisting();
}
