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

/** A promise of what the function returns, or of what it throws: the face of all this for users. */
export function asPromise<T>(start: () => MaybePromise<T>): Promise<T> {
  try {
    const value = start();
    return isPromise(value) ? value : Promise.resolve(value);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Work that yields what it waits for, where an async function would await it. */
export type Steps<T> = Generator<unknown, T, void>;

/** Does the work: at once as far as nothing that it waits for is a promise. */
export function inSteps<T>(steps: Steps<T>): MaybePromise<T> {
  let step = steps.next();
  while (!step.done) {
    if (isPromise(step.value)) return goOn(steps, step.value);
    step = steps.next();
  }
  return step.value;
}

async function goOn<T>(steps: Steps<T>, first: PromiseLike<unknown>): Promise<T> {
  let awaited: unknown = first;
  for (;;) {
    let failure: { readonly error: unknown } | null = null;
    try {
      await awaited;
    } catch (error) {
      failure = { error };
    }
    const step = failure === null ? steps.next() : steps.throw(failure.error);
    if (step.done === true) return step.value;
    awaited = step.value;
  }
}
