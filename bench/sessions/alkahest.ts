import {
  createEngine,
  declarativeBase,
  integer,
  manyToOne,
  oneToMany,
  select,
  selectinLoad,
  sessionmaker,
  varchar,
} from "alkahest";
import type { Peer } from "./peer.ts";

export const Base = declarativeBase();

export class Author extends Base("bench_author", {
  id: integer().primaryKey(),
  name: varchar(50).notNull(),
  get books() {
    return oneToMany(Book, { backPopulates: "author" });
  },
}) {}

export class Book extends Base("bench_book", {
  id: integer().primaryKey(),
  title: varchar(50).notNull(),
  edition: integer().notNull(),
  get authorId() {
    return integer().notNull().references(Author.c.id).index();
  },
  get author() {
    return manyToOne(Author, { backPopulates: "books" });
  },
}) {}

export async function open(url: string, pool: number): Promise<Peer> {
  const engine = createEngine(url, { pool: { size: pool, timeout: 600_000 } });
  const openSession = sessionmaker(engine);
  return {
    async transact(id, number) {
      await openSession.begin(async (session) => {
        const author = await session.one(
          select(Author).where(Author.c.id.eq(id)).options(selectinLoad(Author.c.books)),
        );
        author.books[0]!.edition += 1;
        author.books.push(new Book({ title: `new ${number}`, edition: 1 }));
      });
    },
    close: () => engine.dispose(),
  };
}
