import type { Engine } from "../../engine/index.ts";
import { assertEngine } from "./arguments.ts";
import { assertSessionOptions } from "./option-checks.ts";
import type { TransactionOptions } from "./run-transaction.ts";
import { Session } from "./session.ts";
import type { SessionOptions } from "./session-work.ts";

/** Makes sessions of one kind. */
export interface SessionFactory {
  /** A new session; `options` override those of the factory. */
  (options?: SessionOptions): Session;
  /**
   * Opens a session, runs the function in a transaction, commits and closes; rolls back if it throws. The options are
   * those of `session.transaction`.
   * @returns what the function returns
   */
  begin<T>(action: (session: Session) => Promise<T>, options?: TransactionOptions): Promise<T>;
}

/**
 * Makes a factory of sessions with common options: configured once, used wherever a session is needed.
 *
 * @throws ArgumentError for what is no engine, and for an option that does not exist or has no such value
 * @example
 * ```ts
 * import { createEngine, declarativeBase, integer, sessionmaker } from "alkahest";
 *
 * const Base = declarativeBase();
 * class Note extends Base("notes", { id: integer().primaryKey() }) {}
 *
 * const engine = createEngine("sqlite::memory:");
 * await Base.metadata.createAll(engine);
 * const openSession = sessionmaker(engine, { expireOnCommit: true });
 * await openSession.begin(async (session) => {
 *   session.add(new Note());
 * });
 * ```
 */
export function sessionmaker(engine: Engine, options: SessionOptions = {}): SessionFactory {
  assertEngine(engine);
  assertSessionOptions("sessionmaker()", options);
  const open = (overrides: SessionOptions = {}): Session => new Session(engine, { ...options, ...overrides });
  const begin = async <T>(action: (session: Session) => Promise<T>, how?: TransactionOptions): Promise<T> => {
    const session = open();
    try {
      return await session.transaction(action, how);
    } finally {
      await session.close();
    }
  };
  return Object.assign(open, { begin });
}
