import type { Driver, DriverConnection, DriverFactory, DriverResult, ExecuteOptions } from "../../engine/driver.ts";
import { ConnectionLostError, MissingDriverError, OperationalError } from "../../errors/index.ts";
import { assertSendable } from "./errors.ts";
import { assertCommitted, decodeRows, streamByCursor } from "./text-results.ts";

/** The database that PGlite is to open. */
export interface PGliteTarget {
  /** The folder that holds the database; null: it lives in memory and goes with the engine. */
  readonly folder: string | null;
}

/** Makes the driver for one database. */
export type PGliteDriverFactory = DriverFactory<PGliteTarget>;

/** The part of a PGlite database that is used here; what else has this shape works too. */
export interface PGliteDatabase {
  /** What makes values of texts, by the number of the type. */
  readonly parsers: Readonly<Record<number | string, unknown>>;
  /** One statement, with parameters. */
  query(sql: string, parameters: unknown[], options: PGliteQueryOptions): Promise<PGliteResult>;
  /** One statement or several, without parameters. */
  exec(sql: string, options: PGliteQueryOptions): Promise<readonly PGliteResult[]>;
  close(): Promise<void>;
}

/** How PGlite converts values: not at all. */
export interface PGliteQueryOptions {
  readonly rowMode: "array";
  readonly parsers: Record<string, (text: string) => string>;
  readonly serializers: Record<string, (value: unknown) => string>;
}

export interface PGliteResult {
  readonly rows: unknown[];
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  readonly command?: string;
  readonly rowCount?: number;
}

/** The module as `import()` gives it. */
export interface PGliteModule {
  readonly PGlite: { create(options: Readonly<Record<string, unknown>>): Promise<PGliteDatabase> };
}

/** How to get the driver's module, and what a URL cannot say. */
export interface PGliteOptions {
  /** Imports the module; by default `import("@electric-sql/pglite")`. */
  readonly load?: () => Promise<PGliteModule>;
  /** Options of `PGlite.create` that win over those of the URL: `extensions`, `relaxedDurability`. */
  readonly config?: Readonly<Record<string, unknown>>;
}

// The interfaces above are all that is used of the module; its own types would have to be installed by every user.
const importModule = async () => (await import("@electric-sql/pglite")) as unknown as PGliteModule;

/**
 * The driver for PostgreSQL embedded in the process: `pglite:` in memory, `pglite://folder` on disk. The package
 * `@electric-sql/pglite` is imported when the connection is opened. There is one connection; sessions take turns.
 *
 * @example
 * ```ts no-run
 * import { citext } from "@electric-sql/pglite/contrib/citext";
 * import { createEngine, sql } from "alkahest";
 * import { pglite } from "alkahest/postgresql";
 *
 * const engine = createEngine("pglite:", { driver: pglite({ config: { extensions: { citext } } }) });
 * await engine.begin((connection) => connection.execute(sql`CREATE EXTENSION citext`));
 * await engine.dispose();
 * ```
 */
export function pglite({ load = importModule, config = {} }: PGliteOptions = {}): PGliteDriverFactory {
  return ({ folder }) => new PGliteDriver({ ...(folder !== null && { dataDir: folder }), ...config }, load);
}

class PGliteDriver implements Driver {
  readonly name = "@electric-sql/pglite";
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #load: () => Promise<PGliteModule>;

  constructor(options: Readonly<Record<string, unknown>>, load: () => Promise<PGliteModule>) {
    this.#options = options;
    this.#load = load;
  }

  async connect(): Promise<DriverConnection> {
    const { PGlite } = await this.#import();
    try {
      return new PGliteConnection(await PGlite.create(this.#options));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new OperationalError(`The PGlite database cannot be opened: ${reason}`, { cause });
    }
  }

  async #import(): Promise<PGliteModule> {
    try {
      return await this.#load();
    } catch (cause) {
      throw new MissingDriverError(
        'A database "pglite:" needs the package "@electric-sql/pglite", which could not be imported. Run: npm install @electric-sql/pglite',
        { cause },
      );
    }
  }
}

const asText = (text: string): string => text;

/** The text of a parameter, whatever its type; PGlite's own conversions depend on it. */
function writeText(value: unknown): string {
  return value instanceof Uint8Array ? `\\x${Buffer.from(value).toString("hex")}` : String(value);
}

class PGliteConnection implements DriverConnection {
  readonly #database: PGliteDatabase;
  readonly #options: PGliteQueryOptions;
  #isClosed = false;
  #cursorCount = 0;

  constructor(database: PGliteDatabase) {
    this.#database = database;
    this.#options = {
      rowMode: "array",
      parsers: Object.fromEntries(Object.keys(database.parsers).map((type) => [type, asText])),
      serializers: new Proxy({}, { get: () => asText }),
    };
  }

  async execute(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): Promise<DriverResult> {
    const result = await this.#send(sql, parameters);
    assertCommitted(sql, result.command ?? null);
    // In array mode, each row is one.
    const rows = result.rows as unknown[][];
    const { fields, rowCount = 0 } = result;
    if (options?.decode !== undefined) decodeRows({ rows, fields }, options.decode);
    return {
      rows,
      get columns() {
        return fields.map(({ name }) => name);
      },
      rowCount,
    };
  }

  stream(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): AsyncIterable<unknown[]> {
    return streamByCursor(this, { sql, parameters, options, cursor: `alkahest_cursor_${++this.#cursorCount}` });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#database.close();
  }

  async #send(sql: string, parameters: readonly unknown[]): Promise<PGliteResult> {
    if (this.#isClosed) {
      throw new ConnectionLostError("The connection to PGlite is closed: its engine was disposed.", { sql });
    }
    assertSendable(sql, parameters);
    if (parameters.length > 0) {
      const texts = parameters.map((value) => (value === null || value === undefined ? null : writeText(value)));
      return this.#database.query(sql, texts, this.#options);
    }
    // Several statements in one text have several results; the last one counts.
    const results = await this.#database.exec(sql, this.#options);
    return results.at(-1) ?? { rows: [], fields: [] };
  }
}
