import type { PlainBook } from "../data.ts";

export interface NestedBook extends PlainBook {
  readonly author: { readonly id: number; readonly name: string; readonly email: string };
}

/** Rows of id, title, price and author_id of a book, and name and email of its author, as objects. */
export function nestBooks(rows: readonly unknown[][]): NestedBook[] {
  const books = new Array<NestedBook>(rows.length);
  for (let i = 0; i < rows.length; i++) {
    // The columns in their order.
    const [id, title, price, author_id, name, email] = rows[i] as [number, string, number, number, string, string];
    books[i] = { id, title, price, author_id, author: { id: author_id, name, email } };
  }
  return books;
}
