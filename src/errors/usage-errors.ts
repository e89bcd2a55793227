import { AlkahestError, nameError } from "./alkahest-error.ts";

/** An argument that cannot be meant so: a URL without sense, an unknown key, a value where none may be. */
export class ArgumentError extends AlkahestError {
  override readonly code: string = "ALK_ARGUMENT";

  static {
    nameError(ArgumentError, "ArgumentError");
  }
}

/** A statement that the database at hand has no SQL for; the message names the construct and the database. */
export class CompileError extends AlkahestError {
  override readonly code: string = "ALK_COMPILE";

  static {
    nameError(CompileError, "CompileError");
  }
}

/** The package that talks to the database is not installed; the message says which one to install. */
export class MissingDriverError extends AlkahestError {
  override readonly code: string = "ALK_MISSING_DRIVER";

  static {
    nameError(MissingDriverError, "MissingDriverError");
  }
}
