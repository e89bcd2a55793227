import { and, eq, gt, inArray, lte, relations, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { linkedBooks } from "../../data.ts";
import { openSqlite } from "../../databases/sqlite.ts";
import type { Program } from "../../program.ts";
import { versionsOf } from "../../versions.ts";
import { inBatches } from "../batches.ts";
import { measuresOf } from "../rows.ts";

const author = sqliteTable("author", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  name: text("name").notNull(),
  email: text("email").notNull().unique(),
});
const book = sqliteTable("book", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  title: text("title").notNull(),
  authorId: integer("author_id")
    .notNull()
    .references(() => author.id),
  price: real("price").notNull(),
});
const toBooks = relations(author, ({ many }) => ({ books: many(book) }));
const toAuthor = relations(book, ({ one }) => ({
  author: one(author, { fields: [book.authorId], references: [author.id] }),
}));

/** Its transactions on better-sqlite3 are synchronous. */
export async function open(address: string): Promise<Program> {
  const connection = openSqlite(address);
  const db = drizzle(connection, { schema: { author, book, toBooks, toAuthor } });
  db.all(sql`SELECT 1`);
  return {
    versions: versionsOf(import.meta.url, "drizzle-orm", "better-sqlite3"),
    close: () => {
      connection.close();
    },
    measures: measuresOf({
      books: async () => db.select().from(book).all(),
      booksWithAuthors: () => db.query.book.findMany({ with: { author: true } }),
      bookByKey: async (key) => db.select().from(book).where(eq(book.id, key)).get(),
      authors: async () => db.select().from(author).all(),
      async authorsWithBooks(first, last) {
        const where = and(gt(author.id, first), lte(author.id, last));
        const found = await db.query.author.findMany({ where, with: { books: true } });
        return { keys: found.map(({ id }) => id), books: found.flatMap(({ books }) => books.map(({ id }) => id)) };
      },
      insert: async (authors) =>
        db.transaction((transaction) => {
          for (const some of inBatches(authors)) {
            const values = some.map(({ name, email }) => ({ name, email }));
            const made = transaction.insert(author).values(values).returning({ id: author.id }).all();
            for (let i = 0; i < some.length; i++) some[i]!.id = made[i]!.id;
          }
          const books = linkedBooks(authors);
          for (const some of inBatches(books)) {
            const values = some.map(({ title, author_id, price }) => ({ title, authorId: author_id, price }));
            const made = transaction.insert(book).values(values).returning({ id: book.id }).all();
            for (let i = 0; i < some.length; i++) some[i]!.id = made[i]!.id;
          }
          return books;
        }),
      updateNames: async (authors) =>
        db.transaction((transaction) => {
          const update = transaction
            .update(author)
            .set({ name: sql`${sql.placeholder("name")}` })
            .where(eq(author.id, sql.placeholder("id")))
            .prepare();
          for (const { id, name } of authors) update.run({ id, name });
        }),
      delete: async (authors, books) =>
        db.transaction((transaction) => {
          for (const some of inBatches(books, 30_000)) transaction.delete(book).where(inArray(book.id, some)).run();
          for (const some of inBatches(authors, 30_000))
            transaction.delete(author).where(inArray(author.id, some)).run();
        }),
      request: async (key, title) =>
        db.transaction((transaction) => {
          const found = transaction.query.author
            .findFirst({ where: eq(author.id, key), with: { books: true } })
            .sync()!;
          const first = found.books[0]!;
          first.price += 1000;
          transaction.update(book).set({ price: first.price }).where(eq(book.id, first.id)).run();
          found.books.push(transaction.insert(book).values({ title, authorId: key, price: 5 }).returning().get());
        }),
    }),
  };
}
