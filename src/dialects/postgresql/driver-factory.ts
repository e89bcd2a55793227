import type { DriverFactory } from "../../engine/driver.ts";

/** How strictly a connection is encrypted, in the words of PostgreSQL's own programs. */
export type SslMode = "disable" | "require" | "verify-ca" | "verify-full";

/** The database that a PostgreSQL driver is to connect to. What is null is the driver's to find: environment, defaults. */
export interface PostgresqlTarget {
  /** A name, an address, or the folder of a socket, which begins with a slash. */
  readonly host: string | null;
  readonly port: number | null;
  readonly user: string | null;
  readonly password: string | null;
  readonly database: string | null;
  readonly sslMode: SslMode | null;
  readonly applicationName: string | null;
  /** How long to wait for a connection, in milliseconds; 0: as long as it takes. */
  readonly connectTimeout: number;
  /** Settings of the session as on the server's command line: `-c search_path=app`. */
  readonly options: string | null;
}

/** Makes the driver for one database. */
export type PostgresqlDriverFactory = DriverFactory<PostgresqlTarget>;
