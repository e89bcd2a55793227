/** Deepkit ORM, with a session for each unit of work. It has no cascade of deletes: books are removed beside their author. */
import { Database, type DatabaseSession } from "@deepkit/orm";
import type { SQLDatabaseAdapter } from "@deepkit/sql";
import { authorValues, BOOKS, bookValues, newName } from "../data.ts";
import type { DatabaseName } from "../databases/database.ts";
import { mariadbOptions } from "../databases/mariadb.ts";
import { PRAGMAS } from "../databases/sqlite.ts";
import type { Measure, OpenProgram } from "../program.ts";
import { versionsOf } from "../versions.ts";
import { Author, Book } from "./deepkit/models.ts";
import { timed, timedKeys, timedRequests } from "./rows.ts";

type Session = DatabaseSession<SQLDatabaseAdapter>;

const DRIVERS = { sqlite: "better-sqlite3", postgresql: "pg", mariadb: "mariadb" };

async function connect(database: DatabaseName, address: string): Promise<SQLDatabaseAdapter> {
  switch (database) {
    case "sqlite": {
      const { SQLiteDatabaseAdapter } = await import("@deepkit/sqlite");
      const adapter = new SQLiteDatabaseAdapter(address);
      const connection = await adapter.connectionPool.getConnection();
      for (const pragma of PRAGMAS) await connection.run(`PRAGMA ${pragma}`);
      connection.release();
      return adapter;
    }
    case "postgresql": {
      const { PostgresDatabaseAdapter } = await import("@deepkit/postgres");
      return new PostgresDatabaseAdapter({ connectionString: address, max: 1 });
    }
    case "mariadb": {
      const { MySQLDatabaseAdapter } = await import("@deepkit/mysql");
      return new MySQLDatabaseAdapter({ ...mariadbOptions(address), connectionLimit: 1 });
    }
  }
}

export const open: OpenProgram = async (database, address) => {
  const deepkit = new Database(await connect(database, address), [Author, Book]);
  await deepkit.createSession().query(Author).filter({ id: 1 }).find();
  return {
    versions: versionsOf(import.meta.url, "@deepkit/orm", DRIVERS[database]),
    close: () => deepkit.disconnect(true),
    measures: { ...reads(deepkit), ...writes(deepkit) },
  };
};

async function loadBooks(session: Session): Promise<{ session: Session; books: Book[] }> {
  return { session, books: await session.query(Book).find() };
}

function reads(deepkit: Database<SQLDatabaseAdapter>): Record<"W2" | "W2b" | "W4" | "W6" | "W8", Measure> {
  return {
    W2: async (run) => (await timed(run, () => loadBooks(deepkit.createSession()))).books.length,
    async W2b(run) {
      const books = await timed(run, () => deepkit.createSession().query(Book).joinWith("author").find());
      return books.filter(({ author }) => author.name).length;
    },
    W4(run) {
      let session = deepkit.createSession();
      let asked = 0;
      return timedKeys(run, (key) => {
        if (asked++ % 100 === 0) session = deepkit.createSession();
        return session.query(Book).filter({ id: key }).findOne();
      });
    },
    async W6(run) {
      const { session, books } = await loadBooks(deepkit.createSession());
      await timed(run, () => session.commit());
      return books.length;
    },
    W8: async (run) => (await run.hold(() => loadBooks(deepkit.createSession()))).books.length,
  };
}

function writes(deepkit: Database<SQLDatabaseAdapter>): Record<"W1" | "W3" | "W5" | "W7", Measure> {
  return {
    async W1(run) {
      const first = run.repetition * run.count;
      const authors: Author[] = [];
      await timed(run, () =>
        deepkit.transaction(async (session) => {
          for (let i = first + 1; i <= first + run.count; i++) {
            const { name, email } = authorValues(i);
            const author = new Author(name, email);
            session.add(author);
            for (let k = 0; k < BOOKS; k++) {
              const { title, price } = bookValues(i, k);
              const book = new Book(title, price, author);
              author.books.push(book);
              session.add(book);
            }
            authors.push(author);
          }
        }),
      );
      return authors.reduce((rows, { books }) => rows + 1 + books.filter(({ id }) => id > 0).length, 0);
    },
    W3: (run) =>
      timed(run, () =>
        deepkit.transaction(async (session) => {
          const authors = await session.query(Author).find();
          for (const author of authors) author.name = newName(author.id, run.repetition);
          return authors.length;
        }),
      ),
    W5(run) {
      const first = run.repetition * run.count;
      return timed(run, () =>
        deepkit.transaction(async (session) => {
          const filter = { id: { $gt: first, $lte: first + run.count } };
          const authors = await session.query(Author).joinWith("books").filter(filter).find();
          for (const author of authors) for (const book of author.books) session.remove(book);
          for (const author of authors) session.remove(author);
          return authors.reduce((rows, { books }) => rows + 1 + books.length, 0);
        }),
      );
    },
    W7: (run) =>
      timedRequests(run, (key, title) =>
        deepkit.transaction(async (session) => {
          const author = await session.query(Author).joinWith("books").filter({ id: key }).findOne();
          author.books[0]!.price += 1000;
          const book = new Book(title, 5, author);
          author.books.push(book);
          session.add(book);
        }),
      ),
  };
}
