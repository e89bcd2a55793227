/** A schema of many tables and a query for each, as text: what the compiler has to do with it is what is measured. */
export interface TypeSource {
  readonly title: string;
  /** The schema's module: classes or tables, each with 12 columns, a reference to the next table, and the inverse. */
  schema(tables: number): string;
  /** The module of the queries, beside `schema.ts`: each filters, asks for the relationship, and uses what comes back. */
  queries(tables: number): string;
}

/** The columns besides the key and the reference. */
export const SCALARS = Array.from({ length: 10 }, (_, i) => ({ name: `field${i}`, isText: i % 2 === 0 }));

/** The table that is referred to; the last one refers to the first. */
export function parentOf(table: number, tables: number): number {
  return (table + 1) % tables;
}

export function childOf(table: number, tables: number): number {
  return (table + tables - 1) % tables;
}

export function each(tables: number, text: (table: number) => string): string {
  return Array.from({ length: tables }, (_, table) => text(table)).join("\n");
}
