import { boolean, declarativeBase, index, integer, manyToOne, oneToMany, oneToOne, unique, varchar } from "alkahest";

/** The schemas of the battery. Each call declares them anew. */
export function batteryModels({ deferrable = false, reinsert = false } = {}) {
  const Base = declarativeBase();
  /** One unique value that may be NULL. */
  class Loose extends Base("loose", { id: integer().primaryKey(), u: integer().unique() }) {}
  /** One unique value that must not be NULL. */
  class Strict extends Base("strict", { id: integer().primaryKey(), u: integer().notNull().unique() }) {}
  class Pair extends Base("pair", {
    id: integer().primaryKey(),
    a: integer().notNull(),
    b: varchar(20).notNull(),
    get tableArgs() {
      return [unique("pair_uk", Pair.c.a, Pair.c.b)];
    },
  }) {}
  /** One active row for each name. */
  class Version extends Base("version", {
    id: integer().primaryKey(),
    name: varchar(20).notNull(),
    active: boolean().notNull(),
    get tableArgs() {
      return [
        index("one_active", Version.c.name, {
          unique: true,
          where: Version.c.active.eq(true),
          skipIfUnsupported: true,
        }),
      ];
    },
  }) {}
  class Person extends Base("person", {
    id: integer().primaryKey(),
    get passport() {
      return oneToOne(Passport, { backPopulates: "person", cascade: "all, delete-orphan" });
    },
  }) {}
  class Passport extends Base("passport", {
    id: integer().primaryKey(),
    get personId() {
      return integer().notNull().unique().references(Person.c.id, { deferrable });
    },
    get person() {
      return manyToOne(Person, { backPopulates: "passport" });
    },
    get mapperArgs() {
      return { reinsert };
    },
  }) {}
  class Word extends Base("word", { text: varchar(20).primaryKey(), note: varchar(20) }) {}
  class Login extends Base("login", {
    id: integer().primaryKey(),
    name: varchar(20)
      .notNull()
      .collate({ sqlite: "NOCASE", mysql: "utf8mb4_general_ci", mariadb: "utf8mb4_general_ci" })
      .unique(),
  }) {}
  class Item extends Base("item", {
    id: integer().primaryKey(),
    list: integer().notNull(),
    position: integer().notNull(),
    get tableArgs() {
      return [unique("item_position", Item.c.list, Item.c.position)];
    },
  }) {}
  class Owner extends Base("owner", {
    id: integer().primaryKey(),
    name: varchar(20).notNull().unique(),
    get things() {
      return oneToMany(Thing, { backPopulates: "owner" });
    },
  }) {}
  class Thing extends Base("thing", {
    id: integer().primaryKey(),
    get ownerId() {
      return integer().notNull().references(Owner.c.id);
    },
    get owner() {
      return manyToOne(Owner, { backPopulates: "things" });
    },
  }) {}
  class Left extends Base("left_side", {
    id: integer().primaryKey(),
    get rightId() {
      return integer().references(Right.c.id);
    },
    get right() {
      return manyToOne(Right);
    },
  }) {}
  class Right extends Base("right_side", {
    id: integer().primaryKey(),
    get leftId() {
      return integer().references(Left.c.id);
    },
    get left() {
      return manyToOne(Left);
    },
  }) {}
  return { Base, Loose, Strict, Pair, Version, Person, Passport, Word, Login, Item, Owner, Thing, Left, Right };
}
