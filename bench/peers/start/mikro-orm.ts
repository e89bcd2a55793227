import { Collection, EntitySchema, MikroORM } from "@mikro-orm/sqlite";
import type { FirstQuery } from "../../start/child.ts";

class Author {
  id!: number;
  name!: string;
  email!: string;
  books = new Collection<Book>(this);
}

class Book {
  id!: number;
  title!: string;
  price!: number;
  author!: Author;
}

const id = { type: "integer", primary: true, autoincrement: true } as const;
const authors = new EntitySchema({
  class: Author,
  tableName: "author",
  properties: {
    id,
    name: { type: "string" },
    email: { type: "string", unique: true },
    books: { kind: "1:m", entity: () => Book, mappedBy: "author" },
  },
});
const books = new EntitySchema({
  class: Book,
  tableName: "book",
  properties: {
    id,
    title: { type: "string" },
    price: { type: "double" },
    author: { kind: "m:1", entity: () => Author, inversedBy: "books", fieldName: "author_id" },
  },
});

export const firstQuery: FirstQuery = async (file) => {
  const orm = await MikroORM.init({ entities: [authors, books], dbName: file, metadataCache: { enabled: false } });
  return (await orm.em.fork().findOne(Author, 7))?.name;
};
