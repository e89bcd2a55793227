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

/** The part of a statement that its error message shows. */
const MAX_SQL = 300;

/** Numbers of the server's errors, by what they mean here. */
const DEADLOCK = new Set([1213, 1614]);
const SERIALIZATION = new Set([1020]);
const LOCK_TIMEOUT = 1205;
const TIMEOUT = new Set([LOCK_TIMEOUT, 1969, 3024, 3572]);
const LOST = new Set([1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 2055, 4031]);
const DATA = new Set([1264, 1265, 1292, 1365, 1366, 1367, 1406, 1411, 1416, 1441, 1525, 1690, 3140, 3156, 4038]);
const PROGRAMMING = new Set([
  1044, 1046, 1049, 1050, 1051, 1052, 1054, 1055, 1060, 1061, 1064, 1065, 1066, 1072, 1091, 1093, 1109, 1111, 1136,
  1142, 1143, 1149, 1170, 1235, 1248, 1305, 1582, 1584, 4078,
]);

interface Fields {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly cause: unknown;
}

/**
 * Makes one of our errors of what the driver threw, by the server's number. What is in its text (names of keys, columns,
 * constraints) is read from it, as far as it is there.
 *
 * @param error what the driver threw; an error of ours is returned as it is
 */
export function translateMysqlError(error: unknown, sql: string, parameters: readonly unknown[]): AlkahestError {
  if (error instanceof AlkahestError) return error;
  const fields: Fields = { sql, parameters, cause: error };
  const errno = numberOf(error);
  const message = messageOf(error);
  const text = `${message}${statementLine(sql)}`;
  if (isLost(error, errno)) return new ConnectionLostError(text, fields);
  const details = { ...fields, table: writtenTable(sql) };
  switch (errno) {
    case 1062:
    case 1586:
      return new UniqueViolation(text, { ...details, constraint: duplicateKey(message, details.table) });
    case 1216:
    case 1217:
    case 1451:
    case 1452:
      return new ForeignKeyViolation(text, { ...details, ...foreignKey(message, errno) });
    case 1048:
    case 1364:
      return new NotNullViolation(text, { ...details, columns: columnsOf(message) });
    case 3819:
    case 4025:
      return new CheckViolation(text, { ...details, constraint: quoted(message) });
    case 1146:
      return new NoSuchTableError(`${text}\n  Create it first, for example with metadata.createAll(engine).`, {
        ...fields,
        table: quoted(message)?.split(".").pop() ?? null,
      });
  }
  if (errno === null) return new DatabaseError(text, fields);
  if (DEADLOCK.has(errno)) return new DeadlockError(text, fields);
  if (SERIALIZATION.has(errno)) return new SerializationError(text, fields);
  if (TIMEOUT.has(errno)) return new TimeoutError(text, { ...fields, retryable: errno === LOCK_TIMEOUT });
  if (DATA.has(errno)) return new DataError(text, { ...details, columns: columnsOf(message) });
  if (PROGRAMMING.has(errno)) return new ProgrammingError(text, details);
  switch (textField(error, "sqlState")?.slice(0, 2)) {
    case "23":
      return new IntegrityError(text, details);
    case "22":
      return new DataError(text, { ...details, columns: columnsOf(message) });
    case "42":
      return new ProgrammingError(text, details);
    case "28":
    case "40":
    case "70":
      return new OperationalError(text, fields);
  }
  return new DatabaseError(text, details);
}

/** Does the server roll the whole transaction back with this error? It says so nowhere else. */
export function endsTransaction(error: unknown): boolean {
  const errno = numberOf(error);
  return errno !== null && DEADLOCK.has(errno);
}

function numberOf(error: unknown): number | null {
  const value: unknown = error instanceof Error ? Reflect.get(error, "errno") : null;
  return typeof value === "number" ? value : null;
}

function textField(error: unknown, name: string): string | null {
  const value: unknown = error instanceof Error ? Reflect.get(error, name) : null;
  return typeof value === "string" && value !== "" ? value : null;
}

/** Without what the drivers add: number of the connection, statement and parameters. */
function messageOf(error: unknown): string {
  return textField(error, "sqlMessage") ?? (error instanceof Error ? error.message : String(error));
}

const SYSTEM_CODES = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|PROTOCOL_CONNECTION_LOST|PROTOCOL_ENQUEUE)/;

function isLost(error: unknown, errno: number | null): boolean {
  if (errno !== null && LOST.has(errno)) return true;
  if (textField(error, "sqlState")?.startsWith("08") === true) return true;
  if (SYSTEM_CODES.test(textField(error, "code") ?? "")) return true;
  return error instanceof Error && /closed state|connection is in closed|socket has unexpectedly/i.test(error.message);
}

/**
 * `Duplicate entry 'x' for key 'uq_name'`; MySQL puts the table before the name, and calls the primary key PRIMARY.
 * Neither the value nor the name is escaped.
 */
function duplicateKey(message: string, table: string | null): string | null {
  const name = /^.* for key '(?<name>.+)'$/s.exec(message)?.groups?.name ?? null;
  return table !== null && name?.startsWith(`${table}.`) === true ? name.slice(table.length + 1) : name;
}

/** `... fails (\`db\`.\`child\`, CONSTRAINT \`fk\` FOREIGN KEY (\`a\`, \`b\`) REFERENCES ...)`. */
function foreignKey(message: string, errno: number): { constraint?: string; table?: string; columns?: string[] } {
  const parts = /\((?:`[^`]*`\.)?`(?<table>[^`]*)`, CONSTRAINT `(?<name>[^`]*)` FOREIGN KEY \((?<columns>[^)]*)\)/.exec(
    message,
  )?.groups;
  if (parts === undefined) return {};
  const columns = [...(parts.columns ?? "").matchAll(/`([^`]*)`/g)].map(([, name]) => name ?? "");
  // Of the row that others refer to, these are not columns.
  return { constraint: parts.name ?? "", table: parts.table ?? "", columns: errno === 1451 ? [] : columns };
}

/** `Column 'a' cannot be null`, `... for column 'a' at row 1`, `... for column \`db\`.\`t\`.\`a\` at row 1`. */
function columnsOf(message: string): string[] {
  const found = /(?:column|field) (?:'(?<plain>[^']+)'|(?:`[^`]*`\.)*`(?<full>[^`]+)`)/i.exec(message)?.groups;
  const name = found?.plain ?? found?.full;
  return name === undefined ? [] : [name];
}

function quoted(message: string): string | null {
  return /[`'](?<name>[^`']+)[`']/.exec(message)?.groups?.name ?? null;
}

/** The table that the statement writes to: most errors do not name it. */
function writtenTable(sql: string): string | null {
  const name =
    /^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+(?:(?:`[^`]+`|\w+)\.)?(?:`(?<marked>(?:[^`]|``)+)`|(?<plain>\w+))/i.exec(
      sql,
    )?.groups;
  return name?.marked?.replaceAll("``", "`") ?? name?.plain ?? null;
}

function statementLine(sql: string): string {
  const start = sql.length > MAX_SQL ? `${sql.slice(0, MAX_SQL)} ...` : sql;
  return start === "" ? "" : `\n  In: ${start}`;
}
