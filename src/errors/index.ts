export { AlkahestError, type ErrorDetails } from "./alkahest-error.ts";
export {
  AbortError,
  CheckViolation,
  CommitOutcomeUnknown,
  ConnectionLostError,
  DatabaseError,
  type DatabaseErrorDetails,
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
} from "./database-errors.ts";
export { type FlushCircle, type FlushCycleDetails, FlushCycleError, type PlanOrder } from "./flush-cycle-error.ts";
export {
  DetachedInstanceError,
  DuplicateIdentityError,
  InvalidStateError,
  MappingError,
  MissingPrimaryKeyError,
  MultipleResultsFound,
  NoResultFound,
  NotLoadedError,
  StaleDataError,
} from "./orm-errors.ts";
export { ArgumentError, CompileError, MissingDriverError } from "./usage-errors.ts";
