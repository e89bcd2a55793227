import type { DriverFactory } from "../../engine/driver.ts";

/** The database that a driver for MariaDB or MySQL is to connect to. What is null has the driver's default. */
export interface MysqlTarget {
  readonly host: string | null;
  readonly port: number | null;
  readonly user: string | null;
  readonly password: string | null;
  readonly database: string | null;
  /** The path of a Unix socket, instead of host and port. */
  readonly socketPath: string | null;
  /** `disable`: no encryption; `require`: without looking at the certificate; `verify`: with. */
  readonly ssl: "disable" | "require" | "verify" | null;
  /** How long to wait for a connection, in milliseconds; 0: as long as the driver's default. */
  readonly connectTimeout: number;
}

/** Makes the driver for one database. */
export type MysqlDriverFactory = DriverFactory<MysqlTarget>;
