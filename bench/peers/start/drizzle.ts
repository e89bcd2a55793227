import BetterSqlite3 from "better-sqlite3";
import { eq, relations } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { FirstQuery } from "../../start/child.ts";

const author = sqliteTable("author", {
  id: integer("id").primaryKey(),
  name: text("name").notNull(),
  email: text("email").notNull().unique(),
});
const book = sqliteTable("book", {
  id: integer("id").primaryKey(),
  title: text("title").notNull(),
  authorId: integer("author_id").notNull(),
  price: real("price").notNull(),
});
const toBooks = relations(author, ({ many }) => ({ books: many(book) }));
const toAuthor = relations(book, ({ one }) => ({
  author: one(author, { fields: [book.authorId], references: [author.id] }),
}));

export const firstQuery: FirstQuery = async (file) => {
  const db = drizzle(new BetterSqlite3(file), { schema: { author, book, toBooks, toAuthor } });
  return db.select().from(author).where(eq(author.id, 7)).get()?.name;
};
