/** Kysely, a query builder; 1,000 rows a statement. */
import {
  type Generated,
  type InsertResult,
  Kysely,
  MysqlDialect,
  PostgresDialect,
  type Selectable,
  SqliteDialect,
  sql,
  type Transaction,
} from "kysely";
import { createPool } from "mysql2";
import pg from "pg";
import { linkedBooks, type PlainAuthor, type PlainBook } from "../data.ts";
import type { DatabaseName } from "../databases/database.ts";
import { openSqlite } from "../databases/sqlite.ts";
import type { OpenProgram } from "../program.ts";
import { versionsOf } from "../versions.ts";
import { inBatches } from "./batches.ts";
import { measuresOf } from "./rows.ts";

interface AuthorTable {
  id: Generated<number>;
  name: string;
  email: string;
}

interface Tables {
  author: AuthorTable;
  book: { id: Generated<number>; title: string; author_id: number; price: number };
}

const DRIVERS = { sqlite: "better-sqlite3", postgresql: "pg", mariadb: "mysql2" };

function connect(database: DatabaseName, address: string): Kysely<Tables> {
  switch (database) {
    case "sqlite":
      return new Kysely({ dialect: new SqliteDialect({ database: openSqlite(address) }) });
    case "postgresql":
      return new Kysely({
        dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: address, max: 1 }) }),
      });
    case "mariadb":
      return new Kysely({ dialect: new MysqlDialect({ pool: createPool({ uri: address, connectionLimit: 1 }) }) });
  }
}

export const open: OpenProgram = async (database, address) => {
  const kysely = connect(database, address);
  await sql`SELECT 1`.execute(kysely);
  const inTransaction = <T>(work: (transaction: Transaction<Tables>) => Promise<T>) =>
    kysely.transaction().execute(work);
  const authorsBetween = (first: number, last: number) =>
    kysely.selectFrom("author").selectAll().where("id", ">", first).where("id", "<=", last).execute();
  return {
    versions: versionsOf(import.meta.url, "kysely", DRIVERS[database]),
    close: () => kysely.destroy(),
    measures: measuresOf({
      books: () => kysely.selectFrom("book").selectAll().execute(),
      booksWithAuthors: () => booksWithAuthors(kysely),
      bookByKey: (key) => kysely.selectFrom("book").selectAll().where("id", "=", key).executeTakeFirst(),
      authors: () => kysely.selectFrom("author").selectAll().execute(),
      async authorsWithBooks(first, last) {
        const keys = (await authorsBetween(first, last)).map(({ id }) => id);
        const books: number[] = [];
        for (const some of inBatches(keys, 30_000)) {
          for (const { id } of await kysely.selectFrom("book").selectAll().where("author_id", "in", some).execute()) {
            books.push(id);
          }
        }
        return { keys, books };
      },
      insert: (authors) => inTransaction((transaction) => insert(transaction, database, authors)),
      updateNames: (authors) => inTransaction((transaction) => updateNames(transaction, database, authors)),
      delete: (authors, books) =>
        inTransaction(async (transaction) => {
          for (const some of inBatches(books, 30_000)) {
            await transaction.deleteFrom("book").where("id", "in", some).execute();
          }
          for (const some of inBatches(authors, 30_000)) {
            await transaction.deleteFrom("author").where("id", "in", some).execute();
          }
        }),
      request: (author, title) => inTransaction((transaction) => request(transaction, database, author, title)),
    }),
  };
};

async function booksWithAuthors(kysely: Kysely<Tables>) {
  const rows = await kysely
    .selectFrom("book as b")
    .innerJoin("author as a", "a.id", "b.author_id")
    .select(["b.id", "b.title", "b.price", "b.author_id", "a.name", "a.email"])
    .execute();
  return rows.map(({ id, title, price, author_id, name, email }) => ({
    id,
    title,
    price,
    author_id,
    author: { id: author_id, name, email },
  }));
}

async function insert(
  transaction: Transaction<Tables>,
  database: DatabaseName,
  authors: PlainAuthor[],
): Promise<PlainBook[]> {
  for (const some of inBatches(authors)) {
    const insert = transaction.insertInto("author").values(some.map(({ name, email }) => ({ name, email })));
    if (database === "mariadb") countOn(some, await insert.executeTakeFirst());
    else copyKeys(some, await insert.returning("id").execute());
  }
  const books = linkedBooks(authors);
  for (const some of inBatches(books)) {
    const values = some.map(({ title, author_id, price }) => ({ title, author_id, price }));
    const insert = transaction.insertInto("book").values(values);
    if (database === "mariadb") countOn(some, await insert.executeTakeFirst());
    else copyKeys(some, await insert.returning("id").execute());
  }
  return books;
}

function copyKeys(rows: { id: number }[], made: { id: number }[]): void {
  for (let i = 0; i < rows.length; i++) rows[i]!.id = made[i]!.id;
}

/** MySQL's dialect has no RETURNING: the rows of one INSERT have keys one after the other. */
function countOn(rows: { id: number }[], { insertId }: InsertResult): void {
  for (let i = 0; i < rows.length; i++) rows[i]!.id = Number(insertId) + i;
}

/** Row by row on SQLite, on servers by an INSERT that meets what is there. */
async function updateNames(
  transaction: Transaction<Tables>,
  database: DatabaseName,
  authors: Selectable<AuthorTable>[],
): Promise<void> {
  if (database === "sqlite") {
    for (const { id, name } of authors) {
      await transaction.updateTable("author").set({ name }).where("id", "=", id).execute();
    }
    return;
  }
  for (const some of inBatches(authors)) {
    const insert = transaction.insertInto("author").values(some);
    await (database === "mariadb"
      ? insert.onDuplicateKeyUpdate({ name: sql`values(name)` })
      : insert.onConflict((conflict) => conflict.column("id").doUpdateSet({ name: sql`excluded.name` }))
    ).execute();
  }
}

async function request(
  transaction: Transaction<Tables>,
  database: DatabaseName,
  key: number,
  title: string,
): Promise<void> {
  const author = await transaction.selectFrom("author").selectAll().where("id", "=", key).executeTakeFirstOrThrow();
  const books = await transaction
    .selectFrom("book")
    .selectAll()
    .where("author_id", "=", author.id)
    .orderBy("id")
    .execute();
  const book = books[0]!;
  book.price += 1000;
  await transaction.updateTable("book").set({ price: book.price }).where("id", "=", book.id).execute();
  const added = { title, author_id: author.id, price: 5 };
  const insert = transaction.insertInto("book").values(added);
  if (database === "mariadb") {
    const { insertId } = await insert.executeTakeFirst();
    books.push({ ...added, id: Number(insertId) });
  } else {
    books.push(await insert.returningAll().executeTakeFirstOrThrow());
  }
}
