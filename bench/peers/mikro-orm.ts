/** MikroORM, with an EntityManager forked for each unit of work. */
import { Cascade, Collection, type EntityManager, EntitySchema } from "@mikro-orm/core";
import { authorValues, BOOKS, bookValues, ENTRIES, FAVORITE, newName, parentOf } from "../data.ts";
import type { DatabaseName } from "../databases/database.ts";
import { PRAGMAS } from "../databases/sqlite.ts";
import type { Measure, OpenProgram } from "../program.ts";
import { versionsOf } from "../versions.ts";
import { timed, timedKeys, timedRequests } from "./rows.ts";

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

class Node {
  id!: number;
  name!: string;
  parent!: Node | null;
}

class Widget {
  id!: number;
  name!: string;
  favorite!: Entry | null;
  entries = new Collection<Entry>(this);
}

class Entry {
  id!: number;
  name!: string;
  widget!: Widget;
}

const id = { type: "integer", primary: true, autoincrement: true } as const;
const name = { type: "string" } as const;
const SCHEMAS = [
  new EntitySchema({
    class: Author,
    tableName: "author",
    properties: {
      id,
      name,
      email: { type: "string", unique: true },
      books: {
        kind: "1:m",
        entity: () => Book,
        mappedBy: "author",
        cascade: [Cascade.PERSIST, Cascade.REMOVE],
      },
    },
  }),
  new EntitySchema({
    class: Book,
    tableName: "book",
    properties: {
      id,
      title: { type: "string" },
      price: { type: "double" },
      author: { kind: "m:1", entity: () => Author, inversedBy: "books", fieldName: "author_id" },
    },
  }),
  new EntitySchema({
    class: Node,
    tableName: "node",
    properties: { id, name, parent: { kind: "m:1", entity: () => Node, nullable: true, fieldName: "parent_id" } },
  }),
  new EntitySchema({
    class: Widget,
    tableName: "widget",
    properties: {
      id,
      name,
      favorite: { kind: "m:1", entity: () => Entry, nullable: true, fieldName: "favorite_entry_id" },
      entries: { kind: "1:m", entity: () => Entry, mappedBy: "widget" },
    },
  }),
  new EntitySchema({
    class: Entry,
    tableName: "entry",
    properties: {
      id,
      name,
      widget: { kind: "m:1", entity: () => Widget, inversedBy: "entries", fieldName: "widget_id" },
    },
  }),
];

const PACKAGES = { sqlite: "better-sqlite3", postgresql: "pg", mariadb: "mariadb" };

async function connect(database: DatabaseName, address: string) {
  const options = { entities: SCHEMAS, metadataCache: { enabled: false } };
  const server = { ...options, clientUrl: address, pool: { min: 1, max: 1 } };
  switch (database) {
    case "sqlite": {
      const { MikroORM } = await import("@mikro-orm/sqlite");
      const orm = await MikroORM.init({ ...options, dbName: address });
      for (const pragma of PRAGMAS) await orm.em.getConnection().execute(`PRAGMA ${pragma}`);
      return orm;
    }
    case "postgresql":
      return (await import("@mikro-orm/postgresql")).MikroORM.init(server);
    case "mariadb":
      return (await import("@mikro-orm/mariadb")).MikroORM.init(server);
  }
}

export const open: OpenProgram = async (database, address) => {
  const orm = await connect(database, address);
  await orm.em.getConnection().execute("SELECT 1");
  const fork = (): EntityManager => orm.em.fork();
  return {
    versions: versionsOf(import.meta.url, "@mikro-orm/core", PACKAGES[database]),
    close: () => orm.close(true),
    measures: { ...reads(fork), ...writes(fork), ...inserts(fork) },
  };
};

async function loadBooks(manager: EntityManager): Promise<{ manager: EntityManager; books: Book[] }> {
  return { manager, books: await manager.find(Book, {}) };
}

