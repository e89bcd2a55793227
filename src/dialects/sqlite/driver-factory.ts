import type { DriverFactory } from "../../engine/driver.ts";

/** The database that a SQLite driver is to open. */
export interface SqliteTarget {
  /** `:memory:`, or the path of a file, relative to the working directory or absolute. */
  readonly path: string;
  readonly readOnly: boolean;
  /** How long a statement waits for a lock that another connection holds, in milliseconds. */
  readonly busyTimeout: number;
}

/** Makes the driver for one database. */
export type SqliteDriverFactory = DriverFactory<SqliteTarget>;
