/**
 * W7: transactions of many sessions at once on a pool of 10 connections. Each session loads an author with books, changes
 * one book, adds one, and commits. Prints, for 1 to 1,000 sessions at work, transactions a second, how long one takes
 * from the asking to the commit (p50, p99), and the heap and resident memory behind it. Run it with
 * `npm run bench:sessions -- postgresql://... mariadb://...`, on an idle machine; the tables are made and dropped.
 */
import { performance } from "node:perf_hooks";
import {
  createEngine,
  declarativeBase,
  type Engine,
  integer,
  manyToOne,
  oneToMany,
  select,
  selectinLoad,
  sessionmaker,
  varchar,
} from "alkahest";

const CONCURRENCY = [1, 10, 100, 1_000];
const POOL = 10;
const AUTHORS = 1_000;
const BOOKS = 5;
const TRANSACTIONS = 2_000;
const WARM_UP = 200;
const URLS = ["postgresql://postgres@127.0.0.1:5432/test", "mariadb://root@127.0.0.1:3306/test"];

const Base = declarativeBase();
class Author extends Base("bench_author", {
  id: integer().primaryKey(),
  name: varchar(50),
  get books() {
    return oneToMany(Book, { backPopulates: "author" });
  },
}) {}
class Book extends Base("bench_book", {
  id: integer().primaryKey(),
  title: varchar(50),
  get authorId() {
    return integer().notNull().references(Author.c.id).index();
  },
  get author() {
    return manyToOne(Author, { backPopulates: "books" });
  },
}) {}

async function fill(engine: Engine): Promise<void> {
  await Base.metadata.dropAll(engine);
  await Base.metadata.createAll(engine);
  await sessionmaker(engine).begin(async (session) => {
    for (let id = 1; id <= AUTHORS; id++) {
      const books = Array.from({ length: BOOKS }, (_, i) => new Book({ title: `book ${i}` }));
      session.add(new Author({ id, name: `author ${id}`, books }));
    }
  });
}

/** One transaction of one session. */
async function transact(openSession: ReturnType<typeof sessionmaker>, number: number): Promise<void> {
  await openSession.begin(
    async (session) => {
      // Neighbours in time work on different authors.
      const id = ((number * 7) % AUTHORS) + 1;
      const author = await session.one(select(Author).where(Author.c.id.eq(id)).options(selectinLoad(Author.c.books)));
      const [book] = author.books;
      if (book !== undefined) book.title = `changed ${number}`;
      author.books.push(new Book({ title: `new ${number}` }));
    },
    { retries: 10 },
  );
}

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly heap: number;
  readonly resident: number;
}

async function measure(engine: Engine, concurrency: number, transactions: number): Promise<Measured> {
  const openSession = sessionmaker(engine);
  const times: number[] = [];
  let next = 0;
  let [heap, resident] = [0, 0];
  const work = async (): Promise<void> => {
    while (next < transactions) {
      const start = performance.now();
      await transact(openSession, next++);
      times.push(performance.now() - start);
      if (times.length % 50 !== 0) continue;
      const memory = process.memoryUsage();
      [heap, resident] = [Math.max(heap, memory.heapUsed), Math.max(resident, memory.rss)];
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: concurrency }, work));
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const percentile = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: times.length / seconds, p50: percentile(0.5), p99: percentile(0.99), heap, resident };
}

const urls = process.argv.length > 2 ? process.argv.slice(2) : URLS;
for (const url of urls) {
  const engine = createEngine(url, { pool: { size: POOL, timeout: 600_000 } });
  console.log(`${engine.url}, pool of ${POOL}`);
  console.log("sessions | transactions/s | p50 | p99 | heap | resident");
  for (const concurrency of CONCURRENCY) {
    await fill(engine);
    await measure(engine, Math.min(concurrency, POOL), WARM_UP);
    const { perSecond, p50, p99, heap, resident } = await measure(engine, concurrency, TRANSACTIONS);
    const cells = [
      perSecond.toFixed(0),
      ...[p50, p99].map((ms) => `${ms.toFixed(1)} ms`),
      ...[heap, resident].map((bytes) => `${(bytes / 2 ** 20).toFixed(0)} MB`),
    ];
    console.log([concurrency, ...cells].join(" | "));
  }
  await Base.metadata.dropAll(engine);
  await engine.dispose();
}
