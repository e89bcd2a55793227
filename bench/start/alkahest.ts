import {
  createEngine,
  declarativeBase,
  double,
  integer,
  manyToOne,
  oneToMany,
  Session,
  select,
  varchar,
} from "alkahest";
import type { FirstQuery } from "./child.ts";

const Base = declarativeBase();

class Author extends Base("author", {
  id: integer().primaryKey(),
  name: varchar(100).notNull(),
  email: varchar(100).notNull().unique(),
  get books() {
    return oneToMany(Book, { backPopulates: "author" });
  },
}) {}

class Book extends Base("book", {
  id: integer().primaryKey(),
  title: varchar(100).notNull(),
  get authorId() {
    return integer().notNull().references(Author.c.id);
  },
  price: double().notNull(),
  get author() {
    return manyToOne(Author, { backPopulates: "books" });
  },
}) {}

export const firstQuery: FirstQuery = async (file) => {
  const session = new Session(createEngine(`sqlite:///${file}`));
  return (await session.one(select(Author).where(Author.c.id.eq(7)))).name;
};
