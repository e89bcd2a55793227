/**
 * A value now, or a promise of it. Drivers that work synchronously answer at once, so that a query costs one microtask
 * in all and not one for each layer that it passes.
 */
export type MaybePromise<T> = T | Promise<T>;

/** Is it a promise (or anything else that can be awaited)? */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** Goes on with the value: at once when it is there, later when it is a promise. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value);
}
