import { eq, relations } from "drizzle-orm";
import * as mysql from "drizzle-orm/mysql-core";
import { drizzle as drizzleMysql } from "drizzle-orm/mysql2";
import { drizzle as drizzlePostgresql } from "drizzle-orm/node-postgres";
import * as postgresql from "drizzle-orm/pg-core";
import { createPool } from "mysql2";
import pg from "pg";
import type { Peer } from "../../sessions/peer.ts";

export async function open(url: string, pool: number): Promise<Peer> {
  return url.startsWith("postgres") ? openPostgresql(url, pool) : openMysql(url, pool);
}

function openPostgresql(url: string, size: number): Peer {
  const author = postgresql.pgTable("bench_author", {
    id: postgresql.integer("id").primaryKey(),
    name: postgresql.varchar("name", { length: 50 }).notNull(),
  });
  const book = postgresql.pgTable("bench_book", {
    id: postgresql.integer("id").primaryKey().generatedByDefaultAsIdentity(),
    title: postgresql.varchar("title", { length: 50 }).notNull(),
    edition: postgresql.integer("edition").notNull(),
    authorId: postgresql.integer("author_id").notNull(),
  });
  const toBooks = relations(author, ({ many }) => ({ books: many(book) }));
  const toAuthor = relations(book, ({ one }) => ({
    author: one(author, { fields: [book.authorId], references: [author.id] }),
  }));
  const pool = new pg.Pool({ connectionString: url, max: size });
  const db = drizzlePostgresql(pool, { schema: { author, book, toBooks, toAuthor } });
  return {
    async transact(id, number) {
      await db.transaction(async (tx) => {
        const found = await tx.query.author.findFirst({ where: eq(author.id, id), with: { books: true } });
        const first = found!.books[0]!;
        first.edition += 1;
        await tx.update(book).set({ edition: first.edition }).where(eq(book.id, first.id));
        const added = { title: `new ${number}`, edition: 1, authorId: id };
        found!.books.push(...(await tx.insert(book).values(added).returning()));
      });
    },
    close: () => pool.end(),
  };
}

function openMysql(url: string, size: number): Peer {
  const author = mysql.mysqlTable("bench_author", {
    id: mysql.int("id").primaryKey(),
    name: mysql.varchar("name", { length: 50 }).notNull(),
  });
  const book = mysql.mysqlTable("bench_book", {
    id: mysql.int("id").primaryKey().autoincrement(),
    title: mysql.varchar("title", { length: 50 }).notNull(),
    edition: mysql.int("edition").notNull(),
    authorId: mysql.int("author_id").notNull(),
  });
  const toBooks = relations(author, ({ many }) => ({ books: many(book) }));
  const toAuthor = relations(book, ({ one }) => ({
    author: one(author, { fields: [book.authorId], references: [author.id] }),
  }));
  const pool = createPool({ uri: url, connectionLimit: size });
  // MariaDB has no LATERAL, which the other mode needs.
  const db = drizzleMysql(pool, { schema: { author, book, toBooks, toAuthor }, mode: "planetscale" });
  return {
    async transact(id, number) {
      await db.transaction(async (tx) => {
        const found = await tx.query.author.findFirst({ where: eq(author.id, id), with: { books: true } });
        const first = found!.books[0]!;
        first.edition += 1;
        await tx.update(book).set({ edition: first.edition }).where(eq(book.id, first.id));
        const added = { title: `new ${number}`, edition: 1, authorId: id };
        const [key] = await tx.insert(book).values(added).$returningId();
        found!.books.push({ ...added, id: key!.id });
      });
    },
    close: () => pool.promise().end(),
  };
}
