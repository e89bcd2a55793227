import { AsyncLocalStorage } from "node:async_hooks";
import { InvalidStateError } from "../../errors/index.ts";
import { assertFunction } from "./arguments.ts";
import type { Session } from "./session.ts";

/** One run of a scope; its session is opened when it is first asked for. */
interface Scope {
  session: Session | null;
  isOver: boolean;
}

/** Gives each asynchronous context (a request, say) a session of its own, wherever in the program it is asked for. */
export class ScopedSession {
  readonly #factory: () => Session;
  readonly #scopes = new AsyncLocalStorage<Scope>();

  constructor(factory: () => Session) {
    this.#factory = factory;
  }

  /**
   * The session of the scope that is running.
   * @throws InvalidStateError outside of {@link run}
   */
  get session(): Session {
    const scope = this.#scopes.getStore();
    if (scope === undefined || scope.isOver) {
      throw new InvalidStateError("There is no session here: call scoped.run(async () => { ... }) around the work.");
    }
    scope.session ??= this.#factory();
    return scope.session;
  }

  /**
   * Runs the function in a scope of its own, and closes the scope's session afterwards, which rolls back what was not
   * committed.
   * @returns what the function returns
   */
  async run<T>(action: () => Promise<T>): Promise<T> {
    assertFunction("run()", action);
    const scope: Scope = { session: null, isOver: false };
    try {
      return await this.#scopes.run(scope, action);
    } finally {
      scope.isOver = true;
      await scope.session?.close();
    }
  }
}

/**
 * Makes sessions that belong to asynchronous contexts: within one `run`, `scoped.session` is always the same one.
 *
 * @throws ArgumentError for what is no function that makes sessions
 * @example
 * ```ts
 * import { createEngine, scopedSession, sessionmaker } from "alkahest";
 *
 * const engine = createEngine("sqlite::memory:");
 * const scoped = scopedSession(sessionmaker(engine));
 * await scoped.run(async () => {
 *   if (scoped.session !== scoped.session) throw new Error("one session in one scope");
 * });
 * ```
 */
export function scopedSession(factory: () => Session): ScopedSession {
  assertFunction("scopedSession()", factory);
  return new ScopedSession(factory);
}
