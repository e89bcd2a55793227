import type { Readable } from "node:stream";
import type { MysqlDriverFactory, MysqlTarget } from "./driver-factory.ts";
import type { MysqlAnswer, MysqlClient } from "./mysql-connection.ts";
import { PackageDriver, serverSettings } from "./package-driver.ts";

/** The part of `mariadb` that is used here. */
export interface MariadbClient {
  query(sql: string, values?: readonly unknown[]): Promise<unknown>;
  batch(sql: string, rows: readonly (readonly unknown[])[]): Promise<unknown>;
  queryStream(sql: string, values?: readonly unknown[]): Readable;
  end(): Promise<void>;
  destroy(): void;
  /** The server's number of the connection. */
  readonly threadId: number | null;
  isValid(): boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** The module as `import()` gives it. */
export interface MariadbModule {
  readonly default: { createConnection(config: Readonly<Record<string, unknown>>): Promise<MariadbClient> };
}

/** How to get the driver's module, and what a URL cannot say. */
export interface MariadbConnectorOptions {
  /** Imports the module; by default `import("mariadb")`. */
  readonly load?: () => Promise<MariadbModule>;
  /** Settings of the package that win over those of the URL, for example certificates. */
  readonly config?: Readonly<Record<string, unknown>>;
}

// The interfaces above are all that is used of the module; its own types would have to be installed by every user.
const importModule = async () => (await import("mariadb")) as unknown as MariadbModule;

/** Values come as they are: the dialect's types decode them. Affected rows are those that were found. */
const VALUES = {
  charset: "utf8mb4",
  rowsAsArray: true,
  foundRows: true,
  dateStrings: true,
  autoJsonMap: false,
  jsonStrings: true,
  bitOneIsBoolean: false,
  bigIntAsNumber: false,
  decimalAsNumber: false,
  insertIdAsNumber: false,
  permitLocalInfile: false,
  multipleStatements: false,
  logParam: false,
};

/**
 * The driver that `mariadb://` URLs use unless another one is given. The package `mariadb` is imported when the first
 * connection is opened.
 *
 * @example
 * ```ts
 * import { createEngine } from "alkahest";
 * import { mariadbConnector } from "alkahest/mysql";
 *
 * const driver = mariadbConnector({ config: { compress: true } });
 * const engine = createEngine("mariadb://app@db.example.com/app", { driver });
 * await engine.dispose();
 * ```
 */
export function mariadbConnector({
  load = importModule,
  config = {},
}: MariadbConnectorOptions = {}): MysqlDriverFactory {
  return (target) =>
    new PackageDriver({
      name: "mariadb",
      scheme: "mariadb",
      load,
      open: async ({ default: { createConnection } }) => {
        const settings = { ...serverSettings(target), ...sslSettings(target), ...config, ...VALUES };
        const open = () => createConnection(settings);
        const client = await open();
        // Without a listener, a connection that the server ends would end the process.
        client.on("error", () => {});
        return new ConnectorClient(client, open);
      },
    });
}

function sslSettings({ ssl }: MysqlTarget): object {
  return ssl === null ? {} : { ssl: ssl === "disable" ? false : { rejectUnauthorized: ssl === "verify" } };
}

interface Meta {
  readonly type: string;
  name(): string;
}

type Rows = unknown[][] & { readonly meta: readonly Meta[] };

interface Done {
  readonly affectedRows: number;
  readonly insertId: bigint;
}

function isRows(result: object): result is Rows {
  return Array.isArray(result) && "meta" in result && result.meta !== undefined;
}

function answerOf(rows: Rows): MysqlAnswer {
  const columns = rows.meta.map((column) => ({ name: column.name(), type: column.type }));
  return { rows, columns, affectedRows: rows.length, insertId: null };
}

/** Rows of which each column has values of one kind: where the kind changes, the package would begin another packet. */
function ofOneKind(rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  // NULL counts as text.
  const isText =
    rows[0]?.map((first, column) => first === null || rows.some((row) => isOtherNumber(row[column]))) ?? [];
  if (!isText.includes(true)) return rows;
  return rows.map((row) => row.map((value, column) => (isText[column] && isNumber(value) ? String(value) : value)));
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** A number that the package does not send as an integer of 32 bits. */
function isOtherNumber(value: unknown): boolean {
  return isNumber(value) && (typeof value === "bigint" || (value | 0) !== value);
}

class ConnectorClient implements MysqlClient {
  readonly #client: MariadbClient;
  readonly #openAnother: () => Promise<MariadbClient>;

  constructor(client: MariadbClient, openAnother: () => Promise<MariadbClient>) {
    this.#client = client;
    this.#openAnother = openAnother;
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<MysqlAnswer> {
    // A query with rows gives them with a list of its columns; any other one says what it did.
    const result = (await this.#client.query(sql, parameters)) as Rows | Done;
    if (isRows(result)) return answerOf(result);
    const { affectedRows, insertId } = result;
    return { rows: [], columns: [], affectedRows, insertId: insertId === 0n ? null : insertId };
  }

  async batch(sql: string, rows: readonly (readonly unknown[])[]): Promise<MysqlAnswer> {
    // Without RETURNING, what is too long for one packet is sent in several, and answers for each of them.
    const result = (await this.#client.batch(sql, ofOneKind(rows))) as Rows | Done | readonly Done[];
    if (isRows(result)) return answerOf(result);
    const affectedRows = [result].flat().reduce((sum, one) => sum + one.affectedRows, 0);
    return { rows: [], columns: [], affectedRows, insertId: null };
  }

  async *stream(sql: string, parameters: readonly unknown[]): AsyncIterable<unknown[]> {
    const rows = this.#client.queryStream(sql, parameters);
    let isRead = false;
    try {
      for await (const row of rows.iterator({ destroyOnReturn: false })) yield row;
      isRead = true;
    } finally {
      // What the server still sends has to be read before the next statement.
      if (!isRead && !rows.errored) for await (const _ of rows);
    }
  }

  end(): Promise<void> {
    return this.#client.end();
  }

  destroy(): void {
    this.#client.destroy();
  }

  async cancel(): Promise<void> {
    const other = await this.#openAnother();
    // Without a listener, its loss would end the process.
    other.on("error", () => {});
    try {
      await other.query(`KILL QUERY ${this.#client.threadId}`);
    } finally {
      await other.end();
    }
  }

  isValid(): boolean {
    return this.#client.isValid();
  }
}
