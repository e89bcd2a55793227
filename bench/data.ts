/** What the workloads write and look for, the same for every peer. */

export const BOOKS = 5;
export const ENTRIES = 5;

/** Values of the author that is counted `i` from 1. */
export function authorValues(i: number): { name: string; email: string } {
  return { name: `Author ${i}`, email: `a${i}@example.com` };
}

/** Values of book `k` from 0 of author `i`. */
export function bookValues(i: number, k: number): { title: string; price: number } {
  return { title: `Book ${i}-${k}`, price: 10 + k };
}

/** What W3 calls an author. */
export function newName(id: number, repetition: number): string {
  return `Author ${id} v${repetition + 1}`;
}

/** The key that is asked for as number `i`: each of the keys 1 to `rows` once, in no order. */
export function keyAt(i: number, rows: number): number {
  return 1 + ((i * 7919) % rows);
}

export interface PlainAuthor {
  id: number;
  name: string;
  email: string;
  books: PlainBook[];
}

export interface PlainBook {
  id: number;
  title: string;
  author_id: number;
  price: number;
}

/** Authors with their books, for peers that have no classes of their own: numbers `first` + 1 to `first` + `count`. */
export function plainAuthors(count: number, first: number): PlainAuthor[] {
  const authors: PlainAuthor[] = [];
  for (let i = first + 1; i <= first + count; i++) {
    const author: PlainAuthor = { id: 0, ...authorValues(i), books: [] };
    for (let k = 0; k < BOOKS; k++) author.books.push({ id: 0, ...bookValues(i, k), author_id: 0 });
    authors.push(author);
  }
  return authors;
}

/** The books of all, in the order of the authors, each with the key that its author has by now. */
export function linkedBooks(authors: readonly PlainAuthor[]): PlainBook[] {
  const books: PlainBook[] = [];
  for (const author of authors) {
    for (const book of author.books) {
      book.author_id = author.id;
      books.push(book);
    }
  }
  return books;
}

export interface PlainNode {
  id: number;
  readonly name: string;
  readonly parent: PlainNode | null;
}

export interface PlainWidget {
  id: number;
  readonly name: string;
  readonly entries: PlainEntry[];
  favorite: PlainEntry | null;
}

export interface PlainEntry {
  id: number;
  readonly name: string;
  readonly widget: PlainWidget;
}

export interface PlainCircles {
  readonly nodes: PlainNode[];
  readonly widgets: PlainWidget[];
  readonly entries: PlainEntry[];
}

/** W9: a binary tree of `count` nodes, a tenth as many widgets, and five entries for each, one of them its favourite. */
export function plainCircles(count: number): PlainCircles {
  const nodes: PlainNode[] = [];
  for (let i = 0; i < count; i++) nodes.push({ id: 0, name: `N${i}`, parent: nodes[parentOf(i)] ?? null });
  const widgets: PlainWidget[] = [];
  const entries: PlainEntry[] = [];
  for (let i = 0; i < count / 10; i++) {
    const widget: PlainWidget = { id: 0, name: `W${i}`, entries: [], favorite: null };
    for (let k = 0; k < ENTRIES; k++) {
      const entry: PlainEntry = { id: 0, name: `E${i}-${k}`, widget };
      widget.entries.push(entry);
      entries.push(entry);
    }
    widget.favorite = widget.entries[FAVORITE]!;
    widgets.push(widget);
  }
  return { nodes, widgets, entries };
}

/** The entry of a widget, from 0, that the widget refers to. */
export const FAVORITE = 2;

/** The place of the parent in a binary tree that is written as a list; -1 for the root. */
export function parentOf(i: number): number {
  return i === 0 ? -1 : (i - 1) >> 1;
}

/** The nodes of a tree by their distance from the root. */
export function levels(nodes: readonly PlainNode[]): PlainNode[][] {
  const result: PlainNode[][] = [];
  const depths = new Map<PlainNode, number>();
  for (const node of nodes) {
    const depth = node.parent === null ? 0 : depths.get(node.parent)! + 1;
    depths.set(node, depth);
    const level = result[depth];
    if (level === undefined) result.push([node]);
    else level.push(node);
  }
  return result;
}
