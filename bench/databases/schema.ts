/** The tables, the same for every peer. What differs between databases is how they name a generated key and a double. */
import { createHash } from "node:crypto";

/**
 * @param key the type of a generated primary key
 * @param inlineForeignKey can a table refer to one that is made later?
 */
export function tables(key: string, inlineForeignKey: boolean): string[] {
  const favorite = "FOREIGN KEY (favorite_entry_id) REFERENCES entry(id)";
  return [
    `CREATE TABLE author (id ${key}, name varchar(100) NOT NULL, email varchar(100) NOT NULL UNIQUE)`,
    `CREATE TABLE book (id ${key}, title varchar(100) NOT NULL, author_id integer NOT NULL, price double precision NOT NULL, FOREIGN KEY (author_id) REFERENCES author(id))`,
    "CREATE INDEX book_author ON book(author_id)",
    `CREATE TABLE node (id ${key}, parent_id integer, name varchar(100) NOT NULL, FOREIGN KEY (parent_id) REFERENCES node(id))`,
    "CREATE INDEX node_parent ON node(parent_id)",
    `CREATE TABLE widget (id ${key}, name varchar(100) NOT NULL, favorite_entry_id integer${inlineForeignKey ? `, ${favorite}` : ""})`,
    `CREATE TABLE entry (id ${key}, name varchar(100) NOT NULL, widget_id integer NOT NULL, FOREIGN KEY (widget_id) REFERENCES widget(id))`,
    ...(inlineForeignKey ? [] : [`ALTER TABLE widget ADD CONSTRAINT widget_favorite ${favorite}`]),
    "CREATE INDEX entry_widget ON entry(widget_id)",
    "CREATE INDEX widget_favorite ON widget(favorite_entry_id)",
  ];
}

/** Tells templates of other tables apart. */
export function fingerprint(statements: readonly string[]): string {
  return createHash("sha256").update(statements.join(";")).digest("hex").slice(0, 8);
}
