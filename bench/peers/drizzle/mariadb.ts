import { and, eq, gt, inArray, lte, relations, sql } from "drizzle-orm";
import { double, int, mysqlTable, varchar } from "drizzle-orm/mysql-core";
import { drizzle } from "drizzle-orm/mysql2";
import { createPool } from "mysql2";
import { linkedBooks } from "../../data.ts";
import type { Program } from "../../program.ts";
import { versionsOf } from "../../versions.ts";
import { inBatches } from "../batches.ts";
import { measuresOf } from "../rows.ts";

const author = mysqlTable("author", {
  id: int("id").primaryKey().autoincrement(),
  name: varchar("name", { length: 100 }).notNull(),
  email: varchar("email", { length: 100 }).notNull().unique(),
});
const book = mysqlTable("book", {
  id: int("id").primaryKey().autoincrement(),
  title: varchar("title", { length: 100 }).notNull(),
  authorId: int("author_id")
    .notNull()
    .references(() => author.id),
  price: double("price").notNull(),
});
const toBooks = relations(author, ({ many }) => ({ books: many(book) }));
const toAuthor = relations(book, ({ one }) => ({
  author: one(author, { fields: [book.authorId], references: [author.id] }),
}));

/** It knows MySQL, not MariaDB: keys are counted on from the first one, and collections cost a query of their own. */
export async function open(address: string): Promise<Program> {
  const pool = createPool({ uri: address, connectionLimit: 1 });
  // MariaDB has no LATERAL, which the other mode needs.
  const db = drizzle(pool, { schema: { author, book, toBooks, toAuthor }, mode: "planetscale" });
  await db.execute(sql`SELECT 1`);
  return {
    versions: versionsOf(import.meta.url, "drizzle-orm", "mysql2"),
    close: () => pool.promise().end(),
    measures: measuresOf({
      books: () => db.select().from(book),
      // A relational query for one object refers from a derived table to what is outside, which MariaDB cannot.
      booksWithAuthors: () => db.select().from(book).innerJoin(author, eq(author.id, book.authorId)),
      bookByKey: async (key) => (await db.select().from(book).where(eq(book.id, key)))[0],
      authors: () => db.select().from(author),
      async authorsWithBooks(first, last) {
        const where = and(gt(author.id, first), lte(author.id, last));
        const found = await db.query.author.findMany({ where, with: { books: true } });
        return { keys: found.map(({ id }) => id), books: found.flatMap(({ books }) => books.map(({ id }) => id)) };
      },
      insert: (authors) =>
        db.transaction(async (transaction) => {
          for (const some of inBatches(authors)) {
            const values = some.map(({ name, email }) => ({ name, email }));
            const made = await transaction.insert(author).values(values).$returningId();
            for (let i = 0; i < some.length; i++) some[i]!.id = made[i]!.id;
          }
          const books = linkedBooks(authors);
          for (const some of inBatches(books)) {
            const values = some.map(({ title, author_id, price }) => ({ title, authorId: author_id, price }));
            const made = await transaction.insert(book).values(values).$returningId();
            for (let i = 0; i < some.length; i++) some[i]!.id = made[i]!.id;
          }
          return books;
        }),
      updateNames: (authors) =>
        db.transaction(async (transaction) => {
          for (const some of inBatches(authors)) {
            await transaction
              .insert(author)
              .values(some)
              .onDuplicateKeyUpdate({ set: { name: sql`values(name)` } });
          }
        }),
      delete: (authors, books) =>
        db.transaction(async (transaction) => {
          for (const some of inBatches(books, 30_000)) await transaction.delete(book).where(inArray(book.id, some));
          for (const some of inBatches(authors, 30_000)) {
            await transaction.delete(author).where(inArray(author.id, some));
          }
        }),
      request: (key, title) =>
        db.transaction(async (transaction) => {
          const found = await transaction.query.author.findFirst({ where: eq(author.id, key), with: { books: true } });
          const first = found!.books[0]!;
          first.price += 1000;
          await transaction.update(book).set({ price: first.price }).where(eq(book.id, first.id));
          const added = { title, authorId: key, price: 5 };
          const [made] = await transaction.insert(book).values(added).$returningId();
          found!.books.push({ ...added, id: made!.id });
        }),
    }),
  };
}
