/** A database to measure on: makes copies of a filled schema, so that each process has rows of its own. */
export type DatabaseName = "sqlite" | "postgresql" | "mariadb";

export interface Database {
  readonly title: string;
  version(): Promise<string>;
  /** A copy for one process, with so many authors and their books. */
  copy(authors: number): Promise<Copy>;
}

export interface Copy {
  /** A file, or a URL with the name of a database. */
  readonly address: string;
  /** The number that a query finds, on a connection of its own. */
  count(sql: string): Promise<number>;
  drop(): Promise<void>;
}
