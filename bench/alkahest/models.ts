import { declarativeBase, double, integer, manyToOne, oneToMany, varchar } from "alkahest";

export const Base = declarativeBase();

export class Author extends Base("author", {
  id: integer().primaryKey(),
  name: varchar(100).notNull(),
  email: varchar(100).notNull().unique(),
  get books() {
    return oneToMany(Book, { backPopulates: "author", cascade: "all" });
  },
}) {}

export class Book extends Base("book", {
  id: integer().primaryKey(),
  title: varchar(100).notNull(),
  get authorId() {
    return integer().notNull().references(Author.c.id).index();
  },
  price: double().notNull(),
  get author() {
    return manyToOne(Author, { backPopulates: "books" });
  },
}) {}

export class Node extends Base("node", {
  id: integer().primaryKey(),
  get parentId() {
    return integer().references(Node.c.id).index();
  },
  name: varchar(100).notNull(),
  get parent() {
    return manyToOne(Node);
  },
}) {}

export class Widget extends Base("widget", {
  id: integer().primaryKey(),
  name: varchar(100).notNull(),
  get favoriteEntryId() {
    return integer().references(Entry.c.id).index();
  },
  get favorite() {
    return manyToOne(Entry, { foreignKeys: [Widget.c.favoriteEntryId] });
  },
  get entries() {
    return oneToMany(Entry, { backPopulates: "widget", foreignKeys: [Entry.c.widgetId] });
  },
}) {}

export class Entry extends Base("entry", {
  id: integer().primaryKey(),
  name: varchar(100).notNull(),
  get widgetId() {
    return integer().notNull().references(Widget.c.id).index();
  },
  get widget() {
    return manyToOne(Widget, { backPopulates: "entries", foreignKeys: [Entry.c.widgetId] });
  },
}) {}
