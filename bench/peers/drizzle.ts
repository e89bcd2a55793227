/** Drizzle: tables, queries and relational queries. What a unit of work would do is written out, 1,000 rows a statement. */
import type { DatabaseName } from "../databases/database.ts";
import type { OpenProgram } from "../program.ts";

const PROGRAMS: Readonly<
  Record<DatabaseName, () => Promise<{ readonly open: (address: string) => ReturnType<OpenProgram> }>>
> = {
  sqlite: () => import("./drizzle/sqlite.ts"),
  postgresql: () => import("./drizzle/postgresql.ts"),
  mariadb: () => import("./drizzle/mariadb.ts"),
};

export const open: OpenProgram = async (database, address) => (await PROGRAMS[database]()).open(address);
