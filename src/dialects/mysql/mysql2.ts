import type { MysqlDriverFactory, MysqlTarget } from "./driver-factory.ts";
import type { MysqlAnswer, MysqlClient } from "./mysql-connection.ts";
import { PackageDriver, serverSettings } from "./package-driver.ts";

/** The part of `mysql2/promise` that is used here. */
export interface Mysql2Client {
  query(query: {
    readonly sql: string;
    readonly values: readonly unknown[];
    readonly rowsAsArray: true;
  }): Promise<readonly [unknown, unknown]>;
  end(): Promise<void>;
  destroy(): void;
  /** The server's number of the connection. */
  readonly threadId: number | null;
  on(event: "error" | "end", listener: (error?: Error) => void): unknown;
}

/** The module as `import()` gives it. */
export interface Mysql2Module {
  readonly default: { createConnection(config: Readonly<Record<string, unknown>>): Promise<Mysql2Client> };
}

/** How to get the driver's module, and what a URL cannot say. */
export interface Mysql2Options {
  /** Imports the module; by default `import("mysql2/promise")`. */
  readonly load?: () => Promise<Mysql2Module>;
  /** Settings of the package that win over those of the URL, for example certificates. */
  readonly config?: Readonly<Record<string, unknown>>;
}

// The interfaces above are all that is used of the module; its own types would have to be installed by every user.
const importModule = async () => (await import("mysql2/promise")) as unknown as Mysql2Module;

/** Values come as they are: the dialect's types decode them. Affected rows are those that were found. */
const VALUES = {
  charset: "utf8mb4",
  dateStrings: true,
  jsonStrings: true,
  supportBigNumbers: true,
  bigNumberStrings: true,
  decimalNumbers: false,
  stringifyObjects: true,
  multipleStatements: false,
  flags: ["FOUND_ROWS", "-LOCAL_FILES"],
};

/**
 * The driver that `mysql://` URLs use unless another one is given; it speaks to MariaDB, too. The package `mysql2` is
 * imported when the first connection is opened.
 *
 * @example
 * ```ts
 * import { createEngine } from "alkahest";
 * import { mysql2 } from "alkahest/mysql";
 *
 * const driver = mysql2({ config: { compress: true } });
 * const engine = createEngine("mysql://app@db.example.com/app", { driver });
 * await engine.dispose();
 * ```
 */
export function mysql2({ load = importModule, config = {} }: Mysql2Options = {}): MysqlDriverFactory {
  return (target) =>
    new PackageDriver({
      name: "mysql2",
      scheme: "mysql",
      load,
      open: async ({ default: { createConnection } }) => {
        const settings = { ...serverSettings(target), ...sslSettings(target), ...config, ...VALUES };
        const open = () => createConnection(settings);
        return new PackageClient(await open(), open);
      },
    });
}

function sslSettings({ ssl }: MysqlTarget): object {
  return ssl === null || ssl === "disable" ? {} : { ssl: { rejectUnauthorized: ssl === "verify" } };
}

interface Field {
  readonly name: string;
  readonly columnType?: number;
}

/** The types of columns that have to be decoded, by their numbers in the protocol. */
const TYPES: Readonly<Record<number, string>> = { 7: "TIMESTAMP", 8: "BIGINT", 12: "DATETIME" };

class PackageClient implements MysqlClient {
  readonly #client: Mysql2Client;
  readonly #openAnother: () => Promise<Mysql2Client>;
  #isValid = true;

  constructor(client: Mysql2Client, openAnother: () => Promise<Mysql2Client>) {
    this.#client = client;
    this.#openAnother = openAnother;
    // Without a listener, a connection that the server ends would end the process.
    client.on("error", () => {
      this.#isValid = false;
    });
    client.on("end", () => {
      this.#isValid = false;
    });
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<MysqlAnswer> {
    const [result, fields] = await this.#client.query({ sql, values: parameters, rowsAsArray: true });
    if (!Array.isArray(result)) {
      // Without rows, it says what the statement did.
      const { affectedRows, insertId } = result as {
        readonly affectedRows: number;
        readonly insertId: number | string;
      };
      return { rows: [], columns: [], affectedRows, insertId: Number(insertId) === 0 ? null : insertId };
    }
    // Rows come with what describes their columns.
    const columns = (fields as readonly Field[]).map(({ name, columnType }) => ({
      name,
      type: TYPES[columnType ?? -1] ?? "",
    }));
    // The package was asked for arrays.
    return { rows: result as unknown[][], columns, affectedRows: result.length, insertId: null };
  }

  /** All rows at once: the promises of the package have no streams. */
  async *stream(sql: string, parameters: readonly unknown[]): AsyncIterable<unknown[]> {
    yield* (await this.query(sql, parameters)).rows;
  }

  end(): Promise<void> {
    return this.#client.end();
  }

  destroy(): void {
    this.#isValid = false;
    this.#client.destroy();
  }

  async cancel(): Promise<void> {
    const other = await this.#openAnother();
    // Without a listener, its loss would end the process.
    other.on("error", () => {});
    try {
      await other.query({ sql: `KILL QUERY ${this.#client.threadId}`, values: [], rowsAsArray: true });
    } finally {
      await other.end();
    }
  }

  isValid(): boolean {
    return this.#isValid;
  }
}
