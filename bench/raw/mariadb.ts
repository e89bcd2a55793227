/** The same statements on the connector of MariaDB alone, as fast as they go. */
import { type Connection, createConnection } from "mariadb";
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
import { mariadbOptions } from "../databases/mariadb.ts";
import type { Measure, Program } from "../program.ts";
import { versionsOf } from "../versions.ts";
import { nestBooks } from "./nest.ts";

const BATCH = 1_000;
const ALL_BOOKS = "SELECT id, title, author_id, price FROM book";

export async function openRawMariadb(url: string): Promise<Program> {
  const connection = await createConnection(mariadbOptions(url));
  await connection.query("SELECT 1");
  const { W1, W9 } = inserts(connection);
  const allBooks = () => connection.query<PlainBook[]>(ALL_BOOKS);

  return {
    versions: versionsOf(import.meta.url, "mariadb"),
    close: () => connection.end(),
    measures: {
      W1,
      async W2(run) {
        run.start();
        const books = await allBooks();
        run.stop();
        return books.length;
      },
      async W2b(run) {
        run.start();
        const rows = await connection.query<unknown[][]>({
          sql: "SELECT b.id, b.title, b.price, b.author_id, a.name, a.email FROM book b JOIN author a ON a.id = b.author_id",
          rowsAsArray: true,
        });
        const books = nestBooks(rows);
        run.stop();
        return books.filter((book) => book.author.id === book.author_id).length;
      },
      async W3(run) {
        run.start();
        const authors = await connection.query<PlainAuthor[]>("SELECT id, name, email FROM author");
        for (const author of authors) author.name = newName(author.id, run.repetition);
        await connection.query("START TRANSACTION");
        await updateAll(
          connection,
          "author",
          "name",
          "varchar(100)",
          authors.map(({ id, name }) => [id, name]),
        );
        await connection.query("COMMIT");
        run.stop();
        return authors.length;
      },
      async W4(run) {
        run.start();
        const byKey = await connection.prepare(`${ALL_BOOKS} WHERE id = ?`);
        let found = 0;
        for (let i = 0; i < run.count; i++) {
          const key = keyAt(i, run.authors * BOOKS);
          const [book] = await byKey.execute([key]);
          if (book?.id === key) found++;
        }
        run.stop();
        return found;
      },
      async W5(run) {
        const first = run.repetition * run.count;
        run.start();
        const range = [first, first + run.count];
        const authors = await connection.query<PlainAuthor[]>(
          "SELECT id, name, email FROM author WHERE id > ? AND id <= ?",
          range,
        );
        const books = await connection.query<PlainBook[]>(`${ALL_BOOKS} WHERE author_id > ? AND author_id <= ?`, range);
        await connection.query("START TRANSACTION");
        await connection.query("DELETE FROM book WHERE id IN (?)", [books.map(({ id }) => id)]);
        await connection.query("DELETE FROM author WHERE id IN (?)", [authors.map(({ id }) => id)]);
        await connection.query("COMMIT");
        run.stop();
        return authors.length + books.length;
      },
      W7: requests(connection),
      async W8(run) {
        return (await run.hold(allBooks)).length;
      },
      W9,
    },
  };
}

/** Gives each row, by its key, a value of its own. */
async function updateAll(
  connection: Connection,
  table: string,
  column: string,
  type: string,
  rows: unknown[][],
): Promise<void> {
  await connection.query(
    `UPDATE ${table} JOIN json_table(?, '$[*]' COLUMNS (id int PATH '$[0]', value ${type} PATH '$[1]')) AS v ON v.id = ${table}.id SET ${table}.${column} = v.value`,
    [JSON.stringify(rows)],
  );
}

function inserts(connection: Connection): { W1: Measure; W9: Measure } {
  /** Inserts all and gives each the key that the database made. */
  const insertAll = async <T extends { id: number }>(
    into: string,
    values: string,
    all: readonly T[],
    bind: (one: T) => unknown[],
  ) => {
    for (let i = 0; i < all.length; i += BATCH) {
      const rows = all.slice(i, i + BATCH);
      const parameters: unknown[] = [];
      for (const row of rows) parameters.push(...bind(row));
      const keys = await connection.query<[number][]>(
        {
          sql: `INSERT INTO ${into} VALUES ${Array(rows.length).fill(values).join(", ")} RETURNING id`,
          rowsAsArray: true,
        },
        parameters,
      );
      for (let j = 0; j < rows.length; j++) rows[j]!.id = keys[j]![0];
    }
  };
  return {
    async W1(run) {
      run.start();
      const authors = plainAuthors(run.count, run.repetition * run.count);
      await connection.query("START TRANSACTION");
      await insertAll("author (name, email)", "(?, ?)", authors, ({ name, email }) => [name, email]);
      const books = linkedBooks(authors);
      await insertAll("book (title, author_id, price)", "(?, ?, ?)", books, (book) => [
        book.title,
        book.author_id,
        book.price,
      ]);
      await connection.query("COMMIT");
      run.stop();
      return authors.length + books.filter(({ id }) => id > 0).length;
    },
    async W9(run) {
      run.start();
      const { nodes, widgets, entries } = plainCircles(run.count);
      await connection.query("START TRANSACTION");
      for (const level of levels(nodes)) {
        await insertAll("node (parent_id, name)", "(?, ?)", level, ({ parent, name }) => [parent?.id ?? null, name]);
      }
      await insertAll("widget (name)", "(?)", widgets, ({ name }) => [name]);
      await insertAll("entry (name, widget_id)", "(?, ?)", entries, ({ name, widget }) => [name, widget.id]);
      const favorites = widgets.map(({ id, favorite }) => [id, favorite!.id]);
      await updateAll(connection, "widget", "favorite_entry_id", "int", favorites);
      await connection.query("COMMIT");
      run.stop();
      return nodes.length + widgets.length + entries.length;
    },
  };
}

function requests(connection: Connection): Measure {
  return async (run) => {
    run.start();
    const authorById = await connection.prepare("SELECT id, name, email FROM author WHERE id = ?");
    const booksOf = await connection.prepare(`${ALL_BOOKS} WHERE author_id = ? ORDER BY id`);
    const update = await connection.prepare("UPDATE book SET price = ? WHERE id = ?");
    const insert = await connection.prepare("INSERT INTO book (title, author_id, price) VALUES (?, ?, ?)");
    for (let i = 0; i < run.count; i++) {
      const start = performance.now();
      await connection.query("START TRANSACTION");
      const [author]: PlainAuthor[] = await authorById.execute([keyAt(i, run.authors)]);
      const books: PlainBook[] = await booksOf.execute([author!.id]);
      author!.books = books;
      const book = books[0]!;
      book.price += 1000;
      await update.execute([book.price, book.id]);
      const added = { id: 0, title: `New ${i}`, author_id: author!.id, price: 5 };
      const { insertId } = await insert.execute([added.title, added.author_id, added.price]);
      added.id = Number(insertId);
      books.push(added);
      await connection.query("COMMIT");
      run.latencies.push(performance.now() - start);
    }
    run.stop();
    return run.latencies.length;
  };
}
