import {
  AlkahestError,
  CheckViolation,
  ConnectionLostError,
  DatabaseError,
  DataError,
  DeadlockError,
  ForeignKeyViolation,
  IntegrityError,
  NoSuchTableError,
  NotNullViolation,
  OperationalError,
  ProgrammingError,
  SerializationError,
  TimeoutError,
  UniqueViolation,
} from "../../errors/index.ts";
import { POSTGRESQL_CAPABILITIES } from "./capabilities.ts";

/** The part of a statement that its error message shows. */
const MAX_SQL = 300;

/** What the server sends with an error, as the driver's error objects have it. */
interface ServerError {
  /** The SQLSTATE. */
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly detail: string;
  readonly hint: string;
  readonly table: string | null;
  readonly column: string | null;
  readonly constraint: string | null;
}

/**
 * Makes one of our errors of what the driver threw: by the SQLSTATE, never by the text, which the server translates.
 *
 * @param error what the driver threw; an error of ours is returned as it is
 */
export function translatePostgresqlError(error: unknown, sql: string, parameters: readonly unknown[]): AlkahestError {
  if (error instanceof AlkahestError) return error;
  const server = serverError(error);
  const fields: Fields = { sql, parameters, cause: error };
  if (server === null) return clientError(error, fields);
  const { code, severity, table, constraint } = server;
  const text = describe(server, sql);
  const details = { ...fields, table, constraint };

  switch (code) {
    case "23505":
      return new UniqueViolation(text, { ...details, columns: keyColumns(server.detail) });
    case "23503":
      return new ForeignKeyViolation(text, { ...details, columns: referringColumns(server) });
    case "23502":
      return new NotNullViolation(text, { ...details, columns: server.column === null ? [] : [server.column] });
    case "23514":
      return new CheckViolation(text, details);
    case "40P01":
      return new DeadlockError(text, fields);
    case "40001":
      return new SerializationError(text, fields);
    case "0A000":
      if (!isOutdatedPlan(error)) break;
      return new SerializationError(
        `The schema was changed after this statement was prepared, and it returns other types now. It will be prepared anew: roll the transaction back and run it again.${statementLine(sql)}`,
        fields,
      );
    case "26000":
      return new OperationalError(
        `${text}\n  Behind a proxy that shares connections of the server, use nodePostgres({ preparedStatements: 0 }).`,
        fields,
      );
    case "42P01":
      return new NoSuchTableError(`${text}\n  Create it first, for example with metadata.createAll(engine).`, {
        ...fields,
        table: missingTable(server.message),
      });
    case "25P02":
      return new OperationalError(
        `An earlier statement of this transaction has failed, and PostgreSQL takes no other before the rollback: call rollback(), or go back to a savepoint.${statementLine(sql)}`,
        fields,
      );
    // A lock that was not to be waited for, or not for longer; a statement that ran for longer than it may.
    case "55P03":
    case "57014":
      return new TimeoutError(text, fields);
  }
  if (isConnectionEnd(code, severity)) return new ConnectionLostError(text, fields);
  switch (code.slice(0, 2)) {
    case "23":
      return new IntegrityError(text, details);
    case "22":
      return new DataError(text, { ...details, columns: server.column === null ? [] : [server.column] });
    case "0A":
    case "2B":
    case "3D":
    case "3F":
    case "26":
    case "34":
    case "42":
      return new ProgrammingError(text, details);
    case "25":
    case "40":
    case "53":
    case "54":
    case "55":
    case "57":
    case "58":
      return new OperationalError(text, fields);
  }
  return new DatabaseError(text, details);
}

/**
 * Their number is sent as one of 16 bits: what is more would read as nonsense, and cost the connection.
 *
 * @throws ProgrammingError for a statement with more parameters than PostgreSQL takes
 */
export function assertSendable(sql: string, parameters: readonly unknown[]): void {
  const { maxParameters } = POSTGRESQL_CAPABILITIES;
  if (parameters.length <= maxParameters) return;
  throw new ProgrammingError(
    `The statement has ${parameters.length} parameters, and PostgreSQL takes ${maxParameters}. Send the rows in several ` +
      `statements, or instead of a long list of values an array or a subquery.${statementLine(sql)}`,
    { sql, parameters },
  );
}

interface Fields {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly cause: unknown;
}

/** Is it an answer of the server? What went wrong in the driver or on the network has no severity. */
function serverError(error: unknown): ServerError | null {
  if (!(error instanceof Error)) return null;
  const read = (name: string): string | null => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === "string" && value !== "" ? value : null;
  };
  const [code, severity] = [read("code"), read("severity")];
  if (code === null || severity === null) return null;
  return {
    code,
    severity,
    message: error.message,
    detail: read("detail") ?? "",
    hint: read("hint") ?? "",
    table: read("table"),
    column: read("column"),
    constraint: read("constraint"),
  };
}

/** Was a prepared statement refused because the types of its columns have changed since? */
export function isOutdatedPlan(error: unknown): boolean {
  // The code alone means "not supported", of anything.
  return error instanceof Error && "routine" in error && error.routine === "RevalidateCachedQuery";
}

/** Does the server not know a prepared statement, which somebody else has closed? */
export function isStatementGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "26000";
}

function isConnectionEnd(code: string, severity: string): boolean {
  return code.startsWith("08") || ["57P01", "57P02", "57P03", "25P03", "57P05"].includes(code) || severity === "PANIC";
}

const SYSTEM_CODES = new Set([
  "ECONNRESET",
  "EPIPE",
  "ECONNREFUSED",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENOENT",
]);

/** The driver says by text alone that there is no connection any more. */
const LOST = /connection (?:terminated|ended)|not queryable|client was closed|timeout expired/i;

function clientError(error: unknown, fields: Fields): AlkahestError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = `${message || code}${statementLine(fields.sql)}`;
  if (SYSTEM_CODES.has(code) || LOST.test(message)) return new ConnectionLostError(text, fields);
  return new DatabaseError(text, fields);
}

/** `Key (a, "B")=(1, 2) already exists.`: the columns; none for a key over expressions. */
function keyColumns(detail: string): string[] {
  const list = /\((?<list>.*?)\)=\(/s.exec(detail)?.groups?.list ?? "";
  const names = [...list.matchAll(/(?:^|, )(?:"(?<quoted>(?:[^"]|"")+)"|(?<bare>[^"(), ]+))(?=, |$)/g)];
  const columns = names.map(({ groups }) => groups?.bare ?? groups?.quoted?.replaceAll('""', '"') ?? "");
  // Whatever was not a name is missing in the length.
  return names.map(([match]) => match).join("") === list ? columns : [];
}

/** The columns of the foreign key, where they are those of the row that was written; else PostgreSQL names the other side's. */
function referringColumns({ detail }: ServerError): string[] {
  return detail.includes("is still referenced") ? [] : keyColumns(detail);
}

function missingTable(message: string): string | null {
  return /"(?<name>[^"]+)"/.exec(message)?.groups?.name?.split(".").pop() ?? null;
}

function describe({ message, detail, hint }: ServerError, sql: string): string {
  const more = [detail, hint].filter((part) => part !== "").map((part) => `\n  ${part}`);
  return `${message}${more.join("")}${statementLine(sql)}`;
}

function statementLine(sql: string): string {
  const start = sql.length > MAX_SQL ? `${sql.slice(0, MAX_SQL)} ...` : sql;
  return start === "" ? "" : `\n  In: ${start}`;
}
