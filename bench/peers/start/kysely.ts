import BetterSqlite3 from "better-sqlite3";
import { type Generated, Kysely, SqliteDialect } from "kysely";
import type { FirstQuery } from "../../start/child.ts";

interface Tables {
  author: { id: Generated<number>; name: string; email: string };
  book: { id: Generated<number>; title: string; author_id: number; price: number };
}

export const firstQuery: FirstQuery = async (file) => {
  const kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new BetterSqlite3(file) }) });
  return (await kysely.selectFrom("author").selectAll().where("id", "=", 7).executeTakeFirst())?.name;
};
