import { ArgumentError, MappingError } from "../../errors/index.ts";
import { suggestion } from "../../expression/near-match.ts";
import type { Condition, Typed } from "../../expression/sql-expression.ts";
import type { Table } from "../../schema/index.ts";
import type { AnyModel, AttributeNames, ShapedModel } from "./model.ts";

/** One operation that a relationship passes on to the related objects. */
export type Cascade =
  | "all"
  | "save-update"
  | "merge"
  | "delete"
  | "delete-orphan"
  | "expunge"
  | "refresh-expire"
  | "none";

/** Cascades, comma-joined as in SQLAlchemy: `"all, delete-orphan"`. */
export type CascadeList =
  | Cascade
  | `${Cascade}, ${Cascade}`
  | `${Cascade}, ${Cascade}, ${Cascade}`
  | `${Cascade}, ${Cascade}, ${Cascade}, ${string}`;

/** How a relationship is loaded when a query does not say: not at all, by a second statement, or by a join. */
export type LazyStrategy = "raise" | "selectin" | "joined";

/** What a to-many attribute is, if no array. */
export type CollectionKind = "set" | KeyedBy<unknown>;

/** A collection that is a `Map` by an attribute of its members: what {@link keyedBy} returns. */
export class KeyedBy<out K> {
  readonly attribute: { readonly key: string };
  /** For types only. */
  declare readonly keys: K;

  constructor(attribute: { readonly key: string }) {
    this.attribute = attribute;
  }
}

/**
 * Makes a to-many attribute a `Map` of the related objects by one of their attributes. The map is a view: an object whose
 * attribute changes is found by its new value.
 *
 * @param attribute a column of the target
 * @throws ArgumentError for anything that is no attribute of a class
 * @example
 * ```ts
 * import { declarativeBase, integer, keyedBy, oneToMany, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class Item extends Base("item", {
 *   id: integer().primaryKey(),
 *   get notes() { return oneToMany(Note, { collection: keyedBy(Note.c.key), cascade: "all, delete-orphan" }); },
 * }) {}
 * class Note extends Base("note", {
 *   id: integer().primaryKey(),
 *   key: varchar(20).notNull(),
 *   get itemId() { return integer().notNull().references(Item.c.id); },
 * }) {}
 * const item = new Item();
 * item.notes.set("color", new Note({ key: "color" }));
 * console.log(item.notes.get("color")?.key); // "color"
 * ```
 */
export function keyedBy<K>(attribute: Typed<K> & { readonly key: string }): KeyedBy<K> {
  // Without types, anything may have been given.
  if (typeof (attribute as Partial<typeof attribute> | null)?.key === "string") return new KeyedBy(attribute);
  throw new ArgumentError("keyedBy() takes a column of the related class, such as Note.c.key.");
}

/** What can be said of a relationship, whatever its target. */
export interface RelationSettings {
  /** Default: `"save-update, merge"`. `"delete-orphan"` includes `"delete"`. */
  readonly cascade?: CascadeList;
  /** The join, where the foreign keys do not say it: from this class to the target, or to the association table. */
  readonly primaryJoin?: Condition;
  /** Many-to-many: the join from the association table to the target. */
  readonly secondaryJoin?: Condition;
  /** The columns that refer: tells foreign keys apart, or which side of `primaryJoin` follows the other. */
  readonly foreignKeys?: readonly Typed<unknown>[];
  /** The columns of the join on the target's side: needed where a one-to-one refers to its own table. */
  readonly remoteSide?: readonly Typed<unknown>[];
  /** The order of a loaded collection. */
  readonly orderBy?: Typed<unknown> | readonly Typed<unknown>[];
  /** Loads, and is never written. */
  readonly viewOnly?: boolean;
  /** An object has one parent at most: needed for `"delete-orphan"` on many-to-one and many-to-many. */
  readonly singleParent?: boolean;
  /** Leave rows that are not loaded to ON DELETE of the database; `"all"`: leave the loaded ones to it, too. */
  readonly passiveDeletes?: boolean | "all";
  /** Leave changed keys to ON UPDATE of the database. Accepted as in SQLAlchemy; the flush never needs it. */
  readonly passiveUpdates?: boolean;
  /** Write the foreign key by an UPDATE of its own. Accepted as in SQLAlchemy; the flush never needs it. */
  readonly postUpdate?: boolean;
  /** Default: `"raise"`, which loads it only when a query or `lazy()` says so. */
  readonly lazy?: LazyStrategy;
}

