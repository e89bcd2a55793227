/** The same statements on pg alone, as fast as they go: arrays of values, one statement a table, prepared single rows. */
import pg from "pg";
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
import type { Measure, Program } from "../program.ts";
import { versionsOf } from "../versions.ts";
import { nestBooks } from "./nest.ts";

const ALL_BOOKS = "SELECT id, title, author_id, price FROM book";

export async function openRawPostgresql(url: string): Promise<Program> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("SELECT 1");
  const { W1, W9 } = inserts(client);
  const allBooks = async () => (await client.query<PlainBook>(ALL_BOOKS)).rows;

  return {
    versions: versionsOf(import.meta.url, "pg"),
    close: () => client.end(),
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
        const { rows } = await client.query<unknown[]>({
          text: "SELECT b.id, b.title, b.price, b.author_id, a.name, a.email FROM book b JOIN author a ON a.id = b.author_id",
          rowMode: "array",
        });
        const books = nestBooks(rows);
        run.stop();
        return books.filter((book) => book.author.id === book.author_id).length;
      },
      async W3(run) {
        run.start();
        const { rows: authors } = await client.query<PlainAuthor>("SELECT id, name, email FROM author");
        for (const author of authors) author.name = newName(author.id, run.repetition);
        await client.query("BEGIN");
        await client.query(
          "UPDATE author SET name = v.name FROM unnest($1::int[], $2::text[]) AS v (id, name) WHERE author.id = v.id",
          [authors.map(({ id }) => id), authors.map(({ name }) => name)],
        );
        await client.query("COMMIT");
        run.stop();
        return authors.length;
      },
      async W4(run) {
        run.start();
        let found = 0;
        for (let i = 0; i < run.count; i++) {
          const key = keyAt(i, run.authors * BOOKS);
          const { rows } = await client.query<PlainBook>({
            name: "book",
            text: `${ALL_BOOKS} WHERE id = $1`,
            values: [key],
          });
          if (rows[0]?.id === key) found++;
        }
        run.stop();
        return found;
      },
      async W5(run) {
        const first = run.repetition * run.count;
        run.start();
        const range = [first, first + run.count];
        const { rows: authors } = await client.query<PlainAuthor>(
          "SELECT id, name, email FROM author WHERE id > $1 AND id <= $2",
          range,
        );
        const { rows: books } = await client.query<PlainBook>(
          `${ALL_BOOKS} WHERE author_id > $1 AND author_id <= $2`,
          range,
        );
        await client.query("BEGIN");
        await client.query("DELETE FROM book WHERE id = ANY($1::int[])", [books.map(({ id }) => id)]);
        await client.query("DELETE FROM author WHERE id = ANY($1::int[])", [authors.map(({ id }) => id)]);
        await client.query("COMMIT");
        run.stop();
        return authors.length + books.length;
      },
      W7: requests(client),
      async W8(run) {
        return (await run.hold(allBooks)).length;
      },
      W9,
    },
  };
}

function inserts(client: pg.Client): { W1: Measure; W9: Measure } {
  /** Inserts all from one array for each column and gives each the key that the database made. */
  const insertAll = async <T extends { id: number }>(
    into: string,
    arrays: string,
    all: readonly T[],
    ...columns: ((one: T) => unknown)[]
  ) => {
    const { rows } = await client.query<[number]>({
      text: `INSERT INTO ${into} SELECT * FROM unnest(${arrays}) RETURNING id`,
      values: columns.map((column) => all.map(column)),
      rowMode: "array",
    });
    for (let i = 0; i < all.length; i++) all[i]!.id = rows[i]![0];
  };
  return {
    async W1(run) {
      run.start();
      const authors = plainAuthors(run.count, run.repetition * run.count);
      await client.query("BEGIN");
      await insertAll(
        "author (name, email)",
        "$1::text[], $2::text[]",
        authors,
        ({ name }) => name,
        ({ email }) => email,
      );
      const books = linkedBooks(authors);
      await insertAll(
        "book (title, author_id, price)",
        "$1::text[], $2::int[], $3::float8[]",
        books,
        ({ title }) => title,
        ({ author_id }) => author_id,
        ({ price }) => price,
      );
      await client.query("COMMIT");
      run.stop();
      return authors.length + books.filter(({ id }) => id > 0).length;
    },
    async W9(run) {
      run.start();
      const { nodes, widgets, entries } = plainCircles(run.count);
      await client.query("BEGIN");
      for (const level of levels(nodes)) {
        await insertAll(
          "node (parent_id, name)",
          "$1::int[], $2::text[]",
          level,
          ({ parent }) => parent?.id ?? null,
          ({ name }) => name,
        );
      }
      await insertAll("widget (name)", "$1::text[]", widgets, ({ name }) => name);
      await insertAll(
        "entry (name, widget_id)",
        "$1::text[], $2::int[]",
        entries,
        ({ name }) => name,
        ({ widget }) => widget.id,
      );
      await client.query(
        "UPDATE widget SET favorite_entry_id = v.entry FROM unnest($1::int[], $2::int[]) AS v (id, entry) WHERE widget.id = v.id",
        [widgets.map(({ id }) => id), widgets.map(({ favorite }) => favorite!.id)],
      );
      await client.query("COMMIT");
      run.stop();
      return nodes.length + widgets.length + entries.length;
    },
  };
}

function requests(client: pg.Client): Measure {
  const prepared = async <R extends object>(name: string, text: string, values: unknown[]): Promise<R[]> =>
    // What the columns hold is what the caller says.
    (await client.query({ name, text, values })).rows as R[];
  return async (run) => {
    run.start();
    for (let i = 0; i < run.count; i++) {
      const start = performance.now();
      await client.query("BEGIN");
      const [author] = await prepared<PlainAuthor>("author", "SELECT id, name, email FROM author WHERE id = $1", [
        keyAt(i, run.authors),
      ]);
      author!.books = await prepared("books", `${ALL_BOOKS} WHERE author_id = $1 ORDER BY id`, [author!.id]);
      const book = author!.books[0]!;
      book.price += 1000;
      await prepared("update", "UPDATE book SET price = $1 WHERE id = $2", [book.price, book.id]);
      const added = { id: 0, title: `New ${i}`, author_id: author!.id, price: 5 };
      const [made] = await prepared<{ id: number }>(
        "insert",
        "INSERT INTO book (title, author_id, price) VALUES ($1, $2, $3) RETURNING id",
        [added.title, added.author_id, added.price],
      );
      added.id = made!.id;
      author!.books.push(added);
      await client.query("COMMIT");
      run.latencies.push(performance.now() - start);
    }
    run.stop();
    return run.latencies.length;
  };
}
