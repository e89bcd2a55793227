import { readBytes } from "../../engine/conversions.ts";
import type { DriverConnection, DriverResult, ExecuteOptions } from "../../engine/driver.ts";
import { ConnectionLostError } from "../../errors/index.ts";
import { endsTransaction } from "./errors.ts";
import { readTimestampText } from "./types.ts";

/** What came back from one of the packages, in one form for both. */
export interface MysqlAnswer {
  readonly rows: unknown[][];
  /** Types as the packages name them: `DATETIME`, `BIGINT`. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly affectedRows: number;
  readonly insertId: number | bigint | string | null;
}

/** One connection of one of the packages. */
export interface MysqlClient {
  query(sql: string, parameters: readonly unknown[]): Promise<MysqlAnswer>;
  /** Executes an INSERT for each of several rows; left out where that is no faster than one with a list of rows. */
  batch?(sql: string, rows: readonly (readonly unknown[])[]): Promise<MysqlAnswer>;
  /** Rows one by one. */
  stream(sql: string, parameters: readonly unknown[]): AsyncIterable<unknown[]>;
  /** Ends the connection when what was sent is answered. */
  end(): Promise<void>;
  /** Ends it at once. */
  destroy(): void;
  /** Stops the statement that is running, by way of another connection. */
  cancel(): Promise<void>;
  isValid(): boolean;
}

/** A connection to MariaDB or MySQL, whichever package it is made with. */
export class MysqlConnection implements DriverConnection {
  readonly #client: MysqlClient;
  #isClosed = false;
  #isRolledBack = false;
  /** Statements without an answer yet. */
  #running = 0;

  constructor(client: MysqlClient) {
    this.#client = client;
  }

  get repeats(): "inserts" | undefined {
    return this.#client.batch === undefined ? undefined : "inserts";
  }

  async execute(sql: string, parameters: readonly unknown[], options?: ExecuteOptions): Promise<DriverResult> {
    this.#assertOpen(sql);
    let answer: MysqlAnswer;
    this.#running++;
    try {
      answer = await this.#answer(sql, parameters, options?.rows);
    } catch (error) {
      if (endsTransaction(error)) this.#isRolledBack = true;
      throw error;
    } finally {
      this.#running--;
    }
    this.#isRolledBack = false;
    const { rows, columns, affectedRows, insertId } = answer;
    if (options?.decode !== undefined) decode(answer, options.decode);
    return {
      rows,
      get columns() {
        return columns.map(({ name }) => name);
      },
      rowCount: columns.length > 0 ? rows.length : affectedRows,
      ...(insertId !== null && { lastInsertId: exact(insertId) }),
    };
  }

  async *stream(sql: string, parameters: readonly unknown[]): AsyncIterable<unknown[]> {
    this.#assertOpen(sql);
    yield* this.#client.stream(sql, parameters);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#running > 0) this.#client.destroy();
    else await this.#client.end();
  }

  cancel(): Promise<void> {
    return this.#client.cancel();
  }

  /** A deadlock ends the transaction of the one who is chosen, and no answer of the server says so. */
  inTransaction(): boolean {
    return !this.#isRolledBack;
  }

  isLost(): boolean {
    return this.#isClosed || !this.#client.isValid();
  }

  #answer(sql: string, parameters: readonly unknown[], rows: number | undefined): Promise<MysqlAnswer> {
    if (rows === undefined || this.#client.batch === undefined) return this.#client.query(sql, parameters);
    const width = parameters.length / rows;
    const perRow = Array.from({ length: rows }, (_, row) => parameters.slice(row * width, (row + 1) * width));
    return this.#client.batch(sql, perRow);
  }

  #assertOpen(sql: string): void {
    if (this.#isClosed) throw new ConnectionLostError("The connection is closed: its engine was disposed.", { sql });
  }
}

function exact(value: number | bigint | string): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

type Decoder = (value: unknown) => unknown;

const timestamp: Decoder = (value) => readTimestampText(String(value)) ?? value;
const integer: Decoder = (value) => (typeof value === "number" ? value : exact(String(value)));

/** What makes a JavaScript value of a column that no type of ours describes, by its type in the database. */
const DECODERS: Readonly<Record<string, Decoder>> = {
  BIGINT: integer,
  LONGLONG: integer,
  DATETIME: timestamp,
  DATETIME2: timestamp,
  TIMESTAMP: timestamp,
  TIMESTAMP2: timestamp,
};

function decode({ rows, columns }: MysqlAnswer, wanted: "all" | readonly number[]): void {
  for (const position of wanted === "all" ? columns.keys() : wanted) {
    const decoder = DECODERS[columns[position]?.type ?? ""] ?? readBytes;
    for (const row of rows) {
      const value = row[position];
      if (value !== null) row[position] = decoder(value);
    }
  }
}
