import type { Driver, DriverConnection } from "../../engine/driver.ts";
import { MissingDriverError, OperationalError } from "../../errors/index.ts";
import type { MysqlTarget } from "./driver-factory.ts";
import { translateMysqlError } from "./errors.ts";
import { type MysqlClient, MysqlConnection } from "./mysql-connection.ts";

/** What a driver is made of: a package, and how a connection is opened with it. */
export interface PackageDriverOptions<Module> {
  /** The name of the package. */
  readonly name: string;
  /** How URLs for it begin. */
  readonly scheme: string;
  readonly load: () => Promise<Module>;
  /** Opens a connection; what it throws is translated. */
  readonly open: (module: Module) => Promise<MysqlClient>;
}

/** A driver for MariaDB and MySQL, whichever package does the work. */
export class PackageDriver<Module> implements Driver {
  readonly name: string;
  readonly #options: PackageDriverOptions<Module>;

  constructor(options: PackageDriverOptions<Module>) {
    this.name = options.name;
    this.#options = options;
  }

  async connect(): Promise<DriverConnection> {
    const module = await this.#import();
    try {
      return new MysqlConnection(await this.#options.open(module));
    } catch (cause) {
      const { message } = translateMysqlError(cause, "", []);
      throw new OperationalError(`The server cannot be reached, or refuses the connection: ${message}`, { cause });
    }
  }

  async #import(): Promise<Module> {
    const { name, scheme, load } = this.#options;
    try {
      return await load();
    } catch (cause) {
      throw new MissingDriverError(
        `A ${scheme}:// URL needs the package "${name}", which could not be imported. Run: npm install ${name}`,
        { cause },
      );
    }
  }
}

/** The settings that the packages call alike. */
export function serverSettings({
  host,
  port,
  user,
  password,
  database,
  socketPath,
  connectTimeout,
}: MysqlTarget): object {
  return {
    ...(host !== null && { host }),
    ...(port !== null && { port }),
    ...(user !== null && { user }),
    ...(password !== null && { password }),
    ...(database !== null && { database }),
    ...(socketPath !== null && { socketPath }),
    ...(connectTimeout > 0 && { connectTimeout }),
  };
}
