/** Prisma: a client that is generated for each database from `prisma/*.prisma`; 1,000 rows a statement. */
import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { PrismaPg } from "@prisma/adapter-pg";
import { linkedBooks } from "../data.ts";
import type { DatabaseName } from "../databases/database.ts";
import { mariadbOptions } from "../databases/mariadb.ts";
import { PRAGMAS } from "../databases/sqlite.ts";
import type { OpenProgram } from "../program.ts";
import { versionsOf } from "../versions.ts";
import { inBatches } from "./batches.ts";
import type { PrismaClient } from "./prisma/generated/postgresql/index.js";
import { measuresOf } from "./rows.ts";

const PACKAGES = { sqlite: "better-sqlite3", postgresql: "pg", mariadb: "mariadb" };
const CLIENTS = { sqlite: "sqlite", postgresql: "postgresql", mariadb: "mysql" };

function adapterOf(database: DatabaseName, address: string): PrismaBetterSqlite3 | PrismaPg | PrismaMariaDb {
  switch (database) {
    case "sqlite":
      return new PrismaBetterSqlite3({ url: `file:${address}` });
    case "postgresql":
      return new PrismaPg({ connectionString: address, max: 1 });
    case "mariadb":
      return new PrismaMariaDb({ ...mariadbOptions(address), connectionLimit: 1 });
  }
}

async function connect(database: DatabaseName, address: string): Promise<PrismaClient> {
  // The clients differ in their databases; what is used here, all have but the createManyAndReturn of W1, which MySQL's lacks.
  const { default: client } = (await import(`./prisma/generated/${CLIENTS[database]}/index.js`)) as {
    default: typeof import("./prisma/generated/postgresql/index.js");
  };
  const prisma = new client.PrismaClient({
    adapter: adapterOf(database, address),
    transactionOptions: { maxWait: 10_000, timeout: 600_000 },
  });
  await prisma.$connect();
  if (database === "sqlite") for (const pragma of PRAGMAS) await prisma.$queryRawUnsafe(`PRAGMA ${pragma}`);
  await prisma.$queryRawUnsafe("SELECT 1");
  return prisma;
}

export const open: OpenProgram = async (database, address) => {
  const prisma = await connect(database, address);
  return {
    versions: versionsOf(import.meta.url, "@prisma/client", PACKAGES[database]),
    close: () => prisma.$disconnect(),
    measures: measuresOf({
      books: () => prisma.book.findMany(),
      booksWithAuthors: () => prisma.book.findMany({ include: { author: true } }),
      bookByKey: async (id) => (await prisma.book.findUnique({ where: { id } })) ?? undefined,
      authors: () => prisma.author.findMany(),
      async authorsWithBooks(first, last) {
        const found = await prisma.author.findMany({
          where: { id: { gt: first, lte: last } },
          include: { books: true },
        });
        return { keys: found.map(({ id }) => id), books: found.flatMap(({ books }) => books.map(({ id }) => id)) };
      },
      insert: (authors) =>
        prisma.$transaction(async (transaction) => {
          for (const some of inBatches(authors)) {
            const data = some.map(({ name, email }) => ({ name, email }));
            const made = await transaction.author.createManyAndReturn({ data, select: { id: true } });
            for (let i = 0; i < some.length; i++) some[i]!.id = made[i]!.id;
          }
          const books = linkedBooks(authors);
          for (const some of inBatches(books)) {
            const data = some.map(({ title, author_id, price }) => ({ title, authorId: author_id, price }));
            const made = await transaction.book.createManyAndReturn({ data, select: { id: true } });
            for (let i = 0; i < some.length; i++) some[i]!.id = made[i]!.id;
          }
          return books;
        }),
      updateNames: (authors) =>
        prisma.$transaction(async (transaction) => {
          for (const { id, name } of authors) await transaction.author.update({ where: { id }, data: { name } });
        }),
      async delete(authors, books) {
        await prisma.$transaction([
          prisma.book.deleteMany({ where: { id: { in: books } } }),
          prisma.author.deleteMany({ where: { id: { in: authors } } }),
        ]);
      },
      request: (id, title) =>
        prisma.$transaction(async (transaction) => {
          const author = await transaction.author.findUniqueOrThrow({ where: { id }, include: { books: true } });
          const first = author.books[0]!;
          await transaction.book.update({ where: { id: first.id }, data: { price: first.price + 1000 } });
          author.books.push(await transaction.book.create({ data: { title, authorId: id, price: 5 } }));
        }),
    }),
  };
};
