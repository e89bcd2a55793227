import { Collection, EntitySchema } from "@mikro-orm/core";
import type { Peer } from "../../sessions/peer.ts";

class Author {
  id!: number;
  name!: string;
  books = new Collection<Book>(this);
}

class Book {
  id!: number;
  title!: string;
  edition!: number;
  author!: Author;
}

const authors = new EntitySchema({
  class: Author,
  tableName: "bench_author",
  properties: {
    id: { type: "integer", primary: true },
    name: { type: "string" },
    books: { kind: "1:m", entity: () => Book, mappedBy: "author" },
  },
});

const books = new EntitySchema({
  class: Book,
  tableName: "bench_book",
  properties: {
    id: { type: "integer", primary: true, autoincrement: true },
    title: { type: "string" },
    edition: { type: "integer" },
    author: { kind: "m:1", entity: () => Author, inversedBy: "books", fieldName: "author_id" },
  },
});

export async function open(url: string, pool: number): Promise<Peer> {
  const options = { entities: [authors, books], clientUrl: url, pool: { min: 0, max: pool } };
  const { MikroORM } = await (url.startsWith("postgres")
    ? import("@mikro-orm/postgresql")
    : import("@mikro-orm/mariadb"));
  const orm = await MikroORM.init(options);
  return {
    async transact(id, number) {
      await orm.em.fork().transactional(async (em) => {
        const author = await em.findOneOrFail(Author, id, { populate: ["books"] });
        author.books[0]!.edition += 1;
        const book = new Book();
        book.title = `new ${number}`;
        book.edition = 1;
        author.books.add(book);
      });
    },
    close: () => orm.close(),
  };
}
