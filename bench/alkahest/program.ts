/** alkahest as its users have it: the built package, through its public names. */
import { createEngine, type Engine, joinedLoad, Session, select, selectinLoad, sessionmaker, text } from "alkahest";
import { authorValues, BOOKS, bookValues, ENTRIES, FAVORITE, keyAt, newName, parentOf } from "../data.ts";
import type { DatabaseName } from "../databases/database.ts";
import { PRAGMAS } from "../databases/sqlite.ts";
import type { Measure, OpenProgram } from "../program.ts";
import { versionsOf } from "../versions.ts";
import type { WorkloadName } from "../workloads.ts";
import { Author, Book, Entry, Node, Widget } from "./models.ts";

const DRIVERS = { sqlite: "better-sqlite3", postgresql: "pg", mariadb: "mariadb" };

function openEngine(database: DatabaseName, address: string): Engine {
  if (database !== "sqlite") return createEngine(address);
  const engine = createEngine(`sqlite:///${address}`);
  engine.on("connect", async ({ connection }) => {
    for (const pragma of PRAGMAS) await connection.execute(`PRAGMA ${pragma}`, []);
  });
  return engine;
}

/** What the session has to be asked for: it keeps what it has loaded. */
async function loadBooks(engine: Engine): Promise<{ session: Session; books: Book[] }> {
  const session = new Session(engine);
  return { session, books: await session.all(select(Book)) };
}

export const open: OpenProgram = async (database, address) => {
  const engine = openEngine(database, address);
  await engine.begin((connection) => connection.execute(text("SELECT 1")));
  new Author({}); // configures the mapping, as every peer's is before the clock starts
  return {
    versions: { alkahest: "this tree", ...versionsOf(import.meta.url, DRIVERS[database]) },
    close: () => engine.dispose(),
    measures: measuresOf(engine),
  };
};

export function measuresOf(engine: Engine): Record<WorkloadName, Measure> {
  return { ...reads(engine), ...writes(engine) };
}

function reads(engine: Engine): Record<"W2" | "W2b" | "W4" | "W4b" | "W6" | "W8", Measure> {
  return {
    async W2(run) {
      run.start();
      const { session, books } = await loadBooks(engine);
      run.stop();
      await session.close();
      return books.filter((book) => typeof book.price === "number").length;
    },
    async W2b(run) {
      run.start();
      const session = new Session(engine);
      const books = await session.all(select(Book).options(joinedLoad(Book.c.author)));
      run.stop();
      await session.close();
      return books.filter((book) => book.author?.id === book.authorId).length;
    },
    async W4(run) {
      run.start();
      let found = 0;
      for (let i = 0; i < run.count; i += 100) {
        const session = new Session(engine);
        for (let j = i; j < i + 100; j++) {
          const key = keyAt(j, run.authors * BOOKS);
          if ((await session.get(Book, key))?.id === key) found++;
        }
        await session.close();
      }
      run.stop();
      return found;
    },
    async W4b(run) {
      const { session } = await loadBooks(engine);
      run.start();
      let found = 0;
      for (let i = 0; i < run.count; i++) {
        const key = keyAt(i, run.authors * BOOKS);
        if ((await session.get(Book, key))?.id === key) found++;
      }
      run.stop();
      await session.close();
      return found;
    },
    async W6(run) {
      const { session, books } = await loadBooks(engine);
      run.start();
      await session.flush();
      run.stop();
      await session.close();
      return books.length;
    },
    async W8(run) {
      const { session, books } = await run.hold(() => loadBooks(engine));
      await session.close();
      return books.length;
    },
  };
}

function writes(engine: Engine): Record<"W1" | "W3" | "W5" | "W7" | "W9", Measure> {
  return {
    async W1(run) {
      const first = run.repetition * run.count;
      run.start();
      const session = new Session(engine);
      const authors: Author[] = [];
      for (let i = first + 1; i <= first + run.count; i++) {
        const author = new Author(authorValues(i));
        for (let k = 0; k < BOOKS; k++) author.books.push(new Book(bookValues(i, k)));
        session.add(author);
        authors.push(author);
      }
      await session.commit();
      run.stop();
      await session.close();
      return authors.reduce((rows, author) => rows + 1 + author.books.filter((book) => book.id > 0).length, 0);
    },
    async W3(run) {
      run.start();
      const session = new Session(engine);
      const authors = await session.all(select(Author));
      for (const author of authors) author.name = newName(author.id, run.repetition);
      await session.commit();
      run.stop();
      await session.close();
      return authors.length;
    },
    async W5(run) {
      const first = run.repetition * run.count;
      run.start();
      const session = new Session(engine);
      const authors = await session.all(
        select(Author)
          .where(Author.c.id.gt(first), Author.c.id.le(first + run.count))
          .options(selectinLoad(Author.c.books)),
      );
      const rows = authors.reduce((sum, author) => sum + 1 + author.books.length, 0);
      for (const author of authors) session.delete(author);
      await session.commit();
      run.stop();
      await session.close();
      return rows;
    },
    W7: requests(engine),
    async W9(run) {
      run.start();
      const session = new Session(engine);
      const nodes: Node[] = [];
      for (let i = 0; i < run.count; i++) nodes.push(new Node({ name: `N${i}`, parent: nodes[parentOf(i)] ?? null }));
      const widgets: Widget[] = [];
      for (let i = 0; i < run.count / 10; i++) {
        const entries = Array.from({ length: ENTRIES }, (_, k) => new Entry({ name: `E${i}-${k}` }));
        widgets.push(new Widget({ name: `W${i}`, entries, favorite: entries[FAVORITE]! }));
      }
      session.addAll(nodes);
      session.addAll(widgets);
      await session.commit();
      run.stop();
      await session.close();
      return nodes.length + widgets.reduce((rows, widget) => rows + 1 + widget.entries.length, 0);
    },
  };
}

function requests(engine: Engine): Measure {
  const openSession = sessionmaker(engine);
  return async (run) => {
    run.start();
    for (let i = 0; i < run.count; i++) {
      const start = performance.now();
      await openSession.begin(async (session) => {
        const author = await session.one(
          select(Author)
            .where(Author.c.id.eq(keyAt(i, run.authors)))
            .options(selectinLoad(Author.c.books)),
        );
        author.books[0]!.price += 1000;
        author.books.push(new Book({ title: `New ${i}`, price: 5 }));
      });
      run.latencies.push(performance.now() - start);
    }
    run.stop();
    return run.latencies.length;
  };
}
