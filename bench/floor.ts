/**
 * The least that a unit of work has to do, written by hand: an instance of a class for each row, a Map of identities, and
 * the row that was loaded beside each object. No peer, but what W4b and W6 are compared with.
 */
import mariadb from "mariadb";
import pg from "pg";
import { BOOKS, keyAt } from "./data.ts";
import type { DatabaseName } from "./databases/database.ts";
import { mariadbOptions } from "./databases/mariadb.ts";
import { openSqlite } from "./databases/sqlite.ts";
import type { OpenProgram } from "./program.ts";
import { versionsOf } from "./versions.ts";

type BookRow = [id: number, title: string, authorId: number, price: number];
type JoinedRow = [...BookRow, authorId: number, name: string, email: string];

class Author {
  readonly id: number;
  name: string;
  email: string;
  constructor(id: number, name: string, email: string) {
    this.id = id;
    this.name = name;
    this.email = email;
  }
}

class Book {
  readonly id: number;
  title: string;
  authorId: number;
  price: number;
  author: Author | undefined;
  constructor(id: number, title: string, authorId: number, price: number) {
    this.id = id;
    this.title = title;
    this.authorId = authorId;
    this.price = price;
  }
}

interface Tracked<T> {
  readonly object: T;
  readonly loaded: unknown[];
}

type Identities<T> = Map<number, Tracked<T>>;

interface Reader {
  rows<R>(sql: string): Promise<R[]>;
  close(): Promise<void>;
}

async function openReader(database: DatabaseName, address: string): Promise<Reader> {
  // What the rows hold is what the caller says of his statement.
  switch (database) {
    case "sqlite": {
      const sqlite = openSqlite(address);
      return {
        rows: async <R>(sql: string) => sqlite.prepare(sql).raw().all() as R[], // as above
        close: async () => {
          sqlite.close();
        },
      };
    }
    case "postgresql": {
      const client = new pg.Client({ connectionString: address });
      await client.connect();
      return {
        rows: async <R>(text: string) => (await client.query({ text, rowMode: "array" })).rows as R[], // as above
        close: () => client.end(),
      };
    }
    case "mariadb": {
      const connection = await mariadb.createConnection(mariadbOptions(address));
      return { rows: (sql) => connection.query({ sql, rowsAsArray: true }), close: () => connection.end() };
    }
  }
}

function trackBook(identities: Identities<Book>, row: BookRow): Book {
  const known = identities.get(row[0]);
  if (known !== undefined) return known.object;
  const object = new Book(row[0], row[1], row[2], row[3]);
  identities.set(row[0], { object, loaded: row });
  return object;
}

function trackAuthor(identities: Identities<Author>, row: JoinedRow): Author {
  const known = identities.get(row[4]);
  if (known !== undefined) return known.object;
  const object = new Author(row[4], row[5], row[6]);
  identities.set(row[4], { object, loaded: [row[4], row[5], row[6]] });
  return object;
}

function countChanged(identities: Identities<Book>): number {
  let changed = 0;
  for (const { object, loaded } of identities.values()) {
    const { id, title, authorId, price } = object;
    if (id !== loaded[0] || title !== loaded[1] || authorId !== loaded[2] || price !== loaded[3]) changed++;
  }
  return changed;
}

export const open: OpenProgram = async (database, address) => {
  const reader = await openReader(database, address);
  await reader.rows("SELECT 1");
  const loadBooks = async () => {
    const rows = await reader.rows<BookRow>("SELECT id, title, author_id, price FROM book");
    const identities: Identities<Book> = new Map();
    const books = new Array<Book>(rows.length);
    for (let i = 0; i < rows.length; i++) books[i] = trackBook(identities, rows[i]!);
    return { books, identities };
  };
  return {
    versions: versionsOf(import.meta.url, { sqlite: "better-sqlite3", postgresql: "pg", mariadb: "mariadb" }[database]),
    close: () => reader.close(),
    measures: {
      async W2(run) {
        run.start();
        const { books } = await loadBooks();
        run.stop();
        return books.length;
      },
      async W2b(run) {
        run.start();
        const rows = await reader.rows<JoinedRow>(
          "SELECT b.id, b.title, b.author_id, b.price, a.id, a.name, a.email FROM book b JOIN author a ON a.id = b.author_id",
        );
        const identities: Identities<Book> = new Map();
        const authors: Identities<Author> = new Map();
        const books = new Array<Book>(rows.length);
        for (let i = 0; i < rows.length; i++) {
          const row = rows[i]!;
          // The row begins with the columns of a book.
          const book = trackBook(identities, row as unknown as BookRow);
          book.author = trackAuthor(authors, row);
          books[i] = book;
        }
        run.stop();
        return books.filter((book) => book.author?.id === book.authorId).length;
      },
      async W4b(run) {
        const { identities } = await loadBooks();
        const get = async (key: number) => identities.get(key)?.object;
        run.start();
        let found = 0;
        for (let i = 0; i < run.count; i++) {
          const key = keyAt(i, run.authors * BOOKS);
          if ((await get(key))?.id === key) found++;
        }
        run.stop();
        return found;
      },
      async W6(run) {
        const { identities } = await loadBooks();
        run.start();
        const changed = countChanged(identities);
        run.stop();
        return identities.size - changed;
      },
      async W8(run) {
        return (await run.hold(loadBooks)).books.length;
      },
    },
  };
};
