/**
 * The workloads of peers that have rows instead of objects: what a unit of work would do (to link, to compare, to order,
 * to keep the keys that the database makes) is written out, as their users would have to.
 */
import { BOOKS, keyAt, newName, type PlainAuthor, type PlainBook, plainAuthors } from "../data.ts";
import type { Measure, Program, Run } from "../program.ts";

type AuthorRow = Omit<PlainAuthor, "books">;

/** What such a peer can do, each as fast as it goes. Writes are one transaction. */
export interface RowPeer<Book extends { readonly id: number }> {
  books(): Promise<Book[]>;
  /** The same with an object for the author of each. */
  booksWithAuthors(): Promise<{ readonly author: AuthorRow | null }[]>;
  bookByKey(key: number): Promise<Book | undefined>;
  authors(): Promise<AuthorRow[]>;
  /** Authors whose keys are above `first` and at most `last`. */
  authorsWithBooks(first: number, last: number): Promise<{ readonly keys: number[]; readonly books: number[] }>;
  /** Inserts them with their books, and gives each the key that the database made. */
  insert(authors: PlainAuthor[]): Promise<PlainBook[]>;
  updateNames(authors: AuthorRow[]): Promise<void>;
  delete(authors: number[], books: number[]): Promise<void>;
  /** Loads an author with books, changes the price of one book and adds another one. */
  request(author: number, title: string): Promise<void>;
}

export async function timed<T>(run: Run, work: () => Promise<T>): Promise<T> {
  run.start();
  const result = await work();
  run.stop();
  return result;
}

/** W4: so many books by key. */
export async function timedKeys(run: Run, byKey: (key: number) => Promise<{ readonly id: number } | null | undefined>) {
  run.start();
  let found = 0;
  for (let i = 0; i < run.count; i++) {
    const key = keyAt(i, run.authors * BOOKS);
    if ((await byKey(key))?.id === key) found++;
  }
  run.stop();
  return found;
}

/** W7: so many transactions, one after the other. */
export async function timedRequests(run: Run, request: (author: number, title: string) => Promise<unknown>) {
  run.start();
  for (let i = 0; i < run.count; i++) {
    const start = performance.now();
    await request(keyAt(i, run.authors), `New ${i}`);
    run.latencies.push(performance.now() - start);
  }
  run.stop();
  return run.latencies.length;
}

export function measuresOf<Book extends { readonly id: number }>(peer: RowPeer<Book>): Program["measures"] {
  const W1: Measure = async (run) => {
    const { authors, books } = await timed(run, async () => {
      const authors = plainAuthors(run.count, run.repetition * run.count);
      return { authors, books: await peer.insert(authors) };
    });
    return authors.length + books.filter(({ id }) => id > 0).length;
  };
  const W3: Measure = async (run) => {
    const authors = await timed(run, async () => {
      const authors = await peer.authors();
      for (const author of authors) author.name = newName(author.id, run.repetition);
      await peer.updateNames(authors);
      return authors;
    });
    return authors.length;
  };
  const W5: Measure = async (run) => {
    const first = run.repetition * run.count;
    const { keys, books } = await timed(run, async () => {
      const found = await peer.authorsWithBooks(first, first + run.count);
      await peer.delete(found.keys, found.books);
      return found;
    });
    return keys.length + books.length;
  };
  return {
    W1,
    W2: async (run) => (await timed(run, () => peer.books())).length,
    W2b: async (run) => (await timed(run, () => peer.booksWithAuthors())).filter(({ author }) => author?.name).length,
    W3,
    W4: (run) => timedKeys(run, (key) => peer.bookByKey(key)),
    W5,
    W7: (run) => timedRequests(run, (author, title) => peer.request(author, title)),
    W8: async (run) => (await run.hold(() => peer.books())).length,
  };
}