/** All of them, for callers without types. */
const SETTINGS: Readonly<Record<keyof RelationOptions<string> | "collection", true>> = {
  backPopulates: true,
  cascade: true,
  primaryJoin: true,
  secondaryJoin: true,
  foreignKeys: true,
  remoteSide: true,
  orderBy: true,
  collection: true,
  viewOnly: true,
  singleParent: true,
  passiveDeletes: true,
  passiveUpdates: true,
  postUpdate: true,
  lazy: true,
};

const STRATEGIES: readonly string[] = ["raise", "selectin", "joined"] satisfies LazyStrategy[];

/**
 * @param label the relationship, for messages
 * @throws MappingError for an option that does not exist, naming the one that was probably meant
 */
export function checkOptions({ options }: RelationDefinition, label: string): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(SETTINGS, name)) continue;
    throw new MappingError(
      `${label} has the option "${name}", which does not exist here.${suggestion(name, Object.keys(SETTINGS))}`,
    );
  }
  const { lazy } = options;
  if (lazy === undefined || STRATEGIES.includes(lazy)) return;
  throw new MappingError(
    `${label} has lazy: ${JSON.stringify(lazy)}, which does not exist here.${suggestion(String(lazy), STRATEGIES)}`,
  );
}

/** What can be said of a relationship; `Inverse` are the names of the target's attributes. */
export interface RelationOptions<Inverse> extends RelationSettings {
  /** The attribute of the target that is the other side of this one. Both sides name each other. */
  readonly backPopulates?: Inverse;
}

/** What a to-many relationship can have besides. */
export interface CollectionOption<Kind extends CollectionKind | null> {
  /** What the attribute is: by default an array; a `Set` by `"set"`, a `Map` by `keyedBy(...)`. */
  readonly collection?: NonNullable<Kind>;
}

/** What the attribute of a to-many relationship holds. */
export type CollectionOf<T, Kind> = Kind extends null ? T[] : Kind extends KeyedBy<infer K> ? Map<K, T> : Set<T>;

/** What a many-to-many relationship needs besides. */
export interface ThroughOptions {
  /** The association table, or the class that is mapped to it. */
  readonly through: Table | AnyModel;
}

export type RelationKind = "oneToMany" | "manyToOne" | "oneToOne" | "manyToMany";

/** A relationship to many objects of type `T`, as written in the shape of a class. */
export interface ToMany<T, Collection = T[]> {
  readonly relation: "many";
  /** For types only. */
  readonly value: T;
  /** For types only: what the attribute is. */
  readonly collection: Collection;
}

/** A relationship to one object of type `T` or to none, as written in the shape of a class. */
export interface ToOne<T> {
  readonly relation: "one";
  /** For types only. */
  readonly value: T;
}

/** What the functions below return: kept as written, and understood when the class is configured. */
export class RelationDefinition<Relation extends "many" | "one" = "many" | "one"> {
  readonly relation: Relation;
  readonly kind: RelationKind;
  readonly target: AnyModel;
  readonly options: RelationOptions<string> & CollectionOption<CollectionKind>;
  readonly through: Table | AnyModel | null;
  declare readonly value: never;
  declare readonly collection: never;

  constructor(
    relation: Relation,
    kind: RelationKind,
    target: AnyModel,
    options: RelationOptions<string> & CollectionOption<CollectionKind>,
    through: Table | AnyModel | null = null,
  ) {
    this.relation = relation;
    this.kind = kind;
    this.target = target;
    this.options = options;
    this.through = through;
  }

  /** The same relationship without other side. */
  withoutInverse(): RelationDefinition<Relation> {
    const { backPopulates: _, ...options } = this.options;
    return new RelationDefinition(this.relation, this.kind, this.target, options, this.through);
  }
}

/**
 * Each object of this class has many objects of `target`, whose foreign key refers to this class.
 *
 * @throws MappingError, when the class is configured, if the foreign keys say otherwise
 * @example
 * ```ts
 * import { declarativeBase, integer, manyToOne, oneToMany } from "alkahest";
 *
 * const Base = declarativeBase();
 * class Parent extends Base("parent", {
 *   id: integer().primaryKey(),
 *   get children() { return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan" }); },
 * }) {}
 * class Child extends Base("child", {
 *   id: integer().primaryKey(),
 *   get parentId() { return integer().references(Parent.c.id); },
 *   get parent() { return manyToOne(Parent, { backPopulates: "children" }); },
 * }) {}
 * new Parent().children.push(new Child());
 * ```
 */
