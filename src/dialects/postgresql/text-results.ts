import type { DriverConnection, ExecuteOptions } from "../../engine/driver.ts";
import { OperationalError } from "../../errors/index.ts";
import { decoderOf } from "./oid-decoders.ts";

/** Rows as a driver of PostgreSQL gives them: each value its text, or null. */
export interface TextRows {
  readonly rows: unknown[][];
  readonly fields: readonly { readonly dataTypeID: number }[];
}

/** Decodes the columns that no type of ours describes, by the types that the database says they have. */
export function decodeRows({ rows, fields }: TextRows, wanted: "all" | readonly number[]): void {
  const positions = wanted === "all" ? fields.keys() : wanted;
  for (const position of positions) {
    const decodeText = decoderOf(fields[position]?.dataTypeID ?? 0);
    if (decodeText === null) continue;
    for (const row of rows) {
      const value = row[position];
      // The drivers give text and null.
      if (value !== null) row[position] = decodeText(value as string);
    }
  }
}

/**
 * PostgreSQL answers with ROLLBACK to the COMMIT of a transaction that has failed.
 *
 * @throws OperationalError when it did
 */
export function assertCommitted(sql: string, answer: string | null): void {
  if (sql !== "COMMIT" || answer !== "ROLLBACK") return;
  throw new OperationalError(
    "The transaction was rolled back instead of committed, since a statement in it had failed. Call rollback() and run it again.",
    { sql },
  );
}

/** Rows that a cursor fetches at once. */
const FETCH_SIZE = 500;

/** What a cursor can be declared for; a word too many only means that all rows are fetched together. */
const IS_QUERY = /^\s*(?:select|values|table|with)\b/i;
const MAY_CHANGE_DATA = /\b(?:insert|update|delete|merge|into)\b/i;

/** A statement whose rows are wanted one by one. */
export interface CursorQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly options: ExecuteOptions | undefined;
  /** The name of the cursor, which no other of the connection has. */
  readonly cursor: string;
}

/** Fetches the rows of a query some hundreds at a time. The connection has to be in a transaction. */
export async function* streamByCursor(
  connection: DriverConnection,
  { sql, parameters, options, cursor }: CursorQuery,
): AsyncIterable<unknown[]> {
  if (!IS_QUERY.test(sql) || MAY_CHANGE_DATA.test(sql)) {
    yield* (await connection.execute(sql, parameters, options)).rows;
    return;
  }
  await connection.execute(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${sql}`, parameters);
  let isOpen = true;
  try {
    for (;;) {
      const { rows } = await connection.execute(`FETCH ${FETCH_SIZE} FROM ${cursor}`, [], options);
      yield* rows;
      if (rows.length < FETCH_SIZE) return;
    }
  } catch (error) {
    // The transaction has failed, and its cursors are closed.
    isOpen = false;
    throw error;
  } finally {
    if (isOpen && connection.inTransaction?.() !== false) await connection.execute(`CLOSE ${cursor}`, []);
  }
}
