/** SQLite in a file: WAL, synchronous NORMAL, foreign keys, 64 MB of cache. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { authorValues, BOOKS, bookValues } from "../data.ts";
import type { Copy, Database } from "./database.ts";
import { fingerprint, tables } from "./schema.ts";

/** What every peer sets on its connection. */
export const PRAGMAS = [
  "journal_mode = WAL",
  "synchronous = NORMAL",
  "foreign_keys = ON",
  "cache_size = -65536",
  "temp_store = MEMORY",
];

/** A connection as every peer that takes one gets it. */
export function openSqlite(file: string): BetterSqlite3.Database {
  const database = new BetterSqlite3(file);
  for (const pragma of PRAGMAS) database.pragma(pragma);
  return database;
}

const STATEMENTS = tables("integer PRIMARY KEY AUTOINCREMENT", true);
const FOLDER = join(tmpdir(), `alkahest-bench-${fingerprint(STATEMENTS)}`);

function template(authors: number): string {
  const file = join(FOLDER, `${authors}.db`);
  if (existsSync(file)) return file;
  mkdirSync(FOLDER, { recursive: true });
  const unfinished = `${file}-${process.pid}`;
  const database = new BetterSqlite3(unfinished);
  for (const sql of STATEMENTS) database.exec(sql);
  const insertAuthor = database.prepare("INSERT INTO author (name, email) VALUES (@name, @email)");
  const insertBook = database.prepare("INSERT INTO book (title, author_id, price) VALUES (@title, @author, @price)");
  database.transaction(() => {
    for (let i = 1; i <= authors; i++) insertAuthor.run(authorValues(i));
    for (let i = 1; i <= authors; i++) {
      for (let k = 0; k < BOOKS; k++) insertBook.run({ ...bookValues(i, k), author: i });
    }
  })();
  database.exec("ANALYZE");
  database.close();
  renameSync(unfinished, file);
  return file;
}

function remove(file: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
}

export const sqlite: Database = {
  title: "SQLite",
  version: async () => {
    const database = new BetterSqlite3(":memory:");
    const version = database.prepare("SELECT sqlite_version()").pluck().get();
    database.close();
    return String(version);
  },
  copy: async (authors): Promise<Copy> => {
    const address = join(FOLDER, `copy-${process.pid}.db`);
    remove(address);
    copyFileSync(template(authors), address);
    return {
      address,
      count: async (sql) => {
        const database = new BetterSqlite3(address, { readonly: true });
        const found = database.prepare(sql).pluck().get();
        database.close();
        return Number(found);
      },
      drop: async () => remove(address),
    };
  },
};