export function oneToMany<C extends ShapedModel, Kind extends CollectionKind | null = null>(
  target: C,
  options: RelationOptions<NoInfer<AttributeNames<C>>> & CollectionOption<Kind> = {},
): ToMany<InstanceType<C>, CollectionOf<InstanceType<C>, Kind>> {
  return new RelationDefinition("many", "oneToMany", target, options);
}

/**
 * Each object of this class has one object of `target` or none, by a foreign key of this class.
 *
 * @throws MappingError, when the class is configured, if the foreign keys say otherwise
 * @example
 * ```ts
 * import { declarativeBase, integer, manyToOne, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class City extends Base("city", { id: integer().primaryKey(), name: varchar(50) }) {}
 * class User extends Base("users", {
 *   id: integer().primaryKey(),
 *   get cityId() { return integer().references(City.c.id); },
 *   get city() { return manyToOne(City); },
 * }) {}
 * console.log(new User({ city: new City({ name: "Prague" }) }).city?.name); // "Prague"
 * ```
 */
export function manyToOne<C extends ShapedModel>(
  target: C,
  options: RelationOptions<NoInfer<AttributeNames<C>>> = {},
): ToOne<InstanceType<C>> {
  return new RelationDefinition("one", "manyToOne", target, options);
}

/**
 * Each object of this class has one object of `target` or none, and the reverse; either class may have the foreign key.
 *
 * @throws MappingError, when the class is configured, if the foreign keys say otherwise
 * @example
 * ```ts
 * import { declarativeBase, integer, oneToOne } from "alkahest";
 *
 * const Base = declarativeBase();
 * class User extends Base("users", {
 *   id: integer().primaryKey(),
 *   get profile() { return oneToOne(Profile, { backPopulates: "user" }); },
 * }) {}
 * class Profile extends Base("profiles", {
 *   id: integer().primaryKey(),
 *   get userId() { return integer().unique().references(User.c.id); },
 *   get user() { return oneToOne(User, { backPopulates: "profile" }); },
 * }) {}
 * const user = new User({ profile: new Profile() });
 * console.log(user.profile?.user === user); // true
 * ```
 */
export function oneToOne<C extends ShapedModel>(
  target: C,
  options: RelationOptions<NoInfer<AttributeNames<C>>> = {},
): ToOne<InstanceType<C>> {
  return new RelationDefinition("one", "oneToOne", target, options);
}

/**
 * Objects of this class and of `target` belong together in any number, by the rows of an association table.
 *
 * @param options `through` is the association table, or the class that is mapped to it
 * @throws MappingError, when the class is configured, if the association table does not refer to both classes
 * @example
 * ```ts
 * import { declarativeBase, integer, manyToMany, Table, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class Post extends Base("posts", {
 *   id: integer().primaryKey(),
 *   get tags() { return manyToMany(Tag, { through: postTags, backPopulates: "posts" }); },
 * }) {}
 * class Tag extends Base("tags", {
 *   name: varchar(50).primaryKey(),
 *   get posts() { return manyToMany(Post, { through: postTags, backPopulates: "tags" }); },
 * }) {}
 * const postTags = new Table("post_tags", Base.metadata, {
 *   postId: integer("post_id").primaryKey().references("posts.id"),
 *   tag: varchar(50).primaryKey().references("tags.name"),
 * });
 * const post = new Post({ tags: [new Tag({ name: "sql" })] });
 * console.log(post.tags[0]?.posts[0] === post); // true
 * ```
 */
export function manyToMany<C extends ShapedModel, Kind extends CollectionKind | null = null>(
  target: C,
  options: RelationOptions<NoInfer<AttributeNames<C>>> & ThroughOptions & CollectionOption<Kind>,
): ToMany<InstanceType<C>, CollectionOf<InstanceType<C>, Kind>> {
  // Without types it may be left out, which the configuration of the class says better than a failure here.
  const { through, ...rest }: Partial<typeof options> = options ?? {};
  return new RelationDefinition("many", "manyToMany", target, rest, through ?? null);
}
