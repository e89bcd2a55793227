import { type AlkahestError, ArgumentError } from "../errors/index.ts";
import { describeValue } from "../expression/sql-type.ts";
import type { DriverConnection } from "./driver.ts";

/** What listeners of an engine are told, by the name of the event. `connectionId` counts the engine's connections from 1. */
export interface EngineEvents {
  /** A connection was opened. The engine waits for a listener that returns a promise: run PRAGMAs here. */
  connect: { readonly connectionId: number; readonly connection: DriverConnection };
  /** A connection was handed to a user. */
  checkout: { readonly connectionId: number };
  /** A connection came back. */
  checkin: { readonly connectionId: number };
  /** A connection was thrown away: it was lost, or it is older than the loss of another one. */
  invalidate: { readonly connectionId: number; readonly error: AlkahestError };
  /** A connection was not given back within `pool.leakAfter`. */
  leak: {
    readonly connectionId: number;
    readonly heldMs: number;
    /** What the connection is doing, in words. */
    readonly description: string;
    /** Where it was taken: the lines of a stack trace. */
    readonly stack: string;
  };
  begin: { readonly connectionId: number };
  commit: { readonly connectionId: number };
  rollback: { readonly connectionId: number };
  savepoint: {
    readonly connectionId: number;
    readonly name: string;
    readonly action: "create" | "release" | "rollback";
  };
  /** A statement was executed; those that open and end transactions and savepoints have their own events. */
  statement: {
    readonly connectionId: number;
    readonly sql: string;
    readonly parameters: readonly unknown[];
    /** From sending to the answer. Statements that were sent together share it. */
    readonly durationMs: number;
    /** Rows changed, or rows returned. */
    readonly rowCount: number;
  };
  /** A statement failed; `error` is what its caller gets. */
  error: {
    readonly connectionId: number;
    readonly error: AlkahestError;
    readonly sql: string;
    readonly parameters: readonly unknown[];
  };
}

export type EngineEventName = keyof EngineEvents;

const NAMES: Readonly<Record<EngineEventName, true>> = {
  connect: true,
  checkout: true,
  checkin: true,
  invalidate: true,
  leak: true,
  begin: true,
  commit: true,
  rollback: true,
  savepoint: true,
  statement: true,
  error: true,
};

/** Only a `connect` listener may return a promise that is awaited. An error that a listener throws reaches the caller whose statement caused the event. */
export type EngineListener<Name extends EngineEventName> = (event: EngineEvents[Name]) => unknown;

type Listeners = { [Name in EngineEventName]?: readonly EngineListener<Name>[] };

/** The listeners of one engine. */
export class EventRegistry {
  readonly #listeners: Listeners = {};

  /** @throws ArgumentError for an event that does not exist, or for no listener */
  on<Name extends EngineEventName>(name: Name, listener: EngineListener<Name>): void {
    if (!Object.hasOwn(NAMES, name)) {
      throw new ArgumentError(
        `An engine has no event ${describeValue(name)}; it has ${Object.keys(NAMES).join(", ")}.`,
      );
    }
    if (typeof listener !== "function") {
      throw new ArgumentError(`A listener of "${name}" is a function, not ${describeValue(listener)}.`);
    }
    this.#set(name, [...this.#of(name), listener]);
  }

  off<Name extends EngineEventName>(name: Name, listener: EngineListener<Name>): void {
    this.#set(
      name,
      this.#of(name).filter((one) => one !== listener),
    );
  }

  /** Does anybody listen? Spares the caller the making of the event. */
  has(name: EngineEventName): boolean {
    return this.#of(name).length > 0;
  }

  /** Tells all listeners, in the order in which they came. Promises that they return are awaited by nobody. */
  emit<Name extends EngineEventName>(name: Name, event: EngineEvents[Name]): void {
    for (const listener of this.#of(name)) listener(event);
  }

  /** Tells one listener after the other, and waits for those that return a promise. */
  async emitAndWait<Name extends EngineEventName>(name: Name, event: EngineEvents[Name]): Promise<void> {
    for (const listener of this.#of(name)) await listener(event);
  }

  #of<Name extends EngineEventName>(name: Name): readonly EngineListener<Name>[] {
    return this.#listeners[name] ?? [];
  }

  #set<Name extends EngineEventName>(name: Name, listeners: readonly EngineListener<Name>[]): void {
    // The mapped type ties each name to its listeners; TypeScript loses the tie when writing through a type parameter.
    (this.#listeners as Record<Name, readonly EngineListener<Name>[]>)[name] = listeners;
  }
}
