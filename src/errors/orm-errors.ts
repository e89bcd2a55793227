import { AlkahestError, nameError } from "./alkahest-error.ts";

/** An attribute was read that is not loaded. The message names the attribute, the object and the ways to load it. */
export class NotLoadedError extends AlkahestError {
  override readonly code: string = "ALK_NOT_LOADED";

  static {
    nameError(NotLoadedError, "NotLoadedError");
  }
}

/** Something was asked of an object that only a session can give, and the object is in none. */
export class DetachedInstanceError extends AlkahestError {
  override readonly code: string = "ALK_DETACHED_INSTANCE";

  static {
    nameError(DetachedInstanceError, "DetachedInstanceError");
  }
}

/** A row that the flush was to change or delete is gone, or has another version than when it was loaded. */
export class StaleDataError extends AlkahestError {
  override readonly code: string = "ALK_STALE_DATA";

  static {
    nameError(StaleDataError, "StaleDataError");
  }
}

/** `one()` found no row. */
export class NoResultFound extends AlkahestError {
  override readonly code: string = "ALK_NO_RESULT_FOUND";

  static {
    nameError(NoResultFound, "NoResultFound");
  }
}

/** `one()` or `oneOrNull()` found more than one row. */
export class MultipleResultsFound extends AlkahestError {
  override readonly code: string = "ALK_MULTIPLE_RESULTS_FOUND";

  static {
    nameError(MultipleResultsFound, "MultipleResultsFound");
  }
}

/** Two objects of one session stand for the same row. The message names both and how each was reached. */
export class DuplicateIdentityError extends AlkahestError {
  override readonly code: string = "ALK_DUPLICATE_IDENTITY";

  static {
    nameError(DuplicateIdentityError, "DuplicateIdentityError");
  }
}

/** A class cannot be mapped as it is declared. The message says what was found and what to write instead. */
export class MappingError extends AlkahestError {
  override readonly code: string = "ALK_MAPPING";

  static {
    nameError(MappingError, "MappingError");
  }
}

/** The operation is not possible in this state: after `close()`, after a failed flush, from within a flush hook. */
export class InvalidStateError extends AlkahestError {
  override readonly code: string = "ALK_INVALID_STATE";

  static {
    nameError(InvalidStateError, "InvalidStateError");
  }
}

/** A new object has no primary key, and the database makes none for it. */
export class MissingPrimaryKeyError extends AlkahestError {
  override readonly code: string = "ALK_MISSING_PRIMARY_KEY";

  static {
    nameError(MissingPrimaryKeyError, "MissingPrimaryKeyError");
  }
}
