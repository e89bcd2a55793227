import {
  AlkahestError,
  CheckViolation,
  DatabaseError,
  DataError,
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

/**
 * Makes one of our errors of what a SQLite driver threw. SQLite names in its messages: the columns of a unique key, the
 * index of an expression, the column of NOT NULL, the CHECK constraint; of a foreign key it names nothing.
 *
 * @param error what the driver threw; an error of ours is returned as it is
 */
export function translateSqliteError(error: unknown, sql: string, parameters: readonly unknown[]): AlkahestError {
  if (error instanceof AlkahestError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const fields = { sql, parameters, cause: error };
  const text = (explanation: string) => `${explanation}${statementLine(sql)}`;

  if (code.startsWith("SQLITE_CONSTRAINT")) return constraintError(code, message, text, fields);
  switch (code) {
    case "SQLITE_BUSY_SNAPSHOT":
      return new SerializationError(
        text(
          "Another connection has written since this transaction first read. Roll back and run the transaction again",
        ),
        fields,
      );
    case "SQLITE_BUSY":
    case "SQLITE_BUSY_RECOVERY":
    case "SQLITE_BUSY_TIMEOUT":
    case "SQLITE_LOCKED":
      return new TimeoutError(
        text(
          `${message}: another connection kept its transaction open for too long. End transactions early, or let readers ` +
            "and a writer work side by side: PRAGMA journal_mode = WAL",
        ),
        { ...fields, retryable: true },
      );
    case "SQLITE_MISMATCH":
    case "SQLITE_TOOBIG":
    case "SQLITE_RANGE":
      return new DataError(text(message), fields);
    case "SQLITE_ERROR":
      return programmingError(message, text, fields);
  }
  if (code.startsWith("SQLITE_")) return new OperationalError(text(message), fields);
  if (error instanceof RangeError) {
    const isData = message.includes("too big");
    return isData ? new DataError(text(message), fields) : new ProgrammingError(text(message), fields);
  }
  if (error instanceof TypeError) return bindError(message, text, fields);
  return new DatabaseError(text(message), fields);
}

interface Fields {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly cause: unknown;
}

function constraintError(code: string, message: string, text: (m: string) => string, fields: Fields): AlkahestError {
  const subject = /constraint failed: (?<subject>.*)$/s.exec(message)?.groups?.subject ?? "";
  switch (code) {
    case "SQLITE_CONSTRAINT_UNIQUE":
    case "SQLITE_CONSTRAINT_PRIMARYKEY":
    case "SQLITE_CONSTRAINT_ROWID": {
      const index = /^index '(?<name>.*)'$/s.exec(subject)?.groups?.name;
      if (index !== undefined) return new UniqueViolation(text(message), { ...fields, constraint: index });
      return new UniqueViolation(text(message), { ...fields, ...columnsOf(subject, fields.sql) });
    }
    case "SQLITE_CONSTRAINT_NOTNULL":
      return new NotNullViolation(text(message), { ...fields, ...columnsOf(subject, fields.sql) });
    case "SQLITE_CONSTRAINT_CHECK":
      return new CheckViolation(text(message), {
        ...fields,
        ...(subject && { constraint: subject }),
        ...insertedInto(fields.sql),
      });
    case "SQLITE_CONSTRAINT_FOREIGNKEY":
      return foreignKeyError(message, text, fields);
    case "SQLITE_CONSTRAINT_TRIGGER":
      // RESTRICT is a trigger inside. One of the user's own says what its RAISE says.
      if (message === "FOREIGN KEY constraint failed") return foreignKeyError(message, text, fields);
      break;
    case "SQLITE_CONSTRAINT_DATATYPE":
      return new DataError(text(message), fields);
  }
  return new IntegrityError(text(message), fields);
}

const INSERT = /^\s*INSERT\s+INTO\s+(?:(?:"(?:[^"]|"")+"|\w+)\.)?(?:"(?<quoted>(?:[^"]|"")+)"|(?<bare>\w+))/i;
const WRITTEN = /\b(?:INSERT INTO|UPDATE) (?:(?:"(?:[^"]|"")+"|\w+)\.)?(?:"(?<quoted>(?:[^"]|"")+)"|(?<bare>\w+))/;

function nameIn(groups: Readonly<Record<string, string>> | undefined): string | null {
  return groups?.bare ?? groups?.quoted?.replaceAll('""', '"') ?? null;
}

/** The table of an INSERT. What an UPDATE breaks may be a CHECK of another one, by ON UPDATE CASCADE. */
function insertedInto(sql: string): { table?: string } {
  const table = nameIn(INSERT.exec(sql)?.groups);
  return table === null ? {} : { table };
}

/** SQLite names neither constraint nor table; the statement tells what may be wrong, and an INSERT also where. */
function foreignKeyError(message: string, text: (m: string) => string, fields: Fields): AlkahestError {
  const table = nameIn(INSERT.exec(fields.sql)?.groups);
  if (table !== null) {
    return new ForeignKeyViolation(text(`${message}: a row of "${table}" refers to a row that does not exist`), {
      ...fields,
      table,
    });
  }
  if (/^\s*DELETE\b/i.test(fields.sql)) {
    return new ForeignKeyViolation(text(`${message}: other rows still refer to a row that was to be deleted`), fields);
  }
  return new ForeignKeyViolation(text(message), fields);
}

/** `child.parent_id, child.z`. Names are not quoted, so it helps to know which table the statement writes to. */
function columnsOf(subject: string, sql: string): { table?: string; columns?: string[] } {
  const written = nameIn(WRITTEN.exec(sql)?.groups);
  const [first = ""] = subject.split(", ");
  const isWritten = written !== null && subject.startsWith(`${written}.`);
  const table = isWritten ? written : first.slice(0, Math.max(first.lastIndexOf("."), 0));
  return table === "" ? {} : { table, columns: subject.slice(table.length + 1).split(`, ${table}.`) };
}

function programmingError(message: string, text: (m: string) => string, fields: Fields): AlkahestError {
  const missing = /^no such table: (?<name>.*)$/s.exec(message)?.groups?.name;
  if (missing !== undefined) {
    const table = missing.replace(/^(main|temp)\./, "");
    return new NoSuchTableError(text(`${message}. Create it first, for example with metadata.createAll(engine)`), {
      ...fields,
      table,
    });
  }
  if (message.startsWith("too many SQL variables")) {
    return new ProgrammingError(
      text(
        `${message}: the statement has ${fields.parameters.length} parameters. Send the rows in several statements, or ` +
          "instead of a long list of values a subquery",
      ),
      fields,
    );
  }
  if (message.startsWith("foreign key mismatch")) {
    return new ProgrammingError(
      text(`${message}: the columns that a foreign key refers to must be the primary key or have a unique constraint`),
      fields,
    );
  }
  return new ProgrammingError(text(message), fields);
}

function bindError(message: string, text: (m: string) => string, fields: Fields): AlkahestError {
  if (!/can only bind|cannot be bound/.test(message)) return new DatabaseError(text(message), fields);
  const index = fields.parameters.findIndex((value) => !isBindable(value));
  const value = fields.parameters[index];
  const type = typeof value === "object" ? (value?.constructor?.name ?? "object") : typeof value;
  return new DataError(
    text(
      `Parameter ${index + 1} is a value that SQLite cannot store (${type}). It takes numbers, bigints, strings, ` +
        "Uint8Array and null; give a column of a type that converts it, or cast the parameter to such a type",
    ),
    fields,
  );
}

function isBindable(value: unknown): boolean {
  return (
    value === null ||
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "string" ||
    value instanceof Uint8Array
  );
}

function statementLine(sql: string): string {
  const start = sql.length > MAX_SQL ? `${sql.slice(0, MAX_SQL)} ...` : sql;
  return start === "" ? "." : `.\n  In: ${start}`;
}