function reads(fork: () => EntityManager): Record<"W2" | "W2b" | "W4" | "W4b" | "W6" | "W8", Measure> {
  return {
    W2: async (run) => (await timed(run, () => loadBooks(fork()))).books.length,
    async W2b(run) {
      const books = await timed(run, () => fork().find(Book, {}, { populate: ["author"], strategy: "joined" }));
      return books.filter(({ author }) => author.name).length;
    },
    W4(run) {
      let manager = fork();
      let asked = 0;
      return timedKeys(run, (key) => {
        if (asked++ % 100 === 0) manager = fork();
        return manager.findOne(Book, key);
      });
    },
    async W4b(run) {
      const { manager } = await loadBooks(fork());
      return timedKeys(run, (key) => manager.findOne(Book, key));
    },
    async W6(run) {
      const { manager, books } = await loadBooks(fork());
      await timed(run, () => manager.flush());
      return books.length;
    },
    W8: async (run) => (await run.hold(() => loadBooks(fork()))).books.length,
  };
}

function writes(fork: () => EntityManager): Record<"W3" | "W5" | "W7", Measure> {
  return {
    async W3(run) {
      const authors = await timed(run, async () => {
        const manager = fork();
        const authors = await manager.find(Author, {});
        for (const author of authors) author.name = newName(author.id, run.repetition);
        await manager.flush();
        return authors;
      });
      return authors.length;
    },
    W5(run) {
      const first = run.repetition * run.count;
      return timed(run, async () => {
        const manager = fork();
        const where = { id: { $gt: first, $lte: first + run.count } };
        const authors = await manager.find(Author, where, { populate: ["books"] });
        const rows = authors.reduce((sum, { books }) => sum + 1 + books.length, 0);
        for (const author of authors) manager.remove(author);
        await manager.flush();
        return rows;
      });
    },
    W7: (run) =>
      timedRequests(run, (key, title) =>
        fork().transactional(async (manager) => {
          const author = await manager.findOneOrFail(Author, key, { populate: ["books"] });
          author.books[0]!.price += 1000;
          const book = new Book();
          book.title = title;
          book.price = 5;
          author.books.add(book);
        }),
      ),
  };
}

function inserts(fork: () => EntityManager): Record<"W1" | "W9", Measure> {
  return {
    async W1(run) {
      const first = run.repetition * run.count;
      const authors = await timed(run, async () => {
        const manager = fork();
        const authors: Author[] = [];
        for (let i = first + 1; i <= first + run.count; i++) {
          const author = Object.assign(new Author(), authorValues(i));
          for (let k = 0; k < BOOKS; k++) author.books.add(Object.assign(new Book(), bookValues(i, k)));
          manager.persist(author);
          authors.push(author);
        }
        await manager.flush();
        return authors;
      });
      return authors.reduce((rows, { books }) => rows + 1 + saved(books), 0);
    },
    async W9(run) {
      const { nodes, widgets } = await timed(run, async () => {
        const manager = fork();
        const nodes: Node[] = [];
        for (let i = 0; i < run.count; i++) {
          const node = Object.assign(new Node(), { name: `N${i}` });
          if (i > 0) node.parent = nodes[parentOf(i)]!;
          nodes.push(node);
          manager.persist(node);
        }
        const widgets: Widget[] = [];
        for (let i = 0; i < run.count / 10; i++) {
          const widget = Object.assign(new Widget(), { name: `W${i}` });
          for (let k = 0; k < ENTRIES; k++) {
            const entry = Object.assign(new Entry(), { name: `E${i}-${k}` });
            widget.entries.add(entry);
            if (k === FAVORITE) widget.favorite = entry;
          }
          widgets.push(widget);
          manager.persist(widget);
        }
        await manager.flush();
        return { nodes, widgets };
      });
      return nodes.length + widgets.reduce((rows, { entries }) => rows + 1 + entries.length, 0);
    },
  };
}

function saved(books: Collection<Book>): number {
  return books.getItems().filter(({ id }) => id > 0).length;
}
