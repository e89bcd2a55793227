import { declarativeBase, manyToMany, manyToOne, oneToMany, oneToOne } from "../../../src/orm/mapping/index.ts";
import { boolean, foreignKey, integer, text, timestamp, varchar } from "../../../src/schema/index.ts";

export const Base = declarativeBase();

export class Group extends Base("groups", {
  id: integer().primaryKey(),
  name: varchar(50).notNull(),
  get users() {
    return oneToMany(User, { backPopulates: "group" });
  },
}) {}

export class User extends Base("users", {
  id: integer().primaryKey(),
  name: varchar(50),
  active: boolean(),
  since: timestamp(),
  bio: text().deferred(),
  get groupId() {
    return integer().references(Group.c.id);
  },
  get group() {
    return manyToOne(Group, { backPopulates: "users" });
  },
  get addresses() {
    return oneToMany(Address, { backPopulates: "user", orderBy: Address.c.email.desc() });
  },
  get tags() {
    return manyToMany(Tag, { through: UserTag, backPopulates: "users", orderBy: Tag.c.name });
  },
  get profile() {
    return oneToOne(Profile, { backPopulates: "user" });
  },
  get homes() {
    return oneToMany(Address, {
      primaryJoin: User.c.id.eq(Address.c.userId).and(Address.c.kind.eq("home")),
      viewOnly: true,
    });
  },
}) {}

export class Address extends Base("addresses", {
  id: integer().primaryKey(),
  email: varchar(100).notNull(),
  kind: varchar(10),
  get userId() {
    return integer().references(User.c.id);
  },
  get user() {
    return manyToOne(User, { backPopulates: "addresses" });
  },
  get letters() {
    return oneToMany(Letter);
  },
}) {}

/** Its address does not know of it. */
export class Letter extends Base("letters", {
  id: integer().primaryKey(),
  title: varchar(50),
  get addressId() {
    return integer().references(Address.c.id);
  },
}) {}

export class Tag extends Base("tags", {
  id: integer().primaryKey(),
  name: varchar(50),
  get users() {
    return manyToMany(User, { through: UserTag, backPopulates: "tags" });
  },
}) {}

export class UserTag extends Base("user_tags", {
  get userId() {
    return integer().references(User.c.id).primaryKey();
  },
  get tagId() {
    return integer().references(Tag.c.id).primaryKey();
  },
}) {}

export class Profile extends Base("profiles", {
  id: integer().primaryKey(),
  motto: varchar(50),
  get userId() {
    return integer().references(User.c.id);
  },
  get user() {
    return manyToOne(User, { backPopulates: "profile" });
  },
}) {}

/** Refers to itself, both ways, and to friends. */
export class Node extends Base("nodes", {
  id: integer().primaryKey(),
  name: varchar(50),
  get parentId() {
    return integer().references(Node.c.id);
  },
  get parent() {
    return manyToOne(Node, { backPopulates: "children", remoteSide: [Node.c.id] });
  },
  get children() {
    return oneToMany(Node, { backPopulates: "parent", orderBy: Node.c.id });
  },
}) {}

/** Keys of two columns. */
export class Shelf extends Base("shelves", {
  room: integer().primaryKey(),
  code: varchar(10).primaryKey(),
  get books() {
    return oneToMany(Book, { backPopulates: "shelf", orderBy: Book.c.id });
  },
}) {}

export class Book extends Base("books", {
  id: integer().primaryKey(),
  room: integer(),
  code: varchar(10),
  get shelf() {
    return manyToOne(Shelf, { backPopulates: "books" });
  },
  get tableArgs() {
    return [foreignKey([Book.c.room, Book.c.code], [Shelf.c.room, Shelf.c.code])];
  },
}) {}

export const ROWS = [
  "INSERT INTO groups (id, name) VALUES (1, 'staff'), (2, 'guests')",
  "INSERT INTO users (id, name, active, since, bio, group_id) VALUES (1, 'ed', 1, '2024-05-01T10:00:00.000Z', 'long', 1), (2, 'jack', 0, NULL, NULL, 1), (3, 'wendy', NULL, NULL, NULL, NULL)",
  "INSERT INTO addresses (id, email, kind, user_id) VALUES (1, 'a@x', 'home', 1), (2, 'b@x', 'work', 1), (3, 'c@x', 'home', 2), (4, 'd@x', NULL, NULL)",
  "INSERT INTO letters (id, title, address_id) VALUES (1, 'hi', 1), (2, 'ho', 1), (3, 'hu', 3)",
  "INSERT INTO tags (id, name) VALUES (1, 'red'), (2, 'blue'), (3, 'green')",
  "INSERT INTO user_tags (user_id, tag_id) VALUES (1, 1), (1, 2), (2, 2)",
  "INSERT INTO profiles (id, motto, user_id) VALUES (1, 'carpe diem', 1)",
  "INSERT INTO nodes (id, name, parent_id) VALUES (1, 'root', NULL), (2, 'left', 1), (3, 'right', 1), (4, 'leaf', 2), (5, 'self', 5)",
  "INSERT INTO shelves (room, code) VALUES (1, 'a'), (1, 'b'), (2, 'a')",
  "INSERT INTO books (id, room, code) VALUES (1, 1, 'a'), (2, 1, 'a'), (3, 2, 'a'), (4, NULL, NULL), (5, 1, NULL)",
];
