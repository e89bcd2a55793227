/** The driver alone: what every figure is compared with. */
import type { OpenProgram } from "../program.ts";

export const open: OpenProgram = async (database, address) => {
  switch (database) {
    case "sqlite":
      return (await import("./sqlite.ts")).openRawSqlite(address);
    case "postgresql":
      return (await import("./postgresql.ts")).openRawPostgresql(address);
    case "mariadb":
      return (await import("./mariadb.ts")).openRawMariadb(address);
  }
};
