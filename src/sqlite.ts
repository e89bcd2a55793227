/** What is particular to SQLite: `import { ... } from "alkahest/sqlite"`. */

export {
  type BetterSqlite3Module,
  type BetterSqlite3Options,
  betterSqlite3,
} from "./dialects/sqlite/better-sqlite3.ts";
export { epochMilliseconds, epochSeconds } from "./dialects/sqlite/column-types.ts";
export { SqliteDialect } from "./dialects/sqlite/dialect.ts";
export type { SqliteDriverFactory, SqliteTarget } from "./dialects/sqlite/driver-factory.ts";
export { hasNodeSqlite, nodeSqlite } from "./dialects/sqlite/node-sqlite.ts";
export { sqlite } from "./dialects/sqlite/setup.ts";
