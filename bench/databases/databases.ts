import type { Database, DatabaseName } from "./database.ts";
import { mariadb } from "./mariadb.ts";
import { postgresql } from "./postgresql.ts";
import { sqlite } from "./sqlite.ts";

export const databases: Readonly<Record<DatabaseName, Database>> = { sqlite, postgresql, mariadb };
