/** What every error of the library takes besides its message. */
export interface ErrorDetails {
  /** The error behind this one: a driver's error, or what went wrong first. */
  readonly cause?: unknown;
}

/**
 * The root of all errors that the library throws.
 *
 * `code` never changes between versions, so programs can decide by it; the message is for people and may.
 *
 * @example
 * ```ts
 * import { AlkahestError, createEngine } from "alkahest";
 *
 * try {
 *   createEngine("nonsense");
 * } catch (error) {
 *   if (!(error instanceof AlkahestError) || error.code !== "ALK_ARGUMENT") throw error;
 * }
 * ```
 */
export class AlkahestError extends Error {
  /** The stable name of the kind of error, e.g. `ALK_NOT_LOADED`. */
  readonly code: string = "ALK_ERROR";

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
  }

  // Written out, since minifiers rename classes.
  static {
    nameError(AlkahestError, "AlkahestError");
  }
}

/** Gives an error class the name that stack traces and logs show. */
export function nameError(errorClass: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, "name", { value: name, configurable: true, writable: true });
}
