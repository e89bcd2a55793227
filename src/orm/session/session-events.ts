import { ArgumentError } from "../../errors/index.ts";
import { describeValue } from "../../expression/sql-type.ts";
import { assertFunction } from "./arguments.ts";
import type { Session } from "./session.ts";

const NAMES = ["beforeFlush", "afterFlush", "beforeCommit", "afterCommit", "afterRollback"] as const;

/** The moments in the work of a session that listeners can hook into. */
export type SessionEventName = (typeof NAMES)[number];

/** Called with the session; it is waited for. What it calls on the session runs within the operation. */
export type SessionListener = (session: Session) => void | Promise<void>;

/** The listeners of one session. */
export class SessionEvents {
  readonly #listeners = new Map<SessionEventName, SessionListener[]>();

  /** @throws ArgumentError for a moment that does not exist, or for no listener */
  on(name: SessionEventName, listener: SessionListener): void {
    if (!NAMES.includes(name)) {
      throw new ArgumentError(`A session has no event ${describeValue(name)}; it has ${NAMES.join(", ")}.`);
    }
    assertFunction(`on("${name}")`, listener);
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  off(name: SessionEventName, listener: SessionListener): void {
    const rest = (this.#listeners.get(name) ?? []).filter((one) => one !== listener);
    this.#listeners.set(name, rest);
  }

  /** Is anybody to be told? */
  has(name: SessionEventName): boolean {
    const listeners = this.#listeners.get(name);
    return listeners !== undefined && listeners.length > 0;
  }

  /** Calls one listener after the other, in the order in which they came. */
  async emit(name: SessionEventName, session: Session): Promise<void> {
    for (const listener of this.#listeners.get(name) ?? []) await listener(session);
  }
}
