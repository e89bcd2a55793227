/**
 * TypeORM: nothing is tracked; `save()` reads what is there before it writes. Graphs are saved 50 at a time and other
 * rows 300, the fastest of 20 to 1,000; without, its time grows with the square of the rows.
 */
import "reflect-metadata";
import { And, DataSource, type DataSourceOptions, EntitySchema, LessThanOrEqual, MoreThan } from "typeorm";
import { authorValues, BOOKS, bookValues, newName } from "../data.ts";
import type { DatabaseName } from "../databases/database.ts";
import { PRAGMAS } from "../databases/sqlite.ts";
import type { OpenProgram } from "../program.ts";
import { versionsOf } from "../versions.ts";
import { timed, timedKeys, timedRequests } from "./rows.ts";

const GRAPHS = { chunk: 50 };
const ROWS = { chunk: 300 };
const REMOVED = { chunk: 500 };

class Author {
  id!: number;
  name!: string;
  email!: string;
  books!: Book[];
}

class Book {
  id!: number;
  title!: string;
  authorId!: number;
  price!: number;
  author!: Author;
}

const id = { type: "int", primary: true, generated: "increment" } as const;
const authors = new EntitySchema<Author>({
  name: "Author",
  target: Author,
  tableName: "author",
  columns: { id, name: { type: "varchar" }, email: { type: "varchar", unique: true } },
  relations: {
    books: {
      type: "one-to-many",
      target: () => Book,
      inverseSide: "author",
      cascade: ["insert", "update", "remove"],
    },
  },
});

/** @param double how the database calls it */
function booksWith(double: "double" | "double precision"): EntitySchema<Book> {
  return new EntitySchema<Book>({
    name: "Book",
    target: Book,
    tableName: "book",
    columns: {
      id,
      title: { type: "varchar" },
      authorId: { type: "int", name: "author_id" },
      price: { type: double },
    },
    relations: {
      author: {
        type: "many-to-one",
        target: () => Author,
        inverseSide: "books",
        joinColumn: { name: "author_id" },
        nullable: false,
      },
    },
  });
}

const DRIVERS = { sqlite: "better-sqlite3", postgresql: "pg", mariadb: "mysql2" };

function options(database: DatabaseName, address: string): DataSourceOptions {
  const entities = [authors, booksWith(database === "mariadb" ? "double" : "double precision")];
  switch (database) {
    case "sqlite":
      return {
        type: "better-sqlite3",
        database: address,
        entities,
        prepareDatabase: (connection: { pragma(source: string): unknown }) => {
          for (const pragma of PRAGMAS) connection.pragma(pragma);
        },
      };
    case "postgresql":
      return { type: "postgres", url: address, entities, poolSize: 1, installExtensions: false };
    case "mariadb":
      return { type: "mariadb", url: address, entities, poolSize: 1 };
  }
}

export const open: OpenProgram = async (database, address) => {
  const source = new DataSource(options(database, address));
  await source.initialize();
  await source.query("SELECT 1");
  const { manager } = source;
  const loadBooks = () => manager.find(Book);
  return {
    versions: versionsOf(import.meta.url, "typeorm", DRIVERS[database]),
    close: () => source.destroy(),
    measures: {
      async W1(run) {
        const saved = await timed(run, async () => {
          const authors: Author[] = [];
          const first = run.repetition * run.count;
          for (let i = first + 1; i <= first + run.count; i++) {
            const author = Object.assign(new Author(), authorValues(i), { books: [] as Book[] });
            for (let k = 0; k < BOOKS; k++) author.books.push(Object.assign(new Book(), bookValues(i, k)));
            authors.push(author);
          }
          return manager.save(authors, GRAPHS);
        });
        return saved.reduce((rows, { books }) => rows + 1 + books.filter(({ id }) => id > 0).length, 0);
      },
      W2: async (run) => (await timed(run, loadBooks)).length,
      async W2b(run) {
        const books = await timed(run, () => manager.find(Book, { relations: { author: true } }));
        return books.filter(({ author, authorId }) => author.id === authorId).length;
      },
      async W3(run) {
        const saved = await timed(run, async () => {
          const authors = await manager.find(Author);
          for (const author of authors) author.name = newName(author.id, run.repetition);
          return manager.save(authors, ROWS);
        });
        return saved.length;
      },
      W4: (run) => timedKeys(run, (key) => manager.findOneBy(Book, { id: key })),
      W5(run) {
        const first = run.repetition * run.count;
        const where = { id: And(MoreThan(first), LessThanOrEqual(first + run.count)) };
        return timed(run, async () => {
          const authors = await manager.find(Author, { where, relations: { books: true } });
          const books = authors.flatMap((author) => author.books);
          await manager.transaction(async (transaction) => {
            await transaction.remove([...books], REMOVED);
            // What it removes of an author's books, it would look for.
            for (const author of authors) Object.assign(author, { books: undefined });
            await transaction.remove([...authors], REMOVED);
          });
          return authors.length + books.length;
        });
      },
      async W6(run) {
        const books = await loadBooks();
        await timed(run, () => manager.save(books, ROWS));
        return books.length;
      },
      W7: (run) =>
        timedRequests(run, (key, title) =>
          manager.transaction(async (transaction) => {
            const author = await transaction.findOneOrFail(Author, { where: { id: key }, relations: { books: true } });
            author.books[0]!.price += 1000;
            author.books.push(Object.assign(new Book(), { title, price: 5 }));
            await transaction.save(author);
          }),
        ),
      W8: async (run) => (await run.hold(loadBooks)).length,
    },
  };
};
