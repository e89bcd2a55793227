import BetterSqlite3 from "better-sqlite3";
import type { FirstQuery } from "./child.ts";

export const firstQuery: FirstQuery = async (file) => {
  const database = new BetterSqlite3(file);
  const byKey = database.prepare<[number], { name: string }>("SELECT id, name, email FROM author WHERE id = ?");
  return byKey.get(7)?.name;
};
