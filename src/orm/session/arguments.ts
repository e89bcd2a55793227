import { ArgumentError } from "../../errors/index.ts";
import { describeValue } from "../../expression/sql-type.ts";

/**
 * Checks for callers without types.
 *
 * @throws ArgumentError for what is no function
 */
export function assertFunction(method: string, action: unknown): void {
  if (typeof action === "function") return;
  throw new ArgumentError(`${method} takes a function, not ${describeValue(action)}.`);
}

/**
 * The objects in what was given as a list of them.
 *
 * @throws ArgumentError for what is no list
 */
export function listOf<T>(method: string, objects: Iterable<T>): readonly T[] {
  if (typeof objects === "object" && objects !== null && Symbol.iterator in objects) return [...objects];
  throw new ArgumentError(`${method} takes an array of objects, not ${describeValue(objects)}.`);
}

/** @throws ArgumentError for what is no engine */
export function assertEngine(engine: unknown): void {
  if (typeof engine === "object" && engine !== null && "dialect" in engine) return;
  throw new ArgumentError(
    `A session takes an engine, not ${describeValue(engine)}: new Session(createEngine("sqlite:///file.db")).`,
  );
}
