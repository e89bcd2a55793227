import { AlkahestError, type ErrorDetails, nameError } from "./alkahest-error.ts";

/** What is known about an error of the database. Everything may be missing. */
export interface DatabaseErrorDetails extends ErrorDetails {
  /** The statement. */
  readonly sql?: string | null;
  /** Its parameters, as the driver got them. */
  readonly parameters?: readonly unknown[];
  /** The constraint that was violated, by its name in the database. */
  readonly constraint?: string | null;
  readonly table?: string | null;
  readonly columns?: readonly string[];
  /** See {@link DatabaseError.retryable}. */
  readonly retryable?: boolean;
  /** The mapped class of the row, for errors of the ORM. */
  readonly className?: string | null;
  /** The property of that class. */
  readonly property?: string | null;
}

/**
 * An error that came from the database or its driver, which is the `cause`; or one that the database would have raised
 * and that was found before ({@link DataError}).
 *
 * `constraint`, `table` and `columns` are what the database says, `className` and `property` what the mapping makes of
 * it. The latter are filled in on the error's way up. `retryable` says whether the transaction may be run again.
 */
export class DatabaseError extends AlkahestError {
  override readonly code: string = "ALK_DATABASE";
  sql: string | null;
  parameters: readonly unknown[];
  constraint: string | null;
  table: string | null;
  columns: readonly string[];
  className: string | null;
  property: string | null;
  /**
   * Was the transaction undone by what happened beside it (others, the network), so that the same one may succeed when
   * it is run again? `session.transaction(fn, { retries })` goes by this.
   */
  readonly retryable: boolean;

  constructor(message: string, details: DatabaseErrorDetails = {}) {
    super(message, details);
    this.sql = details.sql ?? null;
    this.parameters = details.parameters ?? [];
    this.constraint = details.constraint ?? null;
    this.table = details.table ?? null;
    this.columns = details.columns ?? [];
    this.className = details.className ?? null;
    this.property = details.property ?? null;
    this.retryable = details.retryable ?? false;
  }

  /** Called by an engine that hides parameters: the error is printed without them, and still has them for who asks. */
  hideParameters(): void {
    Object.defineProperty(this, "parameters", { enumerable: false });
    const { cause } = this;
    // PGlite tells them with its own error.
    if (cause instanceof Error && "params" in cause) Object.defineProperty(cause, "params", { enumerable: false });
  }

  static {
    nameError(DatabaseError, "DatabaseError");
  }
}

/** A constraint of the database refused a row. */
export class IntegrityError extends DatabaseError {
  override readonly code: string = "ALK_INTEGRITY";

  static {
    nameError(IntegrityError, "IntegrityError");
  }
}

/** A row with the same unique key is there already. */
export class UniqueViolation extends IntegrityError {
  override readonly code: string = "ALK_UNIQUE_VIOLATION";

  static {
    nameError(UniqueViolation, "UniqueViolation");
  }
}

/** A row refers to one that is not there, or one that others refer to was to be deleted or to change its key. */
export class ForeignKeyViolation extends IntegrityError {
  override readonly code: string = "ALK_FOREIGN_KEY_VIOLATION";

  static {
    nameError(ForeignKeyViolation, "ForeignKeyViolation");
  }
}

/** NULL in a column that must have a value. */
export class NotNullViolation extends IntegrityError {
  override readonly code: string = "ALK_NOT_NULL_VIOLATION";

  static {
    nameError(NotNullViolation, "NotNullViolation");
  }
}

/** A row breaks a CHECK constraint. */
export class CheckViolation extends IntegrityError {
  override readonly code: string = "ALK_CHECK_VIOLATION";

  static {
    nameError(CheckViolation, "CheckViolation");
  }
}

/** The database could not do its work: unreachable, out of space, locked, shut down. */
export class OperationalError extends DatabaseError {
  override readonly code: string = "ALK_OPERATIONAL";

  static {
    nameError(OperationalError, "OperationalError");
  }
}

/** Two transactions waited for each other and this one was chosen to fail; it can be retried. */
export class DeadlockError extends OperationalError {
  override readonly code: string = "ALK_DEADLOCK";
  override readonly retryable: boolean = true;

  static {
    nameError(DeadlockError, "DeadlockError");
  }
}

/** The transaction cannot be ordered with those beside it; it can be retried. */
export class SerializationError extends OperationalError {
  override readonly code: string = "ALK_SERIALIZATION";
  override readonly retryable: boolean = true;

  static {
    nameError(SerializationError, "SerializationError");
  }
}

/** The connection broke. What the open transaction had written is undone. */
export class ConnectionLostError extends OperationalError {
  override readonly code: string = "ALK_CONNECTION_LOST";
  override readonly retryable: boolean = true;

  static {
    nameError(ConnectionLostError, "ConnectionLostError");
  }
}

/** The connection broke during COMMIT: the transaction may be committed or undone, and only the data can tell. */
export class CommitOutcomeUnknown extends OperationalError {
  override readonly code: string = "ALK_COMMIT_OUTCOME_UNKNOWN";

  static {
    nameError(CommitOutcomeUnknown, "CommitOutcomeUnknown");
  }
}

/** Waited too long: for a connection of the pool, for a lock, for an answer. */
export class TimeoutError extends OperationalError {
  override readonly code: string = "ALK_TIMEOUT";

  static {
    nameError(TimeoutError, "TimeoutError");
  }
}

/** The work was given up by an `AbortSignal`, whose reason is the `cause`. What the open transaction had written is to be rolled back. */
export class AbortError extends OperationalError {
  override readonly code: string = "ALK_ABORT";

  static {
    nameError(AbortError, "AbortError");
  }
}

/** A value that the column cannot store: of the wrong type, too long, out of range. */
export class DataError extends DatabaseError {
  override readonly code: string = "ALK_DATA";

  static {
    nameError(DataError, "DataError");
  }
}

/** The database does not understand the statement, or does not know what it names. */
export class ProgrammingError extends DatabaseError {
  override readonly code: string = "ALK_PROGRAMMING";

  static {
    nameError(ProgrammingError, "ProgrammingError");
  }
}

/** The table does not exist in the database. */
export class NoSuchTableError extends ProgrammingError {
  override readonly code: string = "ALK_NO_SUCH_TABLE";

  static {
    nameError(NoSuchTableError, "NoSuchTableError");
  }
}
