/** The workloads: how much each does, on which rows, and what has to be in the database afterwards. */
import { BOOKS, ENTRIES } from "./data.ts";

export const WORKLOADS = ["W1", "W2", "W2b", "W3", "W4", "W4b", "W5", "W6", "W7", "W8", "W9"] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

/** What a query that counts rows should find. */
export interface Expectation {
  readonly sql: string;
  readonly rows: number;
}

export interface Workload {
  readonly title: string;
  /** How many objects it is about, if nothing else is asked for. */
  readonly count: number;
  /** How many authors with five books each are there before. */
  readonly authors: (count: number) => number;
  /** How many objects the program has to report, one run. */
  readonly reports: (count: number) => number;
  /** What is in the database after so many runs in a row. */
  readonly expects: (count: number, runs: number) => readonly Expectation[];
}

const SEED = 10_000;
const UNCHANGED: Workload["expects"] = () => [];
const ALL_BOOKS = {
  count: SEED * BOOKS,
  authors: (count: number) => count / BOOKS,
  reports: (count: number) => count,
  expects: UNCHANGED,
};

function rowsOf(table: string, rows: number): Expectation {
  return { sql: `SELECT count(*) FROM ${table}`, rows };
}

function rowsWhere(table: string, condition: string, rows: number): Expectation {
  return { sql: `SELECT count(*) FROM ${table} WHERE ${condition}`, rows };
}

export const workloads: Readonly<Record<WorkloadName, Workload>> = {
  W1: {
    title: "insert 10,000 authors with 5 books each, linked as objects, in one flush",
    count: SEED,
    authors: () => 0,
    reports: (count) => count * (1 + BOOKS),
    expects: (count, runs) => [rowsOf("author", count * runs), rowsOf("book", count * runs * BOOKS)],
  },
  W2: { title: "load 50,000 books", ...ALL_BOOKS },
  W2b: { title: "load 50,000 books with their authors, joined", ...ALL_BOOKS },
  W3: {
    title: "load 10,000 authors, change one column of each, flush",
    count: SEED,
    authors: (count) => count,
    reports: (count) => count,
    expects: (count, runs) => [rowsWhere("author", `name LIKE '% v${runs}'`, count)],
  },
  W4: {
    title: "20,000 books by key, a fresh session each 100",
    count: 20_000,
    authors: () => SEED,
    reports: (count) => count,
    expects: UNCHANGED,
  },
  W4b: {
    title: "20,000 books by key that the session has",
    count: 20_000,
    authors: () => SEED,
    reports: (count) => count,
    expects: UNCHANGED,
  },
  W5: {
    title: "load 2,000 authors with their books, delete them by cascade",
    count: 2_000,
    authors: (count) => Math.max(count, SEED),
    reports: (count) => count * (1 + BOOKS),
    expects: (count, runs) => {
      const left = Math.max(count, SEED) - count * runs;
      return [rowsOf("author", left), rowsOf("book", left * BOOKS)];
    },
  },
  W6: { title: "flush with 50,000 books loaded and none changed", ...ALL_BOOKS },
  W7: {
    title: "2,000 requests: load an author with books, change one book, add one, commit",
    count: 2_000,
    authors: () => SEED,
    reports: (count) => count,
    expects: (count, runs) => [
      rowsWhere("book", "title LIKE 'New %'", count * runs),
      rowsWhere("book", "title LIKE 'Book %' AND price > 100", count),
    ],
  },
  W8: { title: "memory of 50,000 loaded books", ...ALL_BOOKS },
  W9: {
    title: "insert a tree of 10,000 nodes and 1,000 widgets and 5,000 entries that refer to each other, in one flush",
    count: 10_000,
    authors: () => 0,
    reports: (count) => count + (count / 10) * (1 + ENTRIES),
    expects: (count, runs) => [
      rowsOf("node", count * runs),
      rowsWhere("node", "parent_id IS NULL", runs),
      rowsOf("entry", (count / 10) * ENTRIES * runs),
      {
        sql: "SELECT count(*) FROM widget JOIN entry ON entry.id = favorite_entry_id AND entry.widget_id = widget.id WHERE entry.name LIKE '%-2'",
        rows: (count / 10) * runs,
      },
    ],
  },
};
