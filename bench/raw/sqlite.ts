/** The same statements on better-sqlite3 alone, as fast as they go: prepared, in one transaction, rows as plain objects. */
import type BetterSqlite3 from "better-sqlite3";
import {
  BOOKS,
  keyAt,
  levels,
  linkedBooks,
  newName,
  type PlainAuthor,
  type PlainBook,
  plainAuthors,
  plainCircles,
} from "../data.ts";
import { openSqlite } from "../databases/sqlite.ts";
import type { Measure, Program } from "../program.ts";
import { versionsOf } from "../versions.ts";
import { type NestedBook, nestBooks } from "./nest.ts";

/** The fastest of 1, 50, 100, 500, 1,000 rows a statement, with and without RETURNING, and of arrays in JSON. */
const BATCH = 500;

const ALL_BOOKS = "SELECT id, title, author_id, price FROM book";

export function openRawSqlite(file: string): Program {
  const database = openSqlite(file);
  database.prepare("SELECT 1").get();
  const { W1, W9 } = inserts(database);
  // What the columns hold is what PlainBook says.
  const allBooks = () => database.prepare(ALL_BOOKS).all() as PlainBook[];

  return {
    versions: versionsOf(import.meta.url, "better-sqlite3"),
    close: () => {
      database.close();
    },
    measures: {
      W1,
      async W2(run) {
        run.start();
        const books = allBooks();
        run.stop();
        return books.length;
      },
      async W2b(run) {
        run.start();
        const books: NestedBook[] = nestBooks(
          // Rows come as arrays.
          database
            .prepare(
              "SELECT b.id, b.title, b.price, b.author_id, a.name, a.email FROM book b JOIN author a ON a.id = b.author_id",
            )
            .raw()
            .all() as unknown[][],
        );
        run.stop();
        return books.filter((book) => book.author.id === book.author_id).length;
      },
      async W3(run) {
        run.start();
        // What the columns hold is what PlainAuthor says; so below.
        const authors = database.prepare("SELECT id, name, email FROM author").all() as PlainAuthor[];
        for (const author of authors) author.name = newName(author.id, run.repetition);
        const update = database.prepare("UPDATE author SET name = ? WHERE id = ?");
        database.exec("BEGIN");
        for (const author of authors) update.run(author.name, author.id);
        database.exec("COMMIT");
        run.stop();
        return authors.length;
      },
      async W4(run) {
        run.start();
        const byKey = database.prepare<[number], PlainBook>(`${ALL_BOOKS} WHERE id = ?`);
        let found = 0;
        for (let i = 0; i < run.count; i++) {
          const key = keyAt(i, run.authors * BOOKS);
          if (byKey.get(key)?.id === key) found++;
        }
        run.stop();
        return found;
      },
      async W5(run) {
        const first = run.repetition * run.count;
        run.start();
        const range = [first, first + run.count];
        const authors = database
          .prepare("SELECT id, name, email FROM author WHERE id > ? AND id <= ?")
          .all(...range) as PlainAuthor[]; // as above
        const books = database
          .prepare(`${ALL_BOOKS} WHERE author_id > ? AND author_id <= ?`)
          .all(...range) as PlainBook[]; // as above
        const deleteBook = database.prepare("DELETE FROM book WHERE id = ?");
        const deleteAuthor = database.prepare("DELETE FROM author WHERE id = ?");
        database.exec("BEGIN");
        for (const book of books) deleteBook.run(book.id);
        for (const author of authors) deleteAuthor.run(author.id);
        database.exec("COMMIT");
        run.stop();
        return authors.length + books.length;
      },
      W7: requests(database),
      async W8(run) {
        return (await run.hold(allBooks)).length;
      },
      W9,
    },
  };
}

function inserts(database: BetterSqlite3.Database): { W1: Measure; W9: Measure } {
  /** Inserts all and gives each the key that the database made. */
  const insertAll = <T extends { id: number }>(
    into: string,
    values: string,
    all: readonly T[],
    bind: (one: T) => unknown[],
  ) => {
    const prepare = (rows: number) =>
      database.prepare(`INSERT INTO ${into} VALUES ${Array(rows).fill(values).join(", ")}`);
    const full = all.length >= BATCH ? prepare(BATCH) : undefined;
    for (let i = 0; i < all.length; i += BATCH) {
      const rows = all.slice(i, i + BATCH);
      const parameters: unknown[] = [];
      for (const row of rows) parameters.push(...bind(row));
      const { lastInsertRowid } = (rows.length === BATCH ? full! : prepare(rows.length)).run(parameters);
      const first = Number(lastInsertRowid) - rows.length + 1; // SQLite counts up within a statement
      for (let j = 0; j < rows.length; j++) rows[j]!.id = first + j;
    }
  };
  return {
    async W1(run) {
      run.start();
      const authors = plainAuthors(run.count, run.repetition * run.count);
      database.exec("BEGIN");
      insertAll("author (name, email)", "(?, ?)", authors, ({ name, email }) => [name, email]);
      const books = linkedBooks(authors);
      insertAll("book (title, author_id, price)", "(?, ?, ?)", books, (book) => [
        book.title,
        book.author_id,
        book.price,
      ]);
      database.exec("COMMIT");
      run.stop();
      return authors.length + books.filter(({ id }) => id > 0).length;
    },
    async W9(run) {
      run.start();
      const { nodes, widgets, entries } = plainCircles(run.count);
      database.exec("BEGIN");
      const insertNode = database.prepare("INSERT INTO node (parent_id, name) VALUES (?, ?)");
      for (const level of levels(nodes)) {
        for (const node of level) node.id = Number(insertNode.run(node.parent?.id ?? null, node.name).lastInsertRowid);
      }
      const insertWidget = database.prepare("INSERT INTO widget (name) VALUES (?)");
      for (const widget of widgets) widget.id = Number(insertWidget.run(widget.name).lastInsertRowid);
      const insertEntry = database.prepare("INSERT INTO entry (name, widget_id) VALUES (?, ?)");
      for (const entry of entries) entry.id = Number(insertEntry.run(entry.name, entry.widget.id).lastInsertRowid);
      const update = database.prepare("UPDATE widget SET favorite_entry_id = ? WHERE id = ?");
      for (const widget of widgets) update.run(widget.favorite!.id, widget.id);
      database.exec("COMMIT");
      run.stop();
      return nodes.length + widgets.length + entries.length;
    },
  };
}

function requests(database: BetterSqlite3.Database): Measure {
  const begin = database.prepare("BEGIN");
  const commit = database.prepare("COMMIT");
  const authorById = database.prepare<[number], PlainAuthor>("SELECT id, name, email FROM author WHERE id = ?");
  const booksOf = database.prepare<[number], PlainBook>(`${ALL_BOOKS} WHERE author_id = ?`);
  const update = database.prepare("UPDATE book SET price = ? WHERE id = ?");
  const insert = database.prepare("INSERT INTO book (title, author_id, price) VALUES (?, ?, ?)");
  return async (run) => {
    run.start();
    for (let i = 0; i < run.count; i++) {
      const start = performance.now();
      begin.run();
      const author = authorById.get(keyAt(i, run.authors))!;
      author.books = booksOf.all(author.id);
      const book = author.books[0]!;
      book.price += 1000;
      update.run(book.price, book.id);
      const added = { id: 0, title: `New ${i}`, author_id: author.id, price: 5 };
      added.id = Number(insert.run(added.title, added.author_id, added.price).lastInsertRowid);
      author.books.push(added);
      commit.run();
      run.latencies.push(performance.now() - start);
    }
    run.stop();
    return run.latencies.length;
  };
}
